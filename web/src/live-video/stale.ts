/** An old picture must never pass for a live one: how old the newest picture is, and what that means. Pure. */
import type { FailureCode } from '../../../server/contract/health.js'

/** A picture of a stream with all its frames counts as frozen from this age on, ms. */
const STALE_MS = 2000
/** With key frames alone, a picture may be one key-frame interval older, but never older than this, ms. */
const STALE_KEYFRAMES_MAX_MS = 6000

export interface Clock {
  /** Server's clock minus this computer's, ms. */
  serverOffsetMs: number
  /** Agent's clock minus the server's, ms. */
  agentOffsetMs: number
}
export interface Newest {
  /** Agent's wall clock when the frame's first byte arrived, ms. */
  atMs: number
  /** This computer's monotonic clock when it was drawn, ms. */
  drawnAt: number
}

/**
 * Age of the picture on the glass. Two measures, the worse counts: the agent's clock (a stream that is late all the way)
 * and the time since something was drawn (which no wrong clock can shorten).
 */
export function pictureAgeMs (newest: Newest, clock: Clock | null, wallNow: number, monotonicNow: number) {
  const since = Math.max(0, monotonicNow - newest.drawnAt)
  if (!clock) return since
  const taken = newest.atMs - clock.agentOffsetMs
  return Math.max(since, wallNow + clock.serverOffsetMs - taken)
}

export const staleLimitMs = (mode: 'all' | 'keyframes', keyIntervalMs: number | null) =>
  mode === 'all' ? STALE_MS : Math.min(STALE_KEYFRAMES_MAX_MS, Math.max(STALE_MS, (keyIntervalMs ?? 1000) * 1.25 + 1000))

export type Problem =
  | { kind: 'agent_away' | 'disabled' | 'removed' | 'not_permitted' | 'signed_out' | 'too_slow' | 'unsupported' | 'network' }
  | { kind: 'stream', code: FailureCode | null, detail: string }

export type PictureState =
  | { show: 'live', ageMs: number }
  /** Pictures came, and stopped: the last one stays, greyed and hatched, with its age. */
  | { show: 'stale', ageMs: number, problem: Problem | null }
  /** No picture yet. */
  | { show: 'connecting' }
  | { show: 'blank', problem: Problem, ageMs: number | null }

/** Problems after which not even the last picture may stay on the glass. */
const hidesPicture = new Set<Problem['kind']>(['disabled', 'removed', 'not_permitted', 'signed_out', 'unsupported'])

export interface PictureFacts { newest: Newest | null, clock: Clock | null, mode: 'all' | 'keyframes', keyIntervalMs: number | null, problem: Problem | null, wallNow: number, monotonicNow: number }
export function pictureState (f: PictureFacts): PictureState {
  const ageMs = f.newest && pictureAgeMs(f.newest, f.clock, f.wallNow, f.monotonicNow)
  if (f.problem && hidesPicture.has(f.problem.kind)) return { show: 'blank', problem: f.problem, ageMs: null }
  if (ageMs === null) return f.problem ? { show: 'blank', problem: f.problem, ageMs: null } : { show: 'connecting' }
  if (ageMs > staleLimitMs(f.mode, f.keyIntervalMs)) return { show: 'stale', ageMs, problem: f.problem }
  return { show: 'live', ageMs: Math.max(0, ageMs) }
}
