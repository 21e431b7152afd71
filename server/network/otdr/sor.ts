/**
 * Reads a `.sor` file of any vendor: version 1 (no block names in the blocks) and 2. Pure. A file that holds no usable curve throws
 * `SorError`; what is wrong beside it (checksum, a block that is missing or damaged) is a warning.
 */
import type { SorFile, SorFixed, SorWarning } from '../../contract/otdr.js'
import { readFixed, readGeneral, readSupplier, type SorFormat } from './sor-blocks.js'
import { SorBytes, SorError } from './sor-bytes.js'
import { readEvents, readLandmarks } from './sor-events.js'

/** Long traces have some hundred thousand points of two bytes. */
export const MAX_SOR_BYTES = 4 * 1024 * 1024
const MAX_BLOCKS = 200
/** Before 1988 nobody wrote such files: a clock that was never set. */
export const CLOCKS_SET_S = 567_993_600

/** The curve: how far, and how many dB above the weakest point. */
export interface SorCurve { distanceM: Float64Array, levelDb: Float32Array }
export interface SorTrace { file: SorFile, curve: SorCurve }

interface Block { name: string, version: string, offset: number, sizeBytes: number }
const versionText = (raw: number) => (raw / 100).toFixed(2)

function readMap (data: Uint8Array): { format: SorFormat, version: string, blocks: Block[] } {
  const format: SorFormat = data[0] === 0x4d && data[1] === 0x61 && data[2] === 0x70 && data[3] === 0 ? 2 : 1
  const bytes = new SorBytes(format === 2 ? data.subarray(4) : data, 'Map')
  const version = bytes.u16()
  const mapBytes = bytes.u32()
  const count = bytes.u16() - 1
  const first = format === 1 ? 100 : 200
  if (version < first || version >= first + 100 || count < 1 || count > MAX_BLOCKS || mapBytes < 20) throw new SorError('sor_not_a_trace', 'This is no OTDR trace: it does not begin with the map of a .sor file.')
  const blocks: Block[] = []
  let offset = mapBytes
  for (let i = 0; i < count; i++) {
    const block = { name: bytes.text(), version: versionText(bytes.u16()), sizeBytes: bytes.u32(), offset }
    blocks.push(block)
    offset += block.sizeBytes
  }
  return { format, version: versionText(version), blocks }
}

const startsWith = (data: Uint8Array, text: string) => text.length < data.length && [...text].every((c, i) => data[i] === c.charCodeAt(0)) && data[text.length] === 0

/** Finds blocks by the map and steps over their names. */
function opener (data: Uint8Array, format: SorFormat, blocks: readonly Block[]) {
  return (name: string): SorBytes | null => {
    const block = blocks.find(b => b.name === name)
    if (!block) return null
    const end = block.offset + block.sizeBytes
    if (end > data.length) throw new SorError('sor_cut_short', `The file is cut short: ${name} should end at byte ${end} and the file ends at ${data.length}.`)
    const body = data.subarray(block.offset, end)
    if (format === 1) return new SorBytes(body, name)
    if (!startsWith(body, name)) throw new SorError('sor_damaged', `${name} is not where the map of the file says (byte ${block.offset}).`)
    return new SorBytes(body.subarray(name.length + 1), name)
  }
}

interface Points { raw: Uint16Array, scales: { count: number, factor: number }[] }
/** One curve, in as many parts as there are scale factors. */
function readPoints (bytes: SorBytes): Points {
  const total = bytes.u32()
  const parts = bytes.u16()
  if (parts === 0 || parts > 64) throw new SorError('sor_damaged', `DataPts: ${parts} parts of the curve are announced.`)
  const scales: Points['scales'] = []
  const chunks: Uint16Array[] = []
  for (let i = 0; i < parts; i++) {
    const count = bytes.u32()
    const factor = bytes.u16() / 1000
    chunks.push(bytes.u16s(count))
    scales.push({ count, factor })
  }
  const raw = new Uint16Array(chunks.reduce((n, c) => n + c.length, 0))
  chunks.reduce((at, c) => { raw.set(c, at); return at + c.length }, 0)
  if (raw.length < 2) throw new SorError('sor_damaged', `DataPts: a curve of ${total} points shows nothing.`)
  return { raw, scales }
}

