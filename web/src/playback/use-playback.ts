/** The state of the playback page and what its actions do. */
import { useMediaQuery } from '@mantine/hooks'
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import type { Bookmark, TimelineRow } from '../../../server/contract/recording.js'
import { serverNow, useWall } from '../live-socket.js'
import { useMay } from '../session/me.js'
import { failed, told } from '../ui/feedback.js'
import type { Action } from './act.js'
import { rowsBeyond, SEARCH_SPANS_MS } from './data.js'
import type { BookmarkDraft } from './dialogs/bookmark-dialog.js'
import type { IntervalDraft } from './dialogs/clip-dialog.js'
import { enlarged, moved, type Zoom, wholePicture } from './digital-zoom.js'
import { nextRate, shuttled } from './engine/clock.js'
import { PlaybackRoom } from './engine/room.js'
import { publish } from './measure.js'
import type { PanelTab } from './side-panel.js'
import { jump, type JumpTo } from './timeline/jumps.js'
import type { Selection } from './timeline/timeline.js'
import { around, DAY_MS, following, spanOf, type View, within, zoomed } from './timeline/view.js'
import { forgetStills } from './timeline/use-still.js'

const MOST_CAMERAS = 9
const LAST = 'kalancha.playback.cameras'
/** Opened without a moment: what happened a minute ago. */
const DEFAULT_BACK_MS = 60_000
const FIRST_SPAN_MS = 2 * 3_600_000
const NEARLY_LIVE_MS = 6000
const SETTLED_MS = 700
/** Without both marks a clip reaches so far around the playhead. */
const DEFAULT_CLIP_MS = 30_000

const idsOf = (text: string | undefined) => [...new Set((text ?? '').split(',').filter(id => /^[0-9a-f-]{36}$/.test(id)))].slice(0, MOST_CAMERAS)
const remembered = () => { try { return idsOf(localStorage.getItem(LAST) ?? '') } catch { return [] } }

