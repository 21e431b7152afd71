/**
 * `clip`: an hour cut from 60 files, beside `cat` of the same files into one on the same disk, each with the fsync: by the code that cuts, and by the
 * whole product (the person's request, the agent's footage process, the socket to the server, SHA-256, the file there). And how soon playback
 * begins at the API. Server, agent and reader share this machine.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { sendClip } from '../agents/footage/clip.js'
import { openLibrary } from '../agents/footage/index-library.js'
import { RecordingIndex } from '../agents/recorder/index-db.js'
import type { Agent } from '../server/contract/agent-link.js'
import type { Device } from '../server/contract/inventory.js'
import type { Clip } from '../server/contract/recording.js'
import type { DemoClient } from '../tools/demo/client.js'
import { machine, round, spread, under } from './lib/figures.js'
import { until } from './lib/processes.js'
import { recordHour } from './lib/recorded-hour.js'
import { setUp, Started, startServer } from './lib/system.js'

const RUNS = 5
const STARTS = 30
const HOUR_MS = 3_600_000

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
const timed = async (work: () => Promise<unknown> | unknown) => {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}

async function cutHour (client: DemoClient, deviceId: string, from: number): Promise<Clip> {
  const { id } = await client.call<Clip>('POST', '/clips', { deviceId, from, to: from + HOUR_MS })
  const clip = await until('the clip', 120_000, async () => { const now = await client.call<Clip>('GET', `/clips/${id}`); return now.status === 'running' ? null : now }, undefined, 25)
  if (clip.status !== 'done') throw new Error(`The clip ${clip.status}: ${clip.failure?.code} ${clip.failure?.detail}`)
  await client.call('DELETE', `/clips/${id}`)
  return clip
}

/** The agent's part alone, into a file. */
async function cutToFile (library: ReturnType<typeof openLibrary>, deviceId: string, from: number, target: string) {
  const file = await open(target, 'w')
  try {
    await sendClip(library, { deviceId, from, to: from + HOUR_MS }, { note: async () => {}, bytes: async chunk => { await file.write(chunk) } }, new AbortController().signal)
    await file.sync()
  } finally { await file.close() }
}

/** From the opening of a socket, and from the request on an open one, to the first frame; ms. */
async function firstFrame (url: string, client: DemoClient, at: number) {
  const began = performance.now()
  const socket = new WebSocket(url, { headers: client.headers })
  const play = (id: number, from: number) => new Promise<number>((resolve, reject) => {
    socket.send(JSON.stringify({ type: 'play', id, from, to: null, mode: 'all', direction: 'forward', until: from + 2000 }))
    socket.on('message', (data: Buffer, binary) => { if (binary && data.readUInt32BE(0) === id && data[4] === 2) resolve(performance.now()) })
    socket.once('close', () => reject(new Error('The playback socket was closed')))
  })
  await new Promise((resolve, reject) => { socket.once('open', resolve); socket.once('error', reject) })
  const opened = await play(1, at) - began
  const sought = performance.now()
  const seek = await play(2, at + 600_000) - sought
  socket.close()
  return { opened, seek }
}

export async function run (): Promise<object> {
  const on = machine()
  const started = new Started()
  try {
    const dataDir = mkdtempSync(join(tmpdir(), 'kalancha-bench-'))
    started.add(() => rmSync(dataDir, { recursive: true, force: true }))
    const server = await startServer(dataDir)
    started.add(() => server.program.stop())
    const client = await setUp(server)
    const agent = await until('the embedded agent', 30_000, async () => (await client.call<Agent[]>('GET', '/agents')).find(a => a.embedded && a.status === 'online') ?? null)
    const camera = await client.call<Device>('POST', '/devices', {
      kind: 'camera', name: 'Bench', address: '127.0.0.9', siteId: null, groupId: null, agentId: agent.id, parentId: null, parentPort: null, note: '', enabled: true,
      camera: { rtsp: { port: 9, mainPath: '/main', subPath: null }, onvif: null, client: 'auto', pull: 'on_demand' }
    })
    const recordings = join(dataDir, 'agent/recordings')
    const volumeId = await until('the agent\'s volume', 30_000, () => { try { return (JSON.parse(readFileSync(join(recordings, 'default/kalancha-volume.json'), 'utf8')) as { id: string }).id } catch { return null } })
    const index = RecordingIndex.open(join(recordings, 'index.db'))
    const from = Date.now() - 3 * HOUR_MS
    const hour = recordHour(index, join(recordings, 'default'), { deviceId: camera.id, volumeId, from })
    index.close()

    const files = hour.paths.map(path => join(recordings, 'default', path))
    const target = join(dataDir, 'cat.mp4')
    const cat = (to: string) => timed(() => execFileSync('sh', ['-c', `cat "$@" > ${to}`, 'cat', ...files]))
    const library = openLibrary(recordings)
    library.volumes([{ id: volumeId, tier: 'primary', place: { type: 'folder', path: join(recordings, 'default') }, floorBytes: 0, enabled: true }])
    const figures = { cut: [] as number[], clip: [] as number[], cat: [] as number[], catToNowhere: [] as number[] }
    let clip: Clip | null = null
    await cutHour(client, camera.id, from)
    for (let i = 0; i < RUNS; i++) {
      figures.cut.push(await timed(() => cutToFile(library, camera.id, from, target)))
      rmSync(target, { force: true })
      figures.clip.push(await timed(async () => { clip = await cutHour(client, camera.id, from) }))
      rmSync(target, { force: true })
      figures.cat.push(await timed(async () => { await cat(target); execFileSync('sync', [target]) }))
      rmSync(target, { force: true })
      figures.catToNowhere.push(await cat('/dev/null'))
    }
    const starts = []
    for (let i = 0; i < STARTS; i++) starts.push(await firstFrame(`${server.origin.replace('http', 'ws')}/api/v1/devices/${camera.id}/playback?hevc=1`, client, from + i * 60_000 + 31_000))
    const ofCat = (seconds: readonly number[]) => round(median(figures.cat) / median(seconds), 2)
    const share = ofCat(figures.cut)
    const begins = spread(starts.map(s => s.opened))
    return {
      machine: on, footage: { files: files.length, bytes: hour.bytes, video: '1280x720, 25 frames/s, 2 Mbit/s, H.264' },
      bars: { speedAgainstCat: { figure: share, atLeast: 0.5, met: share >= 0.5 }, firstFrameMedianMs: under(begins.medianMs, 500) },
      cut: { seconds: figures.cut.map(s => round(s, 2)), mbPerS: round(hour.bytes / 1e6 / median(figures.cut)) },
      delivered: { seconds: figures.clip.map(s => round(s, 2)), mbPerS: round(hour.bytes / 1e6 / median(figures.clip)), speedAgainstCat: ofCat(figures.clip), bytes: (clip as Clip | null)?.bytes },
      cat: { toFileAndSyncSeconds: figures.cat.map(s => round(s, 2)), mbPerS: round(hour.bytes / 1e6 / median(figures.cat)), toNowhereSeconds: figures.catToNowhere.map(s => round(s, 2)) },
      playback: { fromOpeningTheSocket: begins, seek: spread(starts.map(s => s.seek)) }
    }
  } finally {
    await started.stop()
  }
}
