/** A cable: entered and changed. */
import { Button, Group, Modal, NumberInput, Select, Stack, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Cable, type CableWrite, colourCodes, fibreTypes, MAX_STRANDS } from '../../../../server/contract/plant.js'
import { formFaults } from '../../admin/faults.js'
import { api } from '../../api.js'
import { ErrorPanel, told } from '../../ui/feedback.js'
import { nodesQuery } from '../data.js'
import styles from '../network.module.css'
import { routeOf, routeText, slackOf, slackText } from './typed.js'

const fieldsKnown = ['name', 'aNodeId', 'bNodeId', 'strands', 'strandsPerTube', 'lengthM', 'routeRatio', 'route', 'slack', 'note']
const optional = (value: string | number) => value === '' ? null : Number(value)

function draftOf (cable: Cable | null) {
  return {
    name: cable?.name ?? '', aNodeId: cable?.aNodeId ?? null, bNodeId: cable?.bNodeId ?? null, strands: cable?.strands ?? 24, strandsPerTube: cable?.strandsPerTube ?? 12,
    colourCode: cable?.colourCode ?? 'iec', fibre: cable?.fibre ?? 'g652d', lengthM: (cable?.lengthM ?? '') as string | number, routeRatio: (cable?.routeRatio ?? '') as string | number,
    route: routeText(cable?.route ?? null), slack: slackText(cable?.slack ?? []), note: cable?.note ?? ''
  }
}
type Draft = ReturnType<typeof draftOf>

/** Faults that can be told before asking, by field; `write` when there are none. */
function useChecked (form: Draft, nodeIds: ReadonlyMap<string, string>): { own: Partial<Record<string, string>>, write: CableWrite | null } {
  const { t } = useTranslation()
  const own: Partial<Record<string, string>> = {}
  if (form.name.trim() === '') own.name = t('fault.required')
  if (!form.aNodeId) own.aNodeId = t('fault.required')
  if (!form.bNodeId) own.bNodeId = t('fault.required')
  const route = routeOf(form.route)
  if ('wrongLine' in route) own.route = t('plant.routeWrong', { line: route.wrongLine })
  const slack = slackOf(form.slack)
  if ('wrongLine' in slack) own.slack = t('plant.slackWrong', { line: slack.wrongLine })
  const unknown = Array.isArray(slack) ? slack.find(s => s.node !== null && !nodeIds.has(s.node)) : undefined
  if (unknown) own.slack = t('plant.noSuchNode', { name: unknown.node })
  if (Object.keys(own).length > 0 || 'wrongLine' in route || !Array.isArray(slack)) return { own, write: null }
  return {
    own, write: {
      name: form.name.trim(), aNodeId: form.aNodeId!, bNodeId: form.bNodeId!, strands: form.strands, strandsPerTube: form.strandsPerTube, colourCode: form.colourCode, fibre: form.fibre,
      lengthM: optional(form.lengthM), routeRatio: optional(form.routeRatio), route: route.route, slack: slack.map(s => ({ atM: s.atM, lengthM: s.lengthM, nodeId: s.node === null ? null : nodeIds.get(s.node)! })), note: form.note
    }
  }
}

