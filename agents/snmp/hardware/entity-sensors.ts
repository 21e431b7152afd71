/** ENTITY-SENSOR-MIB (RFC 3433) and Cisco's form of it: light of modules and everything else that is measured. */
import type { OpticalModule, Sensor } from '../../../server/contract/hardware.js'
import type { SnmpSession } from '../session.js'
import type { WalkLimits } from '../walk.js'
import type { Entities } from './entities.js'
import { inOrder, type LightLimits, type Quantity, rawOf, numberIn, within } from './numbers.js'
import type { PortMap } from './optics.js'
import type { Profile } from './profile.js'
import { readTables, type Tables } from './read-tables.js'

type EntitySensors = NonNullable<Profile['entitySensors']>
const Type = { other: 1, unknown: 2, voltsAC: 3, voltsDC: 4, amperes: 5, watts: 6, celsius: 8, rpm: 10, dBm: 14 } as const
/** EntitySensorDataScale: 9 is units, one step is a thousand. */
const factorOf = (scale: number, precision: number) => 10 ** ((scale - 9) * 3 - precision)
const UNAVAILABLE = 2

const receives = /\brx\b|receiv|\binput\b|\brx[-_ ]?power/i
const transmits = /\btx\b|transmit|\boutput\b|\btx[-_ ]?power/i

interface Row { index: string, type: number, factor: number }
export interface EntitySensorFacts { rows: Row[], limits: ReadonlyMap<string, LightLimits> }

const columnsOf = ({ oid }: EntitySensors) => ({ type: `${oid}.1`, scale: `${oid}.2`, precision: `${oid}.3`, value: `${oid}.4`, status: `${oid}.5` })
const numberAt = (tables: Tables, oid: string, index: string) => { const raw = rawOf(tables.column(oid).get(index)); return typeof raw === 'number' ? raw : null }

/** What each sensor measures; read every few hours. */
export async function readSensorFacts (session: SnmpSession, limits: WalkLimits, profile: EntitySensors): Promise<EntitySensorFacts> {
  const columns = columnsOf(profile)
  const thresholds = profile.thresholds && { severity: `${profile.thresholds}.2`, relation: `${profile.thresholds}.3`, value: `${profile.thresholds}.4` }
  const tables = await readTables(session, limits, [columns.type, columns.scale, columns.precision, ...thresholds ? Object.values(thresholds) : []], { maxRows: 20_000 })
  const rows = [...tables.column(columns.type)].flatMap(([index, v]) => {
    const type = rawOf(v)
    const scale = numberAt(tables, columns.scale, index) ?? 9
    const precision = numberAt(tables, columns.precision, index) ?? 0
    return typeof type === 'number' && scale >= 1 && scale <= 17 && precision >= -8 && precision <= 9 ? [{ index, type, factor: factorOf(scale, precision) }] : []
  })
  return { rows, limits: thresholds ? limitsOf(tables, thresholds, rows) : new Map() }
}

/** Relation 1 and 2 are below, 3 and 4 above; severity 10 is minor, 20 major, 30 critical. */
function limitsOf (tables: Tables, oids: { severity: string, relation: string, value: string }, rows: readonly Row[]) {
  const factors = new Map(rows.map(r => [r.index, r]))
  const found = new Map<string, { [K in keyof LightLimits]: number | null }>()
  for (const [row, v] of tables.column(oids.value)) {
    const index = row.slice(0, row.lastIndexOf('.'))
    const sensor = factors.get(index)
    const value = rawOf(v)
    const severity = numberAt(tables, oids.severity, row)
    const relation = numberAt(tables, oids.relation, row)
    if (!sensor || typeof value !== 'number' || severity === null || relation === null || relation < 1 || relation > 4) continue
    const known = found.get(index) ?? { lowAlarm: null, lowWarn: null, highWarn: null, highAlarm: null }
    const place = relation <= 2 ? severity >= 20 ? 'lowAlarm' : 'lowWarn' : severity >= 20 ? 'highAlarm' : 'highWarn'
    found.set(index, { ...known, [place]: lightOf(sensor, value) })
  }
  return new Map([...found].flatMap(([index, limits]) => { const good = inOrder(limits); return good ? [[index, good] as const] : [] }))
}

/** Some measure light in watts. */
const lightOf = (row: Row, value: number) => numberIn({ oid: '1.0', unit: row.type === Type.watts ? 'w' : 'dbm' }, value * row.factor, 'light')

