/**
 * `live`: from a frame's sending by the simulated camera (its clock is in the picture) to its presentation in Chromium, through
 * agent, server and the wall page as people have it. Cameras, server, agent and browser share this machine.
 */
import { loadavg } from 'node:os'
import { cpuMeter } from './lib/cpu.js'
import { openScreen } from './lib/browser.js'
import { machine, round, under } from './lib/figures.js'
import { startSystem, type System } from './lib/system.js'
import { figuresOf, type WallFigures, watchWall, type WallOptions } from './lib/watch-wall.js'

const WARM_UP_MS = 10_000
const SPAN_MS = 30_000
/** Walls beyond the machine's power first find out how much they can decode. */
const LARGE_WARM_UP_MS = 25_000

interface Scene extends Omit<WallOptions, 'cells'> { secure: boolean }
type Measured = WallFigures & { coresUsed: Record<string, number>, loadAverage: number, pageErrors: string[] }

async function measure (system: System, { secure, ...wall }: Scene): Promise<Measured> {
  const screen = await openScreen(system, { secure })
  try {
    let coresUsed = () => ({})
    const recorded = await watchWall(screen.page, { ...wall, cells: system.cameraIds.slice(0, wall.grid) }, () => { coresUsed = cpuMeter({ browser: screen.pid, ...system.pids }) })
    return { ...figuresOf(recorded), coresUsed: coresUsed(), loadAverage: round(loadavg()[0]!, 2), pageErrors: screen.errors }
  } finally {
    await screen.close()
  }
}

const scenes = {
  oneWebCodecs: { secure: true, grid: 1, focused: true, warmUpMs: WARM_UP_MS, spanMs: SPAN_MS },
  oneMse: { secure: false, grid: 1, focused: true, warmUpMs: WARM_UP_MS, spanMs: SPAN_MS },
  nine: { secure: true, grid: 9, warmUpMs: WARM_UP_MS, spanMs: SPAN_MS },
  sixteen: { secure: true, grid: 16, warmUpMs: LARGE_WARM_UP_MS, spanMs: SPAN_MS },
  twentyFive: { secure: true, grid: 25, warmUpMs: LARGE_WARM_UP_MS, spanMs: SPAN_MS }
} as const satisfies Record<string, Scene>
type Name = keyof typeof scenes

function barsOf (f: Partial<Record<Name, Measured>>) {
  return {
    ...(f.oneWebCodecs && { oneWebCodecsMedianMs: under(f.oneWebCodecs.shown.medianMs, 60) }),
    ...(f.oneMse && { oneMseMedianMs: under(f.oneMse.shown.medianMs, 120) }),
    ...(f.nine && { nineMedianMs: under(f.nine.shown.medianMs, 250), nineP99Ms: under(f.nine.shown.p99Ms, 600) }),
    ...(f.sixteen && { sixteenOldestMs: under(f.sixteen.age.maxMs, 1500) }),
    ...(f.twentyFive && { twentyFiveOldestMs: under(f.twentyFive.age.maxMs, 1500) })
  }
}

/** `only` from KALANCHA_BENCH_SCENES, such as `nine,sixteen`; everything without it. */
export async function run (): Promise<object> {
  const only = process.env.KALANCHA_BENCH_SCENES?.split(',')
  const on = machine()
  const system = await startSystem({ net: '127.41', cameras: 25 })
  try {
    const figures: Partial<Record<Name, Measured>> = {}
    for (const [name, scene] of Object.entries(scenes) as [Name, Scene][]) if (!only || only.includes(name)) figures[name] = await measure(system, scene)
    return { machine: on, video: { one: '1280x720, 25 frames/s, 2 Mbit/s', tiles: '640x360, 10 frames/s, 350 kbit/s', codec: 'H.264, a key frame a second' }, bars: barsOf(figures), ...figures }
  } finally {
    await system.stop()
  }
}
