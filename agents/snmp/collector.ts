/** Switches as the agent sees them: a poller process kept alive, told what changed, and not believed without a check. */
import { childModule } from '../../lib/child-module.js'
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import type { Collector, Emit } from '../collector.js'
import { superviseChild } from '../../lib/supervise.js'
import { asFromPoller, type FromPoller } from './messages.js'

/** A poller this long without a sign of life hangs, and is killed. It speaks every 5 s. */
const SILENT_MS = 30_000

/** A `samples` value that is no number is a gap. */
const gapless = (values: Float64Array) => Array.from(values, value => Number.isFinite(value) ? value : null)

export function createSnmpCollector ({ emit, log, clock }: { emit: Emit, log: Log, clock: Clock }): Collector {
  /** By device: the text that was sent, to send differences only. */
  let known = new Map<string, { device: PlanDevice, text: string }>()
  const series = new Map<string, string[]>()
  let heardAt = clock.now()
  /** The process has just been forked and gets the whole plan in a moment. */
  let fresh = true

  const child = superviseChild({
    name: 'snmp-poller', module: childModule(import.meta.url, './poller'), args: [log.level], log,
    onStart () {
      heardAt = clock.now()
      series.clear()
      // Everything again: the new process knows nothing. Sent when the fork's channel is there.
      fresh = true
      setImmediate(() => {
        fresh = false
        sendPlan([...known.values()].map(k => k.device), [])
      })
    },
    onMessage (message) {
      const m = asFromPoller(message)
      if (m) receive(m)
      else log.warn('a message of the SNMP poller was not understood')
    }
  })
  function receive (m: FromPoller) {
    heardAt = clock.now()
    if (m.type === 'observation') {
      if (known.has(m.observation.deviceId)) emit.observation(m.observation)
    } else if (m.type === 'series') series.set(m.deviceId, m.names)
    else if (m.type === 'numbers') {
      if (known.has(m.deviceId) && m.names.length === m.values.length) emit.samples({ deviceId: m.deviceId, at: m.at, series: m.names, values: m.values })
    } else if (m.type === 'samples') {
      const names = series.get(m.deviceId)
      if (!names || !known.has(m.deviceId) || !(m.values instanceof Float64Array) || m.values.length !== names.length) return
      emit.samples({ deviceId: m.deviceId, at: m.at, series: names, values: gapless(m.values) })
    }
  }
  function sendPlan (upsert: PlanDevice[], remove: string[]) {
    if (upsert.length > 0 || remove.length > 0) child.send({ type: 'plan', upsert, remove })
  }
  const watchdog = setInterval(() => {
    if (clock.now() - heardAt <= SILENT_MS || !child.alive || child.pid === undefined) return
    log.error({ pid: child.pid }, 'the SNMP poller hangs and is killed')
    heardAt = clock.now()
    process.kill(child.pid, 'SIGKILL')
  }, 5000)
  watchdog.unref()

  return {
    name: 'snmp',
    plan (devices) {
      const next = new Map(devices.filter(d => d.kind === 'switch' && d.switch).map(device => {
        // Renaming a switch is no reason to start anew with it.
        const { name: _name, ...polled } = device
        return [device.id, { device, text: JSON.stringify(polled) }]
      }))
      const upsert = [...next.values()].filter(k => known.get(k.device.id)?.text !== k.text).map(k => k.device)
      const remove = [...known.keys()].filter(id => !next.has(id))
      known = next
      for (const id of remove) series.delete(id)
      if (!fresh) sendPlan(upsert, remove)
    },
    pollNow (deviceId) {
      if (known.has(deviceId)) child.send({ type: 'poll', deviceId })
    },
    processes: () => [{ name: 'snmp-poller', alive: child.alive, restarts: child.restarts }],
    async stop () {
      clearInterval(watchdog)
      await child.stop()
    }
  }
}
