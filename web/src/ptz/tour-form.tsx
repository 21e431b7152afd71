/** The steps of a tour: which preset, and how long it looks there. */
import { ActionIcon, Button, Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { IconArrowUp, IconTrash } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { PtzPreset, PtzTour, PtzTourWrite } from '../../../server/contract/ptz.js'
import { api } from '../api.js'
import { ErrorPanel, told } from '../ui/feedback.js'
import styles from './ptz.module.css'

const USUAL_DWELL_S = 15
const MOST_STEPS = 50
let lastKey = 0
/** Rows that change places keep what was typed into them. */
const newKey = () => ++lastKey

export function TourForm ({ deviceId, presets, tour, onDone }: { deviceId: string, presets: readonly PtzPreset[], tour: PtzTour | null, onDone: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [name, setName] = useState(tour?.name ?? '')
  const [steps, setSteps] = useState(() => (tour?.steps ?? presets.map(p => ({ token: p.token, dwellS: USUAL_DWELL_S }))).map(step => ({ ...step, key: newKey() })))
  const save = useMutation({
    mutationFn: (write: PtzTourWrite) => tour ? api.put(`/devices/${deviceId}/ptz/tours/${tour.id}`, write) : api.post(`/devices/${deviceId}/ptz/tours`, write),
    onSuccess: async () => { await client.invalidateQueries({ queryKey: ['ptz', deviceId] }); told(t('ptz.tourSaved')); onDone() }
  })
  const known = new Set(presets.map(p => p.token))
  const whole = name.trim() !== '' && steps.length >= 2 && steps.every(s => known.has(s.token) && s.dwellS >= 3 && s.dwellS <= 3600)
  const submit = (event: FormEvent) => { event.preventDefault(); if (whole) save.mutate({ name: name.trim(), steps: steps.map(({ token, dwellS }) => ({ token, dwellS })) }) }
  const change = (i: number, part: Partial<{ token: string, dwellS: number }>) => setSteps(steps.map((s, at) => at === i ? { ...s, ...part } : s))
  const up = (i: number) => setSteps(steps.map((s, at) => at === i - 1 ? steps[i]! : at === i ? steps[i - 1]! : s))
  const data = presets.map(p => ({ value: p.token, label: p.name }))
  return (
    <form onSubmit={submit}>
      <Stack gap='sm'>
        <TextInput label={t('common.name')} value={name} maxLength={120} required onChange={e => setName(e.currentTarget.value)} data-autofocus />
        <Text size='sm' className='quiet'>{t('ptz.tourHint')}</Text>
        <div className={styles.steps}>
          {steps.map((step, i) => (
            <div key={step.key} className={styles.step}>
              <Select aria-label={t('ptz.step', { number: i + 1 })} data={data} value={step.token} allowDeselect={false} error={!known.has(step.token)} onChange={token => token && change(i, { token })} />
              <NumberInput aria-label={t('ptz.dwell', { number: i + 1 })} value={step.dwellS} min={3} max={3600} suffix={` ${t('ptz.secondsShort')}`} onChange={value => change(i, { dwellS: Number(value) || 0 })} error={step.dwellS < 3 || step.dwellS > 3600} />
              <ActionIcon variant='subtle' color='gray' mb={4} disabled={i === 0} aria-label={t('ptz.stepUp', { number: i + 1 })} title={t('ptz.stepUp', { number: i + 1 })} onClick={() => up(i)}><IconArrowUp size={16} /></ActionIcon>
              <ActionIcon variant='subtle' color='gray' mb={4} aria-label={t('ptz.stepRemove', { number: i + 1 })} title={t('ptz.stepRemove', { number: i + 1 })} onClick={() => setSteps(steps.filter((_, at) => at !== i))}><IconTrash size={16} /></ActionIcon>
            </div>
          ))}
        </div>
        <Group><Button size='xs' variant='default' disabled={steps.length >= MOST_STEPS} onClick={() => setSteps([...steps, { token: presets[0]?.token ?? '', dwellS: USUAL_DWELL_S, key: newKey() }])}>{t('ptz.addStep')}</Button></Group>
        {save.isError && <ErrorPanel error={save.error} />}
        <Group justify='flex-end' gap='xs'>
          <Button variant='default' onClick={onDone}>{t('action.cancel')}</Button>
          <Button type='submit' disabled={!whole} loading={save.isPending}>{t('action.save')}</Button>
        </Group>
      </Stack>
    </form>
  )
}
