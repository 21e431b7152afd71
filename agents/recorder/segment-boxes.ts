/** The boxes of a recorded segment (ISO/IEC 14496-12); see docs/decisions/recording.md, "The file". */
import { FRAGMENT_OVERHEAD } from '../rtsp/mp4-fragment.js'

/** One coded picture or piece of sound, cut out of its live fragment without copying it. */
export interface Sample { bytes: Buffer, time: number, duration: number, key: boolean }

/** Our own `uuid` box: the segment's facts as JSON, so that an index can be made anew from the disk. */
export const FACTS_UUID = Buffer.from('6b616c616e6368618f4a5365676d6e74', 'hex')
const NTP_EPOCH_S = 2_208_988_800
const SYNC_FLAGS = 0x02000000
const DELTA_FLAGS = 0x01010000
/** data offset, then duration, size and flags of each sample. */
const VIDEO_RUN = 0x000701
/** data offset, then duration and size of each sample. */
const AUDIO_RUN = 0x000301

export function readLiveFragment (fragment: Buffer): { time: number, duration: number, sample: Buffer } {
  return { time: fragment.readUInt32BE(60) * 0x1_0000_0000 + fragment.readUInt32BE(64), duration: fragment.readUInt32BE(88), sample: fragment.subarray(FRAGMENT_OVERHEAD) }
}

export function factsBox (json: string): Buffer {
  const body = Buffer.from(json)
  const box = Buffer.allocUnsafe(24 + body.length)
  box.writeUInt32BE(box.length, 0)
  box.write('uuid', 4, 'latin1')
  FACTS_UUID.copy(box, 8)
  body.copy(box, 24)
  return box
}

/** Producer reference time: the wall clock `atMs` belongs to `mediaTime` (ticks) of track 1. Version 1. */
function writePrft (out: Buffer, at: number, atMs: number, mediaTime: number): number {
  const seconds = Math.floor(atMs / 1000)
  out.writeUInt32BE(32, at)
  out.write('prft', at + 4, 'latin1')
  out.writeUInt32BE(0x01000000, at + 8)
  out.writeUInt32BE(1, at + 12)
  out.writeUInt32BE((seconds + NTP_EPOCH_S) >>> 0, at + 16)
  out.writeUInt32BE(Math.floor((atMs - seconds * 1000) / 1000 * 0x1_0000_0000) >>> 0, at + 20)
  out.writeBigUInt64BE(BigInt(mediaTime), at + 24)
  return at + 32
}

const trafBytes = (count: number, perSample: number) => 8 + 16 + 20 + 20 + count * perSample

function writeTraf (out: Buffer, at: number, trackId: 1 | 2, samples: readonly Sample[], dataOffset: number): number {
  const perSample = trackId === 1 ? 12 : 8
  out.writeUInt32BE(trafBytes(samples.length, perSample), at)
  out.write('traf', at + 4, 'latin1')
  out.writeUInt32BE(16, at + 8)
  out.write('tfhd', at + 12, 'latin1')
  out.writeUInt32BE(0x020000, at + 16)
  out.writeUInt32BE(trackId, at + 20)
  out.writeUInt32BE(20, at + 24)
  out.write('tfdt', at + 28, 'latin1')
  out.writeUInt32BE(0x01000000, at + 32)
  out.writeBigUInt64BE(BigInt(samples[0]!.time), at + 36)
  out.writeUInt32BE(20 + samples.length * perSample, at + 44)
  out.write('trun', at + 48, 'latin1')
  out.writeUInt32BE(trackId === 1 ? VIDEO_RUN : AUDIO_RUN, at + 52)
  out.writeUInt32BE(samples.length, at + 56)
  out.writeUInt32BE(dataOffset, at + 60)
  let next = at + 64
  for (const sample of samples) {
    out.writeUInt32BE(sample.duration, next)
    out.writeUInt32BE(sample.bytes.length, next + 4)
    if (trackId === 1) out.writeUInt32BE(sample.key ? SYNC_FLAGS : DELTA_FLAGS, next + 8)
    next += perSample
  }
  return next
}

/** prft, moof and the head of an mdat; the samples' bytes follow it, pictures first. `number` rises over the file. */
export function batchHead (video: readonly Sample[], audio: readonly Sample[], number: number, atMs: number): Buffer {
  const moofBytes = 8 + 16 + trafBytes(video.length, 12) + (audio.length > 0 ? trafBytes(audio.length, 8) : 0)
  const videoBytes = video.reduce((sum, s) => sum + s.bytes.length, 0)
  const audioBytes = audio.reduce((sum, s) => sum + s.bytes.length, 0)
  const out = Buffer.allocUnsafe(32 + moofBytes + 8)
  let at = writePrft(out, 0, atMs, video[0]!.time)
  out.writeUInt32BE(moofBytes, at)
  out.write('moof', at + 4, 'latin1')
  out.writeUInt32BE(16, at + 8)
  out.write('mfhd', at + 12, 'latin1')
  out.writeUInt32BE(0, at + 16)
  out.writeUInt32BE(number, at + 20)
  at = writeTraf(out, at + 24, 1, video, moofBytes + 8)
  if (audio.length > 0) at = writeTraf(out, at, 2, audio, moofBytes + 8 + videoBytes)
  out.writeUInt32BE(8 + videoBytes + audioBytes, at)
  out.write('mdat', at + 4, 'latin1')
  return out
}
