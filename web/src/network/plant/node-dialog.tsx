/** A closure or a patch panel: entered, changed, removed. */
import { Button, Group, Modal, NumberInput, SegmentedControl, Select, Stack, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { MAX_POSITIONS, nodeKinds, type PlantNode, type PlantNodeWrite } from '../../../../server/contract/plant.js'
import { coordinatesText, parseCoordinates } from '../../admin/coordinates.js'
import { formFaults, tellFault } from '../../admin/faults.js'
import { api } from '../../api.js'
import { sitesQuery } from '../../queries.js'
import { confirm, ErrorPanel, told } from '../../ui/feedback.js'
import { NodeJoints } from './node-joints.js'

export function NodeDialog ({ node, onClose }: { node: PlantNode | null, onClose: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const sites = useQuery(sitesQuery)
  const [form, setForm] = useState({ kind: node?.kind ?? 'closure' as PlantNode['kind'], name: node?.name ?? '', siteId: node?.siteId ?? null, coordinates: node ? coordinatesText(node) : '', positions: node?.kind === 'panel' ? node.positions : 24, note: node?.note ?? '' })
  const [checked, setChecked] = useState(false)
  const set = (change: Partial<typeof form>) => setForm({ ...form, ...change })
  const refresh = () => client.invalidateQueries({ queryKey: ['plant'] })
  const save = useMutation({
    mutationFn: (write: PlantNodeWrite) => node ? api.put<PlantNode>(`/plant/nodes/${node.id}`, write) : api.post<PlantNode>('/plant/nodes', write),
    onSuccess: saved => { void refresh(); told(t('plant.saved', { name: saved.name })); onClose() }
  })
  const remove = useMutation({ mutationFn: () => api.delete(`/plant/nodes/${node!.id}`), onSuccess: () => { void refresh(); told(t('plant.removed', { name: node!.name })); onClose() }, onError: tellFault })
  const where = parseCoordinates(form.coordinates)
  const { fields, other } = formFaults(save.error, ['name', 'siteId', 'latitude', 'longitude', 'positions', 'note', 'kind'])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setChecked(true)
    if (form.name.trim() === '' || where === null) return
    const { latitude, longitude } = where === 'blank' ? { latitude: null, longitude: null } : where
    save.mutate({ kind: form.kind, name: form.name.trim(), siteId: form.siteId, latitude, longitude, positions: form.kind === 'panel' ? form.positions : 0, note: form.note })
  }
  return (
    <Modal opened onClose={onClose} title={node ? t(`plant.nodeKind.${node.kind}`) : t('plant.addNode')} size='lg'>
      <form onSubmit={submit} noValidate>
        <Stack gap='sm'>
          <SegmentedControl value={form.kind} onChange={kind => set({ kind: kind as PlantNode['kind'] })} data={nodeKinds.map(value => ({ value, label: t(`plant.nodeKind.${value}`) }))} />
          <TextInput data-autofocus label={t('common.name')} value={form.name} onChange={e => set({ name: e.currentTarget.value })} error={checked && form.name.trim() === '' ? t('fault.required') : fields.name} required maxLength={120} />
          {form.kind === 'panel' && <NumberInput label={t('plant.positions')} value={form.positions} onChange={v => set({ positions: Number(v) || 0 })} min={1} max={MAX_POSITIONS} allowDecimal={false} error={fields.positions} required />}
          <Select label={t('common.site')} data={(sites.data ?? []).map(s => ({ value: s.id, label: s.name }))} value={form.siteId} onChange={siteId => set({ siteId })} clearable searchable limit={200} nothingFoundMessage={t('empty.filtered')} error={fields.siteId} />
          <TextInput label={t('sites.coordinates')} description={t('sites.coordinatesHint')} placeholder='48.9226, 24.7111' value={form.coordinates} onChange={e => set({ coordinates: e.currentTarget.value })} error={checked && where === null ? t('sites.coordinatesWrong') : fields.latitude ?? fields.longitude} maxLength={80} />
          <Textarea label={t('common.note')} value={form.note} onChange={e => set({ note: e.currentTarget.value })} error={fields.note} autosize minRows={2} maxRows={8} maxLength={2000} />
          {node && <NodeJoints nodeId={node.id} />}
          {(other !== null || fields.kind) && <ErrorPanel error={other ?? save.error} />}
          <Group justify='space-between'>
            {node ? <Button variant='outline' color='red.6' loading={remove.isPending} onClick={() => confirm({ title: t('plant.removeTitle', { name: node.name }), text: t('plant.removeNodeHint'), action: t('action.delete'), danger: true, onConfirm: () => remove.mutate() })}>{t('action.delete')}</Button> : <span />}
            <Group gap='xs'><Button variant='default' onClick={onClose}>{t('action.cancel')}</Button><Button type='submit' loading={save.isPending}>{t('action.save')}</Button></Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
