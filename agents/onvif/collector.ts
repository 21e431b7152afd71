/** ONVIF cameras on a schedule: are they there, what time do they have, who are they, do they let us in. */
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import type { Collector, Emit } from '../collector.js'
import { type CameraControl, OnvifCamera, targetOf } from './camera-control.js'
import type { Announcement } from './discover.js'
import { Gate } from './gate.js'
import type { Listening } from './listen.js'
import { nextCheckMs, phaseOf } from './schedule.js'
import { WatchedCamera } from './watched-camera.js'

/** A new plan is worked off over this time. */
const firstWithinMs = 3000
const atOnce = 32

interface Timers { set (work: () => void, ms: number): unknown, clear (timer: unknown): void }
const realTimers: Timers = { set: (work, ms) => setTimeout(work, ms), clear: timer => { clearTimeout(timer as NodeJS.Timeout) } }

export interface OnvifCollectorDeps {
  emit: Emit
  log: Log
  clock: Clock
  timers?: Timers
  open?: (device: PlanDevice) => CameraControl
  /** Usually `listenForAnnouncements`: a camera thought down that says Hello is asked at once. */
  listen?: (onAnnouncement: (announcement: Announcement) => void) => Promise<Listening>
}

interface Entry { device: PlanDevice, settings: string, camera: WatchedCamera, phase: number, timer: unknown, stop: AbortController, running: Promise<void> | null, again: boolean }

const settingsOf = (d: PlanDevice) => JSON.stringify([d.address, d.camera?.onvif, d.credential])

export function createOnvifCollector ({ emit, log, clock, timers = realTimers, open, listen }: OnvifCollectorDeps): Collector {
  const entries = new Map<string, Entry>()
  // Cameras that do not answer wait in a line of their own: however many hang, the others are asked in time.
  const healthy = new Gate(atOnce)
  const doubtful = new Gate(atOnce)

  function schedule (entry: Entry, ms: number) {
    timers.clear(entry.timer)
    entry.timer = timers.set(() => run(entry, false), ms)
  }

  function run (entry: Entry, askedByPerson: boolean) {
    timers.clear(entry.timer)
    if (entry.running) {
      entry.again ||= askedByPerson
      return
    }
    const { signal } = entry.stop
    const gate = entry.camera.failures > 0 ? doubtful : healthy
    entry.running = gate.run(async () => { if (!signal.aborted) await entry.camera.check(signal, askedByPerson) })
      .catch((err: unknown) => { log.error({ err, deviceId: entry.device.id }, 'an ONVIF check failed in itself') })
      .then(() => {
        entry.running = null
        if (signal.aborted) return
        if (entry.again) {
          entry.again = false
          run(entry, true)
        } else {
          schedule(entry, nextCheckMs(entry.camera.failures, entry.phase, clock.now()))
        }
      })
  }

  function forget (entry: Entry) {
    timers.clear(entry.timer)
    entry.stop.abort()
    entries.delete(entry.device.id)
  }

  const listening = listen?.(announcement => {
    if (announcement.kind !== 'hello') return
    for (const entry of entries.values()) {
      if (entry.device.address === announcement.finding.address && entry.camera.failures > 0) run(entry, false)
    }
  }).catch((err: unknown) => { log.warn({ err }, 'announcements of cameras cannot be heard: those that return are noticed by the schedule only') })

  return {
    name: 'onvif',
    plan (devices) {
      const cameras = new Map(devices.filter(d => d.kind === 'camera' && d.camera?.onvif).map(d => [d.id, d]))
      for (const entry of [...entries.values()]) {
        const now = cameras.get(entry.device.id)
        if (!now || settingsOf(now) !== entry.settings) forget(entry)
      }
      for (const device of cameras.values()) {
        if (entries.has(device.id)) continue
        const control = open ? open(device) : new OnvifCamera(targetOf(device), { clock })
        const entry: Entry = {
          device, settings: settingsOf(device), camera: new WatchedCamera(device.id, control, emit, clock), phase: phaseOf(device.id),
          timer: null, stop: new AbortController(), running: null, again: false
        }
        entries.set(device.id, entry)
        schedule(entry, Math.floor(entry.phase * firstWithinMs))
      }
    },
    pollNow (deviceId) {
      const entry = entries.get(deviceId)
      if (!entry) return
      // Who asks has reason to think that something changed: what comes next is confirmed quickly again.
      entry.camera.failures = Math.min(entry.camera.failures, 1)
      run(entry, true)
    },
    processes: () => [],
    async stop () {
      const running = [...entries.values()].map(entry => entry.running)
      for (const entry of [...entries.values()]) forget(entry)
      await Promise.all([...running, listening?.then(heard => heard?.close())])
    }
  }
}
