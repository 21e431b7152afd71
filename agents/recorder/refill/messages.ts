/** Between the agent and the process that fetches one absence from one camera's card. IPC only: it holds the camera's password. */
import type { PlanDevice } from '../../../server/contract/agent-link.js'
import type { StreamProfile } from '../../../server/contract/health.js'
import type { RefillReason } from '../../../server/contract/recording.js'
import type { RecorderFromWorker, RecorderToWorker } from '../messages.js'
import type { Stretch } from './rules.js'

export interface RefillLimits {
  /** Taken from the camera at most. */
  bytesPerS: number
  /** Longest wait for the next packet. */
  silentMs: number
  /** Slower than this many times real time, looked at after `slowAfterMs`, is given up. */
  slowest: number, slowAfterMs: number
  /** In all: so many times the length of what is missing, and never less than `leastMs`. */
  longest: number, leastMs: number
}
/** A camera's uplink of some ten Mbit/s carries its live streams too. */
export const usualLimits: RefillLimits = { bytesPerS: 1_500_000, silentMs: 10_000, slowest: 0.3, slowAfterMs: 60_000, longest: 4, leastMs: 120_000 }

export interface RefillJob {
  device: PlanDevice
  /** What is missing, by our clock, in order. */
  parts: Stretch[]
  /** Footage right before and after, whose pictures the card has too: they tell how far the clocks are apart. */
  neighbours: string[]
  profile: StreamProfile
  audio: boolean
  limits: RefillLimits
}
export interface RefillOutcome {
  /** Null: all that the card has came. */
  reason: RefillReason | null
  detail: string
  /** Where the card had pictures, whether they could be used or not. */
  seen: Stretch[]
}
export type ToRefill = { type: 'start', job: RefillJob } | { type: 'give_up' } | Extract<RecorderToWorker, { type: 'segment_place' }>
export type FromRefill = RecorderFromWorker | { type: 'refill_progress', percent: number } | { type: 'refill_over', outcome: RefillOutcome }
