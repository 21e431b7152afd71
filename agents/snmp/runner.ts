/** Decides when which switch is checked, and turns the outcome into observations. Runs inside the poller process. */
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import { type Output, rememberSwitch, type SwitchMemory } from './device.js'
import { explainSilence, resolveAddress } from './diagnose.js'
import { SnmpFailure, toSnmpFailure } from './failures.js'
import { createHardwareTier, type TierOptions } from './hardware/tier.js'
import { FAILURES_TO_PROBE, nextSlot, periodMs, slotOf, type Timing } from './schedule.js'
import { credentialFault, openSession, type SessionOptions, type SnmpSession } from './session.js'

export interface RunnerOptions {
  /** Checks at one time, of living switches and, apart from them, of failing ones: the dead cannot crowd out the living. Default 64. */
  inFlight?: number
  /** Longest wait between probes of a dead switch, ms. Default 5 min. */
  capMs?: number
  /** One check may take this long in all, ms. Default 20 s. */
  deadlineMs?: number
  timeoutMs?: number
  hardware?: TierOptions
}
export interface Runner {
  set (device: PlanDevice): void
  remove (deviceId: string): void
  pollNow (deviceId: string): void
  /** Checks that found no free place in their slot. */
  readonly skipped: number
  stop (): void
}

interface Entry {
  device: PlanDevice
  timing: Timing
  memory: SwitchMemory
  session: { session: SnmpSession, options: SessionOptions } | null
  timer: NodeJS.Timeout | null
  /** Waits for its first check. */
  starting: boolean
  busy: boolean
  /** Asked for while it was busy: what runs may have begun too early to know. */
  again: boolean
  removed: boolean
  failures: number
  lastGoodAt: number
  fullDueAt: number
  /** Waiting until it is not busy. */
  waiting: (() => void)[]
  /** Why it is silent, as found out when it fell silent: later time-outs carry the same reason. */
  explained: SnmpFailure | null
}

const CAP_MS = 300_000
const DEADLINE_MS = 20_000
/** Many new switches at once start this far apart, so that key derivation (up to 5 ms each for version 3) never piles up. */
const START_APART_MS = 20
/** Every so many failures the reason is looked into again. */
const EXPLAIN_EVERY = 30

