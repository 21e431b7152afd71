/** Recorded video: one to nine cameras in step over a timeline. */
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { IconPlus } from '@tabler/icons-react'
import type { CSSProperties } from 'react'
import { useTranslation } from 'react-i18next'
import { useWall } from '../live-socket.js'
import { spanText, timeZone, useNow } from '../time.js'
import { EmptyPanel } from '../ui/feedback.js'
import { CameraPicker } from '../wall/cameras.js'
import { BookmarkDialog } from './dialogs/bookmark-dialog.js'
import { ClipDialog } from './dialogs/clip-dialog.js'
import { GoToDialog } from './dialogs/go-to.js'
import { LockDialog } from './dialogs/lock-dialog.js'
import { wholePicture } from './digital-zoom.js'
import styles from './playback.module.css'
import { SidePanel } from './side-panel.js'
import { StatusLine } from './status-line.js'
import { PlaybackTile } from './tile.js'
import { Timeline } from './timeline/timeline.js'
import { timeText } from './timeline/zone.js'
import { TransportBar } from './transport-bar.js'
import { usePlayback } from './use-playback.js'
import { usePlaybackKeys } from './use-playback-keys.js'
import { useWords } from './timeline/words.js'

type Playback = ReturnType<typeof usePlayback>

export function PlaybackPage () {
  const p = usePlayback()
  usePlaybackKeys(p.act)
  return (
    <div className={styles.page}>
      {p.narrow && p.cameraIds.length > 1 && <Choices p={p} />}
      <div className={styles.body}>
        <div className={styles.stage}>
          <Pictures p={p} />
          <Note p={p} />
        </div>
        {p.panel && <SidePanel tab={p.panel} setTab={p.setPanel} act={p.act} onEdit={p.edit} onClose={() => p.setPanel(null)} />}
      </div>
      <StatusLine room={p.room} status={p.status} selected={p.selected} selection={p.selection} />
      <TransportBar status={p.status} act={p.act} selection={p.selection.from !== null || p.selection.to !== null} may={p.may} panel={p.panel !== null} cameras={p.cameraIds.length} sound={p.sound} soundOf={p.status.cameras.get(p.selected ?? '')?.sound ?? 'none'} />
      {p.cameraIds.length > 0 && <Timeline room={p.room} cameraIds={p.askIds} rowIds={p.narrow && p.selected ? [p.selected] : p.cameraIds} selected={p.selected} view={p.view} selection={p.selection} setView={p.setView} onSelect={p.select} onRemove={p.remove} onSelection={p.setSelection} onRows={p.onRows} />}
      <CameraPicker opened={p.picking} onClose={() => p.setPicking(false)} onChoose={p.add} />
      <GoToDialog at={p.going} onClose={() => p.setGoing(null)} onGo={at => { p.setGoing(null); p.seek(at) }} />
      <BookmarkDialog draft={p.bookmark} onClose={() => p.setBookmark(null)} />
      <ClipDialog draft={p.clip} onClose={() => p.setClip(null)} onStarted={() => { p.setClip(null); p.setPanel('clips') }} />
      <LockDialog draft={p.lock} onClose={() => p.setLock(null)} />
    </div>
  )
}

function Pictures ({ p }: { p: Playback }) {
  const { t } = useTranslation()
  if (p.cameraIds.length === 0) return <div className={styles.empty}><EmptyPanel title={t('playback.noCameras')} hint={t('playback.noCamerasHint')} action={<Button leftSection={<IconPlus size={17} />} onClick={() => p.setPicking(true)}>{t('playback.addCamera')}</Button>} /></div>
  // What is not seen is not fetched: a machine that is too slow for nine plays one smoothly.
  const shown = p.alone ? p.cameraIds.filter(id => id === p.selected) : p.cameraIds
  return (
    <div className={styles.grid} style={{ '--side': Math.ceil(Math.sqrt(shown.length)) } as CSSProperties}>
      {shown.map(id => (
        <PlaybackTile key={id} id={id} room={p.room} view={p.status.cameras.get(id)} selected={id === p.selected && shown.length > 1} enlargedTile={p.alone && p.cameraIds.length > 1} zoom={p.zooms.get(id) ?? wholePicture} onZoom={p.onZoom} onSelect={p.select} onEnlarge={p.enlarge} />
      ))}
    </div>
  )
}

/** What the clock does otherwise than asked, over the pictures. */
function Note ({ p: { status, selected } }: { p: Playback }) {
  const { t } = useTranslation()
  const { causeText } = useWords()
  const now = useNow()
  if (status.skipped) {
    const { from, to, cause } = status.skipped
    const span = spanText(to - from)
    return <div className={styles.note} role='status'>{cause ? t('playback.skipped', { span, cause: causeText(cause) }) : t('playback.skippedUnknown', { span })} ({timeText(from, timeZone())} – {timeText(to, timeZone())})</div>
  }
  if (status.over) return <div className={styles.note} role='status'>{t('playback.over')}</div>
  if (status.holding) return <div className={styles.note} role='status' data-late>{now - status.atMs < 5000 && selected ? <NearlyLive id={selected} /> : t('playback.holding')}</div>
  return null
}
function NearlyLive ({ id }: { id: string }) {
  const { t } = useTranslation()
  return <>{t('playback.liveHint')} · <Link to='/devices/$id' params={{ id }} style={{ color: 'var(--accent)', pointerEvents: 'auto' }}>{t('playback.live')}</Link></>
}

function Choices ({ p }: { p: Playback }) {
  const devices = useWall(w => w.devices)
  return <div className={styles.choices}>{p.cameraIds.map(id => <button key={id} type='button' className={styles.choice} aria-pressed={id === p.selected} onClick={() => p.select(id)}>{devices.get(id)?.name ?? id}</button>)}</div>
}
