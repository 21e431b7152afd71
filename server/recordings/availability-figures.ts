/** How much of a day was recorded of what was wanted. Pure. */
import { type Availability, type GapCause, plannedCauses } from '../contract/recording.js'
import type { CameraRecord } from './camera-record.js'

interface Span { from: number, to: number }
function lengthWithin (spans: readonly Span[], from: number, to: number) {
  // Spans of several kinds may overlap: counted once.
  let at = from
  let sum = 0
  for (const s of [...spans].sort((a, b) => a.from - b.from)) {
    const begin = Math.max(at, s.from)
    const end = Math.min(to, s.to)
    if (end <= begin) continue
    sum += end - begin
    at = end
  }
  return sum
}

export const percentOf = (recordedMs: number, wantedMs: number) => wantedMs === 0 ? null : Math.floor(recordedMs / wantedMs * 10_000) / 100

/** Wanted is the day up to now, from the camera's first footage on, less what was not to be recorded. */
export function figuresOf (o: CameraRecord & { from: number, to: number, now: number }): Pick<Availability, 'wantedMs' | 'recordedMs' | 'missing'> {
  const from = Math.max(o.from, o.firstAt ?? Number.POSITIVE_INFINITY)
  const to = Math.min(o.to, o.now)
  if (to <= from) return { wantedMs: 0, recordedMs: 0, missing: [] }
  const recordedMs = lengthWithin(o.coverage, from, to)
  const missing = new Map<GapCause, number>()
  for (const g of o.gaps) {
    const ms = Math.max(0, Math.min(to, g.to) - Math.max(from, g.from))
    if (ms > 0) missing.set(g.cause, (missing.get(g.cause) ?? 0) + ms)
  }
  const faultMs = [...missing].reduce((sum, [cause, ms]) => sum + (plannedCauses.includes(cause) ? 0 : ms), 0)
  // What no gap accounts for and no footage covers is the space between two pictures: it counts as recorded.
  return { wantedMs: recordedMs + faultMs, recordedMs, missing: [...missing].map(([cause, ms]) => ({ cause, ms })).sort((a, b) => b.ms - a.ms) }
}
