/** What the planned cameras report themselves: one long poll a camera, over its PullPoint. */
import type { Clock } from '../../../lib/clock.js'
import type { Log } from '../../../lib/log.js'
import type { PlanDevice } from '../../../server/contract/agent-link.js'
import type { Collector, Emit } from '../../collector.js'
import { OnvifCamera, targetOf } from '../camera-control.js'
import { Gate } from '../gate.js'
import { phaseOf } from '../schedule.js'
import { EventSource } from './event-source.js'
import type { PullPointControl } from './pull-point.js'
import { RecordsOn, type StartRecording } from './records-on.js'

/** A new plan is worked off over this time, after the first checks of the cameras' health. */
const firstWithinMs = 10_000
const subscribeAtOnce = 16
const tickMs = 5000
/** Stopping waits for the cameras' answers to Unsubscribe no longer than this. */
const goodbyeMs = 2500

export interface EventCollectorDeps {
  emit: Pick<Emit, 'observation'>
  /** A camera's own events start its recording here, whether the server can be reached or not. */
  record?: StartRecording
  log: Log
  clock: Clock
  open?: (device: PlanDevice) => PullPointControl
  wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

interface Entry { settings: string, source: EventSource, stop: AbortController, done: Promise<void> }

function waitFor (ms: number, signal: AbortSignal) {
  return new Promise<void>(resolve => {
    if (signal.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}

const settingsOf = (d: PlanDevice) => JSON.stringify([d.address, d.camera?.onvif, d.credential])

export function createEventCollector ({ emit, record = () => {}, log, clock, open, wait = waitFor }: EventCollectorDeps): Collector {
  const entries = new Map<string, Entry>()
  const leaving = new Set<Promise<void>>()
  const subscribing = new Gate(subscribeAtOnce)
  const records = new RecordsOn(record)
  const told: EventCollectorDeps['emit'] = { observation: o => { emit.observation(o); records.see(o) } }
  const ticker = setInterval(() => {
    for (const { source } of entries.values()) source.tick()
    records.tick(clock.now())
  }, tickMs)
  ticker.unref()

  function forget (id: string, entry: Entry) {
    entries.delete(id)
    entry.stop.abort()
    leaving.add(entry.done)
    void entry.done.then(() => leaving.delete(entry.done))
  }

  function begin (device: PlanDevice) {
    const stop = new AbortController()
    const source = new EventSource(device.id, open ? open(device) : new OnvifCamera(targetOf(device), { clock }), { emit: told, clock, log, subscribing, wait })
    const done = wait(Math.floor(phaseOf(device.id) * firstWithinMs), stop.signal).then(() => source.run(stop.signal))
      .catch((err: unknown) => { log.error({ err, deviceId: device.id }, 'following a camera\'s events failed in itself') })
    entries.set(device.id, { settings: settingsOf(device), source, stop, done })
  }

  return {
    name: 'camera events',
    plan (devices) {
      const cameras = new Map(devices.filter(d => d.kind === 'camera' && d.camera?.onvif).map(d => [d.id, d]))
      for (const [id, entry] of [...entries]) {
        const now = cameras.get(id)
        if (!now || settingsOf(now) !== entry.settings) forget(id, entry)
      }
      for (const device of cameras.values()) if (!entries.has(device.id)) begin(device)
    },
    // Events come by themselves; whether the camera answers is the health check's business.
    pollNow () {},
    processes: () => [],
    async stop () {
      clearInterval(ticker)
      for (const [id, entry] of [...entries]) forget(id, entry)
      const late = new AbortController()
      await Promise.race([Promise.all(leaving), wait(goodbyeMs, late.signal)])
      late.abort()
    }
  }
}
