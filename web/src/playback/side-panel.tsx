/** Bookmarks and clips beside the pictures. */
import { ActionIcon, CloseButton, Group, Progress, SegmentedControl, Stack, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { IconDownload, IconPencil, IconPlayerStop, IconSearch, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Bookmark, Clip } from '../../../server/contract/recording.js'
import { useMay, useMe } from '../session/me.js'
import { spanText } from '../time.js'
import { confirm, EmptyPanel, failed, Loaded, told } from '../ui/feedback.js'
import type { Act } from './act.js'
import { bookmarksQuery, cancelClip, clipFileUrl, clipsQuery, deleteBookmark } from './data.js'
import { momentText } from './dialogs/interval-fields.js'
import styles from './playback.module.css'
import { useWords } from './timeline/words.js'
import { decimals } from '../ui/numbers.js'

export type PanelTab = 'bookmarks' | 'clips'

export function SidePanel ({ tab, setTab, act, onEdit, onClose }: { tab: PanelTab, setTab: (tab: PanelTab) => void, act: Act, onEdit: (bookmark: Bookmark) => void, onClose: () => void }) {
  const { t } = useTranslation()
  const mayClip = useMay('clip.create')
  const tabs = [{ value: 'bookmarks', label: t('bookmark.title') }, ...(mayClip ? [{ value: 'clips', label: t('clip.title') }] : [])]
  return (
    <aside className={styles.panel} aria-label={t('playback.panel')} data-own-keys>
      <Group justify='space-between' p={8} gap='xs'><SegmentedControl size='xs' value={tab} onChange={v => setTab(v as PanelTab)} data={tabs} /><CloseButton aria-label={t('action.close')} onClick={onClose} /></Group>
      <div className={styles.panelBody}>{tab === 'bookmarks' || !mayClip ? <Bookmarks act={act} onEdit={onEdit} /> : <Clips act={act} />}</div>
    </aside>
  )
}

function Bookmarks ({ act, onEdit }: { act: Act, onEdit: (bookmark: Bookmark) => void }) {
  const { t } = useTranslation()
  const [text, setText] = useState('')
  const [q] = useDebouncedValue(text.trim(), 250)
  const list = useQuery(bookmarksQuery(q))
  return (
    <Stack gap='xs'>
      <TextInput leftSection={<IconSearch size={16} />} placeholder={t('bookmark.search')} aria-label={t('bookmark.search')} value={text} onChange={e => setText(e.currentTarget.value)} />
      <Loaded query={list} rows={5}>{items => items.length === 0 ? <EmptyPanel title={q ? t('empty.filtered') : t('bookmark.none')} hint={q ? undefined : t('bookmark.noneHint')} /> : <div>{items.map(b => <BookmarkItem key={b.id} bookmark={b} act={act} onEdit={onEdit} />)}</div>}</Loaded>
    </Stack>
  )
}
function BookmarkItem ({ bookmark, act, onEdit }: { bookmark: Bookmark, act: Act, onEdit: (bookmark: Bookmark) => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const me = useMe()
  const any = useMay('bookmark.write_any')
  const own = bookmark.authorId === me.user.id || any
  const remove = useMutation({
    mutationFn: () => deleteBookmark(bookmark.id), onError: failed,
    onSuccess: () => { told(t('bookmark.deleted')); void client.invalidateQueries({ queryKey: ['bookmarks'] }); return client.invalidateQueries({ queryKey: ['timeline'] }) }
  })
  const ask = () => confirm({ title: t('bookmark.deleteTitle'), text: t('bookmark.deleteText', { time: momentText(bookmark.at) }), action: t('action.delete'), danger: true, onConfirm: () => remove.mutate() })
  return (
    <div className={styles.item}>
      <button type='button' className={styles.itemMain} onClick={() => act({ do: 'seek', at: bookmark.at, cameraId: bookmark.deviceId })}>
        <strong>{bookmark.note || t('mark.bookmarkBare')}</strong><br />
        <span className='quiet'>{bookmark.deviceName}<br /><span className='numbers'>{momentText(bookmark.at)}</span> · {t('bookmark.by', { name: bookmark.authorName })}</span>
      </button>
      {own && <ActionIcon variant='subtle' color='gray' aria-label={t('action.edit')} title={t('action.edit')} onClick={() => onEdit(bookmark)}><IconPencil size={17} /></ActionIcon>}
      {own && <ActionIcon variant='subtle' color='gray' aria-label={t('action.delete')} title={t('action.delete')} loading={remove.isPending} onClick={ask}><IconTrash size={17} /></ActionIcon>}
    </div>
  )
}

function Clips ({ act }: { act: Act }) {
  const { t } = useTranslation()
  const list = useQuery(clipsQuery)
  return <Loaded query={list} rows={5}>{items => items.length === 0 ? <EmptyPanel title={t('clip.none')} hint={t('clip.noneHint')} /> : <div>{items.map(c => <ClipItem key={c.id} clip={c} act={act} />)}</div>}</Loaded>
}
function ClipItem ({ clip, act }: { clip: Clip, act: Act }) {
  const { t } = useTranslation()
  const { causeText } = useWords()
  const client = useQueryClient()
  const cancel = useMutation({ mutationFn: () => cancelClip(clip.id), onError: failed, onSettled: () => client.invalidateQueries({ queryKey: ['clips'] }) })
  const range = (from: number, to: number) => <span className='numbers'>{momentText(from)} – {momentText(to).slice(-8)}, {spanText(to - from)}</span>
  const snapped = clip.deliveredFrom !== null && clip.deliveredFrom < clip.requestedFrom
  return (
    <div className={styles.item} data-clip={clip.status}>
      <div className={styles.itemMain} style={{ cursor: 'auto' }}>
        <strong>{clip.deviceName}</strong> · {t(`clip.status.${clip.status}`)}{clip.bytes !== null && clip.status === 'done' && ` · ${t('clip.size', { size: decimals(clip.bytes / 1e6, 1) })}`}<br />
        <span className='quiet'>{t('clip.requested')}: {range(clip.requestedFrom, clip.requestedTo)}</span>
        {clip.deliveredFrom !== null && clip.deliveredTo !== null && <><br /><span className='quiet'>{t('clip.delivered')}: {range(clip.deliveredFrom, clip.deliveredTo)}{snapped && ` ${t('clip.snapped')}`}</span></>}
        {clip.gaps.length > 0 && <><br /><span className='quiet'>{t('clip.gaps', { list: clip.gaps.slice(0, 5).map(g => `${momentText(g.from).slice(-8)} – ${momentText(g.to).slice(-8)} (${causeText(g.cause)})`).join(', ') })}</span></>}
        {clip.refilled && <><br /><span className='quiet'>{t('clip.refilled')}</span></>}
        {clip.masked && <><br /><span className='quiet'>{t('clip.maskedHint')}</span></>}
        {clip.failure && <><br /><span>{clip.failure.code === 'no_footage' ? t('clip.noFootage') : clip.failure.detail}</span></>}
        {clip.status === 'done' && <><br /><span className='quiet'>{t('clip.expires', { time: momentText(clip.expiresAt) })}</span></>}
        {clip.status === 'running' && <Progress mt={6} size='sm' value={clip.bytes ? clip.doneBytes / clip.bytes * 100 : 100} animated={!clip.bytes} aria-label={t('clip.status.running')} />}
        <br /><button type='button' className={styles.itemMain} style={{ color: 'var(--accent)' }} onClick={() => act({ do: 'seek', at: clip.deliveredFrom ?? clip.requestedFrom, cameraId: clip.deviceId })}>{t('playback.openAt')}</button>
      </div>
      {clip.status === 'done' && <ActionIcon component='a' href={clipFileUrl(clip.id)} download variant='default' size='lg' aria-label={t('clip.download')} title={t('clip.download')}><IconDownload size={18} /></ActionIcon>}
      {clip.status === 'running' && <ActionIcon variant='default' size='lg' aria-label={t('clip.cancel')} title={t('clip.cancel')} loading={cancel.isPending} onClick={() => confirm({ title: t('clip.cancelTitle'), text: t('clip.cancelText'), action: t('clip.cancel'), danger: true, onConfirm: () => cancel.mutate() })}><IconPlayerStop size={18} /></ActionIcon>}
    </div>
  )
}
