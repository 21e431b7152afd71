/**
 * Reads a recorded segment (docs/decisions/recording.md, "The file") by range: what it holds, batch by batch, and the bytes of
 * a sample. Everything in a file may be wrong: sizes and counts are bounded before they are believed, and what does not fit
 * is `damaged`.
 */
import { children, type Defaults, find, optionalFields, readTfhd, readTrak, type Track } from '../rtsp/mp4-reader.js'
import type { AudioConfig } from '../rtsp/audio.js'
import type { VideoConfig } from '../rtsp/mp4-init.js'
import { FootageFault } from './fault.js'

/** A file, or an object in a bucket, read by range. */
export interface ByteSource {
  /** Bytes there now: a file that is being written grows. */
  size (): Promise<number>
  /** Fewer bytes than asked only where it ends. */
  read (offset: number, length: number): Promise<Buffer>
  close (): Promise<void>
}

export interface FileTrack<Config> { config: Config, timescale: number, /** The sample entry as it stands in the file. */ entry: Buffer }
export interface Sample {
  audio: boolean
  /** In the file. */
  offset: number, size: number
  /** In ticks of its track, from the file's beginning. */
  time: number, duration: number
  key: boolean
}
export interface Batch {
  offset: number
  /** Where the next batch begins. */
  end: number
  samples: Sample[]
  /** Wall clock of media time 0 as this batch tells it, ms; null without a `prft`. */
  zeroAtMs: number | null
}

const HEAD_BYTES = 4096
const MAX_HEAD_BYTES = 1024 * 1024
const MAX_MOOF_BYTES = 1024 * 1024
const MAX_BATCH_BYTES = 64 * 1024 * 1024
const MAX_SAMPLES = 20_000
/** Seconds from 1900 (NTP) to 1970. */
const NTP_EPOCH_S = 2_208_988_800

export class SegmentFile {
  private constructor (
    private readonly source: ByteSource,
    readonly video: FileTrack<VideoConfig>,
    readonly audio: FileTrack<AudioConfig> | null,
    /** Where the first batch begins. */
    readonly firstOffset: number,
    private readonly tracks: readonly Track[],
    private readonly defaults: ReadonlyMap<number, Defaults>
  ) {}

  /** Closed with the file, and at once where there is none: null while its head is not written yet. @throws FootageFault damaged when it is no segment */
  static async open (source: ByteSource): Promise<SegmentFile | null> {
    let file: SegmentFile | null = null
    try { file = await SegmentFile.head(source) } finally { if (!file) await source.close().catch(() => {}) }
    return file
  }

  private static async head (source: ByteSource): Promise<SegmentFile | null> {
    let offset = 0
    for (;;) {
      const box = await boxAt(source, offset)
      if (!box) return null
      if (box.size > MAX_HEAD_BYTES || offset > MAX_HEAD_BYTES) throw new FootageFault('damaged', 'The file does not begin as a segment does')
      if (box.type !== 'moov') { offset += box.size; continue }
      const moov = await source.read(offset, box.size)
      if (moov.length < box.size) return null
      return bounded(() => SegmentFile.of(source, moov, offset + box.size))
    }
  }

  private static of (source: ByteSource, moov: Buffer, firstOffset: number) {
    const tracks = [...children(moov, 8)].filter(b => b.type === 'trak').map(b => readTrak(b.body))
    const defaults = new Map<number, Defaults>()
    for (const { type, body } of children(find(moov.subarray(8), 'mvex') ?? Buffer.alloc(0), 0)) {
      if (type === 'trex') defaults.set(body.readUInt32BE(4), { duration: body.readUInt32BE(12), size: body.readUInt32BE(16), flags: body.readUInt32BE(20) })
    }
    const video = tracks.find(t => t.video)
    const audio = tracks.find(t => t.audio)
    if (!video?.video) throw new FootageFault('damaged', 'The file has no H.264 or H.265 picture')
    return new SegmentFile(source, { config: video.video, timescale: video.timescale, entry: Buffer.from(video.entry) },
      audio?.audio ? { config: audio.audio, timescale: audio.timescale, entry: Buffer.from(audio.entry) } : null, firstOffset, tracks, defaults)
  }

