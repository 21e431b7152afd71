/** What is fetched from a camera's card, what is left of an absence then, and when it is tried again. Pure. */
import type { Gap, GapCause, GapRefill, RecordingPolicy, RefillReason } from '../../../server/contract/recording.js'

export interface Stretch { from: number, to: number }

/** The camera went on by itself, or may have. What was not wanted is not fetched either. */
const refillable: ReadonlySet<GapCause> = new Set(['camera_unreachable', 'link_down', 'stream_failed', 'frames_lost', 'agent_down', 'recorder_failed', 'disk_full', 'disk_failed', 'disk_slow', 'volume_missing', 'unknown'])
/** Shorter is the space between two key frames. */
const SHORTEST_MS = 2000
/** Less than this is no absence, as for the recorder itself. */
const SMALLEST_REST_MS = 1000
/** A camera that is just back has enough to do. */
const BACK_MS = 8000
/** Nobody asked: the card of a camera holds a day or a few. */
export const AUTOMATIC_MS = 24 * 3_600_000
const DAY_MS = 86_400_000

export interface Situation {
  now: number
  /** Null: the camera is not recorded any more. */
  policy: RecordingPolicy | null
  /** Pictures are being recorded now. */
  playing: boolean
  onvif: boolean
}

/** Why it cannot be fetched at all; null when it can. */
export function refusal (gap: Pick<Gap, 'from' | 'to' | 'cause'>, { now, policy, onvif }: Pick<Situation, 'now' | 'policy' | 'onvif'>): 'gap_open' | 'nothing_missing' | 'not_recorded' | 'no_onvif' | 'too_old' | null {
  if (gap.to === null) return 'gap_open'
  if (!refillable.has(gap.cause) || gap.to - gap.from < SMALLEST_REST_MS) return 'nothing_missing'
  if (!policy || policy.mode === 'off') return 'not_recorded'
  if (!onvif) return 'no_onvif'
  // It would be deleted at once.
  if (policy.keepDays !== null && gap.to < now - policy.keepDays * DAY_MS) return 'too_old'
  return null
}

/** Is this gap to be fetched now? */
export function isDue (gap: Gap, s: Situation): boolean {
  if (gap.to === null || refusal(gap, s) !== null || !s.playing || s.now - gap.to < BACK_MS) return false
  const { refill } = gap
  if (refill) return refill.status === 'waiting' && s.now >= (refill.nextAt ?? 0) && (refill.asked || s.policy!.refill !== false)
  return s.policy!.refill !== false && gap.to - gap.from >= SHORTEST_MS && s.now - gap.to < AUTOMATIC_MS
}

/** The parts of an interval that nothing covers. */
export function without (whole: Stretch, covered: readonly Stretch[]): Stretch[] {
  const parts: Stretch[] = []
  let at = whole.from
  for (const c of [...covered].sort((a, b) => a.from - b.from)) {
    if (c.to <= at || c.from >= whole.to) continue
    if (c.from > at) parts.push({ from: at, to: c.from })
    at = Math.max(at, c.to)
  }
  if (at < whole.to) parts.push({ from: at, to: whole.to })
  return parts
}
/** What is still missing of a gap: too short rests are the space between two pictures. */
export const restsOf = (gap: Stretch, covered: readonly Stretch[]) => without(gap, covered).filter(p => p.to - p.from >= SMALLEST_REST_MS)

/** Both, a little widened at the edges, since a camera tells its times in whole seconds. */
const EDGE_MS = 2000
export function common (wanted: readonly Stretch[], there: readonly Stretch[]): Stretch[] {
  return wanted.flatMap(w => {
    const met = there.map(t => ({ from: Math.max(w.from, t.from - EDGE_MS), to: Math.min(w.to, t.to + EDGE_MS) })).filter(p => p.to - p.from >= SMALLEST_REST_MS)
    const joined: Stretch[] = []
    for (const part of met.sort((a, b) => a.from - b.from)) {
      const last = joined.at(-1)
      if (last && part.from <= last.to) last.to = Math.max(last.to, part.to)
      else joined.push({ ...part })
    }
    return joined
  })
}

const temporary: ReadonlySet<RefillReason> = new Set(['unreachable', 'authentication_failed', 'refused', 'camera_busy', 'broken', 'timed_out', 'no_room', 'failed'])
const AGAIN_MS = [60_000, 5 * 60_000, 30 * 60_000, 2 * 3_600_000]
/** Cameras lock accounts. */
const LOGIN_AGAIN_MS = 30 * 60_000

/** Ms until the next try after `tries` that failed; null: given up. */
export function againAfterMs (tries: number, reason: RefillReason): number | null {
  if (!temporary.has(reason)) return null
  if (reason === 'authentication_failed') return tries < 2 ? LOGIN_AGAIN_MS : null
  return AGAIN_MS[tries - 1] ?? null
}

/** Many cameras can play a file only once it is finished: what the card does not have a few minutes after is asked for once more. */
const LATE_MS = 15 * 60_000
const LATE_LEAST_MS = 10_000

/** Words that came from a camera, perhaps. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
const plain = (text: string) => text.replace(/[\u0000-\u001f\u007f]|\p{Surrogate}/gu, ' ').slice(0, 300)

/** What a gap says once a try is over. */
export function afterTry (gap: Stretch & { refill: GapRefill }, now: number, outcome: { reason: RefillReason, detail: string }): GapRefill {
  const { refill } = gap
  const tries = refill.tries + 1
  const told = { reason: outcome.reason, detail: plain(outcome.detail), at: now, tries }
  if (outcome.reason === 'card_empty' && tries === 1 && now - gap.to < LATE_MS && gap.to - gap.from >= LATE_LEAST_MS) return { ...refill, ...told, status: 'waiting', percent: 0, nextAt: now + LATE_MS }
  if (outcome.reason === 'card_empty' || outcome.reason === 'no_key_frame') return { ...refill, ...told, status: 'done', percent: 100, nextAt: null }
  const again = againAfterMs(tries, outcome.reason)
  return { ...refill, ...told, status: again === null ? 'failed' : 'waiting', percent: 0, nextAt: again === null ? null : now + again }
}

export const newRefill = (gap: Stretch, now: number, asked: boolean): GapRefill => ({ status: 'waiting', percent: 0, reason: null, detail: '', at: now, nextAt: now, tries: 0, from: gap.from, to: gap.to, asked })
