/** Between the agent, which decides and keeps the index, and its media workers, which write. IPC only. */
import type { Failure, StreamProfile } from '../../server/contract/health.js'
import type { EndReason, Segment } from '../../server/contract/recording.js'

/** What a worker is to do with one camera. */
export interface RecordOrder {
  profile: StreamProfile
  audio: boolean
  /** Write now; otherwise only hold `preRollMs` of it in memory. */
  on: boolean
  preRollMs: number
}

/** What is known of a segment when its first frame has come. */
export type SegmentStart = Pick<Segment, 'id' | 'deviceId' | 'profile' | 'runId' | 'runOffsetMs' | 'startedAt' | 'videoCodec' | 'audioCodec' | 'width' | 'height'>
/** Bytes, frames and spans of what lies on the disk, whole batches only. */
export type SegmentProgress = Pick<Segment, 'id' | 'bytes' | 'frames' | 'keyFrames' | 'wallMs' | 'mediaMs'>

export type RecorderFromWorker =
  | { type: 'segment_wanted', segment: SegmentStart }
  | { type: 'segment_progress', segments: SegmentProgress[] }
  /** The file is whole and on the disk. `sha256` null: it could not be brought there, see `detail`. */
  | { type: 'segment_closed', segment: SegmentProgress, sha256: string | null, detail: string | null }
  /** After the last segment of it: `at` is the end of its last frame. `failure` is the stream's, where that is why. */
  | { type: 'run_ended', deviceId: string, runId: string, segmentId: string, at: number, reason: EndReason, failure: Failure | null, detail: string }
  /** Recording is wanted, but nothing plays; told when that becomes so, and when the failure becomes another one. */
  | { type: 'not_playing', deviceId: string, at: number, failure: Failure | null }

export type RecorderToWorker =
  | { type: 'record', deviceId: string, order: RecordOrder | null }
  /** The answer to `segment_wanted`: where to write, or why not. `facts` go into the file. */
  | { type: 'segment_place', id: string, place: { file: string, facts: string } | null, reason: EndReason, detail: string }
