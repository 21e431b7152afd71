/** One camera's recorded picture with the truth about it: its time, what is missing and why. */
import { ActionIcon } from '@mantine/core'
import { IconZoomReset } from '@tabler/icons-react'
import { memo, type PointerEvent, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useWall } from '../live-socket.js'
import { timeZone } from '../time.js'
import { enlarged, moved, transformOf, type Zoom, wholePicture } from './digital-zoom.js'
import type { CameraView, PlaybackRoom } from './engine/room.js'
import styles from './playback.module.css'
import { useWords } from './timeline/words.js'
import { dateText, timeText } from './timeline/zone.js'

export interface TileProps {
  id: string
  room: PlaybackRoom
  view: CameraView | undefined
  selected: boolean
  enlargedTile: boolean
  zoom: Zoom
  onZoom: (id: string, change: (zoom: Zoom) => Zoom) => void
  onSelect: (id: string) => void
  onEnlarge: (id: string) => void
}

export const PlaybackTile = memo(function PlaybackTile ({ id, room, view, selected, zoom, enlargedTile, onZoom, onSelect, onEnlarge }: TileProps) {
  const { t } = useTranslation()
  const frame = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const video = useRef<HTMLVideoElement>(null)
  const name = useWall(w => w.devices.get(id)?.name) ?? t('playback.notCamera')
  const drag = useRef<{ x: number, y: number } | null>(null)
  useEffect(() => canvas.current && video.current ? room.attach(id, canvas.current, video.current) : undefined, [id, room])
  useEffect(() => {
    const target = frame.current
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      const box = target!.getBoundingClientRect()
      onZoom(id, z => enlarged(z, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height, 2 ** (-Math.max(-60, Math.min(60, event.deltaY)) / 160)))
    }
    target?.addEventListener('wheel', onWheel, { passive: false })
    return () => target?.removeEventListener('wheel', onWheel)
  }, [id, onZoom])
  const onPointerMove = (event: PointerEvent) => {
    if (!drag.current) return
    const box = event.currentTarget.getBoundingClientRect()
    const [dx, dy] = [(event.clientX - drag.current.x) / box.width, (event.clientY - drag.current.y) / box.height]
    drag.current = { x: event.clientX, y: event.clientY }
    onZoom(id, z => moved(z, dx, dy))
  }
  const transform = transformOf(zoom)
  const blank = view?.shownAt == null
  return (
    <div ref={frame} className={styles.tile} data-selected={selected || undefined} data-playback={id} data-is={view?.is ?? 'connecting'} data-old={view?.old || undefined} data-zoomed={transform ? true : undefined}
      onPointerDown={e => { onSelect(id); if (zoom.scale > 1 && e.button === 0 && !(e.target as Element).closest('button[data-tool]')) { drag.current = { x: e.clientX, y: e.clientY }; e.currentTarget.setPointerCapture(e.pointerId) } }}
      onPointerMove={onPointerMove} onPointerUp={() => { drag.current = null }} onPointerCancel={() => { drag.current = null }}>
      <div className={styles.picture} style={{ transform }}>
        <canvas ref={canvas} data-hidden={blank || view?.kind === 'mse' || undefined} />
        <video ref={video} data-hidden={blank || view?.kind !== 'mse' || undefined} muted playsInline disablePictureInPicture tabIndex={-1} />
      </div>
      <button type='button' className={styles.hit} aria-label={name} aria-pressed={selected} title={enlargedTile ? t('playback.shrink') : undefined} onFocus={() => onSelect(id)} onDoubleClick={() => onEnlarge(id)} />
      <div className={styles.tileName}><span className='ellipsis'>{name}</span></div>
      <Truth view={view} />
      {transform && <ActionIcon data-tool className={styles.zoomReset} variant='default' size='md' aria-label={t('playback.zoomReset')} title={t('playback.zoomReset')} onClick={() => onZoom(id, () => wholePicture)}><IconZoomReset size={17} /></ActionIcon>}
    </div>
  )
})

/** The server's and the agent's codes, as the person at the screen can tell them apart. */
const footageFailures: Partial<Record<string, 'agent_away' | 'unsupported' | 'damaged' | 'busy' | 'missing' | 'unreadable' | 'transcoder_failed'>> = {
  agent_away: 'agent_away', agent_offline: 'agent_away', agent_gone: 'agent_away', agent_timeout: 'agent_away', footage_timeout: 'agent_away', footage_lost: 'agent_away', footage_unavailable: 'agent_away',
  busy: 'busy', agent_busy: 'busy', too_many_streams: 'busy', unsupported: 'unsupported', damaged: 'damaged', missing: 'missing', unreadable: 'unreadable', transcoder_failed: 'transcoder_failed'
}

function useFailureText () {
  const { t } = useTranslation()
  return (failure: NonNullable<CameraView['failure']>): [string, string | null] => {
    if (failure.kind === 'footage') {
      const key = footageFailures[failure.code]
      return [t(`failedFootage.${key ?? 'other'}`), key ? null : failure.detail]
    }
    const kinds: Partial<Record<typeof failure.problem, string>> = { agent_away: t('failedFootage.agent_away'), disabled: t('tile.disabled'), removed: t('tile.removed'), not_permitted: t('tile.notPermitted'), signed_out: t('tile.signedOut') }
    return [kinds[failure.problem] ?? t('tile.reconnecting'), null]
  }
}

/** The time on the picture is the picture's own, always; what is not of the clock's moment says so. */
function Truth ({ view }: { view: CameraView | undefined }) {
  const { t } = useTranslation()
  const { causeText } = useWords()
  const failureText = useFailureText()
  const zone = timeZone()
  const stamp = view?.shownAt != null && <time className={styles.stamp} data-old={view.old || undefined}>{view.old ? t('playback.old', { time: `${dateText(view.shownAt, zone)} ${timeText(view.shownAt, zone, { tenths: true })}` }) : `${dateText(view.shownAt, zone)} ${timeText(view.shownAt, zone, { tenths: true })}`}</time>
  const cover = (title: string, text: string | null, fault = false) => <div className={styles.cover} data-fault={fault || undefined} role='status'><strong>{title}</strong>{text && <span>{text}</span>}</div>
  return (
    <>
      {stamp}
      {(!view || view.is === 'waiting') && <div className={styles.waiting} role='status'><span className={styles.spinner} aria-hidden /><span>{view ? t('playback.waiting') : t('playback.opening')}</span></div>}
      {view?.is === 'gap' && view.gap && cover(t('playback.nothing'), [causeText(view.gap.cause), view.gap.to === null ? null : t('playback.untilTime', { time: timeText(view.gap.to, zone) })].filter(Boolean).join(', '))}
      {view?.is === 'ended' && cover(t('playback.noMore'), null)}
      {view?.is === 'failed' && view.failure && cover(...failureText(view.failure), true)}
      {(view?.transcoded || view?.masked) && <span className={styles.badge}>{[view.transcoded && t('tile.transcoded'), view.masked && t('playback.masked')].filter(Boolean).join(' · ')}</span>}
    </>
  )
}
