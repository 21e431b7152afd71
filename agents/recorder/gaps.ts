/** Recorded absence, from the wall clock: what the recorder itself can say of why. The server, which knows the network and who did what, says more. */
import { newId } from '../../lib/ids.js'
import type { Failure, FailureCode } from '../../server/contract/health.js'
import type { EndReason, Gap, GapCause } from '../../server/contract/recording.js'
import { plannedCauses } from '../../server/contract/recording.js'
import type { RecordingIndex } from './index-db.js'

const unreachable: ReadonlySet<FailureCode> = new Set(['address_unresolved', 'connection_refused', 'connection_timeout', 'network_unreachable', 'timeout', 'connection_reset'])
/** A later, more telling cause takes the place of a vaguer one within the same gap. */
const rank = (cause: GapCause) => cause === 'unknown' ? 0 : cause === 'stream_failed' || cause === 'frames_lost' ? 1 : cause === 'authentication_failed' ? 3 : 2
const ofDisk: ReadonlySet<GapCause> = new Set(['disk_full', 'disk_failed', 'disk_slow', 'volume_missing'])
const ofCamera: ReadonlySet<GapCause> = new Set(['camera_unreachable', 'authentication_failed', 'stream_failed', 'frames_lost'])
/** Two faults that follow each other, rather than two words for one. */
const isAnother = (a: GapCause, b: GapCause) => (ofDisk.has(a) && ofCamera.has(b)) || (ofCamera.has(a) && ofDisk.has(b))
  || (a === 'authentication_failed' && b === 'camera_unreachable') || (a === 'camera_unreachable' && b === 'authentication_failed')
/** A camera that begins anew with another password is away first. */
const BEGINNING_MS = 60_000
/** Shorter is no absence: the next picture came about when it was due. */
const SHORTEST_GAP_MS = 1000

export function causeOfFailure (failure: Failure | null): GapCause {
  if (!failure) return 'stream_failed'
  if (failure.code === 'authentication_failed') return 'authentication_failed'
  return unreachable.has(failure.code) ? 'camera_unreachable' : 'stream_failed'
}

const causes: Record<Exclude<EndReason, 'stream_lost'>, GapCause> = {
  parameters_changed: 'stream_failed', timestamps_jumped: 'stream_failed', clock_stepped: 'clock_stepped', policy: 'recording_off', disabled: 'disabled', recorder_stopped: 'agent_down', recorder_killed: 'recorder_failed',
  disk_full: 'disk_full', disk_failed: 'disk_failed', disk_slow: 'disk_slow', volume_missing: 'volume_missing', event_over: 'no_event', refill_over: 'stream_failed'
}
export const causeOfEnd = (reason: EndReason, failure: Failure | null): GapCause => reason !== 'stream_lost' ? causes[reason] : failure ? causeOfFailure(failure) : 'frames_lost'

/** The gaps of an agent's cameras. Every call is one transaction, or part of the caller's. */
export class Gaps {
  constructor (private readonly index: RecordingIndex) {}

  /** Nothing is recorded from `at` on. An absence that lasts already keeps its beginning, and takes the better cause; where the camera is back and the disk is not, or the other way round, another one begins. */
  begin (deviceId: string, at: number, cause: GapCause, detail: string) {
    this.index.transaction(() => {
      const open = this.index.openGap(deviceId)
      if (open && isAnother(open.cause, cause) && !(cause === 'authentication_failed' && open.cause === 'camera_unreachable' && at - open.from < BEGINNING_MS)) return this.turn(deviceId, at, cause, detail)
      if (!open) return this.index.addGap({ id: newId(), deviceId, from: at, to: null, cause, detail: detail.slice(0, 500) })
      if (open.cause !== cause && !plannedCauses.includes(open.cause) && rank(cause) > rank(open.cause)) this.index.changeGap(open.id, { cause, detail: detail.slice(0, 500) })
    })
  }

  /** Footage was found to last until `end`: absences that were held to begin within it begin there. */
  footageUntil (deviceId: string, startedAt: number, end: number) {
    this.index.transaction(() => {
      for (const gap of this.index.gaps(deviceId, startedAt, end)) {
        if (gap.from > startedAt && gap.from < end) this.index.changeGap(gap.id, { from: gap.to === null ? end : Math.min(end, gap.to) })
      }
    })
  }

  /** From `at` on the absence has another cause: the one before ends there. */
  turn (deviceId: string, at: number, cause: GapCause, detail: string) {
    this.index.transaction(() => {
      const open = this.index.openGap(deviceId)
      if (open?.cause === cause) return
      if (open) this.index.changeGap(open.id, { to: Math.max(open.from, at) })
      this.index.addGap({ id: newId(), deviceId, from: Math.max(at, open?.from ?? at), to: null, cause, detail: detail.slice(0, 500) })
    })
  }

  /** A first picture came. What was too short to be an absence is left without a length. `lastEnd`: where footage ended before. */
  end (deviceId: string, at: number, lastEnd: number | null) {
    this.index.transaction(() => {
      const open = this.index.openGap(deviceId)
      if (open) return this.index.changeGap(open.id, { to: at - open.from < SHORTEST_GAP_MS ? open.from : at })
      if (lastEnd !== null && at - lastEnd >= SHORTEST_GAP_MS) this.index.addGap({ id: newId(), deviceId, from: lastEnd, to: at, cause: 'unknown', detail: '' } satisfies Gap)
    })
  }
}
