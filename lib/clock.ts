/** Wall-clock time, ms since the epoch. Injected so that stories can jump. */
export interface Clock { now (): number }
export const systemClock: Clock = { now: () => Date.now() }
