/** How cameras are recorded, as a form: for the centre, a camera group, or one camera. */
import { Button, Group, Modal, NumberInput, Select, Switch } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RecordingPolicy, StoredPolicy, WeekSpan } from '../../../../server/contract/recording.js'
import { ErrorPanel, told } from '../../ui/feedback.js'
import { WeekField } from '../../ui/week-field.js'
import styles from '../admin.module.css'
import { formFaults } from '../faults.js'
import { policiesQuery, putPolicy } from './recording-data.js'

export interface PolicyDraft { scope: StoredPolicy['scope'], scopeId: string, name: string, policy: RecordingPolicy }
const GB = 1024 ** 3
const number = (value: string | number) => value === '' ? null : Number(value)

const workdays: WeekSpan[] = [0, 1, 2, 3, 4].map(day => ({ day, fromMin: 480, toMin: 1080 }))

export function PolicyDialog ({ draft, onClose }: { draft: PolicyDraft, onClose: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [policy, setPolicy] = useState(draft.policy)
  const set = (change: Partial<RecordingPolicy>) => setPolicy(p => ({ ...p, ...change }))
  const save = useMutation({
    mutationFn: () => putPolicy(draft.scope, draft.scopeId, policy),
    onSuccess: () => { told(t('recordingAdmin.saved')); onClose(); return client.invalidateQueries({ queryKey: policiesQuery.queryKey }) }
  })
  const { fields, other } = formFaults(save.error, ['schedule', 'toMin', 'archiveAfterDays', 'keepDays', 'keepBytes'])
  const submit = (event: FormEvent) => { event.preventDefault(); save.mutate() }
  const modes = (['continuous', 'scheduled', 'event', 'off'] as const).map(value => ({ value, label: t(`recordingAdmin.mode.${value}`) }))
  const records = policy.mode !== 'off'
  return (
    <Modal opened onClose={onClose} size='lg' title={`${t('recordingAdmin.policyOf')}: ${draft.name}`}>
      <form onSubmit={submit}>
        <div className={styles.fields}>
          <Select label={t('recordingAdmin.mode.label')} data={modes} value={policy.mode} onChange={mode => { if (mode) set({ mode: mode as RecordingPolicy['mode'] }) }} allowDeselect={false} data-autofocus />
          <Select label={t('recordingAdmin.profile')} disabled={!records} data={[{ value: 'main', label: t('recordingAdmin.main') }, { value: 'sub', label: t('recordingAdmin.sub') }]} value={policy.profile} onChange={p => { if (p) set({ profile: p as RecordingPolicy['profile'] }) }} allowDeselect={false} />
          {(policy.mode === 'scheduled' || policy.mode === 'event') && <WeekField hint={policy.mode === 'event' ? t('recordingAdmin.scheduleEventHint') : t('recordingAdmin.scheduleHint')} spans={policy.schedule} presets={[{ label: t('recordingAdmin.workdays'), spans: workdays }]} error={fields.schedule ?? fields.toMin} onChange={schedule => set({ schedule })} />}
          {policy.mode === 'event' && <>
            <NumberInput label={t('recordingAdmin.preRoll')} value={policy.preRollS} onChange={v => set({ preRollS: number(v) ?? 0 })} min={0} max={60} />
            <NumberInput label={t('recordingAdmin.postRoll')} value={policy.postRollS} onChange={v => set({ postRollS: number(v) ?? 30 })} min={1} max={600} />
          </>}
          <NumberInput label={t('recordingAdmin.keepDays')} description={t('recordingAdmin.keepDaysHint')} placeholder={t('recordingAdmin.noLimit')} value={policy.keepDays ?? ''} onChange={v => set({ keepDays: number(v) })} min={1} max={3650} error={fields.keepDays} />
          <NumberInput label={t('recordingAdmin.keepGb')} description={t('recordingAdmin.keepGbHint')} placeholder={t('recordingAdmin.noLimit')} value={policy.keepBytes === null ? '' : Math.round(policy.keepBytes / GB * 10) / 10} onChange={v => { const gb = number(v); set({ keepBytes: gb === null ? null : Math.round(gb * GB) }) }} min={0.1} decimalScale={1} error={fields.keepBytes} />
          <NumberInput label={t('recordingAdmin.archiveAfter')} description={t('recordingAdmin.archiveAfterHint')} placeholder={t('recordingAdmin.never')} value={policy.archiveAfterDays ?? ''} onChange={v => set({ archiveAfterDays: number(v) })} min={1} max={3650} error={fields.archiveAfterDays} />
          <Select label={t('recordingAdmin.priority')} description={t('recordingAdmin.priorityHint')} data={['1', '2', '3', '4', '5'].map(value => ({ value, label: t(`recordingAdmin.priorities.p${value as '1'}`) }))} value={String(policy.priority)} onChange={p => { if (p) set({ priority: Number(p) }) }} allowDeselect={false} />
          <Switch className={styles.wide} label={t('recordingAdmin.refill')} description={t('recordingAdmin.refillHint')} checked={policy.refill !== false} disabled={!records} onChange={e => set({ refill: e.currentTarget.checked })} />
          <Switch className={styles.wide} label={t('recordingAdmin.audio')} checked={policy.audio} disabled={!records} onChange={e => set({ audio: e.currentTarget.checked })} />
        </div>
        {other !== null && <ErrorPanel error={other} />}
        <Group justify='flex-end' mt='md'><Button variant='default' onClick={onClose}>{t('action.cancel')}</Button><Button type='submit' loading={save.isPending}>{t('action.save')}</Button></Group>
      </form>
    </Modal>
  )
}
