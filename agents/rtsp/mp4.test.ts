import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseChallenges } from '../digest/challenges.js'
import { RtspFault } from './fault.js'
import { FRAGMENT_OVERHEAD, FragmentWriter, GroupSlabs, setFragmentTime } from './mp4-fragment.js'
import { initSegment } from './mp4-init.js'
import { Mp4Reader, type Mp4Tracks } from './mp4-reader.js'
import { readSenderReport } from './rtp.js'

interface Sample { audio: boolean, bytes: Buffer, time: number, duration: number, key: boolean }
function read (bytes: Buffer, piece = bytes.length) {
  let tracks: Mp4Tracks | null = null
  const samples: Sample[] = []
  const reader = new Mp4Reader({ tracks: t => { tracks = t }, sample: (audio, sample, time, duration, key) => samples.push({ audio, bytes: Buffer.from(sample), time, duration, key }) })
  for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.subarray(at, at + piece))
  return { tracks: tracks as Mp4Tracks | null, samples }
}

/** What ffmpeg writes with the very options of the fallback. */
let foreign: Buffer
beforeAll(() => {
  const made = spawnSync('ffmpeg', ['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=10', '-f', 'lavfi', '-i', 'sine=sample_rate=16000', '-t', '2', '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '10', '-bf', '0',
    '-c:a', 'aac', '-ac', '1', '-f', 'mov', '-movflags', '+frag_every_frame+empty_moov+default_base_moof', 'pipe:1'], { maxBuffer: 1e8 })
  expect(made.stderr.toString()).toBe('')
  foreign = made.stdout
})

describe('fragmented MP4', () => {
  it('of ffmpeg is read, wherever the pipe cuts it', () => {
    const whole = read(foreign)
    expect(whole.tracks).toMatchObject({ video: { config: { width: 320, height: 180, kind: 'h264' } }, audio: { config: { codec: 'mp4a.40.2', sampleRate: 16000, channels: 1 } } })
    const video = whole.samples.filter(s => !s.audio)
    expect(video).toHaveLength(20)
    expect(video.filter(s => s.key)).toHaveLength(2)
    expect(read(foreign, 777).samples).toEqual(whole.samples)
  })
  it('of ours is read back as it was written, also beyond 32 bits of time', () => {
    const { video, audio } = read(foreign).tracks!
    const init = initSegment(video.config, audio!.config)
    const pictures = new FragmentWriter(1)
    const sounds = new FragmentWriter(2)
    const late = pictures.write(Buffer.from('b'), 1, 3600, false)
    setFragmentTime(late, 0x5_0000_0007)
    const back = read(Buffer.concat([init, pictures.write(Buffer.alloc(50_000, 1), 90_000, 3600, true), late, sounds.write(Buffer.from('s'), 16_000, 1024, true)]))
    expect(back.tracks!.video.config.sets).toEqual(video.config.sets)
    expect(back.tracks!.audio!.config).toEqual(audio!.config)
    expect(back.samples.map(s => [s.audio, s.bytes.length, s.time, s.duration, s.key])).toEqual([[false, 50_000, 90_000, 3600, true], [false, 1, 0x5_0000_0007, 3600, false], [true, 1, 16_000, 1024, true]])
  })
  it('of ours has its sample behind a header of known size, and neither mehd nor a duration', () => {
    const fragment = new FragmentWriter(1).write(Buffer.from('sample'), 0, 1, true)
    expect(fragment.subarray(FRAGMENT_OVERHEAD).toString()).toBe('sample')
    const init = initSegment(read(foreign).tracks!.video.config, null)
    expect(init.includes('mehd')).toBe(false)
    const mvhd = init.indexOf('mvhd')
    expect(init.readUInt32BE(mvhd + 4 + 16)).toBe(0)
  })
})

describe('memory that is used again', () => {
  it('holds each picture whole until the second key frame after it, and goes round from then on', () => {
    const writer = new FragmentWriter(1, new GroupSlabs())
    const memories = new Set<ArrayBufferLike>()
    const living: { group: number, fill: number, bytes: Buffer }[] = []
    let fill = 0
    for (let group = 0; group < 40; group++) {
      // Groups of other lengths, pictures small, large, and larger than any slab.
      for (let i = 0; i < 5 + group % 7; i++) {
        const size = i === 0 ? group % 9 === 0 ? 300_000 : 70_000 : 9000 + i
        const sample = Buffer.alloc(size, ++fill & 0xff)
        const bytes = writer.write(sample, fill * 3600, 3600, i === 0)
        if (size < 300_000) memories.add(bytes.buffer)
        living.push({ group, fill: fill & 0xff, bytes })
      }
      while (living[0]!.group < group - 1) living.shift()
      for (const { fill: expected, bytes } of living) expect(bytes.subarray(FRAGMENT_OVERHEAD).every(b => b === expected)).toBe(true)
    }
    expect(memories.size).toBeLessThan(12)
  })
})

describe('hostile bytes', () => {
  it('in a pipe end in a fault or in nothing', () => {
    const start = foreign.subarray(0, 6000)
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(start.length - 1), fc.nat(255)), { minLength: 1, maxLength: 10 }), edits => {
      const bytes = Buffer.from(start)
      for (const [at, value] of edits) bytes[at] = value
      try { read(bytes, 1000) } catch (error) { expect(error).toBeInstanceOf(RtspFault) }
    }), { numRuns: 10_000 })
  })
  it('in challenges and reports give nothing worse than nothing', () => {
    const seed = 'Digest realm="a, b", nonce="n\\"", qop="auth", algorithm=MD5, Basic realm=x'
    fc.assert(fc.property(fc.nat(seed.length), fc.string({ maxLength: 20 }), fc.uint8Array({ maxLength: 64 }), (at, text, bytes) => {
      parseChallenges([seed.slice(0, at) + text + seed.slice(at)])
      readSenderReport(Buffer.from(bytes), 0, bytes.length)
    }), { numRuns: 10_000 })
  })
})
