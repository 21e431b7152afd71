/** The one clock that all cameras of the screen follow: recorded time against the browser's monotonic time. Pure. */
export interface MediaClock {
  /** The moment of the recording at `anchoredAt`, ms. */
  mediaMs: number
  /** performance.now(), ms. */
  anchoredAt: number
  /** Recorded ms a ms; negative runs back. */
  rate: number
  running: boolean
}
export const mediaAt = (c: MediaClock, now: number) => c.running ? c.mediaMs + (now - c.anchoredAt) * c.rate : c.mediaMs
/** The clock from now on with something changed; it goes on from where it was. */
export const steered = (c: MediaClock, now: number, change: Partial<Pick<MediaClock, 'mediaMs' | 'rate' | 'running'>>): MediaClock => ({ ...c, mediaMs: mediaAt(c, now), anchoredAt: now, ...change })

export const RATES = [0.25, 0.5, 1, 2, 4, 8, 16] as const
/** Above this only key frames are fetched and shown. */
const ALL_FRAMES_UP_TO = 4
export interface Way { mode: 'all' | 'keyframes', direction: 'forward' | 'backward' }
export const wayOf = (rate: number): Way => rate < 0 ? { mode: 'keyframes', direction: 'backward' } : { mode: rate > ALL_FRAMES_UP_TO ? 'keyframes' : 'all', direction: 'forward' }
export const sameWay = (a: Way, b: Way) => a.mode === b.mode && a.direction === b.direction

/** The next speed up or down, keeping the direction. */
export function nextRate (rate: number, by: 1 | -1): number {
  const at = RATES.indexOf(Math.abs(rate) as (typeof RATES)[number])
  const next = RATES[Math.min(RATES.length - 1, Math.max(0, (at < 0 ? 2 : at) + by))]!
  return rate < 0 ? -next : next
}
/** J and L: the first press turns to that direction at 1x, each further one doubles. */
export function shuttled (rate: number, playing: boolean, direction: 1 | -1): number {
  if (!playing || Math.sign(rate) !== direction || Math.abs(rate) < 1) return direction
  return direction * Math.min(16, Math.abs(rate) * 2)
}

/** Recorded time ahead of the clock that is fetched: two seconds of watching, and at least a key-frame interval. */
const AHEAD_MS = 2000
export const aheadUntil = (mediaMs: number, rate: number) => Math.max(0, Math.round(mediaMs + (rate < 0 ? Math.min(rate, -1) : Math.max(rate, 1)) * AHEAD_MS))
