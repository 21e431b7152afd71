import { RtspFault } from './fault.js'
import type { AudioConfig } from './audio.js'
import { type VideoConfig, videoConfig } from './mp4-init.js'
import type { ParameterSets } from './video-track.js'

export interface Mp4Tracks { video: { config: VideoConfig, timescale: number }, audio: { config: AudioConfig, timescale: number } | null }
export interface Mp4Sink {
  tracks (tracks: Mp4Tracks): void
  /** Times in ticks of the track. */
  sample (audio: boolean, sample: Buffer, time: number, duration: number, key: boolean): void
}
/** `entry` is the sample entry as it stands in the file, with its header. */
export interface Track { entry: Buffer, id: number, timescale: number, video: VideoConfig | null, audio: AudioConfig | null }
export interface Defaults { duration: number, size: number, flags: number }

const MAX_BOX_BYTES = 8 * 1024 * 1024

/** Reads the fragmented MP4 that ffmpeg writes to a pipe, as it comes. @throws RtspFault protocol_error on anything else. */
export class Mp4Reader {
  private held: Buffer = Buffer.alloc(0)
  private tracks: Track[] = []
  private defaults = new Map<number, Defaults>()
  private moof: Buffer | null = null

  constructor (private readonly sink: Mp4Sink) {}

  push (chunk: Buffer) {
    this.held = this.held.length ? Buffer.concat([this.held, chunk]) : chunk
    while (this.held.length >= 8) {
      const size = this.held.readUInt32BE(0)
      if (size < 8 || size > MAX_BOX_BYTES) throw new RtspFault('protocol_error', 'The converter wrote a box of impossible size')
      if (this.held.length < size) return
      const box = this.held.subarray(0, size)
      this.held = this.held.subarray(size)
      try {
        this.box(box.toString('latin1', 4, 8), box)
      } catch (error) {
        if (error instanceof RangeError) throw new RtspFault('protocol_error', 'The converter wrote a damaged box')
        throw error
      }
    }
  }

  private box (type: string, box: Buffer) {
    if (type === 'moov') this.readMoov(box)
    else if (type === 'moof') this.moof = Buffer.from(box)
    else if (type === 'mdat' && this.moof) {
      this.readFragment(this.moof, box)
      this.moof = null
    }
  }

  private readMoov (moov: Buffer) {
    this.tracks = [...children(moov, 8)].filter(b => b.type === 'trak').map(b => readTrak(b.body))
    for (const mvex of children(moov, 8)) {
      if (mvex.type !== 'mvex') continue
      for (const { type, body } of children(mvex.body, 0)) {
        if (type === 'trex') this.defaults.set(body.readUInt32BE(4), { duration: body.readUInt32BE(12), size: body.readUInt32BE(16), flags: body.readUInt32BE(20) })
      }
    }
    const video = this.tracks.find(t => t.video)
    const audio = this.tracks.find(t => t.audio)
    if (!video?.video) throw new RtspFault('unsupported_codec', 'The converter gave no H.264 or H.265 picture')
    this.sink.tracks({ video: { config: video.video, timescale: video.timescale }, audio: audio?.audio ? { config: audio.audio, timescale: audio.timescale } : null })
  }

  private readFragment (moof: Buffer, mdat: Buffer) {
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
        else if (type === 'trun' && track) this.readRun(body, track, defaults, time, moof.length, mdat)
      }
    }
  }

  private readRun (trun: Buffer, track: Track, defaults: Defaults, time: number, moofLength: number, mdat: Buffer) {
    const flags = trun.readUInt32BE(0) & 0xffffff
    const count = trun.readUInt32BE(4)
    const next = optionalFields(trun, 8, flags)
    let offset = flags & 1 ? trun.readInt32BE(8) - moofLength : 8
    next(1, 0)
    const firstFlags = next(4, defaults.flags)
    for (let i = 0; i < count; i++) {
      const duration = next(0x100, defaults.duration)
      const size = next(0x200, defaults.size)
      const sampleFlags = next(0x400, i === 0 ? firstFlags : defaults.flags)
      next(0x800, 0)
      if (offset < 8 || offset + size > mdat.length) throw new RangeError('sample outside of its data')
      if (track.video || track.audio) this.sink.sample(track.audio !== null, mdat.subarray(offset, offset + size), time, duration, (sampleFlags & 0x10000) === 0)
      offset += size
      time += duration
    }
  }
}

export function * children (box: Buffer, from: number): Generator<{ type: string, body: Buffer }> {
  for (let at = from; at + 8 <= box.length;) {
    const size = box.readUInt32BE(at)
    if (size < 8 || at + size > box.length) return
    yield { type: box.toString('latin1', at + 4, at + 8), body: box.subarray(at + 8, at + size) }
    at += size
  }
}

