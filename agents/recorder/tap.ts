/**
 * One camera's frames on their way to segments: batches of at most half a second that begin at key frames where they can, segments of
 * about a minute that are cut at key frames, runs that end when something is missing. Never waits for the disk.
 */
import { createHash } from 'node:crypto'
import { newId } from '../../lib/ids.js'
import type { Failure } from '../../server/contract/health.js'
import type { EndReason } from '../../server/contract/recording.js'
import type { SourceState, Viewer } from '../rtsp/camera-source.js'
import { VIDEO_TIMESCALE } from '../rtsp/mp4-init.js'
import type { MediaFragment, MediaInit } from '../rtsp/pull.js'
import type { Time } from '../rtsp/timeline.js'
import type { RecordOrder, RecorderFromWorker, SegmentProgress, SegmentStart } from './messages.js'
import { PreRoll } from './pre-roll.js'
import { batchHead, factsBox, readLiveFragment, type Sample } from './segment-boxes.js'
import { type SegmentFiles, SegmentWriter } from './segment-writer.js'

const TICKS_PER_MS = VIDEO_TIMESCALE / 1000
const BATCH_TICKS = VIDEO_TIMESCALE / 2
const SEGMENT_MS = 60_000
/** A first segment shorter than this is left to grow over the next boundary. */
const SHORTEST_MS = 20_000
/** The wall clock of this machine was set, rather than drifting. */
const CLOCK_STEP_MS = 2000
/** Longer without a frame is missing footage, unless the camera's usual interval is longer. */
const LOST_FRAMES_MS = 3000
const MOST_USUAL_MS = 10_000
const LEARNT_AFTER = 6
/** After a disk refused. */
const RETRY_MS = 5000

/** Boundaries of all cameras are spread over the minute, so that files are not closed all at once. */
export const boundaryPhaseMs = (deviceId: string) => createHash('sha256').update(deviceId).digest().readUInt32BE(0) % SEGMENT_MS
export function cutTime (startedAt: number, phaseMs: number): number {
  const earliest = startedAt + SHORTEST_MS
  return earliest + ((phaseMs - earliest) % SEGMENT_MS + SEGMENT_MS) % SEGMENT_MS
}

interface Open {
  start: SegmentStart
  writer: SegmentWriter
  init: MediaInit
  /** Ticks of the live timeline where this file's time begins; sound counts in its own. */
  baseVideo: number, baseAudio: number
  cutAt: number
  frames: number, keyFrames: number, batches: number
}
interface Run { id: string, baseTicks: number }
/** Samples that wait for their batch to be whole, and when the first picture of them came. */
interface Batch { video: Sample[], audio: Sample[], atMs: number }

export interface TapOptions { deviceId: string, time: Time, tell: (message: RecorderFromWorker) => void, files?: SegmentFiles }

export class RecordingTap implements Viewer {
  private order: RecordOrder | null = null
  private readonly preRoll = new PreRoll()
  private current: MediaInit | null = null
  private run: Run | null = null
  private segment: Open | null = null
  private batch: Batch = { video: [], audio: [], atMs: 0 }
  /** Of the picture before: live ticks, wall clock, monotonic clock, and how far the two clocks were apart. */
  private last: { ticks: number, atMs: number, monoMs: number, offsetMs: number } | null = null
  private usualMs = 40
  /** Intervals that `usualMs` was learnt from. */
  private learnt = 0
  /** Wall clock up to which footage exists: what a buffer still holds of before is not written twice. */
  private recordedUntil = 0
  private retryAtMono = 0
  /** What is recorded now comes out of the buffer, all at once. */
  private emptying = false
  private told: string | null = null
  private readonly waiting = new Map<string, { writer: SegmentWriter, init: MediaInit }>()
  private readonly writers = new Map<string, SegmentWriter>()

  constructor (private readonly o: TapOptions) {}

  setOrder (order: RecordOrder | null) {
    const was = this.order
    this.order = order
    if (!order?.on) {
      if (this.run) this.endRun(order ? 'event_over' : 'policy', null, '')
      this.told = null
      return
    }
    if (was?.on) return
    this.emptying = true
    for (const { init, fragments } of this.preRoll.take()) {
      this.init(init)
      for (const fragment of fragments) this.record(fragment, null)
    }
    this.emptying = false
  }

  /** Open and closing files, for the progress report. */
  progress (): SegmentProgress[] { return [...this.writers.values()].map(w => w.progress) }

