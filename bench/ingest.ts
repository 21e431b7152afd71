/**
 * 64 cameras of 720p25 at 2 Mbit/s, one upstream each: our client in one process, then one `ffmpeg -c copy` process a
 * camera, on the same core in the same run. The simulated cameras live on the other core.
 */
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { round } from './lib/figures.js'
import { end, firstLine, nodeChild, pinned, usage } from './lib/pinned.js'

const CAMERAS = 64
const WARM_UP_MS = 6000
const SPAN_MS = 15_000
async function measure (children: readonly ChildProcess[], count: () => number) {
  await pause(WARM_UP_MS)
  const pids = children.map(c => c.pid!)
  const before = usage(pids)
  const framesBefore = count()
  const began = performance.now()
  await pause(SPAN_MS)
  const seconds = (performance.now() - began) / 1000
  const after = usage(pids)
  const percent = (after.cpuS - before.cpuS) / seconds * 100
  return {
    cpuPercentOfCore: round(percent, 2), cpuPercentPerCamera: round(percent / CAMERAS, 4), framesPerS: round((count() - framesBefore) / seconds, 1),
    rssMbPerCamera: round(after.rssBytes / CAMERAS / 1e6, 2), pssMbPerCamera: round(after.pssBytes / CAMERAS / 1e6, 2)
  }
}

async function measureOwn (ports: number[]) {
  const child = nodeChild(0, './ingest-own', [JSON.stringify(ports)])
  let frames = 0
  createInterface({ input: child.stdout! }).on('line', line => { frames = (JSON.parse(line) as { frames: number }).frames })
  try {
    return await measure([child], () => frames)
  } finally {
    await end([child])
  }
}

async function measureFfmpeg (ports: number[]) {
  const frames = new Map<number, number>()
  const children = ports.map(port => {
    const child = pinned(0, 'ffmpeg', ['-nostdin', '-loglevel', 'error', '-rtsp_transport', 'tcp', '-i', `rtsp://127.0.0.1:${port}/main`, '-c', 'copy',
      '-f', 'mp4', '-movflags', 'frag_every_frame+empty_moov+default_base_moof', '-stats_period', '1', '-progress', 'pipe:1', '-y', '/dev/null'])
    createInterface({ input: child.stdout! }).on('line', line => { if (line.startsWith('frame=')) frames.set(port, Number(line.slice(6))) })
    return child
  })
  try {
    return await measure(children, () => [...frames.values()].reduce((a, b) => a + b, 0))
  } finally {
    await end(children)
  }
}

export async function run (): Promise<object> {
  const farms: ChildProcess[] = []
  const farm = async (mode: string) => {
    const child = nodeChild(1, './camera-farm', [String(CAMERAS), mode])
    farms.push(child)
    return (await firstLine<{ ports: number[] }>(child)).ports
  }
  try {
    const ports = await farm('whole')
    const own = await measureOwn(ports)
    const ffmpeg = await measureFfmpeg(ports)
    await end(farms.splice(0))
    const ownSplitWrites = await measureOwn(await farm('split'))
    return {
      bench: 'ingest', cameras: CAMERAS, video: '1280x720, 25 frames/s, 2 Mbit/s, H.264', own, ffmpegProcessPerCamera: ffmpeg, ownSplitWrites,
      cpuRatio: round(ffmpeg.cpuPercentOfCore / own.cpuPercentOfCore, 2), rssRatio: round(ffmpeg.rssMbPerCamera / own.rssMbPerCamera, 1),
      bars: { cpuRatioAtLeast: 4, rssRatioAtLeast: 20 }
    }
  } finally {
    await end(farms)
  }
}
