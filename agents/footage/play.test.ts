import { createHash } from 'node:crypto'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import type { FootageNote } from '../../server/contract/footage.js'
import { FRAGMENT_OVERHEAD } from '../rtsp/mp4-fragment.js'
import { FootageFault } from './fault.js'
import { type Out, play, still } from './play.js'
import { SegmentFile } from './segment-file.js'
import { film, type Footage, segmentBytes, type TestLibrary, testLibrary } from './test-segments.js'

const folder = mkdtempSync(join(tmpdir(), 'footage-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const T = Date.UTC(2026, 10, 26, 12)
const deviceId = newId()
let plain: Footage
let sound: Footage
let large: Footage
beforeAll(() => {
  plain = film()
  sound = film({ audio: 'aac' })
  large = film({ size: '640x360' })
})
let library: TestLibrary
beforeEach(() => { library = testLibrary(folder, deviceId) })

const hash = (b: Buffer) => createHash('sha256').update(b).digest('hex')
interface Sent { frames: { at: number, key: boolean, audio: boolean, sample: string, ticks: number }[], notes: FootageNote[], inits: number }
function collector () {
  const sent: Sent = { frames: [], notes: [], inits: 0 }
  const out: Out = {
    note: async note => { sent.notes.push(note) },
    init: async () => { sent.inits++ },
    frame: async (bytes, { key, audio, atMs }) => { sent.frames.push({ at: Math.round(atMs - T), key, audio, sample: hash(bytes.subarray(FRAGMENT_OVERHEAD)), ticks: Number(bytes.readBigUInt64BE(60)) }) }
  }
  return { sent, out }
}
async function watch (from: number, to: number | null, over: { mode?: 'all' | 'keyframes', direction?: 'forward' | 'backward' } = {}, { signal = new AbortController().signal, pause = async () => {}, stopAfter = Infinity } = {}) {
  const { sent, out } = collector()
  const limit = new AbortController()
  const frame = out.frame
  out.frame = async (...args) => { await frame(...args); if (sent.frames.length >= stopAfter) limit.abort() }
  const played = await play(library, { what: 'play', deviceId, from: T + from, to: to === null ? null : T + to, mode: 'all', direction: 'forward', transcode: false, masks: [], ...over }, out, { signal: AbortSignal.any([signal, limit.signal]), pause, convert: null })
  return { ...sent, played, gaps: sent.notes.filter(n => n.type === 'gap').map(n => [n.from - T, n.to === null ? null : n.to - T, n.cause]) }
}
const video = (f: Footage) => f.samples.filter(s => !s.audio)

describe('playing forward', () => {
  it('begins at the key frame at or before the moment, and gives every frame over segments as it was recorded', async () => {
    library.add(sound, T)
    library.add(sound, T + 4000)
    const { frames, notes, inits, gaps } = await watch(2500, 6000)
    expect(inits).toBe(1)
    expect(notes.filter(n => n.type === 'stream')).toMatchObject([{ width: 320, height: 180, audioCodec: 'mp4a.40.2', transcoded: false }])
    expect(gaps).toEqual([])
    const pictures = frames.filter(f => !f.audio)
    expect(pictures[0]).toMatchObject({ at: 2000, key: true })
    expect(pictures).toHaveLength(40)
    const recorded = [...video(sound).slice(20), ...video(sound).slice(0, 20)]
    expect(pictures.map(f => f.sample)).toEqual(recorded.map(s => hash(s.bytes)))
    expect(frames.filter(f => f.audio).length).toBeGreaterThan(50)
    expect(pictures.map(f => f.at)).toEqual(Array.from({ length: 40 }, (_, i) => 2000 + i * 100))
    // Media time goes on over the seam as over any other frame.
    expect(pictures.slice(1).map((f, i) => f.ticks - pictures[i]!.ticks)).toEqual(Array(39).fill(9000))
  })

  it('tells a gap and goes on behind it, and says so when parameters change', async () => {
    library.add(plain, T)
    library.add(large, T + 64_000)
    const { frames, gaps, inits, notes } = await watch(3000, 66_000)
    expect(gaps).toEqual([[4000, 64_000, 'camera_unreachable']])
    expect(inits).toBe(2)
    expect(notes.filter(n => n.type === 'stream').map(n => n.width)).toEqual([320, 640])
    expect(frames.map(f => f.at)).toEqual([...Array.from({ length: 10 }, (_, i) => 3000 + i * 100), ...Array.from({ length: 20 }, (_, i) => 64_000 + i * 100)])
    expect(frames[10]!.ticks).toBe(64_000 * 90 - 3000 * 90)
  })

  it('from inside a gap begins behind it; of nothing gives nothing but the cause', async () => {
    library.add(plain, T + 10_000)
    expect((await watch(0, 12_000)).gaps).toEqual([[0, 10_000, 'camera_unreachable']])
    expect((await watch(30_000, 40_000)).played).toEqual({ frames: 0, lastAt: null, cause: 'camera_unreachable' })
    expect((await watch(30_000, 40_000)).frames).toEqual([])
  })

  it('by key frames reads and gives only those', async () => {
    library.add(sound, T)
    const { frames } = await watch(0, 4000, { mode: 'keyframes' })
    expect(frames.map(f => [f.at, f.key, f.audio])).toEqual([[0, true, false], [1000, true, false], [2000, true, false], [3000, true, false]])
  })

  it('does not show twice what was recorded twice', async () => {
    library.add(plain, T)
    library.add(plain, T + 1500, { refilled: true })
    const { frames } = await watch(0, 5000)
    expect(frames.map(f => f.at)).toEqual([...new Set(frames.map(f => f.at))].sort((a, b) => a - b))
    expect(frames.at(-1)!.at).toBe(4900)
  })

  it('follows what is being written, and the segment after it', async () => {
    const open = library.add(plain, T, { status: 'open' })
    const path = join(folder, open.path)
    const { batchEnds, bytes } = segmentBytes(plain, T)
    writeFileSync(path, bytes.subarray(0, 300))
    let step = 0
    const pause = async () => {
      // Half a batch, the rest of it and more, the end, then the next segment.
      if (step === 0) writeFileSync(path, bytes.subarray(0, batchEnds[0]! + 50))
      else if (step === 1) appendFileSync(path, bytes.subarray(batchEnds[0]! + 50, batchEnds[3]))
      else if (step === 2) { appendFileSync(path, bytes.subarray(batchEnds[3]!)); open.status = 'closed' } else if (step === 4) library.add(plain, T + 4000)
      step++
    }
    const { frames } = await watch(0, null, {}, { pause, stopAfter: 60 })
    expect(frames.map(f => f.at)).toEqual(Array.from({ length: 60 }, (_, i) => i * 100))
  })

  it('ends when it is cancelled while it waits', async () => {
    library.add(plain, T, { status: 'open' })
    const over = new AbortController()
    const waiting = watch(0, null, {}, { signal: over.signal, pause: async () => { over.abort() } })
    expect((await waiting).frames).toHaveLength(40)
  })
})

describe('playing backward', () => {
  it('gives key frames from the moment down, over gaps', async () => {
    library.add(plain, T)
    library.add(plain, T + 14_000)
    const { frames, gaps } = await watch(16_500, 1000, { direction: 'backward' })
    expect(frames.map(f => f.at)).toEqual([16_000, 15_000, 14_000, 3000, 2000, 1000])
    expect(gaps).toEqual([[4000, 14_000, 'camera_unreachable']])
    expect(frames.map(f => f.ticks)).toEqual([...frames.map(f => f.ticks)].sort((a, b) => a - b))
  })
})

describe('a still', () => {
  it('is the key frame at or before the moment, and none from long before', async () => {
    library.add(plain, T)
    const { sent, out } = collector()
    expect(await still(library, { deviceId, at: T + 2999 }, out, { signal: new AbortController().signal, convert: null })).toMatchObject({ frames: 1, lastAt: T + 2000 })
    expect(sent.frames.map(f => f.sample)).toEqual([hash(video(plain)[20]!.bytes)])
    expect(await still(library, { deviceId, at: T + 60_000 }, out, { signal: new AbortController().signal, convert: null })).toMatchObject({ frames: 0 })
  })
})

describe('a file that is not what it was', () => {
  it('gone is a gap that says missing, and what follows is played', async () => {
    const first = library.add(plain, T)
    library.add(plain, T + 4000)
    rmSync(join(folder, first.path))
    const { frames, gaps } = await watch(0, 6000)
    expect(gaps).toEqual([[0, 4000, 'missing']])
    expect(frames.map(f => f.at)).toEqual(Array.from({ length: 20 }, (_, i) => 4000 + i * 100))
  })

  it('cut short gives what is whole; overwritten says damaged from there on', async () => {
    const [cut, altered] = [library.add(plain, T), library.add(plain, T + 4000)]
    const { batchEnds, bytes } = segmentBytes(plain, T)
    truncateSync(join(folder, cut.path), batchEnds[3]! + 20)
    const damaged = readFileSync(join(folder, altered.path))
    damaged.fill(0, batchEnds[1]!, batchEnds[1]! + 200)
    writeFileSync(join(folder, altered.path), damaged)
    expect(bytes.length).toBe(damaged.length)
    const { frames, gaps } = await watch(0, 8000)
    expect(frames.map(f => f.at)).toEqual([...Array.from({ length: 20 }, (_, i) => i * 100), ...Array.from({ length: 10 }, (_, i) => 4000 + i * 100)])
    expect(gaps).toEqual([[2000, 4000, 'camera_unreachable'], [4900, 8000, 'damaged']])
  })

  it('hostile in any byte of its boxes ends in a fault or in nothing, and never asks for more than is there', async () => {
    const { bytes, batchEnds } = segmentBytes(sound, T)
    const small = bytes.subarray(0, batchEnds[1])
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(small.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }), async edits => {
      const altered = Buffer.from(small)
      for (const [at, value] of edits) altered[at % 2 ? at : at % 2500] = value
      const source = { size: async () => altered.length, close: async () => {}, read: async (offset: number, length: number) => {
        expect(length).toBeLessThanOrEqual(64 * 2 ** 20)
        return altered.subarray(offset, offset + length)
      } }
      try {
        const file = await SegmentFile.open(source)
        for (let batch = file && await file.batchAt(file.firstOffset); file && batch; batch = await file.batchAt(batch.end)) {
          for (const s of batch.samples) await file.bytes(s.offset, s.size)
        }
      } catch (error) { expect(error).toBeInstanceOf(FootageFault) }
    }), { numRuns: 2000 })
  })
})