  /** The batch that begins here; null where nothing whole stands (yet). @throws FootageFault damaged */
  async batchAt (offset: number): Promise<Batch | null> {
    const size = await this.source.size()
    let zeroAtMs: number | null = null
    let moof: { offset: number, bytes: Buffer } | null = null
    for (let at = offset; at + 8 <= size;) {
      const head = await this.source.read(at, Math.min(HEAD_BYTES, size - at))
      if (head.length < 8) return null
      for (let inHead = 0; inHead + 8 <= head.length;) {
        const box = readHeader(head.subarray(inHead), at + inHead)
        if (box.type === 'mdat') {
          if (at + inHead + box.size > size) return null
          if (!moof || box.size > MAX_BATCH_BYTES) throw new FootageFault('damaged', 'A batch in the file has no index, or is too large')
          const { bytes, offset: moofOffset } = moof
          const data = { from: at + inHead + 8, to: at + inHead + box.size }
          return { offset, end: data.to, zeroAtMs, samples: bounded(() => this.samplesOf(bytes, moofOffset, data)) }
        }
        const wanted = box.type === 'moof' || box.type === 'prft'
        if (wanted && box.size > MAX_MOOF_BYTES) throw new FootageFault('damaged', 'The index of a batch is too large')
        if (at + inHead + box.size > size) return null
        const whole = head.length - inHead >= box.size
        if (wanted) {
          const bytes = whole ? head.subarray(inHead, inHead + box.size) : await this.source.read(at + inHead, box.size)
          if (bytes.length < box.size) return null
          if (box.type === 'moof') moof = { offset: at + inHead, bytes }
          else zeroAtMs = bounded(() => this.readPrft(bytes))
        }
        inHead += box.size
        if (!whole || inHead + 8 > head.length) { at += inHead; break }
      }
    }
    return null
  }

  /** ISO/IEC 14496-12 8.16.5: when the encoder saw the picture of this media time. */
  private readPrft (box: Buffer): number {
    const track = this.tracks.find(t => t.id === box.readUInt32BE(12))
    const wallMs = (box.readUInt32BE(16) - NTP_EPOCH_S) * 1000 + box.readUInt32BE(20) * 1000 / 0x1_0000_0000
    const ticks = box[8] === 1 ? Number(box.readBigUInt64BE(24)) : box.readUInt32BE(24)
    return wallMs - ticks * 1000 / (track?.timescale ?? this.video.timescale)
  }

  private samplesOf (moof: Buffer, moofOffset: number, data: { from: number, to: number }): Sample[] {
    const samples: Sample[] = []
    for (const traf of children(moof, 8)) {
      if (traf.type !== 'traf') continue
      let track: Track | undefined
      let defaults: Defaults = { duration: 0, size: 0, flags: 0 }
      let time = 0
      for (const { type, body } of children(traf.body, 0)) {
        if (type === 'tfhd') {
          const id = body.readUInt32BE(4)
          track = this.tracks.find(t => t.id === id)
          defaults = readTfhd(body, this.defaults.get(id) ?? defaults)
        } else if (type === 'tfdt') time = body[0] === 1 ? Number(body.readBigUInt64BE(4)) : body.readUInt32BE(4)
        if (!Number.isSafeInteger(time)) throw new FootageFault('damaged', 'A batch in the file claims an impossible time')
        if (type === 'trun' && track && (track.video || track.audio)) time = readRun(body, { track, defaults, time, moofOffset, data }, samples)
      }
    }
    return samples
  }

  /** The bytes of samples that lie in the file between two offsets. */
  async bytes (offset: number, length: number): Promise<Buffer> {
    const read = await this.source.read(offset, length)
    if (read.length < length) throw new FootageFault('damaged', 'The file ends in the middle of a picture')
    return read
  }

  close () { return this.source.close() }
}

function readRun (trun: Buffer, { track, defaults, time, moofOffset, data }: { track: Track, defaults: Defaults, time: number, moofOffset: number, data: { from: number, to: number } }, samples: Sample[]): number {
  const flags = trun.readUInt32BE(0) & 0xffffff
  const count = trun.readUInt32BE(4)
  if (samples.length + count > MAX_SAMPLES) throw new FootageFault('damaged', 'A batch in the file claims too many pictures')
  const next = optionalFields(trun, 8, flags)
  let offset = flags & 1 ? moofOffset + trun.readInt32BE(8) : data.from
  next(1, 0)
  const firstFlags = next(4, defaults.flags)
  for (let i = 0; i < count; i++) {
    const duration = next(0x100, defaults.duration)
    const size = next(0x200, defaults.size)
    const sampleFlags = next(0x400, i === 0 ? firstFlags : defaults.flags)
    next(0x800, 0)
    if (offset < data.from || offset + size > data.to) throw new FootageFault('damaged', 'A picture lies outside of its batch')
    samples.push({ audio: track.audio !== null, offset, size, time, duration, key: track.audio === null && (sampleFlags & 0x10000) === 0 })
    offset += size
    time += duration
  }
  return time
}

function readHeader (head: Buffer, offset: number): { type: string, size: number } {
  const size = head.readUInt32BE(0)
  if (size < 8) throw new FootageFault('damaged', `The file holds no box at ${offset}`)
  return { type: head.toString('latin1', 4, 8), size }
}

async function boxAt (source: ByteSource, offset: number) {
  const head = await source.read(offset, 8)
  return head.length < 8 ? null : readHeader(head, offset)
}

function bounded<T> (read: () => T): T {
  try { return read() } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) throw new FootageFault('damaged', 'A box in the file is shorter than it says')
    throw error
  }
}
