import { setTimeout as wait } from 'node:timers/promises'

/** Lets at most `perS` probes begin a second, evenly. Rejects once the signal is aborted. */
export function createPace (perS: number, signal: AbortSignal) {
  const gapMs = 1000 / perS
  let nextAt = performance.now()
  return async () => {
    signal.throwIfAborted()
    const now = performance.now()
    // Credit for one timer's coarseness, no more: a pause is not made up by a burst.
    nextAt = Math.max(nextAt, now - 20) + gapMs
    const waitMs = nextAt - gapMs - now
    if (waitMs > 1) await wait(waitMs, undefined, { signal })
  }
}
