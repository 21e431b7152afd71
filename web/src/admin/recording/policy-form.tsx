/** How cameras are recorded, as a form: for the centre, a camera group, or one camera. */
import { ActionIcon, Button, Group, Modal, NumberInput, Select, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { IconPlus, IconX } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RecordingPolicy, StoredPolicy } from '../../../../server/contract/recording.js'
import { ErrorPanel, told } from '../../ui/feedback.js'
import styles from '../admin.module.css'
import { formFaults } from '../faults.js'
import { policiesQuery, putPolicy } from './recording-data.js'

export interface PolicyDraft { scope: StoredPolicy['scope'], scopeId: string, name: string, policy: RecordingPolicy }
const GB = 1024 ** 3
const number = (value: string | number) => value === '' ? null : Number(value)
const clock = (minutes: number) => minutes === 1440 ? '24:00' : `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
/** Minutes since midnight of 08:30; null for other text. */
export function minutesOf (text: string): number | null {
  const match = /^(\d{1,2}):(\d\d)$/.exec(text.trim())
  const minutes = match ? Number(match[1]) * 60 + Number(match[2]) : Number.NaN
  return minutes >= 0 && minutes <= 1440 && Number(match![2]) < 60 ? minutes : null
}

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
          {(policy.mode === 'scheduled' || policy.mode === 'event') && <ScheduleField policy={policy} set={set} error={fields.schedule ?? fields.toMin} />}
          {policy.mode === 'event' && <>
            <NumberInput label={t('recordingAdmin.preRoll')} value={policy.preRollS} onChange={v => set({ preRollS: number(v) ?? 0 })} min={0} max={60} />
            <NumberInput label={t('recordingAdmin.postRoll')} value={policy.postRollS} onChange={v => set({ postRollS: number(v) ?? 30 })} min={1} max={600} />
          </>}
          <NumberInput label={t('recordingAdmin.keepDays')} description={t('recordingAdmin.keepDaysHint')} placeholder={t('recordingAdmin.noLimit')} value={policy.keepDays ?? ''} onChange={v => set({ keepDays: number(v) })} min={1} max={3650} error={fields.keepDays} />
          <NumberInput label={t('recordingAdmin.keepGb')} description={t('recordingAdmin.keepGbHint')} placeholder={t('recordingAdmin.noLimit')} value={policy.keepBytes === null ? '' : Math.round(policy.keepBytes / GB * 10) / 10} onChange={v => { const gb = number(v); set({ keepBytes: gb === null ? null : Math.round(gb * GB) }) }} min={0.1} decimalScale={1} error={fields.keepBytes} />
          <NumberInput label={t('recordingAdmin.archiveAfter')} description={t('recordingAdmin.archiveAfterHint')} placeholder={t('recordingAdmin.never')} value={policy.archiveAfterDays ?? ''} onChange={v => set({ archiveAfterDays: number(v) })} min={1} max={3650} error={fields.archiveAfterDays} />
          <Select label={t('recordingAdmin.priority')} description={t('recordingAdmin.priorityHint')} data={['1', '2', '3', '4', '5'].map(value => ({ value, label: t(`recordingAdmin.priorities.p${value as '1'}`) }))} value={String(policy.priority)} onChange={p => { if (p) set({ priority: Number(p) }) }} allowDeselect={false} />
          <Switch className={styles.wide} label={t('recordingAdmin.audio')} checked={policy.audio} disabled={!records} onChange={e => set({ audio: e.currentTarget.checked })} />
        </div>
        {other !== null && <ErrorPanel error={other} />}
        <Group justify='flex-end' mt='md'><Button variant='default' onClick={onClose}>{t('action.cancel')}</Button><Button type='submit' loading={save.isPending}>{t('action.save')}</Button></Group>
      </form>
    </Modal>
  )
}

function ScheduleField ({ policy, set, error }: { policy: RecordingPolicy, set: (change: Partial<RecordingPolicy>) => void, error?: string }) {
  const { t } = useTranslation()
  const days = ([0, 1, 2, 3, 4, 5, 6] as const).map(day => ({ value: String(day), label: t(`recordingAdmin.days.d${day}`) }))
  const change = (i: number, span: Partial<RecordingPolicy['schedule'][number]>) => set({ schedule: policy.schedule.map((s, n) => n === i ? { ...s, ...span } : s) })
  return (
    <Stack gap={6} className={styles.wide}>
      <Text size='sm' fw={500}>{t('recordingAdmin.schedule')}</Text>
      <Text size='xs' className='quiet'>{policy.mode === 'event' ? t('recordingAdmin.scheduleEventHint') : t('recordingAdmin.scheduleHint')}</Text>
      {policy.schedule.map((span, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: spans have no identity but their place
        <Group key={i} gap={8} wrap='nowrap'>
          <Select aria-label={t('recordingAdmin.day')} data={days} value={String(span.day)} onChange={d => { if (d) change(i, { day: Number(d) }) }} allowDeselect={false} style={{ flex: 1 }} />
          <TimeField label={t('recordingAdmin.fromTime')} minutes={span.fromMin} onChange={fromMin => change(i, { fromMin: Math.min(fromMin, 1439) })} />
          <TimeField label={t('recordingAdmin.toTime')} minutes={span.toMin} onChange={toMin => change(i, { toMin: Math.max(1, toMin) })} />
          <ActionIcon variant='subtle' color='gray' aria-label={t('action.delete')} onClick={() => set({ schedule: policy.schedule.filter((_, n) => n !== i) })}><IconX size={16} /></ActionIcon>
        </Group>
      ))}
      {error && <Text size='sm' className={styles.fault}>{error}</Text>}
      <Group gap={8}>
        <Button size='xs' variant='default' leftSection={<IconPlus size={14} />} onClick={() => set({ schedule: [...policy.schedule, { day: 0, fromMin: 480, toMin: 1080 }] })}>{t('recordingAdmin.addSpan')}</Button>
        <Button size='xs' variant='subtle' onClick={() => set({ schedule: [0, 1, 2, 3, 4].map(day => ({ day, fromMin: 480, toMin: 1080 })) })}>{t('recordingAdmin.workdays')}</Button>
      </Group>
    </Stack>
  )
}

function TimeField ({ label, minutes, onChange }: { label: string, minutes: number, onChange: (minutes: number) => void }) {
  const [text, setText] = useState(clock(minutes))
  const take = () => {
    const value = minutesOf(text)
    if (value !== null) onChange(value)
    setText(clock(value ?? minutes))
  }
  return <TextInput aria-label={label} value={text} onChange={e => setText(e.currentTarget.value)} onBlur={take} w={76} inputMode='numeric' />
}
