/** What a device profile may say: where a make of device keeps its numbers. docs/device-profiles.md tells how to write one. */
import Type, { type Static } from 'typebox'
import { interfaces } from '../oids.js'

/** A column; the row's index follows, or stands where the `*` is: `...3.*.9` is row `<index>.9` of `...3`. A scalar is given without its `.0`. */
const Oid = Type.String({ pattern: '^1(\\.\\d+)+(\\.\\*(\\.\\d+)+)?$', maxLength: 200 })
/** Tag numbers of no meaning, or texts, that the device gives where it has no value. */
const None = Type.Optional(Type.Array(Type.Union([Type.Number(), Type.String({ maxLength: 40 })]), { maxItems: 20 }))
export const lightUnits = ['dbm', 'mw', 'uw', 'w'] as const
const LightUnit = Type.Enum([...lightUnits])
const strict = { additionalProperties: false }

/** A number: text is read up to its first character that is none of a number's. `scale` multiplies; then the unit counts. */
const Reading = Type.Object({
  oid: Oid, scale: Type.Optional(Type.Number()), none: None,
  /** Of light only; default dbm. */
  unit: Type.Optional(LightUnit),
  /** For devices that mean something else by a negative number. */
  negative: Type.Optional(Type.Object({ unit: LightUnit, scale: Type.Number() }, strict)),
  /** A scalar of the device that says which unit it uses. */
  unitFrom: Type.Optional(Type.Object({ oid: Oid, values: Type.Record(Type.String({ pattern: '^\\d+$' }), LightUnit) }, strict))
}, strict)
export type Reading = Static<typeof Reading>

const Text = Type.Object({ oid: Oid, none: None }, strict)
export type TextSource = Static<typeof Text>
const Limits = Type.Object({ lowAlarm: Reading, lowWarn: Reading, highWarn: Reading, highAlarm: Reading }, strict)

/** A number of the device for each meaning of ours. */
const Meanings = <T extends string>(...meanings: T[]) => Type.Object({ oid: Oid, values: Type.Unsafe<Record<string, T>>(Type.Record(Type.String({ pattern: '^-?\\d+$' }), Type.Enum(meanings))) }, strict)

const OpticsTable = Type.Object({
  /** What the row's index means; `label`: nothing, the text of `label` is the port's name; `onu`: a subscriber's unit, named by `key`. */
  index: Type.Enum(['ifIndex', 'entity', 'label', 'onu']),
  label: Type.Optional(Text),
  /** What tells one subscriber's unit from another for ever: its serial number. Without one the port's name does. */
  key: Type.Optional(Text),
  /** Rows that say something else hold old values or none. */
  present: Type.Optional(Type.Object({ oid: Oid, values: Type.Array(Type.Integer(), { minItems: 1 }) }, strict)),
  rxPower: Type.Optional(Reading), txPower: Type.Optional(Reading), bias: Type.Optional(Reading), temperature: Type.Optional(Reading), voltage: Type.Optional(Reading),
  /** The same for each laser of a module with several: rows `<index>.<lane>`, or one text with commas. The weakest counts. */
  lanes: Type.Optional(Type.Object({ rxPower: Type.Optional(Reading), txPower: Type.Optional(Reading) }, strict)),
  vendor: Type.Optional(Text), part: Type.Optional(Text), serial: Type.Optional(Text), wavelength: Type.Optional(Reading),
  rxLimits: Type.Optional(Limits), txLimits: Type.Optional(Limits)
}, strict)
export type OpticsTable = Static<typeof OpticsTable>

const SensorTable = Type.Object({
  kind: Type.Enum(['cpu', 'memory', 'temperature', 'fan', 'power_supply', 'voltage', 'power']),
  /** What it is called without `label`; the row's index follows where there are several. */
  name: Type.String({ minLength: 1, maxLength: 60 }), label: Type.Optional(Text),
  /** Rows of a table of several things: only those where this says one of these. */
  only: Type.Optional(Type.Object({ oid: Oid, values: Type.Array(Type.String({ maxLength: 120 }), { minItems: 1 }) }, strict)),
  /** %, °C, revolutions a minute, V or W, by kind. */
  value: Type.Optional(Reading),
  /** Instead of `value`: its share of `total`, %. Of `used` and `free` one is enough. */
  used: Type.Optional(Reading), free: Type.Optional(Reading), total: Type.Optional(Reading),
  status: Type.Optional(Meanings('ok', 'warning', 'failed', 'absent'))
}, strict)
export type SensorTable = Static<typeof SensorTable>

const EntitySensors = Type.Object({
  /** The entry: type .1, scale .2, precision .3, value .4, status .5. */
  oid: Oid, none: None,
  /** Rows `<entity>.<n>`: severity .2, relation .3, value .4. */
  thresholds: Type.Optional(Oid)
}, strict)

const Poe = Type.Object({
  budget: Type.Optional(Reading), used: Type.Optional(Reading),
  /** Rows `<group>.<port>`, or `<port>`. */
  admin: Type.Optional(Meanings('on', 'off')), status: Type.Optional(Meanings('delivering', 'searching', 'off', 'fault')), power: Type.Optional(Reading),
  /** `auto`: it is the ifIndex if that is an Ethernet port for every row. */
  port: Type.Enum(['ifIndex', 'auto'])
}, strict)
export type PoeProfile = Static<typeof Poe>

/** Ports that the vendor keeps outside the interface tables; statuses and counters must be encoded alike. */
const VendorPorts = Type.Object({
  /** Added to the vendor's own index, to keep clear of real ifIndexes. */
  ifIndexBase: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  columns: Type.Partial(Type.Object(Object.fromEntries(Object.keys(interfaces).map(name => [name, Oid])) as Record<keyof typeof interfaces, typeof Oid>), strict)
}, strict)
export type VendorPorts = Static<typeof VendorPorts>

export const Profile = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 80 }),
  /** Where its facts come from: a MIB, a recording. */
  source: Type.String({ minLength: 1, maxLength: 300 }),
  /** sysObjectID is one of these or begins with it; the longest match of all profiles counts. Empty: for every device. */
  sysObjectIds: Type.Array(Type.String({ pattern: '^1(\\.\\d+)+$' }), { maxItems: 50 }),
  quirks: Type.Optional(Type.Object({ bulk: Type.Optional(Type.Literal(false)), maxVarbinds: Type.Optional(Type.Integer({ minimum: 1, maximum: 70 })) }, strict)),
  /** Parts of the profile for every device that this one does without. */
  without: Type.Optional(Type.Array(Type.Enum(['sensors', 'poe', 'entitySensors']))),
  ports: Type.Optional(VendorPorts),
  optics: Type.Optional(Type.Array(OpticsTable, { maxItems: 10 })),
  sensors: Type.Optional(Type.Array(SensorTable, { maxItems: 40 })),
  entitySensors: Type.Optional(EntitySensors),
  poe: Type.Optional(Poe)
}, strict)
export type Profile = Static<typeof Profile>
