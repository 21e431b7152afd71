/**
 * Camera integrity: what a look costs (the decoder that lives on, and our statistics), what it finds in scenes with each fault at three strengths by day and
 * night, and how often it is wrong in a hundred camera-days of clean pictures with changing light, weather and traffic.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Decoder } from '../agents/vision/decoder.js'
import { look, newVision, type VisionMemory } from '../agents/vision/judge.js'
import { layoutCount, scenePicture } from '../agents/vision/scenes.js'
import { HEIGHT, PICTURE_BYTES, type Statistics, statisticsOf, WIDTH } from '../agents/vision/statistics.js'
import { type PictureFault, pictureFaults } from '../server/contract/health.js'
import { machine, round } from './lib/figures.js'

const LIGHTS = ['day', 'night'] as const
const STRENGTHS = [0, 1, 2] as const
const LOOKS_A_DAY = 1440
const CAMERA_DAYS = 100

function learned (layout: number, light: 'day' | 'night') {
  let memory: VisionMemory = newVision()
  let before: Statistics | null = null
  for (let frame = 0; frame < 4; frame++) {
    const s = statisticsOf(scenePicture({ layout, light, frame }))
    memory = look(memory, s, before, light, frame).memory
    before = s
  }
  return { memory, before }
}

/** Found: the fault and nothing else after two looks. */
function detection () {
  const found = new Map<string, { n: number, hit: number }>()
  for (let layout = 0; layout < layoutCount; layout++) {
    for (const light of LIGHTS) {
      const start = learned(layout, light)
      for (const kind of pictureFaults) {
        // A night that is grey anyway loses no colour.
        if (kind === 'colour_loss' && light === 'night') continue
        for (const strength of STRENGTHS) {
          let { memory, before } = start
          let faults: PictureFault[] = []
          const stuck = statisticsOf(scenePicture({ layout, light, frame: 30 + strength }))
          for (let i = 0; i < (kind === 'frozen' ? 3 : 2); i++) {
            const s = kind === 'frozen' ? stuck : statisticsOf(scenePicture({ layout, light, frame: 40 + i, fault: { kind, strength } }))
            const done = look(memory, s, before, light, 100 + i)
            memory = done.memory
            before = s
            faults = done.faults
          }
          const key = `${kind} ${strength}`
          const entry = found.get(key) ?? { n: 0, hit: 0 }
          found.set(key, { n: entry.n + 1, hit: entry.hit + Number(faults.length === 1 && faults[0] === kind) })
        }
      }
    }
  }
  const share = (strength: number) => {
    const all = [...found].filter(([key]) => key.endsWith(` ${strength}`)).map(([, e]) => e)
    return round(all.reduce((sum, e) => sum + e.hit, 0) / all.reduce((sum, e) => sum + e.n, 0), 3)
  }
  return { weak: share(0), middle: share(1), strong: share(2), missed: [...found].filter(([, e]) => e.hit < e.n).map(([key, e]) => `${key}: ${e.hit} of ${e.n}`) }
}

