import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cameraDay } from '../../fixtures/scenes/day.js'
import { throughEncoder } from '../../fixtures/scenes/encode.js'
import { damage } from '../../fixtures/scenes/faults.js'
import { writeClock } from '../../fixtures/scenes/look.js'
import { makePlate } from '../../fixtures/scenes/plate.js'
import { randomFrom } from '../../fixtures/scenes/random.js'
import { newId } from '../../lib/ids.js'
import { type Observation, pictureFaults } from '../../server/contract/health.js'
import { createVision } from './collector.js'
import { DecodeFailed, Decoder } from './decoder.js'
import { look, newVision, partOfDay, type VisionMemory } from './judge.js'
import { HEIGHT, PICTURE_BYTES, type Statistics, statisticsOf, WIDTH } from './statistics.js'

const plate = makePlate(6)
/** A place by day and by infrared, and each fault of middle strength; made once, by a real encoder. */
const shown = new Map<string, Statistics[]>()
const LOOKS = 9
beforeAll(async () => {
  const random = randomFrom(9)
  const at = (hour: number, day = 1, of = plate) => [...cameraDay(of, day, 1, hour * 60, hour * 60 + 12)].map(l => l.sensor)
  const elsewhere = at(12, 1, makePlate(31))
  const sets = new Map<string, Uint8Array[]>([['day', at(12)], ['night', at(1)], ['stuck', Array.from({ length: LOOKS }, () => at(12)[0]!)]])
  for (const light of ['day', 'night']) for (const fault of pictureFaults) if (fault !== 'frozen') sets.set(`${light} ${fault}`, at(light === 'day' ? 12 : 1, 2).map((s, i) => damage(s, fault, 1, elsewhere[i]!, random)))
  const lorry = at(12)
  sets.set('lorry', [...cameraDay(plate, 1, 1, 700, 720)].slice(0, LOOKS).map((l, i) => i < 5 ? damage(l.sensor, 'covered', 2, l.sensor, random) : lorry[i]!))
  for (const [name, all] of sets) {
    const seen: Statistics[] = []
    const clocked = all.slice(0, LOOKS).map((s, i) => { const picture = Uint8Array.from(s); writeClock(picture, i * 20); return picture })
    for await (const small of throughEncoder(clocked, { width: WIDTH, height: HEIGHT })) seen.push(statisticsOf(small))
    shown.set(name, seen)
  }
}, 180_000)
const of = (name: string) => shown.get(name)!

function run (memory: VisionMemory, pictures: Statistics[], part: string) {
  let before: Statistics | null = null
  const faults = pictures.map((s, i) => {
    const done = look(memory, s, before, part, i)
    memory = done.memory
    before = s
    return done.faults
  })
  return { memory, faults }
}
const learned = () => run(run(newVision(), of('day'), 'day').memory, of('night'), 'night').memory
/** In which look it was told, and all that was told. */
const told = (faults: string[][]) => ({ first: faults.findIndex(f => f.length > 0) + 1, all: [...new Set(faults.flat())] })

describe('what a look shows', () => {
  it.each([['black', 2], ['overexposed', 2], ['noise', 2], ['colour_loss', 2], ['covered', 6], ['blurred', 6], ['moved', 6]] as const)('%s, by day, in look %i, and nothing else', (kind, look) => {
    expect(told(run(learned(), of(`day ${kind}`), 'day').faults)).toEqual({ first: look, all: [kind] })
  })
  it.each(['black', 'covered', 'blurred', 'moved', 'noise'] as const)('%s, by night', kind => {
    expect(told(run(learned(), of(`night ${kind}`), 'night').faults).all).toEqual([kind])
  })
  it('ends after two good looks', () => {
    const { memory } = run(learned(), of('day black'), 'day')
    expect(run(memory, of('day'), 'day').faults.slice(0, 3)).toEqual([['black'], [], []])
  })
  it('a sensor that repeats its picture is frozen, though the clock over it goes on; a still place with grain is not', () => {
    expect(told(run(learned(), of('stuck'), 'day').faults).all).toEqual(['frozen'])
    expect(told(run(learned(), of('day'), 'day').faults).all).toEqual([])
  })
  it('infrared is no loss of colour, even in the first night', () => {
    const day = run(newVision(), of('day'), 'day').memory
    const { memory, faults } = run(day, of('night'), 'night')
    expect(faults.flat()).toEqual([])
    expect(Object.keys(memory.references)).toEqual(['day', 'night_grey'])
    expect(run(memory, of('day'), 'morning').faults.flat()).toEqual([])
  })
  it('a lorry that stands in front of all of it for a minute is none', () => {
    expect(run(learned(), of('lorry'), 'day').faults.flat()).toEqual([])
  })
  it('asks to look again soon while it suspects something', () => {
    const memory = learned()
    expect(look(memory, of('day covered')[0]!, null, 'day', 1)).toMatchObject({ suspicious: true, faults: [] })
    expect(look(memory, of('day')[0]!, null, 'day', 1).suspicious).toBe(false)
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
