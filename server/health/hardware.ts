/** What a switch is made of and how its light stands; limits of the light that people set. */
import { and, eq } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import type { Hardware, LightLevel, LightLimits, LightLimitsWrite, ModuleView, OpticalModule, PortLightLimits } from '../contract/hardware.js'
import { type Actor, demand, seesDevice } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { invalidField, notFound } from '../problems.js'
import type { Store } from '../store/store.js'
import type { Entry } from './fleet.js'
import { limitsInForce, speedsOf } from './light.js'

export interface HardwareRoom {
  get (actor: Actor, deviceId: string): Promise<Hardware>
  /** Null for a direction returns it to the module's own limits, or to the usual ones. */
  setLimits (actor: Actor, deviceId: string, write: LightLimitsWrite): Promise<PortLightLimits>
}
interface Deps {
  store: Store, clock: Clock
  fleet: { entry (deviceId: string): Entry | undefined }
  /** After the commit: the light is judged anew. */
  onLimits (deviceId: string): Promise<void>
}

const order: readonly (keyof LightLimits)[] = ['lowAlarm', 'lowWarn', 'highWarn', 'highAlarm']
const LOWEST_DBM = -60
const HIGHEST_DBM = 30

function check (side: 'rx' | 'tx', limits: LightLimits | null) {
  if (!limits) return
  for (const [i, name] of order.entries()) {
    const value = limits[name]
    if (value < LOWEST_DBM || value > HIGHEST_DBM) throw invalidField(`/${side}/${name}`, 'limit_out_of_range', `Light lies between ${LOWEST_DBM} and ${HIGHEST_DBM} dBm.`)
    if (i > 0 && value <= limits[order[i - 1]!]) throw invalidField(`/${side}/${name}`, 'limits_not_in_order', 'Each limit must be above the one before it.')
  }
}

function viewOf (entry: Entry, module: OpticalModule): ModuleView {
  const speed = speedsOf([...entry.ports.values()].map(p => p.port))(module.port)
  const light = entry.hardware?.light[module.port]
  const side = (name: 'rx' | 'tx') => {
    const level: LightLevel | null = module.gate === 'up' ? light?.[name]?.raw ?? null : null
    return { level, ...limitsInForce(module, name, entry.facts.lightLimits.get(module.port), speed) }
  }
  return { ...module, rx: side('rx'), tx: side('tx') }
}

export function createHardware ({ store, clock, fleet, onLimits }: Deps): HardwareRoom {
  function seen (actor: Actor, deviceId: string): Entry {
    const entry = fleet.entry(deviceId)
    if (!entry || !seesDevice(actor, entry.facts)) throw notFound('device')
    return entry
  }
  return {
    async get (actor, deviceId) {
      demand(actor, 'health.read')
      const entry = seen(actor, deviceId)
      const { hardware } = entry
      return { at: hardware?.at ?? null, modules: hardware?.modules.map(m => viewOf(entry, m)) ?? [], sensors: hardware?.sensors ?? [], poe: hardware?.poe ?? null }
    },

    async setLimits (actor, deviceId, { port, rx, tx }) {
      demand(actor, 'light_limit.write')
      const { facts } = seen(actor, deviceId)
      if (facts.kind !== 'switch') throw notFound('switch')
      check('rx', rx)
      check('tx', tx)
      const row = await store.transaction(async tx_ => {
        const { lightLimits: t } = tx_.t
        const ofPort = and(eq(t.deviceId, deviceId), eq(t.port, port))
        const [before] = await tx_.select({ rx: t.rx, tx: t.tx }).from(t).where(ofPort)
        const now = clock.now()
        const next = { deviceId, port, rx, tx, updatedAt: now, updatedBy: actor.login }
        if (rx === null && tx === null) await tx_.delete(t).where(ofPort)
        else await tx_.insert(t).values(next).onConflictDoUpdate({ target: [t.deviceId, t.port], set: next })
        await recordAudit(tx_, now, actor, 'device.light_limits', { kind: 'device', id: deviceId }, { name: facts.name, port, before: before ?? null, after: { rx, tx } })
        return next
      })
      await onLimits(deviceId)
      return row
    }
  }
}
