/**
 * Rule 20: how the light of a port's module stands against its limits, and which parts of a switch failed. Pure. Two readings in a row make
 * a level, half a decibel keeps it; a port without a link holds what it had, one that was shut by hand has nothing.
 */
import type { Condition, Failure, FailureCode, ObservationOf, PortObservation } from '../contract/health.js'
import type { LightLevel, LightLimits, LightSide as Side, ModuleView, OpticalModule, PersonLimits, Poe, PortLight, Sensor } from '../contract/hardware.js'

type LimitSource = ModuleView['rx']['source']
export interface HardwareState {
  at: number, modules: OpticalModule[], sensors: Sensor[], poe: Poe | null
  light: Record<string, PortLight>
  /** Sensors that their device calls failed, with how many readings in a row said so. */
  failed: Record<string, number>
}
/** What deserves an alarm; `held` keeps one that stands, and raises none. */
export interface HardwareFinding { condition: Extract<Condition, 'light_warning' | 'light_alarm' | 'hardware_failed'>, subject: string, failure: Failure, held: boolean }

const HYSTERESIS_DB = 0.5
const READINGS = 2
const TEN_GIGABIT = 9e9

/** For modules that tell no limits of their own: usual 1 and 10 Gbit/s single-mode modules, and class B+ passive networks. */
const defaults = {
  gigabit: { rx: { lowAlarm: -23, lowWarn: -21, highWarn: -3, highAlarm: 0 }, tx: { lowAlarm: -12, lowWarn: -10.5, highWarn: 5, highAlarm: 6 } },
  tenGigabit: { rx: { lowAlarm: -16, lowWarn: -14, highWarn: 0.5, highAlarm: 2 }, tx: { lowAlarm: -9.5, lowWarn: -8.5, highWarn: 4, highAlarm: 5 } },
  onu: { rx: { lowAlarm: -28, lowWarn: -27, highWarn: -9, highAlarm: -8 }, tx: { lowAlarm: -0.5, lowWarn: 0.2, highWarn: 5, highAlarm: 7 } }
} as const satisfies Record<string, { rx: LightLimits, tx: LightLimits }>

const isOrdered = (l: LightLimits) => l.lowAlarm < l.lowWarn && l.lowWarn < l.highWarn && l.highWarn < l.highAlarm

/** People's limits before the module's own, those before the usual ones. */
export function limitsInForce (module: OpticalModule, side: 'rx' | 'tx', person: PersonLimits | undefined, speedBps: number | null): { limits: LightLimits, source: LimitSource } {
  const own = side === 'rx' ? module.rxLimits : module.txLimits
  if (person?.[side]) return { limits: person[side], source: 'person' }
  if (own && isOrdered(own)) return { limits: own, source: 'module' }
  const usual = module.kind === 'onu' ? defaults.onu : (speedBps ?? 0) >= TEN_GIGABIT ? defaults.tenGigabit : defaults.gigabit
  return { limits: usual[side], source: 'default' }
}

export function levelOf (dbm: number, l: LightLimits): LightLevel {
  if (dbm <= l.lowAlarm) return 'low_alarm'
  if (dbm <= l.lowWarn) return 'low_warn'
  if (dbm >= l.highAlarm) return 'high_alarm'
  return dbm >= l.highWarn ? 'high_warn' : 'ok'
}

/** What holds a level must be left by half a decibel. */
function withHysteresis (l: LightLimits, level: LightLevel): LightLimits {
  const held = (which: LightLevel[]) => which.includes(level) ? HYSTERESIS_DB : 0
  return { lowAlarm: l.lowAlarm + held(['low_alarm']), lowWarn: l.lowWarn + held(['low_alarm', 'low_warn']), highWarn: l.highWarn - held(['high_alarm', 'high_warn']), highAlarm: l.highAlarm - held(['high_alarm']) }
}

const sideOf = (level: LightLevel) => level === 'ok' ? 'ok' : level.startsWith('low') ? 'low' : 'high'
/** What both readings agree on, the milder where they are on the same side; one of them is enough to stay. */
function agreed (a: LightLevel, b: LightLevel, standing: LightLevel): LightLevel {
  if (a === standing || b === standing) return standing
  if (a === b) return a
  return sideOf(a) === sideOf(b) ? `${sideOf(a) as 'low' | 'high'}_warn` : standing
}

function nextSide (before: Side | null, dbm: number | null, limits: LightLimits): Side | null {
  if (dbm === null) return null
  const level = before?.level ?? 'ok'
  const raw = levelOf(dbm, withHysteresis(limits, level))
  return { dbm, raw, level: before ? agreed(before.raw, raw, level) : 'ok', limits }
}