export function find (box: Buffer, ...path: string[]): Buffer | null {
  let body: Buffer | undefined = box
  for (const name of path) body = body && [...children(body, 0)].find(b => b.type === name)?.body
  return body ?? null
}

/** Reads one field after another, each there only when its flag is set. */
export function optionalFields (body: Buffer, start: number, flags: number) {
  let at = start
  return (flag: number, otherwise: number) => {
    if (!(flags & flag)) return otherwise
    at += 4
    return body.readUInt32BE(at - 4)
  }
}

export function readTfhd (body: Buffer, defaults: Defaults): Defaults {
  const flags = body.readUInt32BE(0)
  const next = optionalFields(body, 8 + (flags & 1 ? 8 : 0) + (flags & 2 ? 4 : 0), flags)
  return { duration: next(8, defaults.duration), size: next(0x10, defaults.size), flags: next(0x20, defaults.flags) }
}

export function readTrak (trak: Buffer): Track {
  const tkhd = find(trak, 'tkhd')
  const mdhd = find(trak, 'mdia', 'mdhd')
  const stsd = find(trak, 'mdia', 'minf', 'stbl', 'stsd')
  if (!tkhd || !mdhd || !stsd) throw new RangeError('track without its headers')
  const id = tkhd.readUInt32BE(tkhd[0] === 1 ? 20 : 12)
  const timescale = mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12) || 1
  const entry = [...children(stsd, 8)][0]
  return { id, timescale, entry: entry ? stsd.subarray(8, 16 + entry.body.length) : Buffer.alloc(0), video: entry ? readVideoEntry(entry.type, entry.body) : null, audio: entry ? readAudioEntry(entry.type, entry.body) : null }
}

function readVideoEntry (type: string, body: Buffer): VideoConfig | null {
  const inner = body.subarray(78)
  const avc = type === 'avc1' || type === 'avc3' ? find(inner, 'avcC') : null
  if (avc) {
    const spsSize = avc.readUInt16BE(6)
    const pps = 8 + spsSize + 1
    return videoConfig('h264', { sps: Buffer.from(avc.subarray(8, 8 + spsSize)), pps: Buffer.from(avc.subarray(pps + 2, pps + 2 + avc.readUInt16BE(pps))) })
  }
  const hvc = type === 'hvc1' || type === 'hev1' ? find(inner, 'hvcC') : null
  return hvc && videoConfig('h265', readHvcC(hvc))
}

function readHvcC (hvc: Buffer): ParameterSets {
  const names: Record<number, 'vps' | 'sps' | 'pps'> = { 32: 'vps', 33: 'sps', 34: 'pps' }
  const sets: ParameterSets = {}
  for (let array = hvc[22]!, at = 23; array > 0; array--) {
    const name = names[hvc[at]! & 0x3f]
    let count = hvc.readUInt16BE(at + 1)
    for (at += 3; count > 0; count--) {
      const size = hvc.readUInt16BE(at)
      if (name) sets[name] ??= Buffer.from(hvc.subarray(at + 2, at + 2 + size))
      at += 2 + size
    }
  }
  return sets
}

function readAudioEntry (type: string, body: Buffer): AudioConfig | null {
  if (type === 'ulaw' || type === 'alaw') return { codec: type === 'ulaw' ? 'pcmu' : 'pcma', sampleRate: 8000, channels: 1, specific: null }
  if (type !== 'mp4a') return null
  // QuickTime's version 1 entries carry 16 more bytes, and wrap the descriptors once more.
  const inner = body.subarray(body.readUInt16BE(8) === 1 ? 44 : 28)
  const esds = find(inner, 'esds') ?? find(inner, 'wave', 'esds')
  const specific = esds && readSpecific(esds.subarray(4))
  return specific ? { codec: `mp4a.40.${specific[0]! >> 3}`, sampleRate: body.readUInt32BE(24) >>> 16, channels: body.readUInt16BE(16), specific } : null
}

/** The AudioSpecificConfig inside the descriptors of ISO/IEC 14496-1. */
function readSpecific (esds: Buffer): Buffer | null {
  for (let at = 0; at + 2 < esds.length;) {
    const tag = esds[at++]!
    let size = 0
    for (let more = true; more;) {
      const byte = esds.readUInt8(at++)
      size = size * 128 + (byte & 0x7f)
      more = (byte & 0x80) !== 0
    }
    if (tag === 5) return size >= 2 && size <= 64 ? Buffer.from(esds.subarray(at, at + size)) : null
    at += tag === 3 ? 3 : tag === 4 ? 13 : size
  }
  return null
}