type Part = keyof Pick<OpticalModule, 'rxPowerDbm' | 'txPowerDbm' | 'biasMa' | 'temperatureC' | 'voltageV'>
function partOf (type: number, text: string): Part | null {
  if (type === Type.celsius) return 'temperatureC'
  if (type === Type.voltsDC) return 'voltageV'
  if (type === Type.amperes) return 'biasMa'
  if (type !== Type.dBm && type !== Type.watts) return null
  return receives.test(text) ? 'rxPowerDbm' : transmits.test(text) ? 'txPowerDbm' : null
}
const quantities: Record<Exclude<Part, 'rxPowerDbm' | 'txPowerDbm'>, Quantity> = { temperatureC: 'moduleTemperature', voltageV: 'moduleVoltage', biasMa: 'bias' }

const kinds: Partial<Record<number, { kind: Sensor['kind'], quantity: Quantity }>> = {
  [Type.celsius]: { kind: 'temperature', quantity: 'temperature' }, [Type.rpm]: { kind: 'fan', quantity: 'rpm' },
  [Type.voltsDC]: { kind: 'voltage', quantity: 'voltage' }, [Type.voltsAC]: { kind: 'voltage', quantity: 'voltage' }, [Type.watts]: { kind: 'power', quantity: 'watts' }
}

type Reads = OpticalModule & { readonly light: boolean }
const emptyModule = (port: string, gate: OpticalModule['gate'], entity: { maker: string, model: string, serial: string } | undefined): OpticalModule => ({
  kind: 'port', port, label: '', gate, lanes: 1, rxPowerDbm: null, txPowerDbm: null, biasMa: null, temperatureC: null, voltageV: null,
  vendor: entity?.maker.slice(0, 60) ?? '', part: entity?.model.slice(0, 60) ?? '', serial: entity?.serial.slice(0, 60) ?? '', wavelengthNm: null, rxLimits: null, txLimits: null
})

/** Light belongs to a port's module, and so does what else is measured on that port; the rest are sensors of the device. */
export async function readEntitySensors (session: SnmpSession, limits: WalkLimits, profile: EntitySensors, facts: EntitySensorFacts, entities: Entities, ports: PortMap): Promise<{ modules: OpticalModule[], sensors: Sensor[] }> {
  if (facts.rows.length === 0) return { modules: [], sensors: [] }
  const columns = columnsOf(profile)
  const tables = await readTables(session, limits, [columns.value, columns.status], { maxRows: 20_000 })
  const modules = new Map<string, Reads>()
  const sensors: Sensor[] = []
  for (const row of facts.rows) {
    const raw = rawOf(tables.column(columns.value).get(row.index))
    const status = numberAt(tables, columns.status, row.index)
    if (typeof raw !== 'number' || status === UNAVAILABLE || profile.none?.includes(raw)) continue
    const entity = entities.of(row.index)
    const text = `${entity?.name ?? ''} ${entity?.descr ?? ''}`
    const port = entities.portOf(row.index)
    const part = port ? partOf(row.type, text) : null
    if (port && part) {
      const holder = entities.holders(row.index).find(e => e.serial !== '' && e.class === 9) ?? (entity?.serial ? entity : undefined)
      const gate = ports.byName.get(port.name)
      const before = modules.get(port.name) ?? { ...emptyModule(port.name, gate?.admin === 'down' ? 'disabled' : gate?.oper === 'up' ? 'up' : 'down', holder), light: false }
      modules.set(port.name, joined(before, part, row, raw, facts.limits.get(row.index) ?? null))
      continue
    }
    const known = kinds[row.type]
    if (!known) continue
    const value = within(known.quantity, raw * row.factor)
    if (value !== null) sensors.push({ kind: known.kind, name: nameOf(entity, row.index), value, status: status === 3 ? 'failed' : 'unknown' })
  }
  return { modules: [...modules.values()].flatMap(({ light, ...module }) => light ? [module] : []), sensors }
}

const nameOf = (entity: { name: string, descr: string } | undefined, index: string) => entity?.name || entity?.descr || `#${index}`

/** A lane more, or another number of the same module. */
function joined (module: Reads, part: Part, row: Row, raw: number, own: LightLimits | null): Reads {
  if (part !== 'rxPowerDbm' && part !== 'txPowerDbm') {
    const value = within(quantities[part], raw * row.factor * (part === 'biasMa' ? 1000 : 1))
    return value === null || module[part] !== null ? module : { ...module, [part]: value }
  }
  const value = lightOf(row, raw)
  const side = part === 'rxPowerDbm' ? 'rxLimits' : 'txLimits'
  const again = module[part] !== null
  return {
    ...module, light: true, [part]: value === null ? module[part] : again ? Math.min(module[part]!, value) : value, [side]: module[side] ?? own,
    lanes: again && part === 'rxPowerDbm' ? Math.min(64, module.lanes + 1) : module.lanes
  }
}
