/** The server's clock, out of questions and answers over a line that may be slow one way: pure. Times in ms. */

export interface ClockAnswer {
  /** This computer's wall clock when it asked and when it heard, ms. */
  askedAt: number
  heardAt: number
  serverTime: number
}
export interface ServerClock {
  /** Server's clock minus this computer's. */
  offsetMs: number
  /** How long the answer took by which it is known: it cannot be off by more than half of it. */
  tookMs: number
  heardAt: number
}
/** Two computers' clocks drift apart by less than this, ms in a second. */
const DRIFT = 1

/**
 * The quickest answer tells most. One that waited in a slow line would make every picture look younger than it is, so it
 * counts only when nothing better is known, or when it proves that a clock was set.
 */
export function heardClock (before: ServerClock | null, { askedAt, heardAt, serverTime }: ClockAnswer): ServerClock {
  const tookMs = Math.max(0, heardAt - askedAt)
  const now: ServerClock = { offsetMs: serverTime + tookMs / 2 - heardAt, tookMs, heardAt }
  if (!before) return now
  const drifted = Math.abs(heardAt - before.heardAt) / 1000 * DRIFT
  const possible = Math.abs(before.offsetMs - now.offsetMs) <= (tookMs + before.tookMs) / 2 + drifted
  return possible && tookMs / 2 > before.tookMs / 2 + drifted ? before : now
}
