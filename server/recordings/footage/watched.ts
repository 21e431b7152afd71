/** What somebody was really shown, as intervals: pure. */
export interface Interval { from: number, to: number }

/** Frames farther apart than this were not watched through, ms; key frames stand up to 4 s apart. */
const JOIN_MS = 5000
const MAX_INTERVALS = 50

/** Adds a shown moment; the intervals stay sorted, apart and few: when there are too many, the nearest two become one. */
export function addShown (shown: readonly Interval[], at: number): Interval[] {
  const near = (i: Interval) => at >= i.from - JOIN_MS && at <= i.to + JOIN_MS
  const last = shown.at(-1)
  // The usual case: a moment inside of, or right behind, what was shown last.
  if (last && at >= last.from && at <= last.to) return shown as Interval[]
  const joined = shown.filter(near).reduce<Interval>((all, i) => ({ from: Math.min(all.from, i.from), to: Math.max(all.to, i.to) }), { from: at, to: at })
  const intervals = [...shown.filter(i => !near(i)), joined].sort((a, b) => a.from - b.from)
  if (intervals.length <= MAX_INTERVALS) return intervals
  let best = 1
  for (let i = 2; i < intervals.length; i++) if (intervals[i]!.from - intervals[i - 1]!.to < intervals[best]!.from - intervals[best - 1]!.to) best = i
  return [...intervals.slice(0, best - 1), { from: intervals[best - 1]!.from, to: intervals[best]!.to }, ...intervals.slice(best + 1)]
}
