/**
 * When the hardware of each switch is read: seldom, in a session of its own, and never in the way of a status check. Between any two
 * requests a reading waits until the device's own checks are through; it has a deadline in all, and its failures say nothing of the device.
 */
import type { Clock } from '../../../lib/clock.js'
import type { Log } from '../../../lib/log.js'
import type { OpticalModule } from '../../../server/contract/hardware.js'
import type { Output, SwitchMemory } from '../device.js'
import { SnmpFailure } from '../failures.js'
import { nextSlot, slotOf } from '../schedule.js'
import type { SnmpSession } from '../session.js'
import { initialLimits } from '../walk.js'
import { type HardwareMemory, type Reading, rememberHardware } from './hardware.js'
import { numbersOf } from './series.js'

interface Source {
  intervalMs: number
  memory: SwitchMemory
  /** It answers: its own checks find out when not. */
  isWell (): boolean
  /** Resolves when no check of its own is running. */
  whenIdle (): Promise<void>
  session (): Promise<SnmpSession>
}
export interface HardwareTier {
  set (deviceId: string, source: Source): void
  remove (deviceId: string): void
  /** A port came or went: another module may be in it, and light or none. */
  portChanged (deviceId: string): void
}
interface Entry { id: string, source: Source, hardware: HardwareMemory, timer: NodeJS.Timeout | null, busy: boolean, removed: boolean, failures: number, before: Reading | null, confirming: boolean, askedAt: number, /** A port changed while it was read. */ stale: boolean }

export interface TierOptions {
  /** Readings at one time. Default 16. */
  inFlight?: number
  /** Default 20 s. */
  firstWithinMs?: number
  /** Default 10 s. */
  confirmMs?: number
}

const IN_FLIGHT = 16
const DEADLINE_MS = 60_000
const INVENTORY_EVERY_MS = 6 * 3_600_000
/** After the start the first readings spread over this. */
const FIRST_WITHIN_MS = 20_000
/** Light that jumped is looked at once more soon: two readings make an alarm. */
const CONFIRM_MS = 10_000
const JUMP_DB = 1
/** A port that flaps does not keep its switch reading modules. */
const PORT_EVERY_MS = 30_000
const SLOWEST_MS = 3_600_000
const BUSY_AGAIN_MS = 2_000

const jumped = (before: OpticalModule | undefined, now: OpticalModule) => before === undefined ? false : before.gate !== now.gate ||
  ([[before.rxPowerDbm, now.rxPowerDbm], [before.txPowerDbm, now.txPowerDbm]] as const).some(([a, b]) => (a === null) !== (b === null) || (a !== null && b !== null && Math.abs(a - b) >= JUMP_DB))