  placed (id: string, place: { file: string, facts: string } | null, reason: EndReason, detail: string) {
    const waiting = this.waiting.get(id)
    this.waiting.delete(id)
    if (!waiting) return
    if (place) waiting.writer.place(place.file, [waiting.init.bytes, factsBox(place.facts)])
    else waiting.writer.fail(reason, detail)
  }

  state (state: SourceState) {
    if (state.status === 'playing') {
      this.told = null
      return
    }
    this.preRoll.clear()
    if (this.run) this.endRun('stream_lost', state.failure, '')
    else if (this.order?.on) this.tellNotPlaying(state.failure)
  }

  init (init: MediaInit) {
    if (this.current && !this.current.bytes.equals(init.bytes)) {
      this.preRoll.clear()
      if (this.run) this.endRun('parameters_changed', null, '')
    }
    this.current = init
  }

  fragment (fragment: MediaFragment) {
    if (!this.order || !this.current) return
    if (!this.order.on) return this.preRoll.add(this.current, fragment, this.order.preRollMs)
    this.record(fragment, this.o.time)
  }

  /** The source is gone or another one takes its place. */
  close (reason: EndReason) { if (this.run) this.endRun(reason, null, '') }

  /** `time` null for what comes out of a buffer: its clocks were read before. */
  private record (fragment: MediaFragment, time: Time | null) {
    const { time: ticks, duration, sample } = readLiveFragment(fragment.bytes)
    if (fragment.audio) {
      if (this.segment && this.order?.audio && ticks >= this.segment.baseAudio) this.batch.audio.push({ bytes: sample, time: ticks - this.segment.baseAudio, duration, key: true })
      return
    }
    const mono = time?.mono() ?? 0
    if (time && this.last) this.lookAtClocks(time, mono)
    this.settleLast(ticks)
    const { segment } = this
    if (segment && fragment.key && fragment.atMs >= segment.cutAt) this.endSegment(Math.round(fragment.atMs) - segment.start.startedAt)
    else if (segment && (fragment.key || this.spanTicks(ticks, segment) >= BATCH_TICKS)) this.flush(fragment.atMs)
    if (!this.segment && !this.begin(fragment, ticks)) return
    this.take(fragment, { bytes: sample, time: ticks - this.segment!.baseVideo, duration, key: fragment.key })
    this.last = { ticks, atMs: fragment.atMs, monoMs: mono, offsetMs: time ? time.wall() - mono : this.last?.offsetMs ?? Number.NaN }
  }

  private spanTicks (ticks: number, segment: Open) { return this.batch.video.length === 0 ? 0 : ticks - segment.baseVideo - this.batch.video[0]!.time }

  private take (fragment: MediaFragment, sample: Sample) {
    if (this.batch.video.length === 0) this.batch.atMs = fragment.atMs
    this.batch.video.push(sample)
    this.segment!.frames++
    if (sample.key) this.segment!.keyFrames++
  }

  /** The picture before lasted until this one. */
  private settleLast (ticks: number) {
    const before = this.batch.video.at(-1)
    if (before && this.segment) before.duration = Math.max(1, ticks - this.segment.baseVideo - before.time)
  }

  private lookAtClocks (time: Time, mono: number) {
    const last = this.last!
    const stepMs = time.wall() - mono - last.offsetMs
    if (Math.abs(stepMs) > CLOCK_STEP_MS) {
      // What was recorded under the other time may come again.
      this.recordedUntil = 0
      if (this.run) this.endRun('clock_stepped', null, `The clock of this machine was set by ${Math.round(stepMs / 1000)} s`)
      return
    }
    const silentMs = mono - last.monoMs
    const usualMs = this.usualMs
    // A camera of a picture each few seconds is known for that before it is judged.
    const mostMs = this.learnt < LEARNT_AFTER ? MOST_USUAL_MS : Math.max(LOST_FRAMES_MS, 4 * usualMs)
    if (last.monoMs > 0) this.usualMs += (Math.min(MOST_USUAL_MS, silentMs) - usualMs) * Math.max(0.05, 1 / ++this.learnt)
    if (this.run && last.monoMs > 0 && silentMs > mostMs) this.endRun('stream_lost', null, `No picture for ${(silentMs / 1000).toFixed(1)} s`)
  }

