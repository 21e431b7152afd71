/** One continuous move, from the first touch of the stick until it is let go: kept going while it is repeated, told to the audit as one. Pure. */
import { PTZ_SERVER_HOLD_MS, type PtzPosition, type PtzVelocity } from '../../contract/ptz.js'

export interface Press {
  number: number
  startedAt: number
  heardAt: number
  velocity: PtzVelocity
  from: PtzPosition | null
  /** Since the start, ms, and how fast from then on: right, up, in. */
  path: [ms: number, pan: number, tilt: number, zoom: number][]
  /** Changes of speed that no longer had room. */
  skipped: number
}

/** A stick sends many speeds; those that differ by less are one. */
const STEP = 0.05
const LONGEST_PATH = 60
const coarse = (value: number) => Math.round(value / STEP) * STEP
const round = (value: number) => Math.round(value * 100) / 100
const entry = (ms: number, { pan, tilt, zoom }: PtzVelocity): Press['path'][number] => [ms, round(coarse(pan)), round(coarse(tilt)), round(coarse(zoom))]

export const newPress = (number: number, velocity: PtzVelocity, from: PtzPosition | null, now: number): Press =>
  ({ number, startedAt: now, heardAt: now, velocity, from, path: [entry(0, velocity)], skipped: 0 })

export function repeat (press: Press, velocity: PtzVelocity, now: number): Press {
  const next = entry(now - press.startedAt, velocity)
  const last = entry(0, press.velocity)
  const changed = next.some((value, i) => i > 0 && value !== last[i])
  const fits = press.path.length < LONGEST_PATH
  return { ...press, heardAt: now, velocity, path: changed && fits ? [...press.path, next] : press.path, skipped: press.skipped + (changed && !fits ? 1 : 0) }
}

export const isOver = (press: Press, now: number) => now - press.heardAt >= PTZ_SERVER_HOLD_MS