/** A clean picture under other light, with fresh grain and traffic; a hundred thousand of them are made here, not by an encoder. */
function variant (base: Uint8Array, random: () => number, minute: number): Uint8Array {
  const out = Uint8Array.from(base)
  const sun = Math.sin(minute / LOOKS_A_DAY * 2 * Math.PI)
  const cloud = Math.sin(minute / 37) * 6 + (random() - 0.5) * 4
  const gain = 1 + sun * 0.12 + (random() - 0.5) * 0.04
  const grain = 2 + random() * 3 + (minute % 480 < 60 ? 5 : 0)
  const mean = 110
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const value = (base[i]! - mean) * gain + mean + cloud + (random() - 0.5) * 2 * grain
    out[i] = value < 0 ? 0 : Math.min(value , 255)
  }
  const things = Math.floor(random() * 6)
  for (let n = 0; n < things; n++) box(out, random, 8 + random() * 30, 6 + random() * 20)
  // Once in a while a lorry stops right in front.
  if (random() < 0.004) box(out, random, 180, 120)
  return out
}
function box (out: Uint8Array, random: () => number, w: number, h: number) {
  const x0 = Math.floor(random() * Math.max(1, WIDTH - w))
  const y0 = Math.floor(random() * Math.max(1, HEIGHT - h))
  const tone = 30 + random() * 170
  for (let y = y0; y < Math.min(HEIGHT, y0 + h); y++) for (let x = x0; x < Math.min(WIDTH, x0 + w); x++) out[y * WIDTH + x] = tone + (random() - 0.5) * 14
}
/** Repeatable. */
function randomFrom (seed: number) {
  let state = seed >>> 0
  return () => {
    state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x6d2b79f5 >>> 0
    return ((state ^ state >>> 14) >>> 0) / 2 ** 32
  }
}

function falseAlarms () {
  const raised: Record<string, number> = {}
  let days = 0
  const cameras = layoutCount * LIGHTS.length
  for (let layout = 0; layout < layoutCount; layout++) {
    for (const light of LIGHTS) {
      const base = scenePicture({ layout, light, frame: 1 })
      const random = randomFrom(layout * 2 + LIGHTS.indexOf(light) + 1)
      let memory = newVision()
      let before: Statistics | null = null
      let was: string[] = []
      const looks = Math.ceil(CAMERA_DAYS / cameras) * LOOKS_A_DAY
      for (let i = 0; i < looks; i++) {
        const s = statisticsOf(variant(base, random, i))
        const done = look(memory, s, before, light, i * 60_000)
        memory = done.memory
        before = s
        for (const fault of done.faults) if (!was.includes(fault)) raised[fault] = (raised[fault] ?? 0) + 1
        was = done.faults
      }
      days += looks / LOOKS_A_DAY
    }
  }
  const alarms = Object.values(raised).reduce((a, b) => a + b, 0)
  return { cameraDays: days, alarms, per100CameraDays: round(alarms / days * 100, 2), raised }
}

const cpuOf = (pid: number) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

async function cost () {
  const frames = Array.from({ length: 8 }, (_, i) => spawnSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=1', '-ss', String(i), '-frames:v', '1', '-vf', 'noise=alls=6', '-c:v', 'libx264', '-preset', 'ultrafast', '-b:v', '350k', '-pix_fmt', 'yuv420p', '-f', 'h264', 'pipe:1'], { maxBuffer: 1 << 26 }).stdout)
  const decoder = new Decoder('h264')
  for (let i = 0; i < 20; i++) await decoder.picture({ annexB: frames[i % 8]! })
  const ffmpegBefore = cpuOf(decoder.pid!)
  const own = process.cpuUsage()
  const N = 400
  for (let i = 0; i < N; i++) statisticsOf(await decoder.picture({ annexB: frames[i % 8]! }))
  const used = process.cpuUsage(own)
  const ownMs = (used.user + used.system) / 1000 / N
  const ffmpegMs = (cpuOf(decoder.pid!) - ffmpegBefore) * 1000 / N
  decoder.stop()
  return { decoderMsALook: round(ffmpegMs, 2), ownMsALook: round(ownMs, 2), percentOfCoreACameraAtOneLookAMinute: round((ffmpegMs + ownMs) / 60_000 * 100, 4), pictureBytes: PICTURE_BYTES }
}

export async function run (): Promise<object> {
  const about = machine()
  const cpu = await cost()
  const recall = detection()
  const clean = falseAlarms()
  return { machine: about, cpu, recall, clean, bars: { percentOfCoreUnder: 0.05, recallMiddleAtLeast: 0.95, falsePer100CameraDaysAtMost: 1, met: cpu.percentOfCoreACameraAtOneLookAMinute < 0.05 && recall.middle >= 0.95 && clean.per100CameraDays <= 1 } }
}