export function createHardwareTier ({ out, clock, log }: { out: Output, clock: Clock, log: Log }, o: TierOptions = {}): HardwareTier {
  const confirmMs = o.confirmMs ?? CONFIRM_MS
  const firstWithinMs = o.firstWithinMs ?? FIRST_WITHIN_MS
  const entries = new Map<string, Entry>()
  let running = 0

  function later (entry: Entry, ms: number) {
    if (entry.removed) return
    if (entry.timer) clearTimeout(entry.timer)
    entry.timer = setTimeout(() => fire(entry), ms)
  }
  /** Its own slot, another than that of the counters; while it fails, at random in a widening window. */
  function schedule (entry: Entry) {
    if (entry.failures > 0) return later(entry, Math.min(SLOWEST_MS, firstWithinMs * 2 ** Math.min(10, entry.failures)) * (0.5 + Math.random()))
    const now = clock.now()
    const period = entry.source.intervalMs
    later(entry, nextSlot(now, period, slotOf(`${entry.id} hardware`, period)) - now)
  }
  function fire (entry: Entry) {
    if (entry.removed || entry.busy) return
    if (!entry.source.isWell() || entry.source.memory.profile === null) return later(entry, Math.min(entry.source.intervalMs, firstWithinMs))
    if (running >= (o.inFlight ?? IN_FLIGHT)) return later(entry, BUSY_AGAIN_MS * (0.5 + Math.random()))
    entry.busy = true
    entry.stale = false
    running++
    read(entry).then(again => {
      entry.failures = 0
      return again
    }, (error: unknown) => {
      entry.failures++
      log.debug({ err: error, deviceId: entry.id }, 'the hardware of a switch was not read')
      return false
    }).then(again => {
      running--
      entry.busy = false
      if (again || entry.stale) later(entry, confirmMs)
      else schedule(entry)
    }).catch((error: unknown) => log.error({ err: error, deviceId: entry.id }, 'a hardware reading failed in an unforeseen way'))
  }

  /** Says whether to look again soon. */
  async function read (entry: Entry): Promise<boolean> {
    const { source, hardware } = entry
    const { profile } = source.memory
    if (!profile) return false
    const session = await source.session()
    const timer = setTimeout(() => session.abort(new SnmpFailure('answered_too_slowly', 'the switch did not finish its tables in time')), DEADLINE_MS)
    try {
      const reading = await hardware.read(yielding(session, source.whenIdle), profile, source.memory.ports, clock.now(), INVENTORY_EVERY_MS)
      if (entry.removed) return false
      tell(entry, reading)
      const known = new Map(entry.before?.modules.map(m => [`${m.kind} ${m.port}`, m]))
      const again = !entry.confirming && reading.modules.some(m => jumped(known.get(`${m.kind} ${m.port}`), m))
      entry.before = reading
      entry.confirming = again
      return again
    } finally {
      clearTimeout(timer)
      session.close()
    }
  }
  function tell (entry: Entry, reading: Reading) {
    // A switch with neither modules nor sensors nor power has nothing to tell, once it has said so.
    const empty = (r: Reading | null) => !r || (r.modules.length === 0 && r.sensors.length === 0 && r.poe === null)
    if (empty(reading) && (entry.before === null || empty(entry.before))) return
    const at = clock.now()
    out.observation({ kind: 'hardware', deviceId: entry.id, at, ...reading })
    const { names, values } = numbersOf(reading)
    if (names.length > 0) out.numbers(entry.id, at, names, values)
  }

  return {
    set (deviceId, source) {
      const entry: Entry = { id: deviceId, source, hardware: rememberHardware(initialLimits(source.memory.limits.bulk)), timer: null, busy: false, removed: false, failures: 0, before: null, confirming: false, askedAt: 0, stale: false }
      entries.set(deviceId, entry)
      later(entry, firstWithinMs / 10 + slotOf(`${deviceId} hardware`, Math.min(firstWithinMs, source.intervalMs)))
    },
    remove (deviceId) {
      const entry = entries.get(deviceId)
      if (!entry) return
      entry.removed = true
      if (entry.timer) clearTimeout(entry.timer)
      entries.delete(deviceId)
    },
    portChanged (deviceId) {
      const entry = entries.get(deviceId)
      if (!entry || entry.before === null) return
      entry.hardware.forget()
      const now = clock.now()
      entry.stale ||= entry.busy
      if (entry.busy || now - entry.askedAt < PORT_EVERY_MS) return
      entry.askedAt = now
      later(entry, Math.min(confirmMs, entry.source.intervalMs))
    }
  }
}

/** The same session, whose every request first lets the device's own checks through. */
function yielding (session: SnmpSession, whenIdle: () => Promise<void>): SnmpSession {
  return {
    version: session.version, facts: session.facts,
    get requests () { return session.requests },
    get rttMs () { return session.rttMs },
    get: async oids => { await whenIdle(); return session.get(oids) },
    getNext: async oids => { await whenIdle(); return session.getNext(oids) },
    getBulk: async (oids, nonRepeaters, repetitions) => { await whenIdle(); return session.getBulk(oids, nonRepeaters, repetitions) },
    abort: failure => session.abort(failure), close: () => session.close()
  }
}