export interface Known { lightLimits: ReadonlyMap<string, PersonLimits>, speedOf (port: string): number | null }

function nextLight (before: PortLight | undefined, module: OpticalModule, known: Known): PortLight {
  if (module.gate === 'disabled') return { gate: 'disabled', rx: null, tx: null }
  if (module.gate === 'down') return { gate: 'down', rx: before?.rx ?? null, tx: before?.tx ?? null }
  const limits = (side: 'rx' | 'tx') => limitsInForce(module, side, known.lightLimits.get(module.port), known.speedOf(module.port)).limits
  return { gate: 'up', rx: nextSide(before?.rx ?? null, module.rxPowerDbm, limits('rx')), tx: nextSide(before?.tx ?? null, module.txPowerDbm, limits('tx')) }
}

const keyOf = (s: Sensor) => `${s.kind} ${s.name}`

/** After a reading. Whatever is in it no more is forgotten. */
export function judgeHardware (before: HardwareState | null, o: Pick<ObservationOf<'hardware'>, 'modules' | 'sensors' | 'poe'>, known: Known, at: number): HardwareState {
  const { modules, sensors, poe } = o
  return {
    at, modules, sensors, poe,
    light: Object.fromEntries(modules.map(m => [m.port, nextLight(before?.light[m.port], m, known)])),
    failed: Object.fromEntries(sensors.flatMap(s => s.status === 'failed' ? [[keyOf(s), Math.min(READINGS, (before?.failed[keyOf(s)] ?? 0) + 1)]] : []))
  }
}

/** People set other limits: they hold at once, for the light as it was last read. */
export function relimited (state: HardwareState, known: Known): HardwareState {
  const light = Object.fromEntries(state.modules.flatMap(m => {
    const was = state.light[m.port]
    if (!was) return []
    const again = (side: 'rx' | 'tx'): Side | null => {
      const old = was[side]
      if (!old) return null
      const { limits } = limitsInForce(m, side, known.lightLimits.get(m.port), known.speedOf(m.port))
      const level = levelOf(old.dbm, limits)
      return { dbm: old.dbm, raw: level, level, limits }
    }
    return [[m.port, { gate: was.gate, rx: again('rx'), tx: again('tx') }]]
  }))
  return { ...state, light }
}

const oneDecimal = (value: number) => value.toFixed(1).replace('-', '−')
const limitOf: Record<Exclude<LightLevel, 'ok'>, keyof LightLimits> = { low_alarm: 'lowAlarm', low_warn: 'lowWarn', high_warn: 'highWarn', high_alarm: 'highAlarm' }
const isAlarm = (level: LightLevel) => level === 'low_alarm' || level === 'high_alarm'

/** One alarm a port: the direction that stands worse, what it receives before what it sends. */
function findingOf (port: string, { gate, rx, tx }: PortLight): HardwareFinding | null {
  const bad = ([['rx', rx], ['tx', tx]] as const).flatMap(([name, side]) => side && side.level !== 'ok' ? [{ name, side, level: side.level }] : [])
  const worst = bad.find(b => isAlarm(b.level)) ?? bad[0]
  if (!worst) return null
  const { name, side, level } = worst
  const code: FailureCode = `${name}_light_${sideOf(level) as 'low' | 'high'}`
  return { condition: isAlarm(level) ? 'light_alarm' : 'light_warning', subject: port, held: gate !== 'up', failure: { code, detail: `${name.toUpperCase()} ${oneDecimal(side.dbm)} dBm, ${sideOf(level) === 'low' ? '≤' : '≥'} ${oneDecimal(side.limits[limitOf[level]])}` } }
}

export function findingsOf (state: HardwareState | null): HardwareFinding[] {
  if (!state) return []
  const light = Object.entries(state.light).flatMap(([port, l]) => findingOf(port, l) ?? [])
  const failed = state.sensors.filter(s => (state.failed[keyOf(s)] ?? 0) >= READINGS)
  return [...light, ...failed.map((s): HardwareFinding => ({ condition: 'hardware_failed', subject: s.name, held: false, failure: { code: s.kind === 'fan' ? 'fan_failed' : s.kind === 'power_supply' ? 'power_supply_failed' : 'sensor_failed', detail: s.name } }))]
}

export const speedsOf = (ports: Iterable<Pick<PortObservation, 'name' | 'speedBps'>>) => {
  const speeds = new Map([...ports].map(p => [p.name, p.speedBps]))
  return (port: string) => speeds.get(port) ?? null
}
