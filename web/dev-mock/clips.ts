/** Moving pictures made by ffmpeg, cut into the contract's fragments and repeated with times that go on. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Fragment { bytes: Buffer, audio: boolean, key: boolean, tfdtAt: number, wide: boolean, time: bigint, offsetMs: number }
export interface Clip { init: Buffer, codec: string, fragments: Fragment[], lengthMs: number, videoTicks: bigint, audioTicks: bigint }
interface Box { name: string, at: number, end: number }

function boxes (b: Buffer, from: number, to: number): Box[] {
  const found: Box[] = []
  for (let at = from; at + 8 <= to; at += b.readUInt32BE(at)) found.push({ name: b.toString('latin1', at + 4, at + 8), at, end: at + b.readUInt32BE(at) })
  return found
}
const find = (b: Buffer, within: Box, name: string) => boxes(b, within.at + 8, within.end).find(x => x.name === name)!
const SECONDS = 10

export function makeClip (source: string, sound = false): Clip {
  const dir = mkdtempSync(join(tmpdir(), 'clip-'))
  const file = join(dir, 'clip.mp4')
  const audio = sound ? ['-f', 'lavfi', '-i', 'sine=frequency=330:sample_rate=48000'] : []
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', source, ...audio, '-t', String(SECONDS), '-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '25', '-sc_threshold', '0', '-bf', '0',
    '-video_track_timescale', '90000', ...(sound ? ['-c:a', 'aac', '-ac', '1'] : []), '-movflags', 'frag_every_frame+empty_moov+default_base_moof', file])
  const b = readFileSync(file)
  rmSync(dir, { recursive: true })
  const top = boxes(b, 0, b.length)
  const moov = top.find(x => x.name === 'moov')!
  const avcC = b.indexOf('avcC') + 4
  const clip: Clip = { init: b.subarray(0, moov.end), codec: `avc1.${b.toString('hex', avcC + 1, avcC + 4)}`, fragments: [], lengthMs: SECONDS * 1000, videoTicks: BigInt(SECONDS * 90_000), audioTicks: BigInt(SECONDS * 48_000) }
  top.forEach((box, i) => {
    if (box.name !== 'moof') return
    const bytes = Buffer.from(b.subarray(box.at, top[i + 1]!.end))
    const traf = find(bytes, { name: 'moof', at: 0, end: box.end - box.at }, 'traf')
    const tfdt = find(bytes, traf, 'tfdt')
    const trackId = bytes.readUInt32BE(find(bytes, traf, 'tfhd').at + 12)
    const wide = bytes[tfdt.at + 8] === 1
    const time = wide ? bytes.readBigUInt64BE(tfdt.at + 12) : BigInt(bytes.readUInt32BE(tfdt.at + 12))
    const isAudio = trackId === 2
    const offsetMs = Number(time) / (isAudio ? 48 : 90)
    clip.fragments.push({ bytes, audio: isAudio, key: isAudio || Math.floor(offsetMs / 40 + 0.01) % 25 === 0, tfdtAt: tfdt.at + 12, wide, time, offsetMs })
  })
  clip.fragments.sort((x, y) => x.offsetMs - y.offsetMs)
  return clip
}

/** The nth repetition's bytes: the same picture at a later time. */
export function repeated (f: Fragment, clip: Clip, round: number) {
  const bytes = Buffer.from(f.bytes)
  const time = f.time + BigInt(round) * (f.audio ? clip.audioTicks : clip.videoTicks)
  if (f.wide) bytes.writeBigUInt64BE(time, f.tfdtAt)
  else bytes.writeUInt32BE(Number(time), f.tfdtAt)
  return bytes
}
