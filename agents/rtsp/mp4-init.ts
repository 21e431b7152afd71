import type { AudioConfig } from './audio.js'
import { type H265SpsFacts, parseH265Sps } from './sps-h265.js'
import { parseH264Sps } from './sps-h264.js'
import type { ParameterSets } from './video-track.js'

/** Ticks a second of the video track, as in RTP. */
export const VIDEO_TIMESCALE = 90_000

export interface VideoConfig {
  kind: 'h264' | 'h265'
  codec: string
  width: number
  height: number
  /** As declared; null when the stream does not say. */
  fps: number | null
  sets: ParameterSets
}

/** Null until the parameter sets are complete and make sense. */
export function videoConfig (kind: 'h264' | 'h265', sets: ParameterSets): VideoConfig | null {
  if (!sets.sps || !sets.pps || (kind === 'h265' && !sets.vps)) return null
  const facts = kind === 'h264' ? parseH264Sps(sets.sps) : parseH265Sps(sets.sps)
  return facts && { kind, codec: facts.codec, width: facts.width, height: facts.height, fps: facts.fps, sets }
}

/** ftyp and moov (ISO/IEC 14496-12) for fragments of track 1 video and track 2 audio. Live: mvhd duration 0, no mehd. */
export function initSegment (video: VideoConfig, audio: AudioConfig | null): Buffer {
  const tracks = [videoTrak(video), ...(audio ? [audioTrak(audio)] : [])]
  const trex = (id: number) => full('trex', 0, 0, u32(id, 1, 0, 0, 0))
  return Buffer.concat([
    box('ftyp', ascii('iso6'), u32(0), ascii('iso6mp41dash')),
    box('moov', full('mvhd', 0, 0, u32(0, 0, 1000, 0, 0x10000), u16(0x100, 0), u32(0, 0), matrix, u32(0, 0, 0, 0, 0, 0, tracks.length + 1)),
      ...tracks, box('mvex', trex(1), ...(audio ? [trex(2)] : [])))
  ])
}

export const ascii = (text: string) => Buffer.from(text, 'latin1')
const u8 = (...values: number[]) => Buffer.from(values)
export const u16 = (...values: number[]) => { const b = Buffer.alloc(values.length * 2); values.forEach((v, i) => { b.writeUInt16BE(v, i * 2) }); return b }
export const u32 = (...values: number[]) => { const b = Buffer.alloc(values.length * 4); values.forEach((v, i) => { b.writeUInt32BE(v, i * 4) }); return b }
export const box = (type: string, ...parts: Buffer[]) => {
  const size = parts.reduce((sum, part) => sum + part.length, 8)
  return Buffer.concat([u32(size), ascii(type), ...parts], size)
}
export const full = (type: string, version: number, flags: number, ...parts: Buffer[]) => box(type, u32(version * 0x1000000 + flags), ...parts)
export const matrix = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)

function trak (id: number, timescale: number, size: [number, number], handler: string, mediaHeader: Buffer, entry: Buffer) {
  const tkhd = full('tkhd', 0, 3, u32(0, 0, id, 0, 0, 0, 0), u16(0, 0, handler === 'soun' ? 0x100 : 0, 0), matrix, u32(size[0] * 0x10000, size[1] * 0x10000))
  const stbl = box('stbl', full('stsd', 0, 0, u32(1), entry), full('stts', 0, 0, u32(0)), full('stsc', 0, 0, u32(0)), full('stsz', 0, 0, u32(0, 0)), full('stco', 0, 0, u32(0)))
  const dinf = box('dinf', full('dref', 0, 0, u32(1), full('url ', 0, 1)))
  return box('trak', tkhd, box('mdia',
    full('mdhd', 0, 0, u32(0, 0, timescale, 0), u16(0x55c4, 0)),
    full('hdlr', 0, 0, u32(0), ascii(handler), u32(0, 0, 0), ascii('Kalancha\0')),
    box('minf', mediaHeader, dinf, stbl)))
}

function videoTrak (v: VideoConfig) {
  const visual = Buffer.concat([u32(0), u16(0, 1), u32(0, 0, 0, 0), u16(v.width, v.height), u32(0x480000, 0x480000, 0), u16(1), Buffer.alloc(32), u16(0x18, 0xffff)])
  const entry = v.kind === 'h264' ? box('avc1', visual, box('avcC', avcC(v.sets))) : box('hvc1', visual, box('hvcC', hvcC(v.sets)))
  return trak(1, VIDEO_TIMESCALE, [v.width, v.height], 'vide', full('vmhd', 0, 1, u16(0, 0, 0, 0)), entry)
}

function audioTrak (a: AudioConfig) {
  const bits = 16
  const entry = Buffer.concat([u32(0), u16(0, 1), u32(0, 0), u16(a.channels, bits, 0, 0), u32(a.sampleRate * 0x10000)])
  const type = a.codec === 'pcmu' ? 'ulaw' : a.codec === 'pcma' ? 'alaw' : 'mp4a'
  return trak(2, a.sampleRate, [0, 0], 'soun', full('smhd', 0, 0, u16(0, 0)), a.specific ? box(type, entry, esds(a.specific)) : box(type, entry))
}

/** ISO/IEC 14496-1 descriptors around an AudioSpecificConfig. */
function esds (specific: Buffer) {
  const descriptor = (tag: number, ...parts: Buffer[]) => {
    const body = Buffer.concat(parts)
    return Buffer.concat([u8(tag, body.length), body])
  }
  const decoder = descriptor(4, u8(0x40, 0x15, 0, 0, 0), u32(0, 0), descriptor(5, specific))
  return full('esds', 0, 0, descriptor(3, u16(2), u8(0), decoder, descriptor(6, u8(2))))
}

/** ISO/IEC 14496-15 5.3.3.1; also the `description` of a WebCodecs decoder. */
function avcC ({ sps, pps }: ParameterSets): Buffer {
  const s = sps!
  const body = [u8(1, s[1]!, s[2]!, s[3]!, 0xff, 0xe1), u16(s.length), s, u8(1), u16(pps!.length), pps!]
  if ([100, 110, 122, 144].includes(s[1]!)) body.push(u8(0xfd, 0xf8, 0xf8, 0))
  return Buffer.concat(body)
}

/** ISO/IEC 14496-15 8.3.3.1. */
function hvcC ({ vps, sps, pps }: ParameterSets): Buffer {
  const f: H265SpsFacts = parseH265Sps(sps!)!
  const head = [u8(1), Buffer.from(f.profileTierLevel), u16(0xf000), u8(0xfc, 0xfc | f.chromaFormat, 0xf8 | (f.bitDepthLuma - 8), 0xf8 | (f.bitDepthChroma - 8)),
    u16(0), u8((f.temporalLayers << 3) | (f.temporalNesting << 2) | 3, 3)]
  const array = (type: number, nal: Buffer) => Buffer.concat([u8(0x80 | type), u16(1, nal.length), nal])
  return Buffer.concat([...head, array(32, vps!), array(33, sps!), array(34, pps!)])
}
