/**
 * Goes through footage as a player wants it: forward with every frame or key frames, backward by key frames, over segments, runs and
 * gaps, and on to what is being written now. Yields what is found; reads only as fast as it is asked.
 */
import type { GapCause, Segment } from '../../server/contract/recording.js'
import { causeOf } from './fault.js'
import { endOf, type Library } from './library.js'
import { type Batch, type Sample, SegmentFile } from './segment-file.js'

export interface Frame {
  data: Buffer
  audio: boolean
  key: boolean
  /** Wall clock when it was recorded, ms; never falls going forward. */
  atMs: number
  /** In seconds, from the beginning of its file. */
  timeS: number, durationS: number
}
export type Found =
  /** What follows is coded as this file says. `runId` changes where media time does not go on. */
  | { kind: 'file', segment: Segment, file: SegmentFile }
  | { kind: 'gap', from: number, to: number | null, cause: GapCause | null }
  | { kind: 'frame', frame: Frame }

export interface WalkOptions {
  deviceId: string
  from: number
  /** Null: on to live, then follow. */
  to: number | null
  keyOnly: boolean
  signal: AbortSignal
  /** Waits a moment before what is being written is looked at again; rejects when cancelled. */
  pause: () => Promise<void>
}

/** Shorter than this, nobody is told of a gap: one picture late is none. */
export const MIN_GAP_MS = 1000
/** A file's own clock is believed so far from the index. */
const CLOCK_SLACK_MS = 5000

/** Wall clock of media time 0 in a batch of a segment. */
export const zeroOf = (segment: Segment, batch: Batch) =>
  batch.zeroAtMs !== null && Math.abs(batch.zeroAtMs - segment.startedAt) <= CLOCK_SLACK_MS ? batch.zeroAtMs : segment.startedAt
const scaleOf = (file: SegmentFile, sample: Sample) => sample.audio ? file.audio!.timescale : file.video.timescale
export const atMsOf = (file: SegmentFile, zeroMs: number, sample: Sample) => zeroMs + sample.time * 1000 / scaleOf(file, sample)

export async function * walkForward (library: Library, o: WalkOptions): AsyncGenerator<Found> {
  const reading = { lastAtMs: -1, needsKey: true }
  let segment = library.startedBy(o.deviceId, o.from)
  let lastEnd = o.from
  let after = o.from
  if (!segment || endOf(segment) <= o.from) segment = library.startedAfter(o.deviceId, o.from)
  for (;;) {
    while (!segment && o.to === null) {
      if (o.signal.aborted) return
      await o.pause()
      segment = library.startedAfter(o.deviceId, after)
    }
    if (!segment || (o.to !== null && segment.startedAt >= o.to)) {
      if (o.to !== null && o.to - lastEnd >= MIN_GAP_MS) yield { kind: 'gap', from: lastEnd, to: o.to, cause: library.causeAt(o.deviceId, lastEnd) }
      return
    }
    if (segment.startedAt - lastEnd >= MIN_GAP_MS) yield { kind: 'gap', from: lastEnd, to: segment.startedAt, cause: library.causeAt(o.deviceId, lastEnd) }
    lastEnd = Math.max(lastEnd, segment.startedAt)
    for await (const found of walkSegment(library, segment, o, reading)) {
      if (found.kind === 'frame' && !found.frame.audio) lastEnd = Math.max(lastEnd, found.frame.atMs + found.frame.durationS * 1000)
      if (found.kind === 'gap' && found.to !== null) lastEnd = Math.max(lastEnd, found.to)
      yield found
    }
    if (o.signal.aborted) return
    const known = endOf(library.byId(segment.id) ?? segment)
    if (o.to !== null && (known >= o.to || lastEnd >= o.to) && known !== Number.POSITIVE_INFINITY) return
    after = segment.startedAt
    segment = library.startedAfter(o.deviceId, after)
  }
}

interface Reading { lastAtMs: number, needsKey: boolean }

/** One file from the key frame at or before `from`; follows it while it is being written. A file that cannot be read is a gap. */
async function * walkSegment (library: Library, segment: Segment, o: WalkOptions, reading: Reading): AsyncGenerator<Found> {
  let file: SegmentFile | null = null
  let told = Math.max(segment.startedAt, o.from)
  try {
    file = await openFollowing(library, segment, o)
    if (!file) return
    yield { kind: 'file', segment, file }
    let offset = segment.startedAt < o.from ? await keyBatchBy(file, segment, o.from) : file.firstOffset
    reading.needsKey = true
    for (;;) {
      const batch = await file.batchAt(offset)
      if (o.signal.aborted) return
      if (!batch) {
        if (!stillOpen(library, segment)) {
          // What was written between the last look and the end of writing.
          if (await file.batchAt(offset)) continue
          return
        }
        await o.pause()
        continue
      }
      offset = batch.end
      const zeroMs = zeroOf(segment, batch)
      for (const found of await framesOf(file, batch, zeroMs, o, reading)) {
        if (o.to !== null && found.frame.atMs >= o.to) return
        told = found.frame.atMs
        yield found
      }
    }
  } catch (error) {
    if (o.signal.aborted) return
    const end = endOf(library.byId(segment.id) ?? segment)
    yield { kind: 'gap', from: told, to: Number.isFinite(end) ? Math.max(told, o.to === null ? end : Math.min(end, o.to)) : null, cause: causeOf(error) }
  } finally {
    await file?.close().catch(() => {})
  }
}

