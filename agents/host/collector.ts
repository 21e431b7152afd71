/** Hosts: ICMP, TCP or HTTP checks on a schedule. */
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import type { Collector, Emit } from '../collector.js'
import { type CheckResult, checkHost } from './check.js'
import { createPinger } from './icmp.js'
import { delayMs, phaseOf } from './schedule.js'

/** A new plan is worked off over this time at most. */
const FIRST_WITHIN_MS = 3000
const MAX_AT_ONCE = 64
const BUSY_RETRY_MS = 100

type Check = (device: PlanDevice, signal: AbortSignal) => Promise<CheckResult>
interface Watched { device: PlanDevice, settings: string, failures: number, timer: NodeJS.Timeout | null, running: AbortController | null, again: boolean }

const settingsOf = (d: PlanDevice) => JSON.stringify([d.address, d.host])

export function createHostCollector ({ emit, log, clock, check }: { emit: Emit, log: Log, clock: Clock, check?: Check }): Collector {
  const ping = createPinger()
  const runCheck = check ?? ((device, signal) => checkHost(device, ping, signal))
  const watched = new Map<string, Watched>()
  let running = 0

  function schedule (w: Watched, ms: number) {
    if (w.timer) clearTimeout(w.timer)
    w.timer = setTimeout(() => void run(w), ms)
  }

  async function run (w: Watched) {
    w.timer = null
    if (w.running) { w.again = true; return }
    if (running >= MAX_AT_ONCE) return schedule(w, BUSY_RETRY_MS)
    running++
    w.running = new AbortController()
    const { signal } = w.running
    const result = await runCheck(w.device, signal).catch((err: Error): CheckResult => {
      log.error({ err, deviceId: w.device.id }, 'a host check failed in itself')
      return { ok: false, rttMs: null, failure: { code: 'internal', detail: err.message.slice(0, 500) } }
    })
    running--
    w.running = null
    // Left the plan, or changed, while it was being asked.
    if (signal.aborted || watched.get(w.device.id) !== w) return
    tell(w.device, result)
    w.failures = result.ok ? 0 : w.failures + 1
    schedule(w, w.again ? 0 : delayMs((w.device.host?.intervalS ?? 30) * 1000, w.failures))
    w.again = false
  }

  function tell (device: PlanDevice, { ok, rttMs, failure }: CheckResult) {
    const at = clock.now()
    emit.observation({ kind: 'reachability', deviceId: device.id, at, ok, method: device.host?.check.method ?? 'icmp', rttMs, failure })
    emit.samples({ deviceId: device.id, at, series: ['rtt_ms'], values: [rttMs] })
  }

  function forget (w: Watched) {
    if (w.timer) clearTimeout(w.timer)
    w.running?.abort()
    watched.delete(w.device.id)
  }

  return {
    name: 'host',
    plan (devices) {
      const hosts = new Map(devices.filter(d => d.kind === 'host').map(d => [d.id, d]))
      for (const w of [...watched.values()]) {
        const now = hosts.get(w.device.id)
        if (!now || settingsOf(now) !== w.settings) forget(w)
      }
      for (const device of hosts.values()) {
        if (watched.has(device.id)) continue
        const w: Watched = { device, settings: settingsOf(device), failures: 0, timer: null, running: null, again: false }
        watched.set(device.id, w)
        schedule(w, phaseOf(device.id) * FIRST_WITHIN_MS)
      }
    },
    pollNow (deviceId) {
      const w = watched.get(deviceId)
      if (!w) return
      // Who asks has reason to think that something changed: what comes next is confirmed quickly again.
      w.failures = Math.min(w.failures, 1)
      schedule(w, 0)
    },
    processes: () => [],
    async stop () { for (const w of [...watched.values()]) forget(w) }
  }
}
