/** The heads of an agent's cameras, by device. */
import type { Clock } from '../../../lib/clock.js'
import type { Log } from '../../../lib/log.js'
import type { PlanDevice } from '../../../server/contract/agent-link.js'
import type { PtzAnswer, PtzOrder } from '../../../server/contract/ptz.js'
import type { Collector } from '../../collector.js'
import { type CameraControl, OnvifCamera, targetOf } from '../camera-control.js'
import { CameraFailure } from '../failure.js'
import { Head } from './head.js'

export interface HeadsOptions {
  clock: Clock
  log: Log
  /** A camera's picture is another because we moved it; told once it has rested for a while. */
  rested: (deviceId: string) => void
  open?: (device: PlanDevice) => CameraControl
  nowMs?: () => number
}
export interface Heads extends Collector {
  obey (device: PlanDevice, said: { run: string, seq: number, order: PtzOrder }, signal: AbortSignal): Promise<PtzAnswer>
}

const RESTED_MS = 5000

interface Entry { head: Head, settings: string, run: string, seq: number }
const settingsOf = (d: PlanDevice) => JSON.stringify([d.address, d.camera?.onvif, d.credential])

export function createHeads ({ clock, log, rested, open = device => new OnvifCamera(targetOf(device), { clock }), nowMs = () => performance.now() }: HeadsOptions): Heads {
  const entries = new Map<string, Entry>()
  const resting = new Map<string, NodeJS.Timeout>()

  function moved (id: string) {
    clearTimeout(resting.get(id))
    const timer = setTimeout(() => { resting.delete(id); rested(id) }, RESTED_MS)
    timer.unref()
    resting.set(id, timer)
  }

  function entryOf (device: PlanDevice): Entry {
    const known = entries.get(device.id)
    if (known) return known
    const made = { head: new Head(open(device), { log, nowMs, moved: () => moved(device.id) }), settings: settingsOf(device), run: '', seq: 0 }
    entries.set(device.id, made)
    return made
  }

  function forget (id: string) {
    const entry = entries.get(id)
    entries.delete(id)
    clearTimeout(resting.get(id))
    resting.delete(id)
    return entry?.head.rest()
  }

  return {
    name: 'ptz',
    plan (devices) {
      const wanted = new Map(devices.map(d => [d.id, settingsOf(d)]))
      for (const [id, entry] of [...entries]) if (wanted.get(id) !== entry.settings) void forget(id)
    },
    // Until the first await nothing of another order comes between: what was said first is noted first.
    async obey (device, { run, seq, order }, signal) {
      if (!device.camera?.onvif) throw new CameraFailure('not_permitted', 'the camera has no ONVIF settings, so it cannot be moved')
      const entry = entryOf(device)
      if (run === entry.run && seq <= entry.seq) throw new CameraFailure('internal', 'a later order was heard before this one')
      Object.assign(entry, { run, seq })
      return entry.head.obey(order, signal)
    },
    pollNow () {},
    processes: () => [],
    async stop () { await Promise.all([...entries.keys()].map(forget)) }
  }
}
