/** Optical modules from the tables of a profile: what they are (seldom read) and how much light they send and get (often). */
import type { OpticalModule } from '../../../server/contract/hardware.js'
import type { PortObservation } from '../messages.js'
import type { SnmpSession } from '../session.js'
import type { Varbind } from '../values.js'
import type { WalkLimits } from '../walk.js'
import { inOrder, type LightLimits, type LightUnit, plainText, type Quantity, rawOf, numberIn } from './numbers.js'
import type { OpticsTable, Reading, TextSource } from './profile.js'
import { readTables, type Tables } from './read-tables.js'

/** How the device's indexes lead to its ports. */
export interface PortMap {
  byIfIndex: ReadonlyMap<number, PortObservation>
  byName: ReadonlyMap<string, PortObservation>
  /** entPhysicalIndex to ifIndex. */
  entityPort (entity: string): PortObservation | undefined
}
type ModuleFacts = Pick<OpticalModule, 'kind' | 'port' | 'label' | 'vendor' | 'part' | 'serial' | 'wavelengthNm' | 'rxLimits' | 'txLimits'>
/** A row of a table that is a module, by the row's index. */
type FactsByRow = ReadonlyMap<string, ModuleFacts>
export interface TableFacts { table: OpticsTable, rows: FactsByRow }

const gateOf = (port: PortObservation | undefined): OpticalModule['gate'] => !port ? 'up' : port.admin === 'down' ? 'disabled' : port.oper === 'up' || port.oper === 'dormant' ? 'up' : 'down'

const oidsOfLimits = (limits: OpticsTable['rxLimits']) => limits ? [limits.lowAlarm.oid, limits.lowWarn.oid, limits.highWarn.oid, limits.highAlarm.oid] : []
const given = (sources: (Reading | TextSource | undefined)[]) => sources.flatMap(s => s ? [s.oid] : [])

function limitsOf (tables: Tables, limits: OpticsTable['rxLimits'], index: string): LightLimits | null {
  if (!limits) return null
  const of = (reading: Reading) => numberIn(reading, rawOf(tables.column(reading.oid).get(index)), 'light')
  return inOrder({ lowAlarm: of(limits.lowAlarm), lowWarn: of(limits.lowWarn), highWarn: of(limits.highWarn), highAlarm: of(limits.highAlarm) })
}

/** A subscriber's unit is known by its serial number, never by its place; a port by its name, never by its index. */
function nameOf (table: OpticsTable, index: string, label: string, key: string, ports: PortMap): { kind: 'port' | 'onu', port: string, label: string } | null {
  const known = table.index === 'entity' ? ports.entityPort(index) : table.index === 'label' ? undefined : ports.byIfIndex.get(Number(index))
  if (table.index === 'onu') {
    const port = key || known?.name || label
    return port ? { kind: 'onu', port, label: label || known?.alias || '' } : null
  }
  const port = known?.name || label
  return port ? { kind: 'port', port, label: '' } : null
}

/** The modules of a table by row; read every few hours, and when something changed. */
export async function readModuleFacts (session: SnmpSession, limits: WalkLimits, table: OpticsTable, ports: PortMap): Promise<TableFacts> {
  const texts = await readTables(session, limits, given([table.label, table.key, table.vendor, table.part, table.serial]), { weight: 2 })
  const tables = await readTables(session, limits, [...given([table.wavelength, table.rxPower ?? table.txPower, table.lanes?.rxPower]), ...oidsOfLimits(table.rxLimits), ...oidsOfLimits(table.txLimits)])
  const indexes = new Set<string>()
  for (const source of [table.label, table.key, table.vendor, table.rxPower ?? table.txPower]) if (source) for (const index of [...texts.column(source.oid).keys(), ...tables.column(source.oid).keys()]) indexes.add(index)
  const rows = new Map<string, ModuleFacts>()
  for (const index of indexes) {
    const text = (source: TextSource | undefined) => source ? plainText(source, texts.column(source.oid).get(index)) : ''
    const name = nameOf(table, index, text(table.label), text(table.key), ports)
    if (!name) continue
    rows.set(index, {
      ...name, vendor: text(table.vendor), part: text(table.part), serial: text(table.serial),
      wavelengthNm: table.wavelength ? numberIn(table.wavelength, rawOf(tables.column(table.wavelength.oid).get(index)), 'wavelength') : null,
      rxLimits: limitsOf(tables, table.rxLimits, index), txLimits: limitsOf(tables, table.txLimits, index)
    })
  }
  return { table, rows }
}

