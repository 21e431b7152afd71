/** When a camera's events are asked for again: pure, so that it can be read. */
import type { CameraFailure } from '../failure.js'
import { nextLoginMs } from '../schedule.js'

const retryMs = [2000, 5000, 15_000, 30_000, 60_000, 120_000] as const
const slowestMs = 300_000
/** A camera without events is asked again rarely: its firmware may change. */
const unsupportedMs = 900_000
/** From the beginning of one pull to the next: after nothing at all, and after messages. */
const emptyFloorMs = 1000
const floorMs = 200
const renewBeforeMs = 60_000

export const isUnsupported = ({ code, facts }: CameraFailure) => code === 'not_permitted' || facts.soapFault === 'ActionNotSupported'

export function retryAfterMs (failure: CameraFailure, failures: number): number {
  if (isUnsupported(failure)) return unsupportedMs
  if (failure.code === 'authentication_failed') return nextLoginMs(failures)
  return retryMs[failures - 1] ?? slowestMs
}

export const pullPauseMs = (tookMs: number, messages: number) => Math.max(0, (messages === 0 ? emptyFloorMs : floorMs) - tookMs)

/** A minute before the end, or half-way where the camera grants less than two. */
export const renewAt = (madeAt: number, expiresAt: number) => Math.max(expiresAt - renewBeforeMs, madeAt + (expiresAt - madeAt) / 2)