/** Distances are told from the point that the operator called zero, as those of the events are; what lies before it is negative. */
function curveOf ({ raw, scales }: Points, fixed: SorFixed, zeroM: number, stretch: number): SorCurve & { lowestRawDb: number, highestRawDb: number } {
  const below = new Float32Array(raw.length)
  let lowest = Infinity
  let highest = -Infinity
  let at = 0
  for (const { count, factor } of scales) {
    for (const end = at + count; at < end; at++) {
      const db = raw[at]! * factor / 1000
      below[at] = db
      lowest = Math.min(lowest, db)
      highest = Math.max(highest, db)
    }
  }
  const distanceM = new Float64Array(raw.length)
  let distance = 0
  let pulse = 0
  let until = fixed.pulses[0]!.points
  for (let i = 0; i < raw.length; i++) {
    distanceM[i] = distance * stretch + fixed.acquisitionOffsetM - zeroM
    while (i + 1 >= until && pulse + 1 < fixed.pulses.length) until += fixed.pulses[++pulse]!.points
    distance += fixed.pulses[pulse]!.spacingM
  }
  return { distanceM, levelDb: below.map(db => highest - db), lowestRawDb: lowest, highestRawDb: highest }
}

const crcTable = Uint16Array.from({ length: 256 }, (_, i) => {
  let crc = i << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  return crc & 0xffff
})
/** CRC-16 with the polynomial of CCITT over everything before the stored number. */
function crcOf (data: Uint8Array, start: number) {
  let crc = start
  for (const byte of data) crc = ((crc << 8) ^ crcTable[(crc >> 8) ^ byte]!) & 0xffff
  return crc
}

function readChecksum (data: Uint8Array, format: SorFormat, blocks: readonly Block[]): SorFile['checksum'] {
  const block = blocks.find(b => b.name === 'Cksum')
  const at = block ? block.offset + (format === 2 ? 'Cksum'.length + 1 : 0) : data.length
  if (at + 2 > data.length) return null
  const stored = data[at]! | data[at + 1]! << 8
  const computed = crcOf(data.subarray(0, at), 0xffff)
  // Anritsu begins with 0.
  return { stored, computed, ok: stored === computed || stored === crcOf(data.subarray(0, at), 0) }
}

export function readSor (data: Uint8Array): SorTrace {
  if (data.length > MAX_SOR_BYTES) throw new SorError('sor_too_large', `A trace has at most ${MAX_SOR_BYTES} bytes.`)
  const { format, version, blocks } = readMap(data)
  const open = opener(data, format, blocks)
  const warnings: SorWarning[] = []
  const needed = (name: string) => {
    const bytes = open(name)
    if (!bytes) throw new SorError('sor_damaged', `The file has no block ${name}, without which there is no curve.`)
    return bytes
  }
  /** What the curve can do without. */
  const beside = <T>(name: string, read: (bytes: SorBytes) => T, expected = true): T | null => {
    try {
      const bytes = open(name)
      if (bytes) return read(bytes)
      if (expected) warnings.push({ code: 'block_absent', detail: name })
    } catch (err) {
      if (!(err instanceof SorError)) throw err
      warnings.push({ code: 'block_damaged', detail: err.message })
    }
    return null
  }
  const fixed = readFixed(needed('FxdParams'), format)
  const points = readPoints(needed('DataPts'))
  const supplier = beside('SupParams', readSupplier)
  const general = beside('GenParams', bytes => readGeneral(bytes, format, fixed.refractiveIndex))
  const found = beside('KeyEvents', bytes => readEvents(bytes, format, fixed.refractiveIndex))
  const landmarks = beside('LnkParams', bytes => readLandmarks(bytes, fixed.refractiveIndex), false)
  if (fixed.wavelengthNm < 500) {
    // Noyes writes nanometres where tenths of them belong.
    fixed.wavelengthNm *= 10
    warnings.push({ code: 'vendor_quirk', detail: `FxdParams: the wavelength is ${fixed.wavelengthNm} nm, not a tenth of it.` })
  }
  if (fixed.takenAtS < CLOCKS_SET_S) warnings.push({ code: 'date_implausible', detail: new Date(fixed.takenAtS * 1000).toISOString().slice(0, 10) })
  // This model writes ten times the distance between its points.
  const quirk = supplier?.otdr === 'OFL250'
  if (quirk) warnings.push({ code: 'vendor_quirk', detail: 'OFL250: distances of the curve are divided by ten.' })
  const announced = fixed.pulses.reduce((n, p) => n + p.points, 0)
  if (announced !== points.raw.length) warnings.push({ code: 'point_count_differs', detail: `FxdParams ${announced}, DataPts ${points.raw.length}` })
  const { lowestRawDb, highestRawDb, ...curve } = curveOf(points, fixed, general?.userOffsetM ?? 0, quirk ? 0.1 : 1)
  const checksum = readChecksum(data, format, blocks)
  if (!checksum) warnings.push({ code: 'checksum_absent', detail: '' })
  else if (!checksum.ok) warnings.push({ code: 'checksum_wrong', detail: `${checksum.stored} ≠ ${checksum.computed}` })
  const file: SorFile = {
    format, version, blocks, general, supplier, fixed, events: found?.events ?? [], summary: found?.summary ?? null, landmarks,
    points: { count: points.raw.length, lowestRawDb, highestRawDb, lengthM: curve.distanceM.at(-1)! }, checksum, warnings
  }
  return { file, curve }
}
