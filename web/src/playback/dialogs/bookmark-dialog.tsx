import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type KeyboardEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Bookmark } from '../../../../server/contract/recording.js'
import { useWall } from '../../live-socket.js'
import { ErrorPanel, told } from '../../ui/feedback.js'
import { changeBookmark, createBookmark } from '../data.js'
import { momentText } from './interval-fields.js'

export type BookmarkDraft = { deviceId: string, at: number } | Bookmark

/** A new bookmark, or the note of one that exists. Ctrl+Enter saves. */
export function BookmarkDialog ({ draft, onClose }: { draft: BookmarkDraft | null, onClose: () => void }) {
  const { t } = useTranslation()
  return <Modal opened={draft !== null} onClose={onClose} title={draft && 'id' in draft ? t('bookmark.edit') : t('bookmark.add')}>{draft && <BookmarkForm draft={draft} onClose={onClose} />}</Modal>
}
function BookmarkForm ({ draft, onClose }: { draft: BookmarkDraft, onClose: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [note, setNote] = useState('note' in draft ? draft.note : '')
  const name = useWall(w => w.devices.get(draft.deviceId)?.name)
  const save = useMutation({
    mutationFn: () => {
      const body = { deviceId: draft.deviceId, at: Math.round(draft.at), note: note.trim() }
      return 'id' in draft ? changeBookmark(draft.id, body) : createBookmark(body)
    },
    onSuccess: () => { told(t('bookmark.saved')); onClose(); void client.invalidateQueries({ queryKey: ['bookmarks'] }); void client.invalidateQueries({ queryKey: ['timeline'] }) }
  })
  const onKey = (event: KeyboardEvent) => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); save.mutate() } }
  return (
    <form onSubmit={event => { event.preventDefault(); save.mutate() }}>
      <Stack gap='sm'>
        <Text size='sm'>{name} · <span className='numbers'>{momentText(draft.at)}</span></Text>
        <Textarea label={t('bookmark.note')} description={t('bookmark.noteHint')} value={note} onChange={e => setNote(e.currentTarget.value)} onKeyDown={onKey} maxLength={2000} autosize minRows={2} maxRows={8} data-autofocus />
        {save.isError && <ErrorPanel error={save.error} />}
        <Group justify='flex-end'><Button type='submit' loading={save.isPending}>{t('action.save')} (Ctrl+Enter)</Button></Group>
      </Stack>
    </form>
  )
}
