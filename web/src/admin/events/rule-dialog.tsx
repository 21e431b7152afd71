/** A rule as a form, beside what it would have raised lately. */
import { Button, Group, Modal, MultiSelect, NumberInput, Select, Switch, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { EventRule, EventRuleWrite } from '../../../../server/contract/camera-events.js'
import { type CameraEventType, cameraEventTypes, severities, type Severity } from '../../../../server/contract/health.js'
import { api } from '../../api.js'
import { byName } from '../../devices/filter.js'
import { groupsQuery } from '../../queries.js'
import { ErrorPanel, told } from '../../ui/feedback.js'
import { WeekField } from '../../ui/week-field.js'
import styles from '../admin.module.css'
import { formFaults } from '../faults.js'
import { everyDeviceQuery } from '../queries.js'
import { newRule, nights } from './events-data.js'
import { PreviewPanel } from './preview-panel.js'

const settleMs = 600

export function RuleDialog ({ rule, onClose, onSaved }: { rule: EventRule | null, onClose: () => void, onSaved: () => void }) {
  const { t } = useTranslation()
  const [form, setForm] = useState<EventRuleWrite>(() => {
    if (!rule) return newRule
    const { id: _id, updatedAt: _at, updatedBy: _by, ...write } = rule
    return write
  })
  const [settledForm] = useDebouncedValue(form, settleMs)
  const save = useMutation({
    mutationFn: (write: EventRuleWrite) => rule ? api.put(`/event-rules/${rule.id}`, write) : api.post('/event-rules', write),
    onSuccess: () => { told(t('eventRules.saved', { name: form.name.trim() })); onSaved() }
  })
  const faults = formFaults(save.error, ['name', 'types', 'deviceIds', 'groupIds', 'schedule', 'toMin', 'minDurationS', 'cooldownS', 'clearAfterS'])
  const submit = (event: FormEvent) => { event.preventDefault(); if (form.name.trim() && form.types.length > 0) save.mutate({ ...form, name: form.name.trim() }) }
  return (
    <Modal opened onClose={onClose} size={1080} title={rule ? t('eventRules.edit') : t('eventRules.add')}>
      <form onSubmit={submit}>
        <div className={styles.columns}>
          <RuleFields form={form} set={change => setForm(f => ({ ...f, ...change }))} fields={faults.fields} />
          <PreviewPanel rule={settledForm} />
        </div>
        {faults.other !== null && <ErrorPanel error={faults.other} />}
        <Group justify='flex-end' mt='md'><Button variant='default' onClick={onClose}>{t('action.cancel')}</Button><Button type='submit' loading={save.isPending} disabled={!form.name.trim() || form.types.length === 0}>{t('action.save')}</Button></Group>
      </form>
    </Modal>
  )
}

function RuleFields ({ form, set, fields }: { form: EventRuleWrite, set: (change: Partial<EventRuleWrite>) => void, fields: Record<string, string> }) {
  const { t } = useTranslation()
  const devices = useQuery(everyDeviceQuery)
  const groups = useQuery(groupsQuery)
  const options = (list: { id: string, name: string }[] | undefined) => [...list ?? []].sort(byName).map(x => ({ value: x.id, label: x.name }))
  const seconds = (label: string, key: 'minDurationS' | 'cooldownS' | 'clearAfterS', min: number, max: number, description?: string) => (
    <NumberInput label={label} description={description} value={form[key]} onChange={v => set({ [key]: v === '' ? min : Math.max(min, Math.min(max, Math.round(Number(v)))) })} min={min} max={max} error={fields[key]} />
  )
  return (
    <div className={styles.fields}>
      <TextInput className={styles.wide} data-autofocus label={t('common.name')} value={form.name} onChange={e => set({ name: e.currentTarget.value })} error={fields.name} required maxLength={120} />
      <MultiSelect className={styles.wide} label={t('eventRules.types')} data={cameraEventTypes.map(value => ({ value, label: t(`eventType.${value}`) }))} value={form.types} onChange={types => set({ types: types as CameraEventType[] })} error={fields.types} searchable required />
      <MultiSelect label={t('eventRules.groups')} description={form.groupIds.length + form.deviceIds.length === 0 ? t('eventRules.scopeHint') : undefined} data={options(groups.data)} value={form.groupIds} onChange={groupIds => set({ groupIds })} error={fields.groupIds} searchable clearable />
      <MultiSelect label={t('eventRules.cameras')} description={form.groupIds.length + form.deviceIds.length === 0 ? t('eventRules.scopeHint') : undefined} data={options(devices.data?.filter(d => d.kind === 'camera'))} value={form.deviceIds} onChange={deviceIds => set({ deviceIds })} error={fields.deviceIds} searchable clearable limit={200} maxValues={500} />
      <WeekField hint={t('eventRules.scheduleHint')} spans={form.schedule} presets={[{ label: t('eventRules.nights'), spans: nights }]} error={fields.schedule ?? fields.toMin} onChange={schedule => set({ schedule })} />
      {seconds(t('eventRules.minDuration'), 'minDurationS', 0, 3600, t('eventRules.minDurationHint'))}
      {seconds(t('eventRules.cooldown'), 'cooldownS', 0, 86_400, t('eventRules.cooldownHint'))}
      {seconds(t('eventRules.clearAfter'), 'clearAfterS', 5, 86_400)}
      <Select label={t('eventRules.severity')} data={severities.map(value => ({ value, label: t(`severity.${value}`) }))} value={form.severity} onChange={s => { if (s) set({ severity: s as Severity }) }} allowDeselect={false} />
      <Switch className={styles.wide} label={t('eventRules.record')} description={t('eventRules.recordHint')} checked={form.record} onChange={e => set({ record: e.currentTarget.checked })} />
      <Switch label={t('eventRules.bookmark')} checked={form.bookmark} onChange={e => set({ bookmark: e.currentTarget.checked })} />
      <Switch label={t('eventRules.enabled')} checked={form.enabled} onChange={e => set({ enabled: e.currentTarget.checked })} />
    </div>
  )
}
