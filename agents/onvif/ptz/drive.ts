/** What a head that moves is told next: a pure function of what is wanted, what it was told and the time (monotonic, ms). */
import type { PtzVelocity } from '../../../server/contract/ptz.js'

export interface Drive {
  /** Until then, unless it is asked for again. */
  wanted: { velocity: PtzVelocity, until: number } | null
  /** The last move that the camera may have taken; null when it is known to stand. */
  told: { velocity: PtzVelocity, at: number } | null
  /** Somebody asked for a stop: it is sent whatever we think that the head does. */
  mustStop: boolean
  /** A move went out whose fate is unknown: it may yet reach the camera behind a stop. */
  doubtful: boolean
  /** Stops that the camera did not take. */
  failedStops: number
  triedAt: number
}
export type Step = { do: 'move', velocity: PtzVelocity } | { do: 'stop' } | { do: 'wait', ms: number | null }

/** A move is told again before the camera's own time-out ends it. */
export const REPEAT_MS = 900
const stopRetryMs = [0, 200, 400, 800, 1600, 3000] as const
/** After these the camera's own time-out has long ended the move. */
export const MOST_STOPS = stopRetryMs.length

export const standing: Drive = { wanted: null, told: null, mustStop: false, doubtful: false, failedStops: 0, triedAt: 0 }
const isStill = ({ pan, tilt, zoom }: PtzVelocity) => pan === 0 && tilt === 0 && zoom === 0
const same = (a: PtzVelocity, b: PtzVelocity) => a.pan === b.pan && a.tilt === b.tilt && a.zoom === b.zoom

export function nextStep ({ wanted, told, mustStop, failedStops, triedAt }: Drive, now: number): Step {
  if (wanted && now < wanted.until && !isStill(wanted.velocity)) {
    if (!told || !same(told.velocity, wanted.velocity) || now - told.at >= REPEAT_MS) return { do: 'move', velocity: wanted.velocity }
    return { do: 'wait', ms: Math.min(wanted.until, told.at + REPEAT_MS) - now }
  }
  if (!told && !mustStop) return { do: 'wait', ms: null }
  const due = triedAt + (failedStops === 0 ? 0 : stopRetryMs[failedStops] ?? 0)
  return now >= due ? { do: 'stop' } : { do: 'wait', ms: due - now }
}

export const want = (drive: Drive, velocity: PtzVelocity, until: number): Drive => ({ ...drive, wanted: { velocity, until }, mustStop: false, failedStops: 0 })
export const halt = (drive: Drive): Drive => ({ ...drive, wanted: null, mustStop: true, failedStops: 0 })
/** Whether the camera took it or not: a request that failed may still have reached it. */
export const moveTold = (drive: Drive, velocity: PtzVelocity, taken: boolean, now: number): Drive => ({ ...drive, told: { velocity, at: now }, doubtful: !taken })
export function stopTold (drive: Drive, taken: boolean, now: number): Drive {
  // Once more behind whatever may still be on its way.
  if (taken && drive.doubtful) return { ...drive, wanted: null, doubtful: false, failedStops: 1, triedAt: now }
  if (taken || drive.failedStops + 1 >= MOST_STOPS) return { ...drive, wanted: null, told: null, mustStop: false, failedStops: 0 }
  return { ...drive, wanted: null, failedStops: drive.failedStops + 1, triedAt: now }
}
