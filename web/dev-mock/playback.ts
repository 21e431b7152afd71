/** Recordings that never were: a timeline with gaps, and a socket that plays a clip as if it had been recorded. */
import type { WebSocket } from 'ws'
import type { FootageNote, PlaybackRequest } from '../../server/contract/footage.js'
import { MediaFlag, MediaKind, writeMediaHeader } from '../../server/contract/media.js'
import type { Bookmark, Clip as ClipRow, GapCause, Timeline, TimelineRow } from '../../server/contract/recording.js'
import { type Clip, repeated } from './clips.js'
import { uuid } from './town.js'

const MIN = 60_000
const HOUR = 60 * MIN
/** Gaps of a camera, by its number, before `now`: [begin, length, cause], ms. */
const gapsOf = (n: number): Array<[number, number, GapCause, string]> => [
  [37 * MIN, 90_000, 'link_down', 'SW-03, порт Gi1/0/7'], [3 * HOUR + n * MIN, 4000, 'frames_lost', ''], [9 * HOUR, 25 * MIN, 'camera_unreachable', ''], [15 * HOUR, 2 * HOUR, 'not_scheduled', ''],
  ...(n % 2 ? [[4 * MIN, 40_000, 'agent_down', ''], [50 * HOUR, 3 * HOUR, 'disk_full', '']] as Array<[number, number, GapCause, string]> : [])
]
const started = Date.now()
const gapsAt = (n: number) => gapsOf(n).map(([before, length, cause, detail], i) => ({ id: uuid(20, n * 10 + i), from: started - before, to: started - before + length, cause, detail, open: false }))
export const bookmarks: Bookmark[] = [{ id: uuid(21, 1), deviceId: uuid(1, 1), deviceName: '01', at: started - 12 * MIN, note: 'Біле авто без номерів', authorId: uuid(5, 1), authorName: 'Олена Коваль', createdAt: started }]
export const clips: ClipRow[] = []

function rowOf (deviceId: string, n: number, from: number, to: number, now: number): TimelineRow {
  const gaps = gapsAt(n).sort((a, b) => a.from - b.from)
  const coverage: TimelineRow['coverage'] = []
  let at = started - 20 * 24 * HOUR
  for (const g of [...gaps, { from: now, to: now }]) {
    if (g.from > at) coverage.push({ from: at, to: g.from, kind: g.from === now ? 'recording' : at < started - 60 * HOUR ? 'archived' : n === 2 && g.from > started - 40 * MIN ? 'refilled' : 'recorded' })
    at = g.to
  }
  const all: TimelineRow = {
    deviceId, coverage, gaps,
    locks: n === 1 ? [{ id: uuid(22, 1), from: started - 40 * MIN, to: started - 25 * MIN, reason: 'ЄРДР 12026110000123' }] : [],
    bookmarks: bookmarks.filter(b => b.deviceId === deviceId).map(b => ({ id: b.id, at: b.at, note: b.note })),
    events: Array.from({ length: 40 }, (_, i) => ({ from: started - i * (7 + n) * MIN, to: started - i * (7 + n) * MIN + 20_000, type: i % 5 === 0 ? 'line_crossed' : 'motion', count: 1, id: null })),
    alarms: [{ id: uuid(4, n), from: started - 37 * MIN, to: started - 35 * MIN, condition: 'stream_down', severity: 'major' }]
  }
  const inside = <T extends { from: number, to?: number | null }>(list: T[]) => list.filter(x => (x.to ?? x.from) >= from && x.from <= to)
  return { ...all, coverage: inside(all.coverage), gaps: inside(all.gaps), events: inside(all.events) }
}
export const timelineOf = (ids: string[], from: number, to: number): Timeline => ({ from, to, serverTime: Date.now(), rows: ids.map(id => rowOf(id, Number(id.slice(-3)), from, to, Date.now())) })

/** Plays the clip round and round; the wall clock of a frame follows from the camera's recording. */
export function playback (ws: WebSocket, clip: Clip, n: number) {
  const video = clip.fragments.filter(f => !f.audio)
  let timer: ReturnType<typeof setInterval> | undefined
  let until = 0
  const note = (message: FootageNote) => ws.send(JSON.stringify(message))
  const send = (id: number, kind: number, key: boolean, atMs: number, bytes: Buffer) => {
    const message = Buffer.alloc(20 + bytes.length)
    writeMediaHeader(new DataView(message.buffer, message.byteOffset, 20), { stream: id, kind, flags: key ? MediaFlag.key : 0, atMs, number: 0 })
    bytes.copy(message, 20)
    if (ws.readyState === ws.OPEN) ws.send(message)
  }
  const play = ({ id, from, mode, direction, until: first }: Extract<PlaybackRequest, { type: 'play' }>) => {
    clearInterval(timer)
    until = first
    const gaps = gapsAt(n)
    const forward = direction === 'forward'
    const keys = mode === 'keyframes' || !forward
    const step = keys ? 1000 : 40
    const inGap = (at: number) => gaps.find(g => at >= g.from && at < g.to)
    let at = Math.floor(from / 1000) * 1000
    let number = 0
    note({ type: 'stream', id, videoCodec: clip.codec, audioCodec: null, width: 640, height: 360, transcoded: n === 10, masked: false })
    send(id, MediaKind.init, false, 0, clip.init)
    timer = setInterval(() => {
      for (let sent = 0; sent < 200; sent++) {
        const gap = inGap(at)
        if (gap) {
          note({ type: 'gap', id, from: gap.from, to: gap.to, cause: gap.cause })
          at = forward ? Math.ceil(gap.to / 1000) * 1000 : Math.floor((gap.from - 1) / 1000) * 1000
          continue
        }
        if (forward ? at > Math.min(until, Date.now() - 500) : at < until) return
        const f = video[Math.round(at / 40) % video.length]!
        if (!keys || f.key) send(id, MediaKind.fragment, f.key, at, repeated({ ...f, time: BigInt(number++ * 3600) }, clip, 0))
        at += forward ? step : -step
      }
    }, 5)
  }
  ws.on('message', data => {
    const request = JSON.parse(String(data)) as PlaybackRequest
    if (request.type === 'play') play(request)
    else if (request.type === 'window') until = request.until
    else if (request.type === 'stop') clearInterval(timer)
  })
  ws.on('close', () => clearInterval(timer))
}