  private begin (fragment: MediaFragment, ticks: number): boolean {
    const init = this.current
    const startedAt = Math.round(fragment.atMs)
    if (!init || !fragment.key || startedAt < this.recordedUntil || this.o.time.mono() < this.retryAtMono) return false
    this.run ??= { id: newId(), baseTicks: ticks }
    const start: SegmentStart = {
      id: newId(), deviceId: this.o.deviceId, profile: this.order!.profile, runId: this.run.id, runOffsetMs: Math.round((ticks - this.run.baseTicks) / TICKS_PER_MS), startedAt,
      videoCodec: init.video.codec, audioCodec: this.order!.audio ? init.audio?.codec ?? null : null, width: init.video.width, height: init.video.height
    }
    const writer = new SegmentWriter(start.id, {
      failed: (reason, detail) => this.writeFailed(start, writer, reason, detail),
      closed: (segment, sha256, detail) => {
        this.writers.delete(start.id)
        this.o.tell({ type: 'segment_closed', segment, sha256, detail })
      }
    }, this.o.files)
    const rate = init.audio?.sampleRate ?? VIDEO_TIMESCALE
    this.segment = { start, writer, init, baseVideo: ticks, baseAudio: Math.round(ticks / VIDEO_TIMESCALE * rate), cutAt: cutTime(startedAt, boundaryPhaseMs(this.o.deviceId)), frames: 0, keyFrames: 0, batches: 0 }
    this.writers.set(start.id, writer)
    this.waiting.set(start.id, { writer, init })
    this.o.tell({ type: 'segment_wanted', segment: start })
    return true
  }

  /** Hands the batch to the disk. `endMs`: wall clock where its last picture ends. */
  private flush (endMs: number) {
    const { segment, batch } = this
    this.batch = { video: [], audio: [], atMs: 0 }
    const lastPicture = batch.video.at(-1)
    if (!segment || !lastPicture) {
      // Sound without a picture waits for the next one.
      this.batch.audio = batch.audio
      return
    }
    for (const [i, sample] of batch.audio.entries()) {
      const next = batch.audio[i + 1]
      if (next && next.time > sample.time) sample.duration = next.time - sample.time
    }
    const head = batchHead(batch.video, batch.audio, ++segment.batches, batch.atMs)
    segment.writer.write([head, ...batch.video.map(s => s.bytes), ...batch.audio.map(s => s.bytes)], {
      frames: segment.frames, keyFrames: segment.keyFrames,
      wallMs: Math.max(1, Math.round(endMs) - segment.start.startedAt), mediaMs: Math.round((lastPicture.time + lastPicture.duration) / TICKS_PER_MS)
    }, this.emptying)
  }

  private endSegment (wallMs: number) {
    const { segment } = this
    if (!segment) return
    this.flush(segment.start.startedAt + wallMs)
    this.segment = null
    this.recordedUntil = segment.start.startedAt + wallMs
    segment.writer.end()
  }

  private endRun (reason: EndReason, failure: Failure | null, detail: string) {
    const { run, segment } = this
    this.run = null
    if (!run) return
    if (segment) {
      const tailMs = (this.batch.video.at(-1)?.duration ?? 0) / TICKS_PER_MS
      const at = Math.max(segment.start.startedAt + 1, Math.round((this.last?.atMs ?? segment.start.startedAt) + Math.min(tailMs, 1000)))
      this.endSegment(at - segment.start.startedAt)
      if (reason === 'clock_stepped') this.recordedUntil = 0
      this.o.tell({ type: 'run_ended', deviceId: this.o.deviceId, runId: run.id, segmentId: segment.start.id, at, reason, failure, detail })
    }
    this.last = null
  }

  /** What this file has is all that it gets; the next key frame after a pause tries another. */
  private writeFailed (start: SegmentStart, writer: SegmentWriter, reason: EndReason, detail: string) {
    this.retryAtMono = this.o.time.mono() + RETRY_MS
    if (this.segment?.start.id !== start.id) return
    this.segment = null
    this.run = null
    this.last = null
    this.batch = { video: [], audio: [], atMs: 0 }
    const at = start.startedAt + writer.progress.wallMs
    this.recordedUntil = at
    this.o.tell({ type: 'run_ended', deviceId: this.o.deviceId, runId: start.runId, segmentId: start.id, at, reason, failure: null, detail })
  }

  private tellNotPlaying (failure: Failure | null) {
    const text = failure?.code ?? ''
    if (this.told === text) return
    this.told = text
    this.o.tell({ type: 'not_playing', deviceId: this.o.deviceId, at: Math.round(this.o.time.wall()), failure })
  }
}
