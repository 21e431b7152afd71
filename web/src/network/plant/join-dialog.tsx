/** Joins an open end to what can be there: another strand, a panel's position, a device's port. */
import { Button, Group, Modal, NumberInput, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CableRow, JointWrite, PlantNode, PlantPoint } from '../../../../server/contract/plant.js'
import { translated } from '../../admin/faults.js'
import { api } from '../../api.js'
import { useWall } from '../../live-socket.js'
import { portsQuery } from '../../queries.js'
import { ErrorPanel, Loaded, told } from '../../ui/feedback.js'
import { cablesQuery, nodesQuery } from '../data.js'

type Target = 'strand' | 'panel' | 'port'
/** Where the open end is, and what can stand there. */
function reach (from: PlantPoint, cables: readonly CableRow[], nodes: readonly PlantNode[]) {
  const cable = from.kind === 'strand' ? cables.find(c => c.id === from.cableId) : undefined
  const placeId = from.kind === 'strand' ? cable && (from.end === 'a' ? cable.aNodeId : cable.bNodeId) : from.kind === 'port' ? undefined : from.panelId
  const place = nodes.find(n => n.id === placeId)
  const ending = cables.filter(c => c.aNodeId === placeId || c.bNodeId === placeId)
  if (from.kind === 'front') return { place, targets: ['port', 'panel'] as Target[], ending: [], panels: nodes.filter(n => n.kind === 'panel') }
  if (from.kind === 'back') return { place, targets: ['strand'] as Target[], ending, panels: [] }
  return { place, targets: (place?.kind === 'panel' ? ['panel', 'strand', 'port'] : ['strand', 'port']) as Target[], ending, panels: place?.kind === 'panel' ? [place] : [] }
}

export function JoinDialog ({ from, onClose }: { from: PlantPoint, onClose: () => void }) {
  const { t } = useTranslation()
  const cables = useQuery(cablesQuery)
  const nodes = useQuery(nodesQuery)
  return (
    <Modal opened onClose={onClose} title={t('plant.joinTitle')} size='md'>
      <Loaded query={cables} rows={4}>{list => <Loaded query={nodes} rows={4}>{places => <JoinForm from={from} cables={list} nodes={places} onClose={onClose} />}</Loaded>}</Loaded>
    </Modal>
  )
}

function JoinForm ({ from, cables, nodes, onClose }: { from: PlantPoint, cables: readonly CableRow[], nodes: readonly PlantNode[], onClose: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const { place, targets, ending, panels } = reach(from, cables, nodes)
  const [target, setTarget] = useState<Target>(targets[0]!)
  const [form, setForm] = useState({ cableId: null as string | null, panelId: panels.length === 1 ? panels[0]!.id : null as string | null, number: 1, deviceId: null as string | null, port: '', lossDb: '' as string | number })
  const set = (change: Partial<typeof form>) => setForm({ ...form, ...change })
  const join = useMutation({ mutationFn: (write: JointWrite) => api.post('/plant/joints', write), onSuccess: () => { void client.invalidateQueries({ queryKey: ['plant'] }); told(t('plant.joined')); onClose() } })
  const to = targetPoint()
  function targetPoint (): PlantPoint | null {
    if (target === 'strand') {
      const cable = ending.find(c => c.id === form.cableId)
      return cable ? { kind: 'strand', cableId: cable.id, strand: form.number, end: cable.aNodeId === place?.id ? 'a' : 'b' } : null
    }
    if (target === 'panel') return form.panelId ? { kind: from.kind === 'front' ? 'front' : 'back', panelId: form.panelId, position: form.number } : null
    return form.deviceId && form.port.trim() ? { kind: 'port', deviceId: form.deviceId, port: form.port.trim() } : null
  }
  const submit = (event: FormEvent) => { event.preventDefault(); if (to) join.mutate({ a: from, b: to, lossDb: form.lossDb === '' ? null : Number(form.lossDb) }) }
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap='sm'>
        {place && <Text size='sm' className='quiet'>{t('plant.joinAt', { place: place.name })}</Text>}
        {targets.length > 1 && <SegmentedControl value={target} onChange={v => setTarget(v as Target)} data={targets.map(value => ({ value, label: t(`plant.target.${value}`) }))} />}
        {target === 'strand' && <Select data-autofocus label={t('plant.cable')} data={ending.map(c => ({ value: c.id, label: c.name }))} value={form.cableId} onChange={cableId => set({ cableId })} searchable nothingFoundMessage={t('plant.noCablesHere')} required />}
        {target === 'panel' && <Select label={t('plant.nodeKind.panel')} data={panels.map(p => ({ value: p.id, label: p.name }))} value={form.panelId} onChange={panelId => set({ panelId })} searchable limit={200} nothingFoundMessage={t('empty.filtered')} required />}
        {target !== 'port' && <NumberInput label={t(target === 'strand' ? 'plant.strandNumber' : 'plant.position')} value={form.number} onChange={v => set({ number: Number(v) || 1 })} min={1} max={1152} allowDecimal={false} />}
        {target === 'port' && <PortFields deviceId={form.deviceId} port={form.port} onChange={set} />}
        <NumberInput label={t('plant.measuredLoss')} placeholder={t('common.optional')} value={form.lossDb} onChange={lossDb => set({ lossDb })} min={-5} max={40} step={0.01} decimalScale={3} />
        {join.isError && <ErrorPanel error={translated(join.error)} />}
        <Group justify='flex-end' gap='xs'><Button variant='default' onClick={onClose}>{t('action.cancel')}</Button><Button type='submit' disabled={to === null} loading={join.isPending}>{t('plant.join')}</Button></Group>
      </Stack>
    </form>
  )
}

function PortFields ({ deviceId, port, onChange }: { deviceId: string | null, port: string, onChange: (change: { deviceId?: string | null, port?: string }) => void }) {
  const { t } = useTranslation()
  const devices = useWall(w => w.devices)
  const ports = useQuery({ ...portsQuery(deviceId ?? ''), enabled: deviceId !== null && devices.get(deviceId)?.kind === 'switch' })
  const names = (ports.data ?? []).map(p => p.name)
  return (
    <>
      <Select label={t('plant.device')} data={[...devices.values()].map(d => ({ value: d.id, label: d.name }))} value={deviceId} onChange={id => onChange({ deviceId: id })} searchable limit={100} nothingFoundMessage={t('empty.filtered')} required />
      {names.length > 0 ? <Select label={t('device.port')} data={[...new Set(names)]} value={names.includes(port) ? port : null} onChange={name => onChange({ port: name ?? '' })} searchable limit={200} nothingFoundMessage={t('empty.filtered')} required />
        : <TextInput label={t('device.port')} value={port} onChange={e => onChange({ port: e.currentTarget.value })} maxLength={80} required />}
    </>
  )
}
