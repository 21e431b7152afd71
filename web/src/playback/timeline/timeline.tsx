/** The timeline: a row a camera, from a month to two seconds. */
import { CloseButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TimelineRow } from '../../../../server/contract/recording.js'
import { serverNow, useWall } from '../../live-socket.js'
import { timeZone, useNow } from '../../time.js'
import { ErrorPanel } from '../../ui/feedback.js'
import { timelineQuery } from '../data.js'
import type { PlaybackRoom } from '../engine/room.js'
import { coloursOf, drawTimeline, ROW_PX, RULER_PX } from './draw.js'
import { Hover } from './hover.js'
import { unknownParts } from './layout.js'
import styles from './timeline.module.css'
import { useGestures } from './use-gestures.js'
import { spanOf, ticks, type View, windowFor, xOf } from './view.js'
import { dateText } from './zone.js'

export interface Selection { from: number | null, to: number | null }
export interface TimelineProps {
  room: PlaybackRoom
  cameraIds: readonly string[]
  /** Those that have a row: on a phone only the chosen one. */
  rowIds: readonly string[]
  selected: string | null
  view: View
  selection: Selection
  setView: (view: View) => void
  onSelect: (id: string) => void
  onRemove: (id: string) => void
  onSelection: (selection: Selection) => void
  onRows: (rows: readonly TimelineRow[]) => void
}

function useWidth (element: React.RefObject<HTMLElement | null>) {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    if (!element.current) return
    const observer = new ResizeObserver(entries => setWidth(Math.round(entries.at(-1)!.contentRect.width)))
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element])
  return width
}

export function Timeline (props: TimelineProps) {
  const { room, cameraIds, rowIds, selected, view, selection, setView, onSelect, onSelection, onRows } = props
  const { t, i18n } = useTranslation()
  const box = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const width = useWidth(box)
  const now = useNow()
  const [hover, setHover] = useState<{ x: number, y: number } | null>(null)
  const zone = timeZone()
  const window = useMemo(() => windowFor(view, Math.max(300, width)), [view, width])
  const query = useQuery(timelineQuery(cameraIds, window, now))
  const timeline = query.data
  const rows = useMemo(() => rowIds.map(id => timeline?.rows.find(r => r.deviceId === id) ?? null), [rowIds, timeline])
  useEffect(() => { onRows(timeline?.rows ?? []) }, [timeline, onRows])
  const dayText = useMemo(() => {
    const format = new Intl.DateTimeFormat(i18n.language === 'uk' ? 'uk-UA' : 'en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
    return (local: number) => format.format(local)
  }, [i18n.language])
  const height = RULER_PX + rowIds.length * ROW_PX

  useEffect(() => {
    const pen = canvas.current?.getContext('2d')
    if (!pen || !canvas.current || width === 0) return
    const ratio = devicePixelRatio
    canvas.current.width = Math.round(width * ratio)
    canvas.current.height = Math.round(height * ratio)
    pen.setTransform(ratio, 0, 0, ratio, 0, 0)
    drawTimeline(pen, {
      width, view, rows, selected: rowIds.indexOf(selected ?? ''), now, selection, colours: coloursOf(canvas.current), ticks: ticks(view, width, zone, dayText),
      unknown: unknownParts(view, timeline ?? null), dayLabel: dateText(view.from, zone)
    })
  }, [width, height, view, rows, rowIds, selected, now, selection, timeline, zone, dayText])

  const rowAt = (y: number) => rowIds[Math.min(rowIds.length - 1, Math.max(0, Math.floor((y - RULER_PX) / ROW_PX)))] ?? null
  const scrubbing = useRef({ busy: false, wanted: null as number | null })
  const scrub = (at: number, done: boolean) => {
    const s = scrubbing.current
    s.wanted = at
    if (done) { s.wanted = null; room.seek(Math.min(at, serverNow())); return }
    if (s.busy) return
    // The next picture is asked for when the last one is there, or long overdue.
    s.busy = true
    const go = () => {
      if (s.wanted === null) { s.busy = false; return }
      room.seek(Math.min(s.wanted, serverNow()))
      s.wanted = null
      const since = performance.now()
      const wait = () => { if (performance.now() - since > 400 || (performance.now() - since > 80 && room.cameraList().every(c => c.current))) go(); else requestAnimationFrame(wait) }
      requestAnimationFrame(wait)
    }
    go()
  }
  const gestures = useGestures(box, {
    view, now: serverNow, setView, scrub, hover: setHover,
    press: (at, y) => { const id = rowAt(y); if (id) onSelect(id); room.seek(Math.min(at, serverNow())) },
    select: (a, b) => onSelection({ from: Math.min(a, b), to: Math.max(a, b) })
  })
  const hoverRow = hover && hover.y >= RULER_PX ? rowAt(hover.y) : selected
  return (
    <section className={styles.timeline} aria-label={t('playback.timeline')} style={{ '--row': `${ROW_PX}px`, '--ruler': `${RULER_PX}px` } as React.CSSProperties}>
      <div className={styles.names}>
        <div className={styles.corner} />
        {rowIds.map(id => <RowName key={id} id={id} selected={id === selected} onSelect={onSelect} onRemove={props.onRemove} />)}
      </div>
      <div ref={box} className={styles.box} style={{ height }} title={undefined} {...gestures} data-loading={query.isFetching && !timeline ? true : undefined}>
        <canvas ref={canvas} className={styles.canvas} style={{ height }} aria-hidden />
        <Playhead room={room} view={view} width={width} />
        {hover && <Hover x={hover.x} width={width} view={view} deviceId={hoverRow} row={rows.find(r => r?.deviceId === hoverRow) ?? null} overRow={hover.y >= RULER_PX} grainMs={spanOf(view) / Math.max(1, width) * 6} />}
        {query.isPending && cameraIds.length > 0 && <span className={styles.loading} role='status'>{t('playback.loadingPart')}</span>}
      </div>
      {query.isError && <div className={styles.failed}><ErrorPanel title={t('playback.timelineFailed')} error={query.error} onRetry={() => { void query.refetch() }} /></div>}
    </section>
  )
}

function RowName ({ id, selected, onSelect, onRemove }: { id: string, selected: boolean, onSelect: (id: string) => void, onRemove: (id: string) => void }) {
  const { t } = useTranslation()
  const name = useWall(w => w.devices.get(id)?.name) ?? t('playback.notCamera')
  return (
    <div className={styles.name} data-selected={selected || undefined}>
      <button type='button' className={styles.nameButton} aria-pressed={selected} title={name} onClick={() => onSelect(id)}>{name}</button>
      <CloseButton size='sm' aria-label={t('playback.removeCamera', { name })} title={t('playback.removeCamera', { name })} onClick={() => onRemove(id)} />
    </div>
  )
}

/** Moves with the clock itself rather than with React. */
function Playhead ({ room, view, width }: { room: PlaybackRoom, view: View, width: number }) {
  const line = useRef<HTMLDivElement>(null)
  useEffect(() => {
    let frame = 0
    const move = () => {
      frame = requestAnimationFrame(move)
      if (!line.current) return
      const x = xOf(view, width, room.now())
      line.current.style.transform = `translateX(${x}px)`
      line.current.style.visibility = x < -1 || x > width + 1 ? 'hidden' : 'visible'
    }
    frame = requestAnimationFrame(move)
    return () => cancelAnimationFrame(frame)
  }, [room, view, width])
  return <div ref={line} className={styles.playhead} aria-hidden />
}