export function usePlayback () {
  const { t } = useTranslation()
  const search = useSearch({ from: '/shell/playback' })
  const navigate = useNavigate({ from: '/playback' })
  const router = useRouter()
  const [opened] = useState(() => ({ at: Math.min(search.at ?? serverNow() - DEFAULT_BACK_MS, serverNow()), cameras: search.cameras === undefined ? remembered() : null }))
  const room = useMemo(() => new PlaybackRoom(opened.at), [opened])
  const status = useSyncExternalStore(room.subscribe, room.status)
  const cameraIds = useMemo(() => search.cameras === undefined ? opened.cameras ?? [] : idsOf(search.cameras), [search.cameras, opened])
  // A camera that was removed, or that this person may not see, must not take the others' timeline with it.
  const devices = useWall(w => w.devices)
  const joined = useWall(w => w.seq !== null)
  const askIds = useMemo(() => joined ? cameraIds.filter(id => devices.get(id)?.kind === 'camera') : [], [cameraIds, devices, joined])
  const [chosen, setChosen] = useState<string | null>(null)
  const selected = chosen !== null && cameraIds.includes(chosen) ? chosen : cameraIds[0] ?? null
  const [alone, setAlone] = useState(false)
  const narrow = useMediaQuery('(max-width: 760px)', undefined, { getInitialValueInEffect: false }) ?? false
  const [view, setView] = useState<View>(() => around(opened.at, narrow ? FIRST_SPAN_MS / 4 : FIRST_SPAN_MS, serverNow()))
  const [selection, setSelection] = useState<Selection>({ from: null, to: null })
  const [zooms, setZooms] = useState<ReadonlyMap<string, Zoom>>(new Map())
  const [panel, setPanel] = useState<PanelTab | null>(null)
  const [sound, setSound] = useState(false)
  const [picking, setPicking] = useState(false)
  const [going, setGoing] = useState<number | null>(null)
  const [bookmark, setBookmark] = useState<BookmarkDraft | null>(null)
  const [clip, setClip] = useState<IntervalDraft | null>(null)
  const [lock, setLock] = useState<IntervalDraft | null>(null)
  const may = { bookmark: useMay('bookmark.write'), clip: useMay('clip.create'), lock: useMay('lock.create') }
  const rows = useRef<readonly TimelineRow[]>([])
  const onRows = useCallback((next: readonly TimelineRow[]) => {
    rows.current = next
    room.tellGaps(new Map(next.map(r => [r.deviceId, r.gaps.map(g => ({ from: g.from, to: g.open ? null : g.to, cause: g.cause }))])))
  }, [room])

  useEffect(() => room.setSound(sound ? selected : null), [room, sound, selected])
  const shownView = useRef(view)
  useEffect(() => { shownView.current = view })
  useEffect(() => {
    const stop = room.start()
    room.setPlaying(true)
    const unpublish = publish(room, () => shownView.current)
    return () => { stop(); unpublish(); forgetStills() }
  }, [room])
  // A link opened while the page is there already: another moment, not another page.
  const lastAt = useRef(search.at)
  useEffect(() => { if (search.at !== undefined && search.at !== lastAt.current) { room.seek(search.at); setView(v => following(v, search.at!, true, serverNow())) } lastAt.current = search.at }, [search.at, room])
  useEffect(() => { if (cameraIds.length > 0) try { localStorage.setItem(LAST, cameraIds.join(',')) } catch { /* Private browsing: then it is not remembered. */ } }, [cameraIds])
  // The view turns its page with the playhead, unless the person looks elsewhere.
  const seen = useRef(true)
  useEffect(() => {
    if (status.playing && seen.current) setView(v => following(v, status.atMs, status.rate > 0, serverNow()))
  }, [status.atMs, status.playing, status.rate])
  useEffect(() => { seen.current = status.atMs >= view.from && status.atMs <= view.to }, [view, status.atMs])

  // What rushes towards the present has nothing to rush to any more.
  useEffect(() => { if (status.holding && status.rate > 1 && serverNow() - status.atMs < NEARLY_LIVE_MS) room.setRate(1) }, [status.holding, status.rate, status.atMs, room])
  // The address of a page that stands is that of its picture: it can be kept, sent, loaded again.
  useEffect(() => {
    if (status.playing || cameraIds.length === 0) return
    const timer = setTimeout(() => {
      lastAt.current = Math.round(status.atMs)
      void navigate({ search: { cameras: cameraIds.join(','), at: lastAt.current, from: search.from }, replace: true })
    }, SETTLED_MS)
    return () => clearTimeout(timer)
  }, [status.playing, status.atMs, cameraIds, search.from, navigate])

  const setCameras = (ids: readonly string[]) => {
    const at = Math.round(room.now())
    lastAt.current = at
    void navigate({ search: { cameras: ids.join(','), at, from: search.from }, replace: true })
  }
  const add = (id: string) => {
    setPicking(false)
    if (!cameraIds.includes(id) && cameraIds.length >= MOST_CAMERAS) { told(t('playback.full')); return }
    setChosen(id)
    if (!cameraIds.includes(id)) setCameras([...cameraIds, id])
  }
  const remove = (id: string) => setCameras(cameraIds.filter(c => c !== id))
  const seek = (at: number) => {
    const to = Math.min(at, serverNow())
    room.seek(to)
    setView(v => following(v, to, room.status().rate > 0, serverNow()))
  }
  const onZoom = useCallback((id: string, change: (zoom: Zoom) => Zoom) => setZooms(all => new Map(all).set(id, change(all.get(id) ?? wholePicture))), [])

  const jumpTo = async (direction: 1 | -1, to: JumpTo) => {
    const at = room.now()
    const near = jump(rows.current, at, direction, to)
    if (near !== null) { seek(near); return }
    try {
      for (const span of SEARCH_SPANS_MS) {
        const far = jump(await rowsBeyond(askIds, at, direction, span), at, direction, to)
        if (far !== null) { seek(far); return }
      }
      told(t('playback.noJump'))
    } catch (error) { failed(error) }
  }
  /** The last recorded moment at or before `at`, by what the timeline knows of the chosen camera. */
  const beforeGap = (at: number) => {
    const gap = rows.current.find(r => r.deviceId === selected)?.gaps.find(g => g.from <= at && at < g.to)
    return gap ? gap.from - 1 : at
  }
  const interval = (): IntervalDraft | null => {
    if (!selected) return null
    const at = Math.round(room.now())
    const from = selection.from ?? (selection.to ?? at) - DEFAULT_CLIP_MS
    const to = selection.to ?? Math.max(from + 1000, selection.from !== null && at > selection.from ? at : from + DEFAULT_CLIP_MS)
    return { deviceIds: cameraIds, deviceId: selected, from: Math.round(from), to: Math.round(Math.min(to, serverNow())) }
  }
  const mark = (end: 'in' | 'out') => {
    const at = Math.round(room.now())
    setSelection(s => end === 'in' ? { from: at, to: s.to !== null && s.to > at ? s.to : null } : { to: at, from: s.from !== null && s.from < at ? s.from : null })
  }
  const back = () => {
    if (alone) setAlone(false)
    else if (selection.from !== null || selection.to !== null) setSelection({ from: null, to: null })
    else if (panel) setPanel(null)
    else if (search.from === 'wall') {
      if (router.history.canGoBack()) router.history.back()
      else void navigate({ to: '/' })
    } else return false
    return true
  }
  const togglePlaying = () => {
    if (!status.playing && status.rate < 0) room.setRate(1)
    room.setPlaying(!status.playing)
  }
  const moveCamera = (by: number) => {
    const at = cameraIds.indexOf(selected ?? '')
    const next = cameraIds[(at + by + cameraIds.length) % Math.max(1, cameraIds.length)]
    if (next) setChosen(next)
  }

  /** False when there is nothing to do here for it, so that the key may mean something elsewhere. */
  const act = (action: Action): boolean => {
    const now = serverNow()
    switch (action.do) {
      case 'toggle': togglePlaying(); break
      case 'pause': room.setPlaying(false); break
      case 'shuttle':
        if (status.limited && action.direction < 0) { told(t('playback.limited')); break }
        room.setRate(shuttled(status.rate, status.playing, action.direction))
        room.setPlaying(true)
        break
      case 'frame': if (selected) room.step(selected, action.direction, beforeGap); break
      case 'seconds': seek(room.now() + action.by * 1000); break
      case 'speed': room.setRate(nextRate(status.rate, action.by)); break
      case 'rate': room.setRate(action.rate); room.setPlaying(true); break
      case 'zoom': setView(v => zoomed(v, Math.min(Math.max(room.now(), v.from), v.to), action.factor, now)); break
      case 'span': setView(v => action.ms > 2 * DAY_MS || spanOf(v) === action.ms ? within({ from: room.now() - action.ms / 2, to: room.now() + action.ms / 2 }, now) : around(room.now(), action.ms, now)); break
      case 'jump': void jumpTo(action.direction, 'mark'); break
      case 'gap': void jumpTo(action.direction, 'gap'); break
      case 'camera': moveCamera(action.by); break
      case 'bookmark': if (selected && may.bookmark) { room.setPlaying(false); setBookmark({ deviceId: selected, at: room.now() }) } break
      case 'mark': mark(action.end); break
      case 'clearMarks': setSelection({ from: null, to: null }); break
      case 'clip': if (may.clip) setClip(interval()); break
      case 'lock': if (may.lock) setLock(interval()); break
      case 'go': setGoing(room.now()); break
      case 'enlarge': if (cameraIds.length > 1) setAlone(!alone); break
      case 'digital': if (selected) onZoom(selected, z => enlarged(z, 0.5, 0.5, action.factor)); break
      case 'pan': if (selected) onZoom(selected, z => moved(z, -action.dx * 0.15, -action.dy * 0.15)); break
      case 'add': setPicking(true); break
      case 'sound': setSound(!sound); break
      case 'panel': setPanel(panel ? null : 'bookmarks'); break
      case 'seek': if (action.cameraId && !cameraIds.includes(action.cameraId)) add(action.cameraId); else if (action.cameraId) setChosen(action.cameraId); seek(action.at); break
      case 'back': return back()
    }
    return true
  }
  const edit = (b: Bookmark) => setBookmark(b)
  return {
    room, status, sound, cameraIds, askIds, selected, alone: alone || narrow, narrow, view, setView, selection, setSelection, zooms, onZoom, panel, setPanel, picking, setPicking, going, setGoing, bookmark, setBookmark, clip, setClip, lock, setLock,
    may, onRows, add, remove, select: setChosen, act, edit, seek, enlarge: (id: string) => { setChosen(id); setAlone(a => !a && cameraIds.length > 1) }
  }
}
