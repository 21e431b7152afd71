/** A new volume on an agent's machine, or the name, floor and use of one that exists. */
import { Button, Group, Modal, NumberInput, Select, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Volume, VolumeCreate } from '../../../../server/contract/recording.js'
import { api } from '../../api.js'
import { ErrorPanel, told } from '../../ui/feedback.js'
import { formFaults } from '../faults.js'
import { agentsQuery } from '../queries.js'
import { volumesQuery } from './recording-data.js'

const GB = 1024 ** 3
const USUAL_FLOOR_GB = 5

export function VolumeDialog ({ volume, onClose }: { volume: Volume | null, onClose: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const agents = useQuery(agentsQuery)
  const [agentId, setAgentId] = useState<string | null>(volume?.agentId ?? null)
  const [name, setName] = useState(volume?.name ?? '')
  const [path, setPath] = useState(volume?.location ?? '')
  const [tier, setTier] = useState<Volume['tier']>(volume?.tier ?? 'primary')
  const [floorGb, setFloorGb] = useState<number | string>(volume ? Math.round(volume.floorBytes / GB * 10) / 10 : USUAL_FLOOR_GB)
  const [enabled, setEnabled] = useState(volume?.enabled ?? true)
  const floorBytes = Math.round(Number(floorGb) * GB)
  const save = useMutation({
    mutationFn: () => volume ? api.patch(`/recording/volumes/${volume.id}`, { name: name.trim(), floorBytes, enabled }) : api.post('/recording/volumes', { agentId: agentId!, name: name.trim(), tier, path: path.trim(), floorBytes } satisfies VolumeCreate),
    onSuccess: () => { told(t('recordingAdmin.volumeSaved')); onClose(); return client.invalidateQueries({ queryKey: volumesQuery.queryKey }) }
  })
  const { fields, other } = formFaults(save.error, ['name', 'path', 'agentId', 'floorBytes'])
  const online = (agents.data ?? []).filter(a => a.status === 'online')
  const ready = name.trim() !== '' && (volume !== null || (agentId !== null && path.trim().startsWith('/')))
  const submit = (event: FormEvent) => { event.preventDefault(); if (ready) save.mutate() }
  return (
    <Modal opened onClose={onClose} title={volume ? t('recordingAdmin.editVolume') : t('recordingAdmin.addVolume')}>
      <form onSubmit={submit}>
        <Stack gap='sm'>
          {!volume && <Select label={t('recordingAdmin.agent')} data={online.map(a => ({ value: a.id, label: a.name }))} value={agentId} onChange={setAgentId} error={fields.agentId} required nothingFoundMessage={t('common.nothingFound')} data-autofocus />}
          <TextInput label={t('common.name')} value={name} onChange={e => setName(e.currentTarget.value)} error={fields.name} maxLength={120} required />
          {!volume && <>
            <TextInput label={t('recordingAdmin.path')} description={t('recordingAdmin.pathHint')} placeholder='/srv/footage' value={path} onChange={e => setPath(e.currentTarget.value)} error={fields.path} maxLength={1000} required />
            <Select label={t('recordingAdmin.tier')} data={[{ value: 'primary', label: t('recordingAdmin.primary') }, { value: 'archive', label: t('recordingAdmin.archive') }]} value={tier} onChange={v => { if (v) setTier(v as Volume['tier']) }} allowDeselect={false} />
          </>}
          <NumberInput label={t('recordingAdmin.floor')} description={t('recordingAdmin.floorHint')} value={floorGb} onChange={setFloorGb} min={0} decimalScale={1} error={fields.floorBytes} />
          {volume && <Switch label={t('recordingAdmin.use')} checked={enabled} onChange={e => setEnabled(e.currentTarget.checked)} />}
          {save.isPending && !volume && <Text size='sm' className='quiet'>{t('recordingAdmin.preparing')}</Text>}
          {other !== null && <ErrorPanel error={other} />}
          <Group justify='flex-end'><Button variant='default' onClick={onClose}>{t('action.cancel')}</Button><Button type='submit' disabled={!ready} loading={save.isPending}>{volume ? t('action.save') : t('recordingAdmin.initialise')}</Button></Group>
        </Stack>
      </form>
    </Modal>
  )
}
