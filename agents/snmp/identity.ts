import type { ObservationOf } from '../../server/contract/health.js'
import { SnmpFailure } from './failures.js'
import { entity, makerOf, system } from './oids.js'
import type { SnmpSession } from './session.js'
import { numberOf, oidTextOf, textOf, type Varbind } from './values.js'
import { getSome, walk, type WalkLimits } from './walk.js'

export type Identity = Omit<ObservationOf<'identity'>, 'kind' | 'deviceId' | 'at'>
export interface SystemGroup { sysDescr: string, sysObjectId: string, sysName: string, uptimeTicks: number | null }

export async function readSystem (session: SnmpSession): Promise<SystemGroup> {
  const [descr, objectId, uptime, name] = await getSome(session, [system.sysDescr, system.sysObjectId, system.sysUpTime, system.sysName])
  return { sysDescr: textOf(descr, 500), sysObjectId: oidTextOf(objectId), sysName: textOf(name, 200), uptimeTicks: numberOf(uptime) }
}

const CHASSIS = 3
/** The chassis comes early in entPhysicalTable; a big stack's hundreds of modules need not be read. */
const ENTITY_ROWS = 64

/** The system group and, where there is an ENTITY-MIB, what the chassis says of itself. */
export async function readIdentity (session: SnmpSession, limits: WalkLimits): Promise<{ system: SystemGroup, identity: Identity }> {
  const group = await readSystem(session)
  const chassis = await readChassis(session, limits)
  const firmware = chassis.software || chassis.firmware || (/\b(?:version|firmware|sw)[ :]+v?(\d[\w.()-]*)/i.exec(group.sysDescr)?.[1] ?? '')
  return {
    system: group,
    identity: {
      manufacturer: chassis.maker || makerOf(group.sysObjectId), model: chassis.model, firmware, serial: chassis.serial,
      description: group.sysDescr, sysObjectId: group.sysObjectId || null, sysName: group.sysName || null
    }
  }
}

interface Chassis { maker: string, model: string, serial: string, firmware: string, software: string }

async function readChassis (session: SnmpSession, limits: WalkLimits): Promise<Chassis> {
  const none: Chassis = { maker: '', model: '', serial: '', firmware: '', software: '' }
  try {
    const { columns: [classes] } = await walk(session, limits, { columns: [entity.class], expectedRows: 16, maxRows: ENTITY_ROWS })
    const row = classes!.values.findIndex(v => numberOf(v) === CHASSIS)
    const index = classes!.indexes[row]
    if (index === undefined) return none
    const of = (oid: string) => `${oid}.${index}`
    const values = await getSome(session, [of(entity.maker), of(entity.model), of(entity.serial), of(entity.firmware), of(entity.software)])
    const text = (v: Varbind | undefined) => textOf(v, 200)
    return { maker: text(values[0]), model: text(values[1]), serial: text(values[2]), firmware: text(values[3]), software: text(values[4]) }
  } catch (error) {
    // Optional: a device that stumbles over this table is polled all the same. A time-out is not such a stumble.
    if (error instanceof SnmpFailure && (error.code === 'protocol_error' || error.code === 'answer_too_large')) return none
    throw error
  }
}
