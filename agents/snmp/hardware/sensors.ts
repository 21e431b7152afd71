/** Processor, memory, temperatures, fans, power supplies and power over Ethernet from the tables of a profile. */
import type { Poe, Sensor } from '../../../server/contract/hardware.js'
import type { SnmpSession } from '../session.js'
import type { WalkLimits } from '../walk.js'
import { oidTextOf, type Varbind } from '../values.js'
import { plainText, type Quantity, rawOf, numberIn } from './numbers.js'
import type { PortMap } from './optics.js'
import type { PoeProfile, Reading, SensorTable } from './profile.js'
import { readTables, type Tables } from './read-tables.js'

const quantities: Record<Sensor['kind'], Quantity> = { cpu: 'percent', memory: 'percent', temperature: 'temperature', fan: 'rpm', power_supply: 'watts', voltage: 'voltage', power: 'watts' }
const ETHERNET = 6

const readingsOf = (t: SensorTable) => [t.value, t.used, t.free, t.total].flatMap(r => r ? [r.oid] : [])

export interface SensorFacts { table: SensorTable, names: ReadonlyMap<string, string>, /** Null: all. */ only: ReadonlySet<string> | null }
const said = (v: Varbind) => oidTextOf(v) || String(rawOf(v) ?? '')

/** What the rows are called, and which of them are meant; read every few hours. */
export async function readSensorFacts (session: SnmpSession, limits: WalkLimits, table: SensorTable): Promise<SensorFacts> {
  const { label, only } = table
  const tables = await readTables(session, limits, [...label ? [label.oid] : [], ...only ? [only.oid] : []], { weight: 2 })
  return {
    table, names: new Map(label ? [...tables.column(label.oid)].map(([index, v]) => [index, plainText(label, v, 100)]) : []),
    only: only ? new Set([...tables.column(only.oid)].flatMap(([index, v]) => only.values.includes(said(v)) ? [index] : [])) : null
  }
}

function shareOf (table: SensorTable, tables: Tables, index: string): number | null {
  // Their units cancel out; only the bounds of a percentage matter.
  const raw = (reading: Reading | undefined) => { const v = reading ? rawOf(tables.column(reading.oid).get(index)) : null; return v === null || !Number.isFinite(Number(v)) ? null : Number(v) * (reading!.scale ?? 1) }
  const [used, free, total] = [raw(table.used), raw(table.free), raw(table.total)]
  const whole = total ?? (used !== null && free !== null ? used + free : null)
  const part = used ?? (free !== null && whole !== null ? whole - free : null)
  return whole === null || part === null || whole <= 0 || part < 0 || part > whole ? null : Math.round(part / whole * 1000) / 10
}

export async function readSensors (session: SnmpSession, limits: WalkLimits, { table, names, only }: SensorFacts): Promise<Sensor[]> {
  const status = table.status
  const tables = await readTables(session, limits, [...readingsOf(table), ...status ? [status.oid] : []])
  const lead = table.value ?? table.used ?? table.free ?? table.total
  const indexes = [...new Set([...lead ? tables.column(lead.oid).keys() : [], ...status ? tables.column(status.oid).keys() : []])].filter(index => only?.has(index) ?? true)
  return indexes.flatMap((index, i): Sensor[] => {
    const code = status ? rawOf(tables.column(status.oid).get(index)) : null
    const meaning = code === null ? undefined : status!.values[String(code)]
    if (meaning === 'absent') return []
    const value = table.value ? numberIn(table.value, rawOf(tables.column(table.value.oid).get(index)), quantities[table.kind]) : shareOf(table, tables, index)
    if (value === null && meaning === undefined) return []
    const name = names.get(index) || (indexes.length > 1 ? `${table.name} ${i + 1}` : table.name)
    return [{ kind: table.kind, name: name.slice(0, 120), value, status: meaning ?? 'unknown' }]
  })
}

/** The last number of `group.port` is the port. */
const portNumber = (index: string) => Number(index.slice(index.lastIndexOf('.') + 1))

export async function readPoe (session: SnmpSession, limits: WalkLimits, profile: PoeProfile, ports: PortMap): Promise<Poe | null> {
  const sources = [profile.budget, profile.used, profile.admin, profile.status, profile.power].flatMap(s => s ? [s.oid] : [])
  const tables = await readTables(session, limits, sources)
  const number = (reading: Reading | undefined, index: string) => reading ? numberIn(reading, rawOf(tables.column(reading.oid).get(index)), 'watts') : null
  const supplies = profile.budget ? [...tables.column(profile.budget.oid).keys()].map(index => ({ name: index.slice(0, 40), budgetW: number(profile.budget, index), usedW: number(profile.used, index) })) : []
  const indexes = [...new Set([profile.admin, profile.status, profile.power].flatMap(s => s ? [...tables.column(s.oid).keys()] : []))].filter(index => /^\d+(\.\d+)*$/.test(index))
  if (supplies.length === 0 && indexes.length === 0) return null
  const isIfIndex = profile.port === 'ifIndex' || (indexes.length > 0 && indexes.every(index => ports.byIfIndex.get(portNumber(index))?.type === ETHERNET))
  const meaning = <T extends string>(source: { oid: string, values: Record<string, T> } | undefined, index: string): T | 'unknown' => {
    const code = source ? rawOf(tables.column(source.oid).get(index)) : null
    return code === null ? 'unknown' : source!.values[String(code)] ?? 'unknown'
  }
  return {
    supplies,
    ports: indexes.map(index => ({
      port: isIfIndex ? ports.byIfIndex.get(portNumber(index))?.name ?? null : null, number: index.slice(0, 40),
      admin: meaning(profile.admin, index), status: meaning(profile.status, index), powerW: number(profile.power, index)
    }))
  }
}
