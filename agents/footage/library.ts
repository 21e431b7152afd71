import type { GapCause, Segment } from '../../server/contract/recording.js'
import type { ByteSource } from './segment-file.js'

/** What the index knows of footage that can still be read: not deleted, not known to be missing. */
export interface Library {
  /** The last that began at or before `at`; null before the first. */
  startedBy (deviceId: string, at: number): Segment | null
  /** The next that began after `at`. */
  startedAfter (deviceId: string, at: number): Segment | null
  byId (segmentId: string): Segment | null
  /** All that overlap the interval, by their beginning. */
  overlapping (deviceId: string, from: number, to: number): Segment[]
  /** Why nothing was recorded at a moment, as the recorder saw it. */
  causeAt (deviceId: string, at: number): GapCause | null
  /** @throws what the disk says */
  open (segment: Segment): Promise<ByteSource>
}

/** When a segment ends by the index; one that is being written has no end yet. */
export const endOf = (segment: Segment) => segment.status === 'open' ? Number.POSITIVE_INFINITY : segment.startedAt + segment.wallMs
