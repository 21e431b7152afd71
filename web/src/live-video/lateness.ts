/** Which frames are too late to be worth decoding: pure. Frames that waited in a busy page's queue come in one rush, all old. */

/** A delta frame older than this on arrival is not decoded, ms, unless the way itself is always that slow. */
const LATE_MS = 1000
/** How much worse than the best of the last seconds still counts as ordinary, ms. */
const SLACK_MS = 700
const WINDOW_MS = 10_000

export interface Lateness { best: ReadonlyArray<readonly [at: number, ageMs: number]> }
export const punctual: Lateness = { best: [] }

/**
 * `ageMs` is the frame's age on arrival by the corrected clocks, `now` monotonic. The best recent age is the measure, so that
 * a wrong clock or a long way never makes everything late, and the pictures in memory that a viewer starts with are taken.
 */
export function arrive (before: Lateness, ageMs: number, now: number): { lateness: Lateness, late: boolean } {
  // A falling list of minima: what is newer and better makes the older useless.
  const kept = before.best.filter(([at, age]) => now - at < WINDOW_MS && age < ageMs)
  const best: Lateness['best'] = [...kept, [now, ageMs]]
  return { lateness: { best }, late: ageMs > Math.max(LATE_MS, best[0]![1] + SLACK_MS) }
}

/** So much of the way is nobody's fault, ms; what is above it counts as lateness, lest an overload that lasts passes for a long way. */
const FORGIVEN_MS = 400
/** The part of a picture's age that this page cannot help: the quickest way of the last seconds. */
export const wayMs = ({ best }: Lateness) => Math.min(FORGIVEN_MS, Math.max(0, best[0]?.[1] ?? 0))
