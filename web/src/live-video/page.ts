/** All players of this page: the governor that shares its decoding power, and the counters that measurements read. */
import { govern, type Mode, startGovernor, type TileLoad } from './governor.js'
import type { Presented } from './sink.js'

interface TileCounters {
  frames: number
  dropped: number
  mode: Mode
  decoder: string | null
  /** How far the sound is behind the picture, ms; null in silence. */
  soundBehindMs: number | null
}
interface Enrolled {
  deviceId: string
  profile: string
  focused: boolean
  askMode: (mode: Mode) => void
  /** `lineLateMs`: how late the newest frame came out of the line, ms. */
  load: () => Omit<TileLoad, 'id' | 'focused'> & { lineLateMs: number }
  counters: () => TileCounters
}
interface PresentedReport { deviceId: string, atMs: number, mediaTime: number, presentedAtMs: number, sei?: number }
interface LiveReport extends TileCounters { deviceId: string, profile: string, lastAtMs: number | null, presentedAt: number | null }

declare global {
  interface Window {
    /** What the page plays right now; read by benchmarks, and by people in the console. */
    __kalanchaLive?: { tiles: () => LiveReport[], onPresented?: (report: PresentedReport) => void }
    /** When set, the sender's timestamp is looked for in each frame. */
    __kalanchaBench?: boolean
  }
}

const EVERY_MS = 250
const CALM_LOOP_MS = 60
const players = new Map<string, Enrolled & { last: Presented | null }>()
let next = 1
let timer: ReturnType<typeof setInterval> | undefined
let state = startGovernor(0)
let expectedAt = 0

const monotonicToWall = (at: number) => performance.timeOrigin + at

/** A calm page takes frames from the line at once: what is late then is the line's fault, which the server sees and mends. */
function ownLoad ({ lineLateMs, ...load }: ReturnType<Enrolled['load']>, loopLagMs: number) {
  return loopLagMs > CALM_LOOP_MS || load.drawnAgeMs === null ? load : { ...load, drawnAgeMs: load.drawnAgeMs - lineLateMs }
}

function step () {
  const now = performance.now()
  const loopLagMs = Math.max(0, now - expectedAt)
  expectedAt = now + EVERY_MS
  // A hidden page's timers are throttled: that is not overload.
  if (document.hidden) { state = startGovernor(now); return }
  state = govern(state, [...players].map(([id, p]) => ({ id, focused: p.focused, ...ownLoad(p.load(), loopLagMs) })), loopLagMs, now)
  for (const [id, p] of players) p.askMode(state.keyframes.has(id) ? 'keyframes' : 'all')
}

export function enrol (player: Enrolled) {
  const id = String(next++).padStart(8, '0')
  const entry = { ...player, last: null as Presented | null }
  players.set(id, entry)
  if (!timer) {
    expectedAt = performance.now() + EVERY_MS
    state = startGovernor(performance.now())
    timer = setInterval(step, EVERY_MS)
  }
  // A tile that the page cannot afford yet must not start in full until the next step says so.
  if (!player.focused && players.size - state.keyframes.size > state.allowance) {
    state = { ...state, keyframes: new Set([...state.keyframes, id]) }
    queueMicrotask(() => { if (players.has(id)) player.askMode('keyframes') })
  }
  window.__kalanchaLive ??= { tiles: reports }
  return {
    presented (p: Presented) {
      entry.last = p
      const hook = window.__kalanchaLive?.onPresented
      if (hook) hook({ deviceId: player.deviceId, atMs: p.atMs, mediaTime: p.mediaTimeS, presentedAtMs: monotonicToWall(p.drawnAt), ...(p.seiMs === null ? {} : { sei: p.seiMs }) })
    },
    leave () {
      players.delete(id)
      if (players.size === 0) { clearInterval(timer); timer = undefined }
    }
  }
}

function reports (): LiveReport[] {
  return [...players.values()].map(p => ({
    deviceId: p.deviceId, profile: p.profile, ...p.counters(), lastAtMs: p.last?.atMs ?? null, presentedAt: p.last ? monotonicToWall(p.last.drawnAt) : null
  }))
}
