import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import type { FootageNote, MaskRegion } from '../../server/contract/footage.js'
import { converting } from './convert.js'
import { sendJpeg } from './jpeg.js'
import { maskPicture } from '../rtsp/mask-picture.js'
import { Outlet, type OutSocket } from './outlet.js'
import { type Out, play } from './play.js'
import { film, testLibrary } from './test-segments.js'

const folder = mkdtempSync(join(tmpdir(), 'footage-convert-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const T = Date.UTC(2026, 10, 26, 12)
const deviceId = newId()
const never = new AbortController().signal
/** The left half, as a triangle and a square. */
const masks: MaskRegion[] = [[[0, 0], [0.5, 0], [0.5, 0.5], [0, 0.5]]]

/** Plays through ffmpeg's eyes: grey values of a decoded picture, 8x4. */
function look (bytes: Buffer, args: string[] = []): number[] {
  const shown = spawnSync('ffmpeg', ['-v', 'error', ...args, '-i', 'pipe:0', '-vf', 'scale=8:4:flags=area,format=gray', '-frames:v', '1', '-f', 'rawvideo', 'pipe:1'], { input: bytes })
  expect(shown.stderr.toString()).toBe('')
  return [...shown.stdout]
}
async function watch (library: ReturnType<typeof testLibrary>, o: { masks?: MaskRegion[], keyOnly?: boolean, backward?: boolean }) {
  const frames: { at: number, key: boolean, audio: boolean, ticks: number }[] = []
  const notes: FootageNote[] = []
  const bytes: Buffer[] = []
  const out: Out = { note: async n => { notes.push(n) }, init: async b => { bytes.push(b) }, frame: async (b, f) => { bytes.push(b); frames.push({ at: Math.round(f.atMs - T), key: f.key, audio: f.audio, ticks: Number(b.readBigUInt64BE(60)) }) } }
  const end = library.segments.at(-1)!.startedAt + library.segments.at(-1)!.wallMs
  const backward = o.backward ?? false
  await play(library, { what: 'play', deviceId, from: backward ? end : T, to: backward ? T : end, mode: o.keyOnly ? 'keyframes' : 'all', direction: backward ? 'backward' : 'forward', transcode: true, masks: o.masks ?? [] }, out,
    { signal: never, pause: async () => {}, convert: converting({ masks: o.masks ?? [], keyOnly: (o.keyOnly ?? false) || backward }) })
  return { frames, notes, film: Buffer.concat(bytes) }
}

describe('what is made anew', () => {
  it('of H.265 is H.264 with every picture at its moment, over segments, without a break in media time', async () => {
    const library = testLibrary(folder, deviceId)
    const hevc = film({ codec: 'h265', seconds: 2 })
    library.add(hevc, T)
    library.add(hevc, T + 2000)
    const { frames, notes, film: made } = await watch(library, {})
    expect(notes).toMatchObject([{ type: 'stream', width: 320, height: 180, transcoded: true, masked: false }])
    expect((notes[0] as { videoCodec: string }).videoCodec).toMatch(/^avc1/)
    expect(frames.map(f => f.at)).toEqual(Array.from({ length: 40 }, (_, i) => i * 100))
    expect(frames.slice(1).map((f, i) => f.ticks - frames[i]!.ticks)).toEqual(Array(39).fill(9000))
    const probe = spawnSync('ffprobe', ['-v', 'error', '-count_frames', '-show_entries', 'stream=nb_read_frames,codec_name', '-of', 'csv=p=0', '-i', 'pipe:0'], { input: made })
    expect(`${probe.stdout}${probe.stderr}`.trim()).toBe('h264,40')
  })

  it('of H.264 without masks is what was recorded, sound and all', async () => {
    const library = testLibrary(folder, deviceId)
    library.add(film({ audio: 'pcm_mulaw', seconds: 2 }), T)
    const { frames, notes } = await watch(library, {})
    expect(notes).toMatchObject([{ type: 'stream', transcoded: false, audioCodec: 'pcmu' }])
    expect(frames.filter(f => f.audio).length).toBeGreaterThan(1)
  })

  it('hides what lies behind a mask, and nothing else, forward and backward', async () => {
    const library = testLibrary(folder, deviceId)
    const white = film({ source: 'color=c=white', seconds: 2 })
    library.add(white, T)
    for (const o of [{}, { keyOnly: true }, { backward: true }]) {
      const { frames, notes, film: made } = await watch(library, { ...o, masks })
      expect(notes.filter(n => n.type === 'stream')).toMatchObject([{ transcoded: true, masked: true }])
      expect(frames).toHaveLength('keyOnly' in o || 'backward' in o ? 2 : 20)
      if (!('backward' in o)) {
        const grey = look(made)
        expect([grey[0]! < 60, grey[3 + 8]! < 60, grey[7]! > 220, grey[8 * 3]! > 220, grey[8 * 3 + 7]! > 220]).toEqual(Array(5).fill(true))
      } else expect(frames.map(f => [f.at, f.key])).toEqual([[1000, true], [0, true]])
    }
  })

  it('goes on behind a change of resolution, the mask with it', async () => {
    const library = testLibrary(folder, deviceId)
    library.add(film({ seconds: 1 }), T)
    library.add(film({ seconds: 1, size: '640x360' }), T + 1000, { runId: newId() })
    const { frames, notes } = await watch(library, { masks })
    expect(notes.filter(n => n.type === 'stream')).toMatchObject([{ width: 320, masked: true }, { width: 640, masked: true }])
    expect(frames.map(f => f.at)).toEqual(Array.from({ length: 20 }, (_, i) => i * 100))
  })

  it('is refused beyond the places that there are, and each place comes back', async () => {
    const library = testLibrary(folder, deviceId)
    library.add(film({ codec: 'h265', seconds: 1 }), T)
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => watch(library, {})))
    expect(results.filter(r => r.status === 'rejected').map(r => r.reason.code)).toEqual(['busy', 'busy'])
    expect((await watch(library, {})).frames).toHaveLength(10)
  })
})

