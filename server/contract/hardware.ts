/** What a switch is made of and how it fares: optical modules with their light, sensors, power over Ethernet. */
import Type, { type Static } from 'typebox'
import { Id, Nullable, TimeMs } from './common.js'

const Num = Type.Number()
const Text = (most: number) => Type.String({ maxLength: most })

/** dBm; each is above the one before. */
export const LightLimits = Type.Object({ lowAlarm: Num, lowWarn: Num, highWarn: Num, highAlarm: Num }, { additionalProperties: false })
export type LightLimits = Static<typeof LightLimits>

/** Why a module's light means something now, or does not: its port has a link, has none though it should, or was shut by hand. */
const lightGates = ['up', 'down', 'disabled'] as const

/** A pluggable module of a port, or a subscriber's unit (`onu`) behind an optical line terminal. */
export const OpticalModule = Type.Object({
  kind: Type.Enum(['port', 'onu']),
  /** The port's name, as `Port.name`; of a subscriber's unit what identifies it for ever. Series are named after it. */
  port: Text(120),
  /** What people call a subscriber's unit; empty for ports. */
  label: Text(120),
  gate: Type.Enum([...lightGates]),
  /** Lasers; of several the weakest light counts. */
  lanes: Type.Integer({ minimum: 1, maximum: 64 }),
  rxPowerDbm: Nullable(Num), txPowerDbm: Nullable(Num), biasMa: Nullable(Num), temperatureC: Nullable(Num), voltageV: Nullable(Num),
  vendor: Text(60), part: Text(60), serial: Text(60), wavelengthNm: Nullable(Num),
  /** The module's own; null without any, or when they are not in order. */
  rxLimits: Nullable(LightLimits), txLimits: Nullable(LightLimits)
})
export type OpticalModule = Static<typeof OpticalModule>

const sensorKinds = ['cpu', 'memory', 'temperature', 'fan', 'power_supply', 'voltage', 'power'] as const
export const Sensor = Type.Object({
  kind: Type.Enum([...sensorKinds]), name: Text(120),
  /** %, %, °C, revolutions a minute, -, V, W. */
  value: Nullable(Num),
  /** What the device itself says of it; `unknown` if nothing. */
  status: Type.Enum(['ok', 'warning', 'failed', 'unknown'])
})
export type Sensor = Static<typeof Sensor>

const PoePort = Type.Object({
  /** The port's name; null where the device's numbers do not tell which port it is. */
  port: Nullable(Text(120)),
  /** The device's own numbers, `group.port`. */
  number: Text(40),
  admin: Type.Enum(['on', 'off', 'unknown']), status: Type.Enum(['delivering', 'searching', 'off', 'fault', 'unknown']), powerW: Nullable(Num)
})
export const Poe = Type.Object({
  supplies: Type.Array(Type.Object({ name: Text(40), budgetW: Nullable(Num), usedW: Nullable(Num) }), { maxItems: 64 }),
  ports: Type.Array(PoePort, { maxItems: 4096 })
})
export type Poe = Static<typeof Poe>

/** Everything together, as one poll found it. */
export const hardwareParts = { modules: Type.Array(OpticalModule, { maxItems: 4096 }), sensors: Type.Array(Sensor, { maxItems: 1000 }), poe: Nullable(Poe) }

/** Limits that people set for a port; null leaves that direction to the module's own, or to the centre's. */
export const PersonLimits = Type.Object({ rx: Nullable(LightLimits), tx: Nullable(LightLimits) }, { additionalProperties: false })
export type PersonLimits = Static<typeof PersonLimits>

const lightLevels = ['low_alarm', 'low_warn', 'ok', 'high_warn', 'high_alarm'] as const
export type LightLevel = (typeof lightLevels)[number]
/** One direction of a module as the server judges it: `raw` is what its last reading says, `level` what two in a row said. */
export interface LightSide { dbm: number, raw: LightLevel, level: LightLevel, limits: LightLimits }
export interface PortLight { gate: OpticalModule['gate'], rx: LightSide | null, tx: LightSide | null }
/** One direction of a module as people see it. */
const Light = Type.Object({
  level: Nullable(Type.Enum([...lightLevels])), limits: LightLimits, source: Type.Enum(['person', 'module', 'default'])
})
export const ModuleView = Type.Object({ ...OpticalModule.properties, rx: Light, tx: Light })
export type ModuleView = Static<typeof ModuleView>

/** GET /devices/:id/hardware. */
export const Hardware = Type.Object({
  /** When it was read; null before the first time. */
  at: Nullable(TimeMs), modules: Type.Array(ModuleView), sensors: hardwareParts.sensors, poe: hardwareParts.poe
})
export type Hardware = Static<typeof Hardware>

/** PUT /devices/:id/light-limits. */
export const LightLimitsWrite = Type.Object({ port: Type.String({ minLength: 1, maxLength: 120 }), ...PersonLimits.properties }, { additionalProperties: false })
export type LightLimitsWrite = Static<typeof LightLimitsWrite>
export const PortLightLimits = Type.Object({ deviceId: Id, port: Text(120), ...PersonLimits.properties, updatedAt: Nullable(TimeMs), updatedBy: Nullable(Type.String()) })
export type PortLightLimits = Static<typeof PortLightLimits>
