/**
 * 64 cameras of 720p25 at 2 Mbit/s recorded with hash and index, beside `ffmpeg -f segment -c copy` a camera and beside a C program that only writes
 * the bytes, each alone on the same core in the same run; then the most cameras that one core records without losing a frame.
 */
import { type ChildProcess, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { projectRoot } from '../lib/project-root.js'
import { machine, round } from './lib/figures.js'
import { end, firstLine, nodeChild, pinned, usage } from './lib/pinned.js'

const CAMERAS = 64
const FPS = 25
const WARM_UP_MS = 8000
const SPAN_MS = 20_000
/** Tried one after the other until frames are missing. The simulated cameras have the other core to themselves. */
const RAMP = [128, 256, 400, 500]

async function measure (children: readonly ChildProcess[], cameras: number) {
  await pause(WARM_UP_MS)
  const pids = children.map(c => c.pid!)
  const before = usage(pids)
  const began = performance.now()
  await pause(SPAN_MS)
  const seconds = (performance.now() - began) / 1000
  const after = usage(pids)
  const percent = (after.cpuS - before.cpuS) / seconds * 100
  return { cpuPercentOfCore: round(percent, 2), cpuPercentPerCamera: round(percent / cameras, 4), rssMbPerCamera: round(after.rssBytes / cameras / 1e6, 2) }
}

interface Said { frames: number, playing: number, recording: number, lost: number }
async function own (ports: number[], folder: string) {
  mkdirSync(folder)
  const child = nodeChild(0, './record-own', [JSON.stringify(ports), folder])
  const said: (Said & { at: number })[] = []
  createInterface({ input: child.stdout! }).on('line', line => said.push({ ...JSON.parse(line) as Said, at: performance.now() }))
  try {
    const figures = await measure([child], ports.length)
    const [first, last] = [said.find(s => s.at > said.at(-1)!.at - SPAN_MS)!, said.at(-1)!]
    return { ...figures, framesPerS: round((last.frames - first.frames) / (last.at - first.at) * 1000), recording: last.recording, packetsLost: last.lost }
  } finally { await end([child]) }
}

async function ffmpeg (ports: number[], folder: string) {
  mkdirSync(folder)
  const children = ports.map(port => pinned(0, 'ffmpeg', ['-nostdin', '-loglevel', 'error', '-rtsp_transport', 'tcp', '-i', `rtsp://127.0.0.1:${port}/main`, '-c', 'copy',
    '-f', 'segment', '-segment_time', '60', '-segment_format', 'mp4', '-reset_timestamps', '1', '-y', join(folder, `${port}-%05d.mp4`)]))
  try { return await measure(children, ports.length) } finally { await end(children) }
}

async function receiver (ports: number[], folder: string) {
  mkdirSync(folder)
  const program = join(folder, 'receiver')
  const built = spawnSync('gcc', ['-O2', '-D_GNU_SOURCE', '-o', program, join(projectRoot(), 'bench/lib/receiver.c')], { encoding: 'utf8' })
  if (built.status !== 0) return { missing: `gcc: ${built.error?.message ?? built.stderr.slice(0, 200)}` }
  const child = pinned(0, program, [folder, ...ports.map(String)])
  try { return await measure([child], ports.length) } finally { await end([child]) }
}

export async function run (): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'kalancha-bench-record-'))
  const farms: ChildProcess[] = []
  const farm = async (count: number) => {
    const child = nodeChild(1, './camera-farm', [String(count), 'whole'])
    farms.push(child)
    return (await firstLine<{ ports: number[] }>(child)).ports
  }
  const about = machine()
  try {
    const ports = await farm(CAMERAS)
    const ours = await own(ports, join(folder, 'own'))
    const theirs = await ffmpeg(ports, join(folder, 'ffmpeg'))
    const least = await receiver(ports, join(folder, 'c'))
    await end(farms.splice(0))
    const ramp: { cameras: number, framesPerS: number, cpuPercentOfCore: number, packetsLost: number, whole: boolean }[] = []
    for (const cameras of RAMP) {
      const { framesPerS, cpuPercentOfCore, packetsLost, recording } = await own(await farm(cameras), join(folder, `ramp-${cameras}`))
      await end(farms.splice(0))
      rmSync(join(folder, `ramp-${cameras}`), { recursive: true, force: true })
      const whole = packetsLost === 0 && recording === cameras && framesPerS >= cameras * FPS * 0.995
      ramp.push({ cameras, framesPerS, cpuPercentOfCore, packetsLost, whole })
      if (!whole) break
    }
    const ratio = (a: number, b: { cpuPercentOfCore: number } | { missing: string }) => 'missing' in b ? null : round(a / b.cpuPercentOfCore, 2)
    return {
      machine: about, cameras: CAMERAS, video: '1280x720, 25 frames/s, 2 Mbit/s, H.264', own: ours, ffmpegProcessPerCamera: theirs, cReceiver: least,
      ofFfmpeg: ratio(ours.cpuPercentOfCore, theirs), ofC: ratio(ours.cpuPercentOfCore, least), mostCamerasWithoutALostFrame: ramp.filter(r => r.whole).at(-1)?.cameras ?? CAMERAS, ramp,
      bars: { ofFfmpegAtMost: 0.33, ofCAtMost: 3 }
    }
  } finally {
    await end(farms)
    rmSync(folder, { recursive: true, force: true })
  }
}