describe('a still as JPEG', () => {
  const jpeg = async (source: string, codec: 'h264' | 'h265', over: MaskRegion[]) => {
    const library = testLibrary(folder, deviceId)
    library.add(film({ source, codec, seconds: 1 }), T)
    const sent: (Buffer | string)[] = []
    const socket: OutSocket = { bufferedAmount: 0, readyState: 1, send (data, _o, done) { sent.push(data); done?.() } }
    await sendJpeg(library, { deviceId, at: T + 500, jpegWidth: 160, masks: over }, new Outlet(socket, never), never)
    return { notes: sent.filter(s => typeof s === 'string').map(s => JSON.parse(s) as FootageNote), bytes: Buffer.concat(sent.filter(s => Buffer.isBuffer(s))) }
  }
  it.each(['h264', 'h265'] as const)('of %s is small and of its moment', async codec => {
    const { notes, bytes } = await jpeg('color=c=white', codec, [])
    expect(notes).toMatchObject([{ type: 'file', mime: 'image/jpeg', bytes: bytes.length, from: T }, { type: 'end', at: T }])
    expect(look(bytes, ['-f', 'jpeg_pipe']).every(v => v > 220)).toBe(true)
  })
  it('is masked too', async () => {
    const grey = look((await jpeg('color=c=white', 'h264', masks)).bytes, ['-f', 'jpeg_pipe'])
    expect([grey[0]! < 60, grey[7]! > 220]).toEqual([true, true])
  })
})

describe('a mask as a picture', () => {
  it('covers every point that the region covers, whatever its shape', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(fc.property(fc.array(fc.tuple(unit, unit), { minLength: 3, maxLength: 8 }), fc.array(fc.tuple(unit, unit), { minLength: 20, maxLength: 20 }), (region, points) => {
      const [w, h] = [64, 36]
      const picture = maskPicture([region], w, h)
      const start = picture.indexOf('ENDHDR\n') + 7
      expect(picture.length).toBe(start + w * h * 4)
      for (const [x, y] of points) {
        let inside = false
        for (let i = 0; i < region.length; i++) {
          const [[ax, ay], [bx, by]] = [region[i]!, region[(i + 1) % region.length]!]
          if (ay > y !== by > y && x < ax + (y - ay) * (bx - ax) / (by - ay)) inside = !inside
        }
        if (inside) expect(picture[start + (Math.min(h - 1, Math.floor(y * h)) * w + Math.min(w - 1, Math.floor(x * w))) * 4 + 3]).toBe(255)
      }
    }), { numRuns: 300 })
  })
})