const stillOpen = (library: Library, segment: Segment) => library.byId(segment.id)?.status === 'open'

async function openFollowing (library: Library, segment: Segment, o: WalkOptions): Promise<SegmentFile | null> {
  for (;;) {
    const file = await SegmentFile.open(await library.open(segment))
    if (file || !stillOpen(library, segment)) return file
    await o.pause()
  }
}

/** The batch that holds the last key frame at or before a moment; the first batch where none is. */
async function keyBatchBy (file: SegmentFile, segment: Segment, atMs: number): Promise<number> {
  let found = file.firstOffset
  for (let offset = file.firstOffset; ;) {
    const batch = await file.batchAt(offset)
    if (!batch) return found
    const zeroMs = zeroOf(segment, batch)
    const first = batch.samples.find(s => !s.audio)
    if (first && atMsOf(file, zeroMs, first) > atMs) return found
    if (batch.samples.some(s => s.key && atMsOf(file, zeroMs, s) <= atMs)) found = offset
    offset = batch.end
  }
}

/** A batch's frames in the order of time, picture and sound together. One read for all of them, or one a key frame. */
async function framesOf (file: SegmentFile, batch: Batch, zeroMs: number, o: Pick<WalkOptions, 'keyOnly'>, reading: Reading) {
  const wanted = o.keyOnly ? batch.samples.filter(s => s.key) : batch.samples
  if (wanted.length === 0) return []
  const from = Math.min(...wanted.map(s => s.offset))
  const to = Math.max(...wanted.map(s => s.offset + s.size))
  const bytes = await file.bytes(from, to - from)
  const timed = wanted.map(sample => ({ sample, atMs: atMsOf(file, zeroMs, sample) })).sort((a, b) => a.atMs - b.atMs)
  const frames: { kind: 'frame', frame: Frame }[] = []
  for (const { sample, atMs } of timed) {
    if (!sample.audio && sample.key) reading.needsKey = false
    // Footage that was fetched twice overlaps: what was shown is not shown again, and a decoder starts at a key frame.
    if (atMs <= reading.lastAtMs && !sample.audio) { reading.needsKey = true; continue }
    if (reading.needsKey) continue
    if (!sample.audio) reading.lastAtMs = atMs
    frames.push({ kind: 'frame', frame: frameOf(file, sample, bytes.subarray(sample.offset - from, sample.offset - from + sample.size), atMs) })
  }
  return frames
}

const frameOf = (file: SegmentFile, sample: Sample, data: Buffer, atMs: number): Frame => {
  const scale = scaleOf(file, sample)
  return { data, audio: sample.audio, key: sample.key, atMs, timeS: sample.time / scale, durationS: sample.duration / scale }
}

/** Key frames from the one at or before `from`, each earlier than the one before it. */
export async function * walkBackward (library: Library, o: Omit<WalkOptions, 'keyOnly' | 'pause'>): AsyncGenerator<Found> {
  let segment = library.startedBy(o.deviceId, o.from)
  let earliest = o.from
  while (segment && !o.signal.aborted) {
    const end = Math.min(o.from, endOf(segment))
    if (o.to !== null && end <= o.to) break
    if (earliest - end >= MIN_GAP_MS) yield { kind: 'gap', from: end, to: earliest, cause: library.causeAt(o.deviceId, end) }
    for await (const found of keysBackward(library, segment, o)) {
      if (found.kind === 'frame') earliest = found.frame.atMs
      yield found
    }
    earliest = Math.min(earliest, segment.startedAt)
    segment = library.startedBy(o.deviceId, segment.startedAt - 1)
  }
  if (!o.signal.aborted && o.to !== null && earliest - o.to >= MIN_GAP_MS) yield { kind: 'gap', from: o.to, to: earliest, cause: library.causeAt(o.deviceId, o.to) }
}

async function * keysBackward (library: Library, segment: Segment, o: Pick<WalkOptions, 'from' | 'to' | 'signal'>): AsyncGenerator<Found> {
  let file: SegmentFile | null = null
  try {
    file = await SegmentFile.open(await library.open(segment))
    if (!file) return
    const keys: { sample: Sample, atMs: number }[] = []
    for (let batch = await file.batchAt(file.firstOffset); batch; batch = await file.batchAt(batch.end)) {
      const zeroMs = zeroOf(segment, batch)
      for (const sample of batch.samples) if (sample.key) keys.push({ sample, atMs: atMsOf(file, zeroMs, sample) })
      if ((keys.at(-1)?.atMs ?? 0) > o.from || o.signal.aborted) break
    }
    yield { kind: 'file', segment, file }
    for (const { sample, atMs } of keys.reverse()) {
      if (atMs > o.from) continue
      if (o.to !== null && atMs < o.to) return
      yield { kind: 'frame', frame: frameOf(file, sample, await file.bytes(sample.offset, sample.size), atMs) }
    }
  } catch (error) {
    const end = endOf(segment)
    if (!o.signal.aborted) yield { kind: 'gap', from: segment.startedAt, to: Number.isFinite(end) ? Math.min(end, o.from) : o.from, cause: causeOf(error) }
  } finally {
    await file?.close().catch(() => {})
  }
}
