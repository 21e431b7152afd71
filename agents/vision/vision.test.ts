import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { pino } from 'pino'
import { afterAll, describe, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import type { Observation, PictureFault } from '../../server/contract/health.js'
import { createVision } from './collector.js'
import { DecodeFailed, Decoder } from './decoder.js'
import { look, newVision, partOfDay, type VisionMemory } from './judge.js'
import { scenePicture } from './scenes.js'
import { PICTURE_BYTES, type Statistics, statisticsOf } from './statistics.js'

type SceneFault = Exclude<PictureFault, 'frozen'>
const cache = new Map<string, Statistics>()
function seen (light: 'day' | 'night', frame: number, kind?: SceneFault, strength: 0 | 1 | 2 = 1): Statistics {
  const key = `${light} ${frame} ${kind ?? ''} ${strength}`
  const s = cache.get(key) ?? statisticsOf(scenePicture({ layout: 1, light, frame, ...(kind ? { fault: { kind, strength } } : {}) }))
  cache.set(key, s)
  return s
}
/** A camera that has learned its view. */
function learned (light: 'day' | 'night'): { memory: VisionMemory, before: Statistics } {
  let memory = newVision()
  let before: Statistics | null = null
  for (let frame = 0; frame < 4; frame++) {
    const s = seen(light, frame)
    memory = look(memory, s, before, light, frame).memory
    before = s
  }
  return { memory, before: before! }
}
function looks (light: 'day' | 'night', pictures: Statistics[]) {
  let { memory, before } = learned(light)
  return pictures.map((s, i) => {
    const done = look(memory, s, before, light, 100 + i)
    memory = done.memory
    before = s
    return done.faults
  })
}

describe('what a look shows', () => {
  it.each(['black', 'overexposed', 'covered', 'blurred', 'moved', 'noise', 'colour_loss'] as const)('%s, by day, in the second look, and nothing else', kind => {
    expect(looks('day', [seen('day', 20, kind), seen('day', 21, kind), seen('day', 22), seen('day', 23)])).toEqual([[], [kind], [kind], []])
  })
  it.each(['black', 'covered', 'blurred', 'moved', 'noise'] as const)('%s, by night', kind => {
    expect(looks('night', [seen('night', 20, kind), seen('night', 21, kind)])).toEqual([[], [kind]])
  })
  it('a sensor that repeats its picture is frozen; a still scene with grain is not', () => {
    const stuck = seen('day', 30)
    expect(looks('day', [stuck, stuck, stuck, seen('day', 31), seen('day', 32)])).toEqual([[], [], ['frozen'], ['frozen'], []])
  })
  it('black is black, and neither frozen nor blurred', () => {
    const black = seen('day', 20, 'black', 2)
    expect(looks('day', [black, black, black]).at(-1)).toEqual(['black'])
  })
  it('infrared by night is no loss of colour to a camera that knows its nights', () => {
    let memory: VisionMemory = newVision()
    for (const [i, [light, part]] of ([['day', 'day'], ['day', 'day'], ['day', 'day'], ['night', 'night'], ['night', 'night'], ['night', 'night'], ['night', 'night']] as const).entries()) {
      const done = look(memory, seen(light, i), null, part, i)
      memory = done.memory
      expect(done.faults).toEqual([])
    }
    expect(Object.keys(memory.references)).toEqual(['day', 'night'])
  })
  it('one bad look, such as a lorry in front, is none', () => {
    expect(looks('day', [seen('day', 20, 'covered'), seen('day', 21), seen('day', 22, 'covered'), seen('day', 23)])).toEqual([[], [], [], []])
  })
  it('parts the day as light does', () => {
    expect([3, 7, 12, 18, 22].map(partOfDay)).toEqual(['night', 'morning', 'day', 'evening', 'night'])
  })
})

const annexB = (codec: string, size: string) => spawnSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=5`, '-frames:v', '1', '-c:v', codec, '-pix_fmt', 'yuv420p', ...(codec === 'libx265' ? ['-x265-params', 'log-level=none:repeat-headers=1'] : []), '-f', codec === 'libx265' ? 'hevc' : 'h264', 'pipe:1'], { maxBuffer: 1 << 26 }).stdout

describe('the decoder', () => {
  const decoders: Decoder[] = []
  afterAll(() => { for (const d of decoders) d.stop() })
  const decoder = (codec: 'h264' | 'h265') => {
    const d = new Decoder(codec)
    decoders.push(d)
    return d
  }
  it('lives on from picture to picture, whatever their size', async () => {
    const d = decoder('h264')
    for (const size of ['640x360', '1280x720', '320x240', '640x360']) expect((await d.picture({ annexB: annexB('libx264', size) })).length).toBe(PICTURE_BYTES)
    expect(d.restarts).toBe(0)
  })
  it('reads H.265', async () => {
    expect((await decoder('h265').picture({ annexB: annexB('libx265', '640x360') })).length).toBe(PICTURE_BYTES)
  })
  it('begins anew after bytes that are no picture', async () => {
    const d = decoder('h264')
    await expect(d.picture({ annexB: Buffer.alloc(5000, 7) })).rejects.toBeInstanceOf(DecodeFailed)
    expect((await d.picture({ annexB: annexB('libx264', '640x360') })).length).toBe(PICTURE_BYTES)
  })
})

describe('the collector', () => {
  it('looks at a camera, tells its faults on change, and learns anew when it is told to', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kalancha-vision-'))
    const told: Observation[] = []
    const frames = { annexB: annexB('libx264', '640x360') }
    const heard: (() => void)[] = []
    const vision = createVision({
      emit: { observation: o => { told.push(o); for (const h of heard) h() }, samples () {} }, log: pino({ level: 'silent' }), clock: { now: () => Date.now() }, folder, lookEveryMs: 40,
      keyFrame: async () => ({ codec: 'h264', annexB: frames.annexB, atMs: Date.now() })
    })
    const id = newId()
    const until = (test: () => boolean) => new Promise<void>(resolve => { const h = () => { if (test()) resolve() }; heard.push(h); h() })
    vision.plan([{ id, kind: 'camera', name: 'C', address: '127.0.0.1', credential: null, camera: { onvif: null, rtsp: { port: 554, mainPath: '/a', subPath: '/b' }, pull: 'always' } }])
    // The same picture again and again: a sensor that hangs.
    await until(() => told.some(o => o.kind === 'picture' && o.faults.includes('frozen')))
    expect(told[0]).toMatchObject({ kind: 'picture', faults: [] })
    await expect.poll(async () => (await vision.pictures(id)).event?.jpegBase64.length ?? 0).toBeGreaterThan(1000)
    const before = told.length
    await vision.reset(id)
    expect(told[before]).toMatchObject({ kind: 'picture', faults: [] })
    await vision.stop()
    rmSync(folder, { recursive: true })
  })
})