export function createRunner (deps: { out: Output, clock: Clock, log: Log }, o: RunnerOptions = {}): Runner {
  const { clock, log } = deps
  const hardware = createHardwareTier(deps, o.hardware)
  const out: Output = {
    ...deps.out,
    observation (observation) {
      deps.out.observation(observation)
      if (observation.kind === 'port_status') hardware.portChanged(observation.deviceId)
    }
  }
  const entries = new Map<string, Entry>()
  const most = o.inFlight ?? 64
  const running = { living: 0, failing: 0 }
  let starting = 0
  let skipped = 0

  function set (device: PlanDevice) {
    remove(device.id)
    const settings = device.switch
    const intervalMs = (settings?.intervalS ?? 60) * 1000
    const entry: Entry = {
      device, timing: { intervalMs, statusIntervalMs: Math.min(intervalMs, (settings?.statusIntervalS ?? 10) * 1000), capMs: o.capMs ?? CAP_MS },
      memory: rememberSwitch(device.id, settings?.bulk !== false, out, clock),
      session: null, timer: null, starting: true, busy: false, again: false, removed: false, failures: 0, lastGoodAt: clock.now(), fullDueAt: 0, waiting: [], explained: null
    }
    entries.set(device.id, entry)
    hardware.set(device.id, {
      intervalMs: (settings?.hardwareIntervalS ?? 300) * 1000, memory: entry.memory, isWell: () => entry.failures === 0,
      whenIdle: () => entry.busy ? new Promise(resolve => { entry.waiting.push(resolve) }) : Promise.resolve(),
      session: async () => openSession(await optionsOf(entry))
    })
    starting++
    entry.timer = setTimeout(() => fire(entry), starting * START_APART_MS)
  }
  /** Whoever leaves the line before its turn leaves no gap: later switches would wait ever longer. */
  function leaveLine (entry: Entry) {
    if (entry.starting) starting--
    entry.starting = false
  }
  function remove (deviceId: string) {
    const entry = entries.get(deviceId)
    if (!entry) return
    entry.removed = true
    hardware.remove(deviceId)
    leaveLine(entry)
    entries.delete(deviceId)
    if (entry.timer) clearTimeout(entry.timer)
    dropSession(entry)
  }
  function schedule (entry: Entry) {
    if (entry.removed) return
    if (entry.timer) clearTimeout(entry.timer)
    const now = clock.now()
    const period = periodMs(entry.timing, entry.failures, entry.lastGoodAt, now)
    entry.timer = setTimeout(() => fire(entry), nextSlot(now, period, slotOf(entry.device.id, period)) - now)
  }
  function fire (entry: Entry) {
    leaveLine(entry)
    if (entry.removed || entry.busy) return
    const kind = entry.failures === 0 ? 'living' : 'failing'
    if (running[kind] >= most) {
      // Late work would only make the next slot late too.
      skipped++
      schedule(entry)
      return
    }
    entry.busy = true
    running[kind]++
    check(entry).catch((error: unknown) => log.error({ err: error, deviceId: entry.device.id }, 'a check failed in an unforeseen way')).finally(() => {
      running[kind]--
      entry.busy = false
      for (const go of entry.waiting.splice(0)) go()
      if (entry.again) pollNow(entry.device.id)
      else schedule(entry)
    })
  }

  function pollNow (deviceId: string) {
    const entry = entries.get(deviceId)
    if (!entry) return
    entry.again = entry.busy
    if (entry.busy) return
    entry.fullDueAt = 0
    if (entry.timer) clearTimeout(entry.timer)
    fire(entry)
  }

  async function check (entry: Entry) {
    try {
      const { session } = await sessionOf(entry)
      const timer = setTimeout(() => session.abort(new SnmpFailure('answered_too_slowly', 'the switch did not finish its answers in time')), o.deadlineMs ?? DEADLINE_MS)
      try {
        await ask(entry, session)
      } finally {
        clearTimeout(timer)
      }
      if (entry.removed) return
      // A session opened for probing tries once only.
      if (entry.failures >= FAILURES_TO_PROBE) dropSession(entry)
      entry.failures = 0
      entry.explained = null
      entry.lastGoodAt = clock.now()
      out.observation({ kind: 'reachability', deviceId: entry.device.id, at: clock.now(), ok: true, method: 'snmp', rttMs: session.rttMs, failure: null })
    } catch (error) {
      await failed(entry, toSnmpFailure(error))
    }
  }
  /** What to ask depends on how it went last; only a whole answer counts as well again. */
  async function ask (entry: Entry, session: SnmpSession) {
    const { memory } = entry
    if (entry.failures >= FAILURES_TO_PROBE) await memory.probe(session)
    const now = clock.now()
    if (memory.described && entry.failures === 0 && now < entry.fullDueAt) return memory.status(session)
    await memory.poll(session)
    entry.fullDueAt = nextSlot(now, entry.timing.intervalMs, slotOf(entry.device.id, entry.timing.intervalMs))
  }
  async function failed (entry: Entry, failure: SnmpFailure) {
    const options = entry.session?.options
    // A new session learns a replaced switch's engine anew, and its new address.
    dropSession(entry)
    if (failure.code === 'timeout' && options && !entry.removed && (!entry.explained || entry.failures % EXPLAIN_EVERY === 0)) {
      entry.explained = await explainSilence(options, failure).catch(() => failure)
    }
    if (entry.removed) return
    const named = failure.code === 'timeout' && entry.explained ? entry.explained : failure
    entry.failures++
    out.observation({ kind: 'reachability', deviceId: entry.device.id, at: clock.now(), ok: false, method: 'snmp', rttMs: null, failure: named.toFailure() })
  }
  async function optionsOf ({ device, failures }: Entry): Promise<SessionOptions> {
    const fault = credentialFault(device)
    if (fault || !device.switch) throw new SnmpFailure('authentication_failed', fault ?? 'the switch has no SNMP settings')
    return {
      address: await resolveAddress(device.address), port: device.switch.port, version: device.switch.snmpVersion, credential: device.credential,
      timeoutMs: o.timeoutMs, retries: failures >= FAILURES_TO_PROBE ? 0 : 1
    }
  }
  async function sessionOf (entry: Entry) {
    if (entry.session) return entry.session
    const options = await optionsOf(entry)
    entry.session = { session: openSession(options), options }
    return entry.session
  }
  function dropSession (entry: Entry) {
    entry.session?.session.close()
    entry.session = null
  }
  return {
    set, remove, pollNow,
    get skipped () { return skipped },
    stop () { for (const id of [...entries.keys()]) remove(id) }
  }
}
