/** The table of compliance over 10,000 cameras on SQLite: made anew, asked for a page, searched, exported; how long the loop was held; what a round of reports writes. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { pino } from 'pino'
import { systemClock } from '../lib/clock.js'
import { newId } from '../lib/ids.js'
import { type Compliance, createCompliance } from '../server/cameras/compliance/compliance.js'
import type { Observation } from '../server/contract/health.js'
import { createIngest } from '../server/health/ingest.js'
import type { Actor } from '../server/identity/actor.js'
import { openSqlite } from '../server/store/sqlite.js'
import { machine, round } from './lib/figures.js'

const CAMERAS = 10_000
const GROUPS = 40
const SITES = 300
const A_BATCH = 200
const PAGES = 20
const log = pino({ level: 'silent' })
const actor: Actor = { userId: newId(), login: 'bench', roles: ['administrator'], allGroups: true, groupIds: [], sessionId: newId(), ip: '' }

const seen = (deviceId: string, i: number, at: number): Observation[] => [
  { kind: 'reachability', deviceId, at, ok: true, method: 'onvif', rttMs: 3, failure: null },
  { kind: 'stream', deviceId, at, profile: 'sub', status: 'playing', client: 'own', failure: null, codec: 'avc1.42c01e', width: 640, height: 360, fps: i % 20 === 0 ? 6 : 10, bitrateBps: 350_000, keyFrameIntervalMs: i % 50 === 0 ? 4000 : 1000, audioCodec: null, packetsLost: 0, reconnects: 0, packets: 100_000 },
  { kind: 'clock', deviceId, at, offsetMs: i % 70 === 0 ? 9000 : 20 },
  { kind: 'identity', deviceId, at, manufacturer: `Maker ${i % 7}`, model: `Model ${i % 60}`, firmware: `${i % 4}.1`, serial: deviceId, description: '', sysObjectId: null, sysName: null },
  { kind: 'picture', deviceId, at, faults: [] }
]
const report = (deviceId: string, at: number): Observation => ({ kind: 'camera_report', deviceId, at, encoders: [{ profile: 'sub', codec: 'h264', width: 640, height: 360, fps: 10, bitrateBps: 384_000, govLength: 10 }], certificate: null, openToAll: false })

export async function run (): Promise<object> {
  const on = machine()
  const folder = mkdtempSync(join(tmpdir(), 'kalancha-bench-'))
  const store = openSqlite(join(folder, 'facts.db'))
  try {
    const now = systemClock.now()
    const agent = newId()
    const groups = Array.from({ length: GROUPS }, () => newId())
    const sites = Array.from({ length: SITES }, () => newId())
    const ids = Array.from({ length: CAMERAS }, () => newId())
    await store.transaction(async tx => {
      await tx.insert(tx.t.agents).values({ id: agent, name: 'bench', embedded: false, publicKey: '', version: '1', protocol: 1, enrolledAt: now, status: null })
      await tx.insert(tx.t.cameraGroups).values(groups.map((id, i) => ({ id, name: `Група ${i}`, note: '' })))
      await tx.insert(tx.t.sites).values(sites.map((id, i) => ({ id, name: `Об’єкт ${i}`, address: '', note: '' })))
      for (let from = 0; from < CAMERAS; from += 500) {
        await tx.insert(tx.t.devices).values(ids.slice(from, from + 500).map((id, n) => ({
          id, kind: 'camera' as const, name: `Камера ${from + n}, вулиця ${(from + n) % 90}`, searchText: '', siteId: sites[(from + n) % SITES]!, groupId: groups[(from + n) % GROUPS]!, address: `10.0.${Math.floor((from + n) / 250)}.${(from + n) % 250}`, identityKey: id, agentId: agent,
          note: '', enabled: true, settings: { camera: { onvif: { port: 80 }, rtsp: { port: 554, mainPath: null, subPath: null }, pull: 'always' as const } }, createdAt: now, updatedAt: now
        })))
      }
    })
    let compliance!: Compliance
    const ingest = await createIngest(store, systemClock, log, { samples: { write () {} }, cameraReports: (tx, reports) => compliance.take(tx, reports) })
    compliance = await createCompliance({ store, clock: systemClock, log, entry: id => ingest.entry(id), policiesFor: async all => new Map(all.map(id => [id, { policy: { mode: 'continuous' } }])), commands: { run: () => Promise.reject(new Error('no agent')) }, agentOnline: () => false })
    let seq = 0
    const say = async (observe: (id: string, i: number) => Observation[]) => {
      const began = performance.now()
      for (let from = 0; from < CAMERAS; from += A_BATCH) await ingest.ingest(agent, { seq: ++seq, sentAt: systemClock.now(), observations: ids.slice(from, from + A_BATCH).flatMap((id, n) => observe(id, from + n)), samples: [] })
      return performance.now() - began
    }
    await say((id, i) => seen(id, i, systemClock.now()))
    const reportsMs = await say(id => [report(id, systemClock.now())])
    const timed = async (work: () => Promise<unknown>) => { const began = performance.now(); await work(); return round(performance.now() - began, 1) }
    const firstMs = await timed(() => compliance.refresh())
    const loop = monitorEventLoopDelay({ resolution: 2 })
    const cpu = process.cpuUsage()
    loop.enable()
    const againMs = await timed(() => compliance.refresh())
    const used = process.cpuUsage(cpu)
    loop.disable()
    const pages: number[] = []
    let cursor: string | undefined
    let bytes = 0
    for (let i = 0; i < PAGES; i++) {
      const began = performance.now()
      const page = await compliance.list(actor, { limit: 200, ...(cursor ? { cursor } : {}) })
      bytes = JSON.stringify(page).length
      pages.push(performance.now() - began)
      cursor = page.next ?? undefined
    }
    const searchMs = await timed(() => compliance.list(actor, { q: 'вулиця 17', check: 'fps', sort: 'name' }))
    let csvBytes = 0
    const exportMs = await timed(async () => { for (const line of await compliance.exportCsv(actor, {})) csvBytes += Buffer.byteLength(line) })
    pages.sort((a, b) => a - b)
    return {
      ...on, cameras: CAMERAS, reportsMsAllCameras: round(reportsMs, 0), firstTableMs: firstMs, tableAgainMs: againMs, tableAgainCpuMs: round((used.user + used.system) / 1000, 0), loopHeldMaxMs: round(loop.max / 1e6, 1),
      pageMs: { median: round(pages[PAGES >> 1]!, 1), max: round(pages.at(-1)!, 1) }, pageKb: round(bytes / 1000, 0), searchMs, exportMs, exportMb: round(csvBytes / 1e6, 1), rssMb: round(process.memoryUsage.rss() / 1e6, 0)
    }
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
