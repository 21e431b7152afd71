import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type KeyboardEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Alarm, AlarmAcknowledge } from '../../../server/contract/health.js'
import { api } from '../api.js'
import { ErrorPanel, told } from '../ui/feedback.js'

/** Asks for the comment; Ctrl+Enter sends it. */
export function AcknowledgeDialog ({ alarm, onClose }: { alarm: Alarm | null, onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <Modal opened={alarm !== null} onClose={onClose} title={t('alarms.acknowledgeTitle')}>
      {alarm && <AcknowledgeForm key={alarm.id} alarm={alarm} onClose={onClose} />}
    </Modal>
  )
}

function AcknowledgeForm ({ alarm, onClose }: { alarm: Alarm, onClose: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [comment, setComment] = useState('')
  const send = useMutation({
    mutationFn: (body: AlarmAcknowledge) => api.post(`/alarms/${alarm.id}/acknowledge`, body),
    onSuccess: () => { told(t('alarms.done')); onClose(); return client.invalidateQueries({ queryKey: ['alarms'] }) }
  })
  const submit = () => send.mutate({ comment: comment.trim() })
  const onKey = (event: KeyboardEvent) => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); submit() } }
  return (
    <form onSubmit={event => { event.preventDefault(); submit() }}>
      <Stack gap='sm'>
        <Text fw={600}>{t(`condition.${alarm.condition}`)}: {alarm.deviceName}</Text>
        <Textarea label={t('alarms.comment')} description={t('alarms.commentHint')} value={comment} onChange={e => setComment(e.currentTarget.value)} onKeyDown={onKey} maxLength={1000} autosize minRows={3} maxRows={8} data-autofocus />
        {send.isError && <ErrorPanel error={send.error} />}
        <Group justify='flex-end'><Button variant='default' onClick={onClose}>{t('action.cancel')}</Button><Button type='submit' loading={send.isPending}>{t('alarms.acknowledge')} (Ctrl+Enter)</Button></Group>
      </Stack>
    </form>
  )
}
