import { spawnSync } from 'node:child_process'
import { beforeAll, describe, expect, it } from 'vitest'
import { lightUp, sunAt } from '../../fixtures/scenes/light.js'
import { putter, takeLook, type Weather } from '../../fixtures/scenes/look.js'
import { drawCar, makePlate, SCENE_H, SCENE_W } from '../../fixtures/scenes/plate.js'
import { randomFrom } from '../../fixtures/scenes/random.js'
import type { MaskRegion } from '../../server/contract/footage.js'
import { defaultMotion } from '../../server/contract/motion.js'
import { MOTION_BYTES, MOTION_HEIGHT, MOTION_WIDTH, motionField, newMotion, seeMotion } from './motion.js'

const FPS = 5
const plate = makePlate(6)
const [day, night] = [lightUp(plate, sunAt(780, 13), false), lightUp(plate, sunAt(60, 13), true)]
const clear: Weather = { cloud: 1, rain: 0, snow: 0, fog: 0 }
const nobody = { cars: 0, people: 0, lorry: 0, glare: 0 }
const left: MaskRegion = [[0, 0], [0.45, 0], [0.45, 1], [0, 1]]
const right: MaskRegion = [[0.55, 0], [1, 0], [1, 1], [0.55, 1]]

/** Ten seconds of it through a sub-stream's encoder, decoded as the agent does. */
function film (seed: number, make: (second: number, random: () => number) => Uint8Array): Buffer[] {
  const random = randomFrom(seed)
  const frames = Array.from({ length: 10 * FPS }, (_, i) => make(i / FPS, random))
  const quiet = ['-hide_banner', '-loglevel', 'error']
  const coded = spawnSync('ffmpeg', [...quiet, '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${SCENE_W}x${SCENE_H}`, '-r', `${FPS}`, '-i', 'pipe:0', '-c:v', 'libx264', '-preset', 'ultrafast', '-b:v', '350k', '-maxrate', '350k', '-bufsize', '700k', '-g', '10', '-bf', '0', '-f', 'h264', 'pipe:1'], { input: Buffer.concat(frames), maxBuffer: 1 << 28 })
  const grey = spawnSync('ffmpeg', [...quiet, '-f', 'h264', '-i', 'pipe:0', '-fps_mode', 'passthrough', '-vf', `scale=${MOTION_WIDTH}:${MOTION_HEIGHT}:flags=area,format=gray`, '-f', 'rawvideo', 'pipe:1'], { input: coded.stdout, maxBuffer: 1 << 28 })
  return Array.from({ length: grey.stdout.length / MOTION_BYTES }, (_, i) => grey.stdout.subarray(i * MOTION_BYTES, (i + 1) * MOTION_BYTES))
}
const place = (random: () => number, weather: Weather = clear, slot = day) => takeLook(plate, slot, weather, nobody, random)
/** From the fourth to the seventh second it drives over the left half. */
function withCar (picture: Uint8Array, second: number) {
  if (second > 4 && second < 7) drawCar(putter(picture, false), { x: 40 + (second - 4) * 65, foot: 300, size: 46, colour: [190, 120, 140] })
  return picture
}

interface Told { begins: number[], ends: number[], most: number }
function watch (pictures: Buffer[], o: { regions?: MaskRegion[], ignore?: MaskRegion[], sensitivity?: number, minAreaPercent?: number } = {}): Told {
  const plan = { ...defaultMotion, ignore: [], ...o }
  const [state, field] = [newMotion(), motionField(plan)]
  const told: Told = { begins: [], ends: [], most: 0 }
  for (const [i, picture] of pictures.entries()) {
    const { event, percent } = seeMotion(state, field, { ...plan, holdS: 1 }, picture, i * 1000 / FPS)
    told.most = Math.max(told.most, percent)
    if (event === 'begin') told.begins.push(i / FPS)
    if (event === 'end') told.ends.push(i / FPS)
  }
  return told
}

let car: Buffer[]
beforeAll(() => { car = film(1, (second, random) => withCar(place(random), second)) }, 60_000)
const quiet = { begins: [], ends: [] }

describe('motion', () => {
  it('begins when a car comes, and ends when it has gone', () => {
    const { begins, ends } = watch(car)
    expect(begins).toHaveLength(1)
    expect(begins[0]).toBeGreaterThan(4)
    expect(begins[0]).toBeLessThan(5.2)
    expect(ends).toHaveLength(1)
    expect(ends[0]).toBeGreaterThan(7)
    expect(ends[0]).toBeLessThan(9.5)
  })
  it('counts inside of the regions only, and not behind privacy masks', () => {
    expect(watch(car, { regions: [left] }).begins).toHaveLength(1)
    expect(watch(car, { regions: [right] })).toMatchObject(quiet)
    expect(watch(car, { ignore: [left] })).toMatchObject(quiet)
    expect(watch(car, { regions: [left], ignore: [[[0, 0], [1, 0], [1, 1], [0, 1]]] })).toMatchObject({ ...quiet, most: 0 })
  })
  it('needs something as large as was asked for', () => {
    const { most } = watch(car)
    expect(watch(car, { minAreaPercent: most + 0.1 }).begins).toEqual([])
    expect(watch(car, { minAreaPercent: most / 2 }).begins).toHaveLength(1)
  })
  it.each([
    ['a light that is switched on', (second: number, random: () => number) => { const p = place(random); if (second > 5) for (let i = 0; i < SCENE_W * SCENE_H; i++) p[i] = Math.min(235, p[i]! * 1.5 + 8); return p }],
    ['a cloud that takes half of the sun within ten seconds', (second: number, random: () => number) => place(random, { ...clear, cloud: 0.3 + second / 20 })],
    ['grain', (_: number, random: () => number) => { const p = place(random); for (let i = 0; i < SCENE_W * SCENE_H; i++) p[i] = Math.max(16, Math.min(235, p[i]! + (random() - 0.5) * 50)); return p }],
    ['heavy rain', (_: number, random: () => number) => place(random, { ...clear, rain: 1 })],
    ['heavy snow', (_: number, random: () => number) => place(random, { ...clear, snow: 1 })],
    ['snow in infrared', (_: number, random: () => number) => place(random, { ...clear, snow: 0.7 }, night)]
  ])('%s is none', (_, make) => { expect(watch(film(2, make))).toMatchObject(quiet) }, 60_000)
  it('a car is seen through rain', () => {
    expect(watch(film(3, (second, random) => withCar(place(random, { ...clear, rain: 0.7 }), second))).begins).toHaveLength(1)
  }, 60_000)
  it('what is faint is seen by the sensitive only', () => {
    const faint = film(4, (second, random) => { const p = place(random); if (second > 4 && second < 7) for (let y = 180; y < 300; y++) for (let x = 100 + (second - 4) * 60; x < 170 + (second - 4) * 60; x++) p[y * SCENE_W + Math.round(x)]! += 17; return p })
    expect(watch(faint, { sensitivity: 95 }).begins).toHaveLength(1)
    expect(watch(faint, { sensitivity: 10 }).begins).toEqual([])
  }, 60_000)
})