export function CableDialog ({ cable, onClose, onSaved }: { cable: Cable | null, onClose: () => void, onSaved: (id: string) => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const nodes = useQuery(nodesQuery)
  const [form, setForm] = useState(() => draftOf(cable))
  const [checked, setChecked] = useState(false)
  const set = (change: Partial<Draft>) => setForm({ ...form, ...change })
  const { own, write } = useChecked(form, new Map((nodes.data ?? []).map(n => [n.name, n.id])))
  const save = useMutation({
    mutationFn: (body: CableWrite) => cable ? api.put<Cable>(`/plant/cables/${cable.id}`, body) : api.post<Cable>('/plant/cables', body),
    onSuccess: saved => { void client.invalidateQueries({ queryKey: ['plant'] }); told(t('plant.saved', { name: saved.name })); onClose(); onSaved(saved.id) }
  })
  const { fields, other } = formFaults(save.error, fieldsKnown)
  const fault = (name: string) => checked && own[name] ? own[name] : fields[name]
  const submit = (event: FormEvent) => { event.preventDefault(); setChecked(true); if (write) save.mutate(write) }
  const places = (nodes.data ?? []).map(n => ({ value: n.id, label: n.name }))
  return (
    <Modal opened onClose={onClose} title={cable ? cable.name : t('plant.addCable')} size='xl'>
      <form onSubmit={submit} noValidate>
        <Stack gap='sm'>
          <div className={styles.fields}>
            <TextInput className={styles.wide} data-autofocus label={t('common.name')} value={form.name} onChange={e => set({ name: e.currentTarget.value })} error={fault('name')} required maxLength={120} />
            <Select label={t('plant.endA')} data={places} value={form.aNodeId} onChange={aNodeId => set({ aNodeId })} searchable limit={200} nothingFoundMessage={t('empty.filtered')} error={fault('aNodeId')} required />
            <Select label={t('plant.endB')} data={places} value={form.bNodeId} onChange={bNodeId => set({ bNodeId })} searchable limit={200} nothingFoundMessage={t('empty.filtered')} error={fault('bNodeId')} required />
            <NumberInput label={t('plant.strands')} value={form.strands} onChange={v => set({ strands: Number(v) || 1 })} min={1} max={MAX_STRANDS} allowDecimal={false} error={fault('strands')} />
            <NumberInput label={t('plant.perTube')} value={form.strandsPerTube} onChange={v => set({ strandsPerTube: Number(v) || 1 })} min={1} max={48} allowDecimal={false} error={fault('strandsPerTube')} />
            <Select label={t('plant.colourCode')} data={colourCodes.map(value => ({ value, label: t(`plant.code.${value}`) }))} value={form.colourCode} onChange={v => set({ colourCode: colourCodes.find(c => c === v) ?? 'iec' })} allowDeselect={false} />
            <Select label={t('plant.fibre')} data={fibreTypes.map(value => ({ value, label: t(`plant.fibreType.${value}`) }))} value={form.fibre} onChange={v => set({ fibre: fibreTypes.find(f => f === v) ?? 'g652d' })} allowDeselect={false} />
            <NumberInput label={t('plant.lengthM')} description={t('plant.lengthHint')} value={form.lengthM} onChange={lengthM => set({ lengthM })} min={1} max={500_000} decimalScale={1} error={fault('lengthM')} />
            <NumberInput label={t('plant.ratio')} description={t('plant.ratioHint')} value={form.routeRatio} onChange={routeRatio => set({ routeRatio })} min={1} max={2} step={0.01} decimalScale={3} error={fault('routeRatio')} />
            <Textarea className={styles.wide} label={t('plant.route')} description={t('plant.routeHint')} value={form.route} onChange={e => set({ route: e.currentTarget.value })} error={fault('route')} rows={5} spellCheck={false} maxLength={400_000} />
            <Textarea className={styles.wide} label={t('plant.slack')} description={t('plant.slackHint')} value={form.slack} onChange={e => set({ slack: e.currentTarget.value })} error={fault('slack')} autosize minRows={2} maxRows={8} spellCheck={false} />
            <Textarea className={styles.wide} label={t('common.note')} value={form.note} onChange={e => set({ note: e.currentTarget.value })} error={fault('note')} autosize minRows={2} maxRows={8} maxLength={2000} />
          </div>
          {other !== null && <ErrorPanel error={other} />}
          <Group justify='flex-end' gap='xs'><Button variant='default' onClick={onClose}>{t('action.cancel')}</Button><Button type='submit' loading={save.isPending}>{t('action.save')}</Button></Group>
        </Stack>
      </form>
    </Modal>
  )
}
