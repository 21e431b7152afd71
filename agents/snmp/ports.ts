/** Port tables: walks of IF-MIB columns put together by ifIndex. */
import type { PortObservation } from './messages.js'
import { type InterfaceColumn, interfaces, system } from './oids.js'
import type { PortCounters } from './rates.js'
import type { SnmpSession } from './session.js'
import { countOf, macOf, numberOf, textOf, type Varbind } from './values.js'
import { walk, type WalkLimits } from './walk.js'

export type Admin = PortObservation['admin']
export type Oper = PortObservation['oper']
const adminStates: readonly Admin[] = ['up', 'down', 'testing']
const operStates: readonly Oper[] = ['up', 'down', 'testing', 'unknown', 'dormant', 'not_present', 'lower_layer_down']
/** Some small switches have no ifAdminStatus: nothing says that the port was turned off. */
export const adminOf = (v: Varbind | undefined): Admin => adminStates[(numberOf(v) ?? 0) - 1] ?? 'up'
export const operOf = (v: Varbind | undefined): Oper => operStates[(numberOf(v) ?? 0) - 1] ?? 'unknown'

/** One column by ifIndex. */
type ByIndex = Map<number, Varbind>
export type Columns = Partial<Record<InterfaceColumn, ByIndex>>

export interface TableAnswer { columns: Columns, uptime: Varbind | null }

/** Walks columns of the interface tables; rows whose index is not a single positive number are none. */
export async function readColumns (session: SnmpSession, limits: WalkLimits, names: readonly InterfaceColumn[], o: { expectedRows?: number, weight?: number, uptime?: boolean } = {}): Promise<TableAnswer> {
  const answer = await walk(session, limits, {
    columns: names.map(name => interfaces[name]), once: o.uptime ? [system.sysUpTime] : [], expectedRows: o.expectedRows, weight: o.weight
  })
  const columns: Columns = {}
  for (const [i, name] of names.entries()) {
    const column = answer.columns[i]!
    const byIndex: ByIndex = new Map()
    for (const [row, index] of column.indexes.entries()) {
      const ifIndex = Number(index)
      if (Number.isInteger(ifIndex) && ifIndex >= 1 && ifIndex <= 0x7fffffff) byIndex.set(ifIndex, column.values[row]!)
    }
    columns[name] = byIndex
  }
  return { columns, uptime: answer.once[0] ?? null }
}

/** Who the ports are: read on the first poll and now and then. Statuses and speeds come with every poll. */
export const describing: readonly InterfaceColumn[] = ['ifDescr', 'ifType', 'ifPhysAddress', 'ifName', 'ifAlias', 'ifSpeed']
const extended: readonly InterfaceColumn[] = ['ifHighSpeed', 'ifHCInOctets', 'ifHCOutOctets', 'ifCounterDiscontinuityTime']
const plain: readonly InterfaceColumn[] = ['ifAdminStatus', 'ifOperStatus', 'ifInErrors', 'ifOutErrors', 'ifInDiscards', 'ifOutDiscards']

/** The columns of a poll: ifXTable's 64-bit counters where the switch has them, otherwise ifTable's. */
export function measuredColumns (version: '1' | '2c' | '3', missing: ReadonlySet<InterfaceColumn>): InterfaceColumn[] {
  const wide = version !== '1' && !missing.has('ifHCInOctets')
  const octets: InterfaceColumn[] = wide ? ['ifHCInOctets', 'ifHCOutOctets'] : ['ifInOctets', 'ifOutOctets']
  return [...plain, ...octets, ...extended.filter(name => !name.startsWith('ifHC'))].filter(name => !missing.has(name))
}

/** bit/s. ifHighSpeed is in 10^6 bit/s; ifSpeed stops at 2^32-1. A speed of 0 is none. */
function speedOf (high: Varbind | undefined, low: Varbind | undefined): number | null {
  const megabits = numberOf(high)
  const bits = numberOf(low)
  // Below 10 Mbit/s only ifSpeed is exact.
  if (megabits !== null && megabits >= 10) return megabits * 1e6
  if (bits !== null && bits > 0 && bits !== 0xffffffff) return bits
  return megabits !== null && megabits > 0 ? megabits * 1e6 : null
}

/** The whole port table from the describing and the measured columns, by ifIndex; names are made unique. */
export function portsOf (c: Columns): PortObservation[] {
  const indexes = new Set<number>()
  for (const name of ['ifDescr', 'ifName', 'ifOperStatus', 'ifType'] as const) for (const ifIndex of c[name]?.keys() ?? []) indexes.add(ifIndex)
  const taken = new Set<string>()
  return [...indexes].sort((a, b) => a - b).map(ifIndex => {
    const description = textOf(c.ifDescr?.get(ifIndex), 255)
    let name = textOf(c.ifName?.get(ifIndex), 100) || description.slice(0, 100) || `if${ifIndex}`
    if (taken.has(name)) name = `${name} #${ifIndex}`
    taken.add(name)
    return {
      ifIndex, name, alias: textOf(c.ifAlias?.get(ifIndex), 255), description, type: numberOf(c.ifType?.get(ifIndex)) ?? 1,
      speedBps: speedOf(c.ifHighSpeed?.get(ifIndex), c.ifSpeed?.get(ifIndex)),
      admin: adminOf(c.ifAdminStatus?.get(ifIndex)), oper: operOf(c.ifOperStatus?.get(ifIndex)), mac: macOf(c.ifPhysAddress?.get(ifIndex))
    }
  })
}

/** The port as a poll found it; the same object when nothing changed. `low` is ifSpeed as described. */
export function refreshed (port: PortObservation, c: Columns, low: Varbind | undefined): PortObservation {
  const { ifIndex } = port
  const speedBps = speedOf(c.ifHighSpeed?.get(ifIndex), low)
  const admin = adminOf(c.ifAdminStatus?.get(ifIndex))
  const oper = operOf(c.ifOperStatus?.get(ifIndex))
  return speedBps === port.speedBps && admin === port.admin && oper === port.oper ? port : { ...port, speedBps, admin, oper }
}

export function countersOf (c: Columns, ifIndex: number, speedBps: number | null): PortCounters {
  const wide = c.ifHCInOctets !== undefined
  return {
    octetBits: wide ? 64 : 32, speedBps,
    inOctets: countOf((c.ifHCInOctets ?? c.ifInOctets)?.get(ifIndex)), outOctets: countOf((c.ifHCOutOctets ?? c.ifOutOctets)?.get(ifIndex)),
    inErrors: countOf(c.ifInErrors?.get(ifIndex)), outErrors: countOf(c.ifOutErrors?.get(ifIndex)),
    inDiscards: countOf(c.ifInDiscards?.get(ifIndex)), outDiscards: countOf(c.ifOutDiscards?.get(ifIndex)),
    discontinuityTicks: numberOf(c.ifCounterDiscontinuityTime?.get(ifIndex))
  }
}
