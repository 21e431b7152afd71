/** A camera's privacy masks: how many there are, and the dialog that draws them. */
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { IconEyeOff } from '@tabler/icons-react'
import { useReducer, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CameraMasks } from '../../../server/contract/footage.js'
import { api } from '../api.js'
import { usePtzView } from '../ptz/use-ptz.js'
import { confirm, ErrorPanel, Loaded, Panel, told } from '../ui/feedback.js'
import { edit } from '../ui/region-edit.js'
import { RegionEditor } from '../ui/region-editor.js'
import { useStill } from './still.js'

const masksQuery = (id: string) => ({ queryKey: ['devices', id, 'masks'], queryFn: ({ signal }: { signal: AbortSignal }) => api.get<CameraMasks>(`/devices/${id}/masks`, undefined, signal) })

export function MasksPanel ({ deviceId }: { deviceId: string }) {
  const { t } = useTranslation()
  const masks = useQuery(masksQuery(deviceId))
  const [open, setOpen] = useState(false)
  return (
    <Panel title={t('masks.title')} aside={<Button size='xs' variant='default' leftSection={<IconEyeOff size={15} />} disabled={!masks.data} onClick={() => setOpen(true)}>{t('masks.edit')}</Button>}>
      <Loaded query={masks} rows={1}>{({ regions }) => <Text size='sm' className='quiet'>{regions.length === 0 ? t('masks.none') : t('masks.some', { count: regions.length })}</Text>}</Loaded>
      {open && masks.data && <MasksDialog masks={masks.data} onClose={() => setOpen(false)} />}
    </Panel>
  )
}

function MasksDialog ({ masks, onClose }: { masks: CameraMasks, onClose: () => void }) {
  const { t } = useTranslation()
  const turns = usePtzView(masks.deviceId).data?.abilities
  const client = useQueryClient()
  const [drawing, change] = useReducer(edit, { regions: masks.regions, draft: [], selected: null })
  const { still, picture } = useStill(masks.deviceId)
  const changed = drawing.draft.length > 0 || JSON.stringify(drawing.regions) !== JSON.stringify(masks.regions)
  const save = useMutation({
    mutationFn: () => api.put<CameraMasks>(`/devices/${masks.deviceId}/masks`, { regions: drawing.regions }),
    onSuccess: saved => { client.setQueryData(masksQuery(masks.deviceId).queryKey, saved); told(t('masks.saved')); onClose() }
  })
  const leave = () => { if (changed) confirm({ title: t('masks.leaveTitle'), text: t('masks.leaveText'), action: t('masks.leave'), danger: true, onConfirm: onClose }); else onClose() }
  return (
    <Modal opened onClose={leave} size={960} title={t('masks.title')} closeOnClickOutside={false}>
      <Stack gap='sm'>
        <Text size='sm' className='quiet'>{t('masks.hint')}</Text>
        {turns && <Text size='sm'>{t('masks.turns')}</Text>}
        {still.isError && <ErrorPanel error={still.error} title={t('masks.noPicture')} onRetry={() => { void still.refetch() }} />}
        <RegionEditor drawing={drawing} onEdit={change} picture={picture?.url ?? null} aspect={picture?.aspect} />
        {save.isError && <ErrorPanel error={save.error} />}
        <Group justify='flex-end' gap='xs'>
          <Button variant='default' onClick={leave}>{t('action.cancel')}</Button>
          <Button disabled={!changed || drawing.draft.length > 0} loading={save.isPending} onClick={() => save.mutate()}>{t('masks.save')}</Button>
        </Group>
      </Stack>
    </Modal>
  )
}
