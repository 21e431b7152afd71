/** How far apart the cameras of one screen are: the difference in how late each showed its last picture. Pure. */
export interface Skew {
  last: ReadonlyMap<string, { lateMs: number, at: number }>
  runningSince: number | null
  /** Now; null with fewer than two cameras running. */
  nowMs: number | null
  /** The most of this run so far. */
  maxMs: number | null
}
export const noSkew: Skew = { last: new Map(), runningSince: null, nowMs: null, maxMs: null }
/** A camera that showed nothing for so long is in a gap, ms. */
const RECENT_MS = 1000
/** The first pictures after a start come as they are decoded, ms. */
const SETTLE_MS = 500

/** Told of each picture shown: how late it was, and whether the clock ran. */
export function measureSkew (skew: Skew, deviceId: string, lateMs: number, running: boolean, now: number): Skew {
  if (!running) return { ...noSkew, maxMs: skew.maxMs }
  const last = new Map([...skew.last].filter(([, seen]) => now - seen.at < RECENT_MS))
  last.set(deviceId, { lateMs, at: now })
  const late = [...last.values()].map(s => s.lateMs)
  const nowMs = late.length < 2 ? null : Math.max(...late) - Math.min(...late)
  const runningSince = skew.runningSince ?? now
  const before = skew.runningSince === null ? null : skew.maxMs
  return { last, runningSince, nowMs, maxMs: nowMs !== null && now - runningSince > SETTLE_MS ? Math.max(before ?? 0, nowMs) : before }
}
