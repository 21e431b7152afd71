/** For tests: real pictures and sound by ffmpeg, in files as docs/decisions/recording.md describes them, and a library over them. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { newId } from '../../lib/ids.js'
import type { GapCause, Segment } from '../../server/contract/recording.js'
import { initSegment } from '../rtsp/mp4-init.js'
import { Mp4Reader, type Mp4Tracks } from '../rtsp/mp4-reader.js'
import { fileSource } from './file-source.js'
import { endOf, type Library } from './library.js'

interface TestSample { audio: boolean, bytes: Buffer, timeS: number, durationS: number, key: boolean }
export interface Footage { tracks: Mp4Tracks, samples: TestSample[] }
/** `kbps` of a constant rate; without it as large as the scene needs. */
export interface Picture { kbps?: number, codec?: 'h264' | 'h265', size?: string, fps?: number, seconds?: number, audio?: 'aac' | 'pcm_mulaw' | null, source?: string }

/** A key frame a second, nothing out of order, as cameras send. */
export function film ({ codec = 'h264', size = '320x180', fps = 10, seconds = 4, audio = null, source = 'testsrc2', kbps }: Picture = {}): Footage {
  const encoder = codec === 'h264' ? ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-x264-params', `keyint=${fps}:min-keyint=${fps}:scenecut=0`]
    : ['-c:v', 'libx265', '-preset', 'ultrafast', '-tag:v', 'hvc1', '-x265-params', `keyint=${fps}:min-keyint=${fps}:scenecut=0:bframes=0:open-gop=0:log-level=none`]
  const sound = audio ? ['-f', 'lavfi', '-i', `sine=sample_rate=${audio === 'aac' ? 16000 : 8000}`] : []
  const made = spawnSync('ffmpeg', ['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', `${source}${source.includes('=') ? ':' : '='}size=${size}:rate=${fps}`, ...sound, '-t', String(seconds), ...encoder, '-pix_fmt', 'yuv420p', ...(kbps ? ['-b:v', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`] : []),
    ...(audio ? ['-c:a', audio, '-ac', '1'] : []), '-f', 'mov', '-movflags', '+frag_every_frame+empty_moov+default_base_moof', 'pipe:1'], { maxBuffer: 1e9 })
  if (made.status !== 0) throw new Error(made.stderr.toString())
  let tracks: Mp4Tracks | null = null
  const samples: TestSample[] = []
  const reader = new Mp4Reader({
    tracks: t => { tracks = t },
    sample (isAudio, sample, time, duration, key) {
      const scale = isAudio ? tracks!.audio!.timescale : tracks!.video.timescale
      samples.push({ audio: isAudio, bytes: Buffer.from(sample), timeS: time / scale, durationS: duration / scale, key: key && !isAudio })
    }
  })
  reader.push(made.stdout)
  // An encoder's sound begins before its picture, and stretches the first one; a recording's frames are even.
  const pictures = samples.filter(s => !s.audio).map((s, i) => ({ ...s, timeS: i / fps, durationS: 1 / fps }))
  return { tracks: tracks!, samples: [...pictures, ...samples.filter(s => s.audio)].sort((a, b) => a.timeS - b.timeS) }
}

const u32 = (...values: number[]) => { const b = Buffer.alloc(values.length * 4); values.forEach((v, i) => { b.writeUInt32BE(v >>> 0, i * 4) }); return b }
const u64 = (value: number) => { const b = Buffer.alloc(8); b.writeBigUInt64BE(BigInt(Math.round(value))); return b }
const box = (type: string, ...parts: Buffer[]) => Buffer.concat([u32(8 + parts.reduce((n, p) => n + p.length, 0)), Buffer.from(type, 'latin1'), ...parts])

/** The bytes of a segment that began at `startedAt`, a batch a half second; `cut` says where each batch ends. */
export function segmentBytes ({ tracks, samples }: Footage, startedAt: number, { prft = true } = {}): { bytes: Buffer, batchEnds: number[] } {
  const parts = [initSegment(tracks.video.config, tracks.audio?.config ?? null), box('uuid', Buffer.alloc(16, 7), Buffer.from('{}'))]
  const batchEnds: number[] = []
  let batch: TestSample[] = []
  let sequence = 0
  const flush = () => {
    if (batch.length === 0) return
    parts.push(...batchBoxes(batch, ++sequence, tracks, prft ? startedAt : null))
    batchEnds.push(parts.reduce((n, p) => n + p.length, 0))
    batch = []
  }
  for (const sample of samples) {
    if (sample.key || (batch[0] && sample.timeS - batch[0].timeS >= 0.5)) flush()
    batch.push(sample)
  }
  flush()
  return { bytes: Buffer.concat(parts), batchEnds }
}

function batchBoxes (batch: TestSample[], sequence: number, tracks: Mp4Tracks, startedAt: number | null): Buffer[] {
  const runs = [false, true].map(audio => ({ audio, scale: audio ? tracks.audio?.config.sampleRate ?? 1 : 90_000, samples: batch.filter(s => s.audio === audio) })).filter(r => r.samples.length > 0)
  const moofOf = (offsets: number[]) => box('moof', box('mfhd', u32(0, sequence)), ...runs.map((run, i) => box('traf',
    box('tfhd', u32(0x020000, run.audio ? 2 : 1)), box('tfdt', u32(0x01000000), u64(run.samples[0]!.timeS * run.scale)),
    box('trun', u32(0x000701, run.samples.length, offsets[i]!), ...run.samples.map(s => u32(Math.round(s.durationS * run.scale), s.bytes.length, s.key || s.audio ? 0x02000000 : 0x01010000))))))
  const size = moofOf(runs.map(() => 0)).length
  let at = size + 8
  const offsets = runs.map(run => { const here = at; at += run.samples.reduce((n, s) => n + s.bytes.length, 0); return here })
  const first = batch.find(s => !s.audio) ?? batch[0]!
  const scale = first.audio ? tracks.audio!.config.sampleRate : 90_000
  const ntpMs = (startedAt ?? 0) + first.timeS * 1000 + 2_208_988_800_000
  const clock = startedAt === null ? [] : [box('prft', u32(0x01000000, first.audio ? 2 : 1, Math.floor(ntpMs / 1000), (ntpMs % 1000) / 1000 * 2 ** 32), u64(first.timeS * scale))]
  return [...clock, moofOf(offsets), box('mdat', ...runs.flatMap(r => r.samples.map(s => s.bytes)))]
}

export interface TestLibrary extends Library { segments: Segment[], opened: number, add (footage: Footage, startedAt: number, over?: Partial<Segment>): Segment }

export function testLibrary (folder: string, deviceId: string): TestLibrary {
  const there = (s: Segment) => s.deviceId === deviceId && s.status !== 'deleted' && s.status !== 'missing'
  const library: TestLibrary = {
    segments: [], opened: 0,
    add (footage, startedAt, over = {}) {
      const id = newId()
      const { bytes } = segmentBytes(footage, startedAt)
      const path = over.path ?? `${deviceId}/${startedAt}-${id}.mp4`
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), bytes)
      const video = footage.samples.filter(s => !s.audio)
      const mediaMs = Math.round(Math.max(...video.map(s => s.timeS + s.durationS)) * 1000)
      const { config } = footage.tracks.video
      const segment: Segment = { id, deviceId, profile: 'main', runId: deviceId, runOffsetMs: 0, startedAt, wallMs: mediaMs, mediaMs, videoCodec: config.codec, audioCodec: footage.tracks.audio?.config.codec ?? null, width: config.width, height: config.height,
        frames: video.length, keyFrames: video.filter(s => s.key).length, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), volumeId: deviceId, path, status: 'closed', endReason: null, refilled: false, detail: null, ...over }
      library.segments.push(segment)
      library.segments.sort((a, b) => a.startedAt - b.startedAt)
      return segment
    },
    startedBy: (_id, at) => library.segments.findLast(s => there(s) && s.startedAt <= at) ?? null,
    startedAfter: (_id, at) => library.segments.find(s => there(s) && s.startedAt > at) ?? null,
    byId: id => library.segments.find(s => s.id === id) ?? null,
    overlapping: (_id, from, to) => library.segments.filter(s => there(s) && s.startedAt < to && endOf(s) > from),
    causeAt: (): GapCause | null => 'camera_unreachable',
    open (segment) {
      library.opened++
      return fileSource(join(folder, segment.path))
    }
  }
  return library
}
