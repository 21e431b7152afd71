/** Every camera's report, once an hour at its own time. */
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import type { Collector, Emit } from '../collector.js'
import { Gate } from '../onvif/gate.js'
import { phaseOf } from '../onvif/schedule.js'
import { readReport } from './camera-report.js'

const EVERY_MS = 3_600_000
/** Between two reports that somebody asks for. */
const HURRY_EVERY_MS = 10_000
/** A camera that refused its login is shown it again only after this: it counts. The other collector asks it often enough. */
const DENIED_MS = 6 * 3_600_000
/** A new plan is worked off at this pace, a camera. */
const FIRST_MS = 100
const FIRST_LEAST_MS = 2000
const AT_ONCE = 8

interface Entry { device: PlanDevice, settings: string, dueAt: number, readAt: number, deniedAt: number | null, running: Promise<void> | null, stop: AbortController }
export interface ReportOptions { emit: Emit, log: Log, clock: Clock, read?: typeof readReport }

const settingsOf = (d: PlanDevice) => JSON.stringify([d.address, d.camera, d.credential])

export function createReportCollector ({ emit, log, clock, read = readReport }: ReportOptions): Collector {
  const entries = new Map<string, Entry>()
  const gate = new Gate(AT_ONCE)

  async function report (entry: Entry) {
    const { device, stop: { signal } } = entry
    const mayLogIn = entry.deniedAt === null || clock.now() - entry.deniedAt >= DENIED_MS
    const done = await read(device, { signal, clock, mayLogIn })
    if (signal.aborted) return
    entry.deniedAt = done.denied ? clock.now() : mayLogIn ? null : entry.deniedAt
    const { encoders, certificate, openToAll } = done.report
    if (encoders === null && certificate === null && openToAll === null) return
    emit.observation({ kind: 'camera_report', deviceId: device.id, at: clock.now(), encoders, certificate, openToAll })
  }

  function start (entry: Entry) {
    entry.dueAt = clock.now() + EVERY_MS
    entry.readAt = clock.now()
    entry.running ??= gate.run(async () => { if (!entry.stop.signal.aborted) await report(entry) })
      .catch((err: unknown) => { if (!entry.stop.signal.aborted) log.warn({ err, deviceId: entry.device.id }, 'a camera\'s report failed in itself') })
      .finally(() => { entry.running = null })
  }
  const timer = setInterval(() => {
    const now = clock.now()
    for (const entry of entries.values()) if (entry.dueAt <= now && !entry.running) start(entry)
  }, 500)
  timer.unref()

  return {
    name: 'compliance',
    plan (devices) {
      const cameras = new Map(devices.filter(d => d.kind === 'camera' && d.camera).map(d => [d.id, d]))
      for (const [id, entry] of entries) {
        const now = cameras.get(id)
        if (now && settingsOf(now) === entry.settings) continue
        entry.stop.abort()
        entries.delete(id)
      }
      const withinMs = Math.max(FIRST_LEAST_MS, cameras.size * FIRST_MS)
      for (const device of cameras.values()) {
        if (entries.has(device.id)) continue
        entries.set(device.id, { device, settings: settingsOf(device), dueAt: clock.now() + Math.floor(phaseOf(device.id) * withinMs), readAt: 0, deniedAt: null, running: null, stop: new AbortController() })
      }
    },
    pollNow (deviceId) {
      const entry = entries.get(deviceId)
      if (entry && !entry.running && clock.now() - entry.readAt >= HURRY_EVERY_MS) start(entry)
    },
    processes: () => [],
    async stop () {
      clearInterval(timer)
      const running = [...entries.values()].map(e => { e.stop.abort(); return e.running })
      entries.clear()
      await Promise.all(running)
    }
  }
}
