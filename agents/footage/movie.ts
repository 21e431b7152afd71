/**
 * The head of a progressive MP4 (ISO/IEC 14496-12): everything that stands before the samples, its size known before they are
 * copied. Samples are told in the order in which they will lie in the file.
 */
import { ascii, box, full, matrix, u16, u32 } from '../rtsp/mp4-init.js'

export interface MovieTrack { timescale: number, /** The sample entry as it stands in a recorded file. */ entry: Buffer, width: number, height: number }
export interface MovieSample { size: number, /** Until the next one, in ticks. */ duration: number, key: boolean }

/** One of each is all that a clip needs; a change of parameters is another sample entry of the same track. */
export class TrackTable {
  readonly #entries: Buffer[] = []
  #entry = 0
  readonly #sizes: number[] = []
  /** Runs of equal durations. */
  readonly #durations: { count: number, ticks: number }[] = []
  readonly #keys: number[] = []
  readonly #chunks: { offset: number, samples: number, entry: number }[] = []
  #ticks = 0
  /** Bytes and samples are one for G.711: its sample is a byte. */
  readonly #bytewise: boolean
  /** Ticks before the first sample. */
  startTicks = 0

  constructor (readonly kind: 'vide' | 'soun', readonly about: MovieTrack) {
    this.#bytewise = ['ulaw', 'alaw'].includes(about.entry.toString('latin1', 4, 8))
    this.begin(about.entry)
  }

  get ticks () { return this.#ticks }
  get samples () { return this.#sizes.length }

  /** What follows is coded by this entry. */
  begin (entry: Buffer) {
    const known = this.#entries.findIndex(e => e.equals(entry))
    this.#entry = known >= 0 ? known : this.#entries.push(entry) - 1
  }

  /** Samples that lie behind each other from `offset` on, counted from the first byte of all samples. */
  chunk (offset: number, samples: readonly MovieSample[]) {
    this.#chunks.push({ offset, samples: this.#bytewise ? samples.reduce((n, s) => n + s.size, 0) : samples.length, entry: this.#entry })
    for (const { size, duration, key } of samples) {
      this.#sizes.push(size)
      if (key) this.#keys.push(this.#sizes.length)
      this.#add(duration)
    }
  }

  #add (ticks: number) {
    const last = this.#durations.at(-1)
    if (last?.ticks === ticks) last.count++
    else this.#durations.push({ count: 1, ticks })
    this.#ticks += ticks
  }

  /** Where the next sample belongs, in ticks from the movie's beginning; false when that is past, and the sample must be left out. */
  place (atTicks: number): boolean {
    if (this.samples === 0) {
      this.startTicks = Math.max(0, atTicks)
      return true
    }
    const late = atTicks - this.startTicks - this.#ticks
    // Clocks of sound and picture drift a little; that is no reason to cut.
    const slack = this.about.timescale / 10
    if (late > slack) this.#stretch(late)
    return late >= -slack
  }

  /** The last sample lasts longer: nothing was recorded until the next. */
  #stretch (ticks: number) {
    const last = this.#durations.at(-1)!
    const longer = last.ticks + ticks
    if (--last.count === 0) this.#durations.pop()
    this.#durations.push({ count: 1, ticks: longer })
    this.#ticks += ticks
  }

