import { Button, Group, Modal, MultiSelect, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { serverNow, useWall } from '../../live-socket.js'
import { timeZone } from '../../time.js'
import { ErrorPanel, told } from '../../ui/feedback.js'
import { startOfDay } from '../../../../lib/zoned-day.js'
import { createLock } from '../data.js'
import { DAY_MS } from '../timeline/view.js'
import { localMs } from '../timeline/zone.js'
import type { IntervalDraft } from './clip-dialog.js'
import { IntervalFields, intervalOf, typedOf } from './interval-fields.js'

/** Until somebody says otherwise a lock is looked at again after so many days. */
const REVIEW_DAYS = 180

/** A legal hold on what is marked, for several cameras at once. */
export function LockDialog ({ draft, onClose }: { draft: IntervalDraft | null, onClose: () => void }) {
  const { t } = useTranslation()
  return <Modal opened={draft !== null} onClose={onClose} title={t('hold.make')}>{draft && <LockForm draft={draft} onClose={onClose} />}</Modal>
}
function LockForm ({ draft, onClose }: { draft: IntervalDraft, onClose: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const devices = useWall(w => w.devices)
  const zone = timeZone()
  const [deviceIds, setDeviceIds] = useState<string[]>([draft.deviceId])
  const [typed, setTyped] = useState(() => typedOf(draft))
  const [reason, setReason] = useState('')
  const [reference, setReference] = useState('')
  const [review, setReview] = useState(() => new Date(localMs(serverNow() + REVIEW_DAYS * DAY_MS, zone)).toISOString().slice(0, 10))
  const interval = intervalOf(typed)
  const reviewAt = startOfDay(review, zone)
  const inPast = reviewAt === undefined || reviewAt <= serverNow()
  const lock = useMutation({
    // A second more on either side: what was typed is to the second, and a hold too wide does no harm.
    mutationFn: () => createLock({ deviceIds, from: interval!.from, to: interval!.to + 1000, reason: reason.trim(), ...(reference.trim() ? { reference: reference.trim() } : {}), reviewAt: reviewAt! }),
    onSuccess: () => { told(t('hold.done')); onClose(); void client.invalidateQueries({ queryKey: ['locks'] }); return client.invalidateQueries({ queryKey: ['timeline'] }) }
  })
  const ready = interval !== null && deviceIds.length > 0 && reason.trim().length >= 3 && !inPast
  return (
    <form onSubmit={event => { event.preventDefault(); if (ready) lock.mutate() }}>
      <Stack gap='sm'>
        <Text size='sm' className='quiet'>{t('hold.hint')}</Text>
        <MultiSelect label={t('hold.cameras')} data={draft.deviceIds.map(id => ({ value: id, label: devices.get(id)?.name ?? t('playback.notCamera') }))} value={deviceIds} onChange={setDeviceIds} />
        <IntervalFields typed={typed} onChange={setTyped} />
        <Textarea label={t('hold.reason')} description={t('hold.reasonHint')} value={reason} onChange={e => setReason(e.currentTarget.value)} maxLength={1000} autosize minRows={2} maxRows={6} required data-autofocus />
        <TextInput label={t('hold.reference')} placeholder={t('common.optional')} value={reference} onChange={e => setReference(e.currentTarget.value)} maxLength={200} />
        <TextInput type='date' label={t('hold.review')} value={review} onChange={e => setReview(e.currentTarget.value)} error={inPast ? t('hold.inPast') : undefined} required />
        {lock.isError && <ErrorPanel error={lock.error} />}
        <Group justify='flex-end'><Button type='submit' disabled={!ready} loading={lock.isPending}>{t('hold.make')}</Button></Group>
      </Stack>
    </form>
  )
}
