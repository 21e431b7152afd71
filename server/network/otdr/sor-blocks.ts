/** The blocks of a `.sor` file that say what was measured and how: GenParams, SupParams, FxdParams. */
import type { SorFixed, SorGeneral, SorSupplier } from '../../contract/otdr.js'
import { type SorBytes, SorError } from './sor-bytes.js'

export type SorFormat = 1 | 2

/** Metres of light in vacuum in 100 ps, the unit of every time in the file; one way, hence not halved. */
const METRES_IN_100_PS = 299_792_458 * 1e-10
export const metresOf = (time100ps: number, refractiveIndex: number) => time100ps * METRES_IN_100_PS / refractiveIndex

/** Fibres have 1.4 to 1.6; what lies far outside would make every distance nonsense. */
const INDEX_FROM = 1.2
const INDEX_TO = 2
const MAX_PULSES = 64

export function readGeneral (bytes: SorBytes, format: SorFormat, refractiveIndex: number): SorGeneral {
  const language = bytes.fixedText(2).trim()
  const cableId = bytes.text()
  const fibreId = bytes.text()
  const fibreType = format === 2 ? bytes.u16() : null
  const wavelengthNm = bytes.u16()
  const [locationA, locationB, cableCode] = [bytes.text(), bytes.text(), bytes.text()]
  const buildCondition = bytes.fixedText(2).trim()
  const userOffsetM = metresOf(bytes.i32(), refractiveIndex)
  const userOffsetDistance = format === 2 ? bytes.i32() : null
  const operator = bytes.text()
  const comments = bytes.optional(1, () => bytes.text()) ?? ''
  return { language, cableId, fibreId, fibreType, wavelengthNm, locationA, locationB, cableCode, buildCondition, userOffsetM, userOffsetDistance, operator, comments }
}

export function readSupplier (bytes: SorBytes): SorSupplier {
  const [supplier, otdr, otdrSerial, module, moduleSerial, software] = [bytes.text(), bytes.text(), bytes.text(), bytes.text(), bytes.text(), bytes.text()]
  return { supplier, otdr, otdrSerial, module, moduleSerial, software, other: bytes.optional(1, () => bytes.text()) ?? '' }
}

function readPulses (bytes: SorBytes) {
  const count = bytes.u16()
  if (count === 0 || count > MAX_PULSES) throw new SorError('sor_damaged', `FxdParams: ${count} pulse widths are announced; 1 to ${MAX_PULSES} make sense.`)
  const column = (read: () => number) => Array.from({ length: count }, read)
  const widths = column(() => bytes.u16())
  const spacings = column(() => bytes.u32())
  const points = column(() => bytes.u32())
  return { widths, spacings, points }
}

export function readFixed (bytes: SorBytes, format: SorFormat): SorFixed {
  const takenAtS = bytes.u32()
  const unit = bytes.fixedText(2).trim()
  const wavelengthNm = bytes.u16() / 10
  const acquisitionOffset = bytes.i32()
  const acquisitionOffsetDistance = format === 2 ? bytes.i32() : null
  const { widths, spacings, points } = readPulses(bytes)
  const refractiveIndex = bytes.u32() / 100_000
  if (refractiveIndex < INDEX_FROM || refractiveIndex > INDEX_TO) throw new SorError('sor_damaged', `FxdParams: an index of refraction of ${refractiveIndex} is not that of a fibre (1.4 to 1.6), so distances cannot be told.`)
  const metres = (time: number) => metresOf(time, refractiveIndex)
  const pulses = widths.map((widthNs, i) => ({ widthNs, spacingM: metres(spacings[i]! / 10_000), points: points[i]! }))
  const flat = pulses.find(p => p.spacingM === 0)
  if (flat) throw new SorError('sor_damaged', 'FxdParams: the distance between points is 0.')
  const backscatterDb = -bytes.u16() / 10
  const averages = bytes.u32()
  const averagingTimeS = format === 2 ? bytes.u16() / 10 : null
  const rangeM = metres(bytes.u32())
  const rangeDistance = format === 2 ? bytes.i32() : null
  const frontPanelOffset = bytes.optional(4, () => bytes.i32())
  const noise = bytes.optional(4, () => [bytes.u16(), bytes.i16()] as const)
  const thresholds = bytes.optional(8, () => [bytes.u16(), bytes.u16(), bytes.u16(), bytes.u16()] as const)
  const traceType = format === 2 ? bytes.optional(2, () => bytes.fixedText(2)) : null
  return {
    takenAtS, unit, wavelengthNm, acquisitionOffsetM: metres(acquisitionOffset), acquisitionOffsetDistance, pulses, refractiveIndex, backscatterDb, averages, averagingTimeS, rangeM, rangeDistance,
    frontPanelOffsetM: frontPanelOffset === null ? null : metres(frontPanelOffset),
    noiseFloorDb: noise && noise[0] * (noise[1] || 1000) / 1e6, noiseFloorScale: noise && noise[1] / 1000, powerOffsetFirstPointDb: thresholds && thresholds[0] / 1000,
    lossThresholdDb: thresholds && thresholds[1] / 1000, reflectanceThresholdDb: thresholds && -thresholds[2] / 1000, endThresholdDb: thresholds && thresholds[3] / 1000,
    traceType, window: format === 2 ? bytes.optional(16, () => [bytes.i32(), bytes.i32(), bytes.i32(), bytes.i32()]) : null
  }
}