  trak (id: number, movieTicksPerS: number, firstByte: number): Buffer {
    const { timescale, width, height } = this.about
    const inMovie = (ticks: number) => Math.round(ticks * movieTicksPerS / timescale)
    const tkhd = full('tkhd', 1, 3, u64(0, 0), u32(id, 0), u64(inMovie(this.startTicks + this.#ticks)), u32(0, 0), u16(0, 0, this.kind === 'soun' ? 0x100 : 0, 0), matrix, u32(width * 0x10000, height * 0x10000))
    // An empty edit first where sound begins later than the picture.
    const edits = this.startTicks > 0 ? [box('edts', full('elst', 1, 0, u32(2), u64(inMovie(this.startTicks)), i64(-1), u16(1, 0), u64(inMovie(this.#ticks)), i64(0), u16(1, 0)))] : []
    const mediaHeader = this.kind === 'vide' ? full('vmhd', 0, 1, u16(0, 0, 0, 0)) : full('smhd', 0, 0, u16(0, 0))
    return box('trak', tkhd, ...edits, box('mdia',
      full('mdhd', 1, 0, u64(0, 0), u32(timescale), u64(this.#ticks), u16(0x55c4, 0)),
      full('hdlr', 0, 0, u32(0), ascii(this.kind), u32(0, 0, 0), ascii('Kalancha\0')),
      box('minf', mediaHeader, box('dinf', full('dref', 0, 0, u32(1), full('url ', 0, 1))), this.#stbl(firstByte))))
  }

  #stbl (firstByte: number): Buffer {
    const sizes = this.#bytewise ? full('stsz', 0, 0, u32(1, this.#sizes.reduce((n, s) => n + s, 0))) : full('stsz', 0, 0, u32(0, this.#sizes.length), words(this.#sizes))
    const runs: { first: number, samples: number, entry: number }[] = []
    for (const [i, { samples, entry }] of this.#chunks.entries()) {
      const last = runs.at(-1)
      if (last?.samples !== samples || last.entry !== entry) runs.push({ first: i + 1, samples, entry })
    }
    return box('stbl', full('stsd', 0, 0, u32(this.#entries.length), ...this.#entries), this.#stts(),
      ...(this.kind === 'vide' ? [full('stss', 0, 0, u32(this.#keys.length), words(this.#keys))] : []),
      full('stsc', 0, 0, u32(runs.length), words(runs.flatMap(r => [r.first, r.samples, r.entry + 1]))), sizes,
      full('co64', 0, 0, u32(this.#chunks.length), longs(this.#chunks.map(c => firstByte + c.offset))))
  }

  #stts (): Buffer {
    if (!this.#bytewise) return full('stts', 0, 0, u32(this.#durations.length), words(this.#durations.flatMap(d => [d.count, d.ticks])))
    // A byte is a tick of G.711; what is longer than its bytes is a pause behind the last of them.
    const runs: [number, number][] = []
    let sample = 0
    for (const { count, ticks } of this.#durations) {
      for (let i = 0; i < count; i++) {
        const bytes = this.#sizes[sample++]!
        if (bytes === 0) continue
        const last = runs.at(-1)
        const extra = Math.max(0, ticks - bytes)
        if (last?.[1] === 1) last[0] += bytes
        else runs.push([bytes, 1])
        if (extra > 0) {
          const [whole] = runs.splice(-1)
          if (whole![0] > 1) runs.push([whole![0] - 1, 1])
          runs.push([1, 1 + extra])
        }
      }
    }
    return full('stts', 0, 0, u32(runs.length), words(runs.flat()))
  }
}

const MOVIE_TICKS_PER_S = 1000
/** Seconds from 1904, where the format counts from, to 1970. */
const MAC_EPOCH_S = 2_082_844_800

/** ftyp, moov and the header of mdat. `recordedAtMs` becomes the movie's creation time. */
export function movieHead (tracks: readonly TrackTable[], dataBytes: number, recordedAtMs: number): Buffer {
  const ftyp = box('ftyp', ascii('isom'), u32(0x200), ascii('isomiso2mp41'))
  const created = Math.floor(recordedAtMs / 1000) + MAC_EPOCH_S
  const duration = Math.max(...tracks.map(t => Math.round((t.startTicks + t.ticks) * MOVIE_TICKS_PER_S / t.about.timescale)))
  const moov = (firstByte: number) => box('moov',
    full('mvhd', 1, 0, u64(created, created), u32(MOVIE_TICKS_PER_S), u64(duration), u32(0x10000), u16(0x100, 0), u32(0, 0), matrix, u32(0, 0, 0, 0, 0, 0, tracks.length + 1)),
    ...tracks.map((t, i) => t.trak(i + 1, MOVIE_TICKS_PER_S, firstByte)))
  const mdat = Buffer.concat([u32(1), ascii('mdat'), u64(16 + dataBytes)])
  const size = ftyp.length + moov(0).length + mdat.length
  return Buffer.concat([ftyp, moov(size), mdat])
}

function u64 (...values: number[]): Buffer {
  const b = Buffer.alloc(values.length * 8)
  values.forEach((v, i) => { b.writeBigUInt64BE(BigInt(v), i * 8) })
  return b
}
function i64 (value: number): Buffer {
  const b = Buffer.alloc(8)
  b.writeBigInt64BE(BigInt(value))
  return b
}
/** Long lists, without one call an entry. */
function words (values: readonly number[]): Buffer {
  const b = Buffer.allocUnsafe(values.length * 4)
  for (let i = 0; i < values.length; i++) b.writeUInt32BE(values[i]! >>> 0, i * 4)
  return b
}
function longs (values: readonly number[]): Buffer {
  const b = Buffer.allocUnsafe(values.length * 8)
  for (let i = 0; i < values.length; i++) {
    const high = Math.floor(values[i]! / 0x1_0000_0000)
    b.writeUInt32BE(high, i * 8)
    b.writeUInt32BE(values[i]! - high * 0x1_0000_0000, i * 8 + 4)
  }
  return b
}
