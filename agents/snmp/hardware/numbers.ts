/** A device's raw value as a number of ours. Pure. What is no number, or none that such a thing can have, is null. */
import { countOf, numberOf, textOf, Type, type Varbind } from '../values.js'
import type { lightUnits, Reading } from './profile.js'

export type LightUnit = (typeof lightUnits)[number]
/** Outside of these a value is a fault of the device or of the profile. */
const plausible = {
  light: [-60, 30], bias: [0, 1000], moduleTemperature: [-60, 150], moduleVoltage: [0, 20], wavelength: [300, 2500],
  percent: [0, 100], temperature: [-60, 200], rpm: [0, 100_000], voltage: [-1000, 1000], watts: [0, 100_000]
} as const
export type Quantity = keyof typeof plausible

/** As the device gave it: a number or a text. */
export function rawOf (v: Varbind | undefined): number | string | null {
  if (!v) return null
  const number = numberOf(v)
  if (number !== null) return number
  if (v.type === Type.OctetString) return textOf(v, 60)
  const count = countOf(v)
  return count === null ? null : Number(count)
}

/** Some append what they think of it: `-22.84(A-)`. */
const leading = /^\s*([-+]?\d{1,15}(?:\.\d{1,15})?(?:e[-+]?\d{1,3})?)/i
const asNumber = (raw: number | string) => typeof raw === 'number' ? raw : Number(leading.exec(raw)?.[1] ?? Number.NaN)

export function dbmOf (value: number, unit: LightUnit): number | null {
  if (unit === 'dbm') return value
  const milliwatts = unit === 'mw' ? value : unit === 'uw' ? value / 1000 : value * 1000
  // No light at all has no logarithm.
  return milliwatts > 0 ? 10 * Math.log10(milliwatts) : null
}

const isNone = (none: Reading['none'], raw: number | string) => none !== undefined && (none.includes(raw) || none.includes(asNumber(raw)))
/** To a thousandth, which is finer than any of them measures. */
const rounded = (value: number) => Math.round(value * 1000) / 1000

export function within (quantity: Quantity, value: number | null): number | null {
  const [low, high] = plausible[quantity]
  return value !== null && Number.isFinite(value) && value >= low && value <= high ? rounded(value) : null
}

/** `unit` is what the device itself says of its unit. */
export function numberIn (reading: Reading, raw: number | string | null, quantity: Quantity, unit?: LightUnit): number | null {
  if (raw === null || isNone(reading.none, raw)) return null
  const number = asNumber(raw)
  if (!Number.isFinite(number)) return null
  const rule = number < 0 && reading.negative ? reading.negative : { unit: unit ?? reading.unit ?? 'dbm', scale: reading.scale ?? 1 }
  const scaled = number * rule.scale
  return within(quantity, quantity === 'light' ? dbmOf(scaled, rule.unit) : scaled)
}

/** A text of a profile; empty where the device has none. */
export function plainText (source: { none?: Reading['none'] }, v: Varbind | undefined, most = 60): string {
  const raw = v && v.type === Type.OctetString ? textOf(v, most) : rawOf(v)
  if (raw === null || isNone(source.none, raw)) return ''
  return String(raw).trim()
}

export interface LightLimits { lowAlarm: number, lowWarn: number, highWarn: number, highAlarm: number }
/** The module's own limits count only in their order: some devices swap them, some leave them empty. */
export function inOrder (l: { [K in keyof LightLimits]: number | null }): LightLimits | null {
  const { lowAlarm, lowWarn, highWarn, highAlarm } = l
  if (lowAlarm === null || lowWarn === null || highWarn === null || highAlarm === null) return null
  return lowAlarm < lowWarn && lowWarn < highWarn && highWarn < highAlarm ? { lowAlarm, lowWarn, highWarn, highAlarm } : null
}
