import { Button, Group, Modal, Select, Stack, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useWall } from '../../live-socket.js'
import { ErrorPanel, told } from '../../ui/feedback.js'
import { createClip } from '../data.js'
import { IntervalFields, intervalOf, typedOf } from './interval-fields.js'

export interface IntervalDraft { deviceIds: readonly string[], deviceId: string, from: number, to: number }

/** A quick export of one camera; its progress is shown in the panel. */
export function ClipDialog ({ draft, onClose, onStarted }: { draft: IntervalDraft | null, onClose: () => void, onStarted: () => void }) {
  const { t } = useTranslation()
  return <Modal opened={draft !== null} onClose={onClose} title={t('clip.make')}>{draft && <ClipForm draft={draft} onStarted={onStarted} />}</Modal>
}
function ClipForm ({ draft, onStarted }: { draft: IntervalDraft, onStarted: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const devices = useWall(w => w.devices)
  const [deviceId, setDeviceId] = useState(draft.deviceId)
  const [typed, setTyped] = useState(() => typedOf(draft))
  const [reason, setReason] = useState('')
  // What was marked is exact to the millisecond; only what was typed over is to the second.
  const [first] = useState(typed)
  const interval = typed.from === first.from && typed.to === first.to ? draft : intervalOf(typed)
  const start = useMutation({
    mutationFn: () => createClip({ deviceId, from: Math.round(interval!.from), to: Math.round(interval!.to), ...(reason.trim() ? { reason: reason.trim() } : {}) }),
    onSuccess: () => { told(t('clip.started')); onStarted(); return client.invalidateQueries({ queryKey: ['clips'] }) }
  })
  return (
    <form onSubmit={event => { event.preventDefault(); if (interval) start.mutate() }}>
      <Stack gap='sm'>
        <Select label={t('clip.camera')} data={draft.deviceIds.map(id => ({ value: id, label: devices.get(id)?.name ?? t('playback.notCamera') }))} value={deviceId} onChange={v => { if (v) setDeviceId(v) }} allowDeselect={false} />
        <IntervalFields typed={typed} onChange={setTyped} />
        <Textarea label={t('clip.reason')} placeholder={t('common.optional')} value={reason} onChange={e => setReason(e.currentTarget.value)} maxLength={500} autosize minRows={1} maxRows={4} data-autofocus />
        {start.isError && <ErrorPanel error={start.error} />}
        <Group justify='flex-end'><Button type='submit' disabled={!interval} loading={start.isPending}>{t('clip.start')}</Button></Group>
      </Stack>
    </form>
  )
}
