/**
 * What one viewer is sent, as a pure rule: everything while it keeps up, key frames when it does not, nothing while even
 * those wait, and the door when it is hopeless. No other viewer and no agent ever waits for it.
 */
import type { LiveMode } from '../contract/media.js'

export const pacing = {
  slowBytes: 256 * 1024,
  /** Bytes alone are not slowness: a large key frame passes in a moment. */
  slowBytesForMs: 200,
  slowMs: 1000,
  /** The same for what the browser has not confirmed: until then a slow line fills, and a picture in line is a picture late. */
  unheardMs: 1000,
  hopelessBytes: 4 * 2 ** 20,
  hopelessMs: 10_000,
  /** Above this, something is still on its way: no moment for more, ms. */
  onItsWayMs: 350,
  /** Drained for this long before everything is sent again; doubled when it was too early. */
  recoverMs: 3000,
  maxRecoverMs: 48_000,
  relapseMs: 15_000
} as const

export interface PaceState {
  asked: 'all' | 'keyframes'
  slow: boolean
  /** After a pause a decoder can start only at a key frame. */
  waitKey: boolean
  drainedSince: number | null
  recoverMs: number
  recoveredAt: number | null
}
export const freshPace: PaceState = { asked: 'all', slow: false, waitKey: true, drainedSince: null, recoverMs: pacing.recoverMs, recoveredAt: null }

export interface Fragment { key: boolean, audio: boolean }
export interface Backlog {
  /** Of the viewer's socket: bytes not yet taken by the kernel, and for how long the oldest of them waits, ms. */
  bytes: number
  oldestMs: number
  /** For how long the oldest message waits that the browser has not confirmed, beyond the line's own length, ms: on a slow line the kernel and the line hold megabytes. */
  unheardMs: number
}
export interface Verdict { state: PaceState, send: boolean, mode: Omit<LiveMode, 'type'> | null, close: boolean }

const overloaded = (b: Backlog) => b.oldestMs >= pacing.slowMs || b.unheardMs >= pacing.unheardMs || (b.bytes > pacing.slowBytes && b.oldestMs >= pacing.slowBytesForMs)

export function judgeFragment (before: PaceState, fragment: Fragment, backlog: Backlog, nowMs: number): Verdict {
  if (backlog.bytes > pacing.hopelessBytes || Math.max(backlog.oldestMs, backlog.unheardMs) >= pacing.hopelessMs) return { state: before, send: false, mode: null, close: true }
  const { state, mode } = changeOfPace(before, backlog, nowMs)
  if (state.slow || state.asked === 'keyframes') {
    const send = fragment.key && !fragment.audio && !overloaded(backlog) && backlog.unheardMs < pacing.onItsWayMs
    return { state, send, mode, close: false }
  }
  if (state.waitKey && (fragment.audio || !fragment.key)) return { state, send: false, mode, close: false }
  return { state: state.waitKey ? { ...state, waitKey: false } : state, send: true, mode, close: false }
}

function changeOfPace (s: PaceState, backlog: Backlog, nowMs: number): Pick<Verdict, 'state' | 'mode'> {
  const told = (mode: Omit<LiveMode, 'type'>) => s.asked === 'all' ? mode : null
  if (!s.slow) {
    if (!overloaded(backlog)) return { state: s, mode: null }
    const relapse = s.recoveredAt !== null && nowMs - s.recoveredAt < pacing.relapseMs
    const recoverMs = relapse ? Math.min(pacing.maxRecoverMs, s.recoverMs * 2) : pacing.recoverMs
    return { state: { ...s, slow: true, waitKey: true, drainedSince: null, recoverMs }, mode: told({ mode: 'keyframes', reason: 'slow_viewer' }) }
  }
  if (backlog.bytes > 0 || backlog.unheardMs >= pacing.onItsWayMs) return { state: s.drainedSince === null ? s : { ...s, drainedSince: null }, mode: null }
  const drainedSince = s.drainedSince ?? nowMs
  if (nowMs - drainedSince < s.recoverMs) return { state: { ...s, drainedSince }, mode: null }
  return { state: { ...s, slow: false, waitKey: true, drainedSince: null, recoveredAt: nowMs }, mode: told({ mode: 'all', reason: 'recovered' }) }
}

/** The viewer asks for less or for everything again. */
export const askPace = (s: PaceState, asked: PaceState['asked']): PaceState => s.asked === asked ? s : { ...s, asked, waitKey: true }