const measured = ['rxPower', 'txPower', 'bias', 'temperature', 'voltage'] as const

/** What the device itself says of its unit. */
async function readUnits (session: SnmpSession, limits: WalkLimits, table: OpticsTable): Promise<(reading: Reading) => LightUnit | undefined> {
  const sources = [table.rxPower, table.txPower].flatMap(r => r?.unitFrom ? [r.unitFrom] : [])
  if (sources.length === 0) return () => undefined
  const tables = await readTables(session, limits, sources.map(s => s.oid))
  return reading => {
    if (!reading.unitFrom) return undefined
    const said = rawOf(tables.column(reading.unitFrom.oid).get('0'))
    return said === null ? undefined : reading.unitFrom.values[String(said)]
  }
}

/** Rows `<index>.<lane>`, or one text with commas. */
function laneValues (reading: Reading, column: ReadonlyMap<string, Varbind>, index: string): number[] {
  const own = rawOf(column.get(index))
  const raws = own !== null ? String(own).split(',') : [...column].flatMap(([row, v]) => row.startsWith(`${index}.`) ? [rawOf(v)] : [])
  return raws.flatMap(raw => numberIn(reading, raw, 'light') ?? [])
}

/** How each of the modules fares now. What has no number at all, or only zeros, is an empty slot. */
export async function readModules (session: SnmpSession, limits: WalkLimits, { table, rows }: TableFacts, ports: PortMap): Promise<OpticalModule[]> {
  const readings = measured.flatMap(name => table[name] ?? [])
  const lanes = [table.lanes?.rxPower, table.lanes?.txPower]
  const tables = await readTables(session, limits, [...given([...readings, ...lanes]), ...table.present ? [table.present.oid] : []])
  const unitOf = await readUnits(session, limits, table)
  const modules: OpticalModule[] = []
  for (const [index, facts] of rows) {
    const presence = table.present && rawOf(tables.column(table.present.oid).get(index))
    if (table.present && !table.present.values.includes(Number(presence ?? Number.NaN))) continue
    const raw = (reading: Reading | undefined) => reading ? rawOf(tables.column(reading.oid).get(index)) : null
    if (readings.length > 0 && readings.every(reading => { const value = raw(reading); return value === null || value === 0 })) continue
    const number = (reading: Reading | undefined, quantity: Quantity) => reading ? numberIn(reading, raw(reading), quantity, unitOf(reading)) : null
    const [rxLanes, txLanes] = lanes.map(reading => reading ? laneValues(reading, tables.column(reading.oid), index) : [])
    const weakest = (all: number[], one: number | null) => all.length > 1 ? Math.min(...all) : one ?? all[0] ?? null
    const module: OpticalModule = {
      ...facts, gate: gateOf(ports.byName.get(facts.port)), lanes: Math.min(64, Math.max(1, rxLanes!.length, txLanes!.length)),
      rxPowerDbm: weakest(rxLanes!, number(table.rxPower, 'light')), txPowerDbm: weakest(txLanes!, number(table.txPower, 'light')),
      biasMa: number(table.bias, 'bias'), temperatureC: number(table.temperature, 'moduleTemperature'), voltageV: number(table.voltage, 'moduleVoltage')
    }
    const says = [module.rxPowerDbm, module.txPowerDbm, module.biasMa, module.temperatureC, module.voltageV].some(v => v !== null)
    if (says || facts.serial || facts.vendor) modules.push(module)
  }
  return modules
}
