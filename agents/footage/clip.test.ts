import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import type { FootageNote } from '../../server/contract/footage.js'
import { inBandSets } from './annex-b.js'
import { sendClip, sendSegment } from './clip.js'
import { sendMaskedClip } from './masked-clip.js'
import { Outlet, type OutSocket } from './outlet.js'
import { film, type Footage, segmentBytes, type TestLibrary, testLibrary } from './test-segments.js'

const folder = mkdtempSync(join(tmpdir(), 'footage-clip-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const T = Date.UTC(2026, 10, 26, 12)
const deviceId = newId()
let library: TestLibrary
beforeEach(() => { library = testLibrary(folder, deviceId) })

async function collect (send: (out: Outlet, signal: AbortSignal) => Promise<void>, over = new AbortController()) {
  const sent: (Buffer | string)[] = []
  const socket: OutSocket = { bufferedAmount: 0, readyState: 1, send (data, _o, done) { sent.push(Buffer.isBuffer(data) ? Buffer.from(data) : data); done?.() } }
  await send(new Outlet(socket, over.signal), over.signal)
  const notes = sent.filter(s => typeof s === 'string').map(s => JSON.parse(s) as FootageNote)
  const bytes = Buffer.concat(sent.filter(s => Buffer.isBuffer(s)))
  const file = notes.find(n => n.type === 'file')!
  return { notes, bytes, file, about: { from: file.from - T, to: file.to - T, gaps: file.gaps.map(g => [g.from - T, g.to - T]) } }
}
const clip = async (from: number, to: number) => {
  const made = await collect((out, signal) => sendClip(library, { deviceId, from: T + from, to: T + to }, out, signal))
  const path = join(folder, 'clip.mp4')
  writeFileSync(path, made.bytes)
  expect(made.bytes.length).toBe(made.file.bytes)
  return { ...made, path }
}

const hash = (b: Buffer) => createHash('sha256').update(b).digest('hex')
const video = (f: Footage) => f.samples.filter(s => !s.audio)
const sound = (f: Footage) => f.samples.filter(s => s.audio)
/** As ffmpeg reads it, packet by packet; any word of warning fails. */
function packets (path: string, track: 'v' | 'a') {
  const probe = spawnSync('ffprobe', ['-v', 'warning', '-select_streams', track, '-show_packets', '-show_data_hash', 'sha256', '-of', 'json', path], { maxBuffer: 1e9 })
  expect(probe.stderr.toString()).toBe('')
  return (JSON.parse(probe.stdout.toString()) as { packets: { dts_time: string, flags: string, data_hash: string }[] }).packets.map(p => ({ at: Number(p.dts_time), key: p.flags.startsWith('K'), hash: p.data_hash.replace('SHA256:', '') }))
}
function decode (path: string) {
  const run = spawnSync('ffmpeg', ['-v', 'warning', '-i', path, '-f', 'null', '-'])
  // The format has no word for "mono" beside the count of channels, and ffmpeg says that it counts.
  expect(run.stderr.toString().replace(/Guessed Channel Layout.*\n/, '')).toBe('')
  const probe = spawnSync('ffprobe', ['-v', 'warning', '-count_frames', '-show_entries', 'stream=codec_name,nb_read_frames,width', '-show_entries', 'format=duration', '-of', 'json', path])
  expect(probe.stderr.toString()).toBe('')
  return JSON.parse(probe.stdout.toString()) as { streams: { codec_name: string, nb_read_frames: string, width?: number }[], format: { duration: string } }
}

describe('a clip', () => {
  it.each([['h264', 'aac'], ['h265', 'pcm_mulaw'], ['h264', null]] as const)('of %s and %s holds every sample as it was recorded, over segments, and plays without a warning', async (codec, audio) => {
    const one = film({ codec, audio })
    library.add(one, T)
    library.add(one, T + 4000)
    library.add(one, T + 8000)
    const { about, path, notes } = await clip(1700, 9999)
    expect(about).toEqual({ from: 1000, to: 10_000, gaps: [] })
    expect(notes.map(n => n.type)).toEqual(['file', 'end'])
    const pictures = packets(path, 'v')
    expect(pictures.map(p => p.hash)).toEqual([...video(one).slice(10), ...video(one), ...video(one).slice(0, 20)].map(s => hash(s.bytes)))
    expect(pictures.map(p => p.at)).toEqual(pictures.map((_, i) => expect.closeTo(i / 10, 3)))
    expect(pictures[0]!.key).toBe(true)
    if (audio === 'aac') {
      const heard = packets(path, 'a').map(p => p.hash)
      const recorded = new Set(sound(one).map(s => hash(s.bytes)))
      expect(heard.length).toBeGreaterThan(130)
      expect(heard.every(h => recorded.has(h))).toBe(true)
    }
    const { streams, format } = decode(path)
    expect(streams[0]).toMatchObject({ codec_name: codec === 'h265' ? 'hevc' : codec, nb_read_frames: '90' })
    expect(Number(format.duration)).toBeCloseTo(9, 0)
  })

  it('keeps sound beside the picture over segments and gaps', async () => {
    const one = film({ audio: 'aac' })
    library.add(one, T)
    library.add(one, T + 60_000)
    const { path, about } = await clip(0, 64_000)
    expect(about.gaps).toEqual([[4000, 60_000]])
    const heard = packets(path, 'a')
    // The first sound of the second file lies beside its first picture, which is 4 s into the clip.
    const second = heard.find((p, i) => i > 10 && p.hash === hash(sound(one)[0]!.bytes))!
    expect(second.at).toBeCloseTo(4, 0)
    decode(path)
  })

  it('with gaps inside leaves them out and names them, those at its ends too', async () => {
    const one = film()
    library.add(one, T + 5000)
    library.add(one, T + 30_000)
    const { about, path } = await clip(0, 40_000)
    expect(about).toEqual({ from: 5000, to: 34_000, gaps: [[0, 5000], [9000, 30_000], [34_000, 40_000]] })
    expect(packets(path, 'v').map(p => p.at)).toEqual(Array.from({ length: 80 }, (_, i) => expect.closeTo(i / 10, 3)))
  })

  it('goes on behind a change of resolution, and ends before another codec', async () => {
    const [small, large, hevc] = [film({ seconds: 2 }), film({ seconds: 2, size: '640x360' }), film({ seconds: 2, codec: 'h265' })]
    library.add(small, T)
    library.add(large, T + 2000, { runId: newId() })
    library.add(hevc, T + 4000, { runId: newId() })
    const { about, path } = await clip(0, 6000)
    expect(about).toEqual({ from: 0, to: 4000, gaps: [[4000, 6000]] })
    // Key frames carry their parameter sets in front, for players that read only one sample entry; everything else is as recorded.
    const withSets = (f: Footage) => video(f).map(s => hash(s.key ? Buffer.concat([inBandSets(f.tracks.video.config.sets), s.bytes]) : s.bytes))
    expect(packets(path, 'v').map(p => p.hash)).toEqual([...withSets(small), ...withSets(large)])
    const sizes = spawnSync('ffprobe', ['-v', 'warning', '-show_entries', 'frame=width', '-select_streams', 'v', '-of', 'csv=p=0', path])
    expect(sizes.stderr.toString()).toBe('')
    expect(sizes.stdout.toString().match(/^\d+/gm)!.map(Number)).toEqual([...Array(20).fill(320), ...Array(20).fill(640)])
  })

  it('takes twice recorded footage once', async () => {
    const one = film()
    library.add(one, T)
    library.add(one, T + 1500, { refilled: true })
    const { path, about } = await clip(0, 6000)
    expect(about).toMatchObject({ from: 0, to: 5500 })
    expect(packets(path, 'v')).toHaveLength(40 + 15 - (4500 - 4000) / 100)
    decode(path)
  })

  it('of nothing, of damaged and of missing files says so', async () => {
    await expect(clip(0, 5000)).rejects.toMatchObject({ code: 'no_footage' })
    const one = film()
    const [gone, cut, good] = [library.add(one, T), library.add(one, T + 4000), library.add(one, T + 8000)]
    rmSync(join(folder, gone.path))
    truncateSync(join(folder, cut.path), segmentBytes(one, T).batchEnds[1]! + 30)
    const { about, path } = await clip(0, 12_000)
    expect(about).toEqual({ from: 4000, to: 12_000, gaps: [[0, 4000], [5000, 8000]] })
    decode(path)
    writeFileSync(join(folder, good.path), 'nothing that plays')
    expect((await clip(0, 12_000)).about.gaps).toEqual([[0, 4000], [5000, 12_000]])
  })

  it('ends when it is cancelled', async () => {
    for (let i = 0; i < 20; i++) library.add(film({ seconds: 1 }), T + i * 1000)
    const over = new AbortController()
    const read = library.open
    library.open = async segment => {
      if (library.opened === 5) over.abort()
      return read(segment)
    }
    await expect(collect((out, signal) => sendClip(library, { deviceId, from: T, to: T + 20_000 }, out, signal), over)).rejects.toThrow()
    expect(library.opened).toBeLessThan(10)
  })
})

describe('a clip behind a mask', () => {
  it('hides the region in every picture, keeps the sound, the gaps and the moments, and leaves nothing behind', async () => {
    const scratch = join(folder, 'scratch')
    const [small, large] = [film({ audio: 'aac', source: 'color=c=white', seconds: 2 }), film({ audio: 'aac', source: 'color=c=white', seconds: 2, size: '640x360' })]
    library.add(small, T)
    library.add(small, T + 2000)
    library.add(large, T + 10_000, { runId: newId() })
    const { about, bytes, file } = await collect((out, signal) => sendMaskedClip(library, { deviceId, from: T + 500, to: T + 12_000, masks: [[[0, 0], [0.5, 0], [0.5, 1], [0, 1]]] }, out, { signal, scratch }))
    expect(about).toEqual({ from: 0, to: 12_000, gaps: [[4000, 10_000]] })
    expect(bytes.length).toBe(file.bytes)
    const path = join(folder, 'masked.mp4')
    writeFileSync(path, bytes)
    expect(decode(path).streams.map(s => s.codec_name)).toEqual(['h264', 'aac'])
    const grey = spawnSync('ffmpeg', ['-v', 'error', '-i', path, '-an', '-vf', 'scale=2:1:flags=area,format=gray', '-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1']).stdout
    expect(grey.length).toBe(120)
    for (let i = 0; i < grey.length; i += 2) expect([grey[i]! < 80, grey[i + 1]! > 200]).toEqual([true, true])
    expect(packets(path, 'a').length).toBeGreaterThan(80)
    expect(readdirSync(scratch).filter(name => name.startsWith('clip-'))).toEqual([])
  })
})

describe('a segment', () => {
  it('comes as it lies on the disk, with the hash of the index', async () => {
    const segment = library.add(film(), T)
    const { bytes, notes } = await collect(out => sendSegment(library, segment.id, out))
    expect(hash(bytes)).toBe(segment.sha256)
    expect(bytes.equals(readFileSync(join(folder, segment.path)))).toBe(true)
    expect(notes.at(-1)).toEqual({ type: 'end', at: null, sha256: segment.sha256 })
    await expect(collect(out => sendSegment(library, newId(), out))).rejects.toMatchObject({ code: 'missing' })
  })
})
