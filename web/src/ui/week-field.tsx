/** Parts of the week in the centre's zone, as lines of day, from and to. */
import { ActionIcon, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { WeekSpan } from '../../../server/contract/recording.js'
import styles from '../admin/admin.module.css'

const clock = (minutes: number) => minutes === 1440 ? '24:00' : `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
/** Minutes since midnight of 08:30; null for other text. */
function minutesOf (text: string): number | null {
  const match = /^(\d{1,2}):(\d\d)$/.exec(text.trim())
  const minutes = match ? Number(match[1]) * 60 + Number(match[2]) : Number.NaN
  return minutes >= 0 && minutes <= 1440 && Number(match![2]) < 60 ? minutes : null
}

export interface WeekPreset { label: string, spans: readonly WeekSpan[] }

export function WeekField ({ hint, spans, presets, error, onChange }: { hint: string, spans: readonly WeekSpan[], presets: readonly WeekPreset[], error?: string, onChange: (spans: WeekSpan[]) => void }) {
  const { t } = useTranslation()
  const days = ([0, 1, 2, 3, 4, 5, 6] as const).map(day => ({ value: String(day), label: t(`recordingAdmin.days.d${day}`) }))
  const change = (i: number, span: Partial<WeekSpan>) => onChange(spans.map((s, n) => n === i ? { ...s, ...span } : s))
  return (
    <Stack gap={6} className={styles.wide}>
      <Text size='sm' fw={500}>{t('recordingAdmin.schedule')}</Text>
      <Text size='xs' className='quiet'>{hint}</Text>
      {spans.map((span, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: spans have no identity but their place
        <Group key={i} gap={8} wrap='nowrap'>
          <Select aria-label={t('recordingAdmin.day')} data={days} value={String(span.day)} onChange={d => { if (d) change(i, { day: Number(d) }) }} allowDeselect={false} style={{ flex: 1 }} />
          <TimeField key={`from ${span.fromMin}`} label={t('recordingAdmin.fromTime')} minutes={span.fromMin} onChange={fromMin => change(i, { fromMin: Math.min(fromMin, 1439) })} />
          <TimeField key={`to ${span.toMin}`} label={t('recordingAdmin.toTime')} minutes={span.toMin} onChange={toMin => change(i, { toMin: Math.max(1, toMin) })} />
          <ActionIcon variant='subtle' color='gray' aria-label={t('action.delete')} onClick={() => onChange(spans.filter((_, n) => n !== i))}><IconX size={16} /></ActionIcon>
        </Group>
      ))}
      {error && <Text size='sm' className={styles.fault}>{error}</Text>}
      <Group gap={8}>
        <Button size='xs' variant='default' leftSection={<IconPlus size={14} />} onClick={() => onChange([...spans, { day: 0, fromMin: 480, toMin: 1080 }])}>{t('recordingAdmin.addSpan')}</Button>
        {presets.map(p => <Button key={p.label} size='xs' variant='subtle' onClick={() => onChange([...p.spans])}>{p.label}</Button>)}
      </Group>
    </Stack>
  )
}

function TimeField ({ label, minutes, onChange }: { label: string, minutes: number, onChange: (minutes: number) => void }) {
  const [text, setText] = useState(clock(minutes))
  const take = () => {
    const value = minutesOf(text)
    if (value !== null && value !== minutes) onChange(value)
    setText(clock(value ?? minutes))
  }
  return <TextInput aria-label={label} value={text} onChange={e => setText(e.currentTarget.value)} onBlur={take} w={76} inputMode='numeric' />
}
