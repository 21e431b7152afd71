/** What the instrument, or its operator, found on the curve: KeyEvents and LnkParams. */
import type { SorEvent, SorLandmark, SorSummary } from '../../contract/otdr.js'
import { metresOf, type SorFormat } from './sor-blocks.js'
import { type SorBytes, SorError } from './sor-bytes.js'

/** Instruments find some dozens; more than these is a damaged count. */
const MAX_EVENTS = 5000
const kinds: Record<string, SorEvent['kind']> = { 0: 'loss', 1: 'reflection', 2: 'saturated' }

/** Version 1 has 22 bytes and a text, version 2 five markers more. */
function readEvent (bytes: SorBytes, format: SorFormat, metres: (time: number) => number): SorEvent {
  const number = bytes.u16()
  const distanceM = metres(bytes.i32())
  const slopeDbPerKm = bytes.i16() / 1000
  const lossDb = bytes.i16() / 1000
  const reflectanceDb = bytes.i32() / 1000
  const code = bytes.fixedText(8)
  const markersM = format === 2
    ? { previousEnd: metres(bytes.i32()), start: metres(bytes.i32()), end: metres(bytes.i32()), nextStart: metres(bytes.i32()), peak: metres(bytes.i32()) }
    : null
  const how = code.charAt(1)
  return { number, distanceM, slopeDbPerKm, lossDb, reflectanceDb, code, kind: kinds[code.charAt(0)] ?? null, end: 'ED'.includes(how) && how !== '', manual: how === 'A' || how === 'M' || how === 'D', markersM, comment: bytes.text() }
}

export function readEvents (bytes: SorBytes, format: SorFormat, refractiveIndex: number): { events: SorEvent[], summary: SorSummary | null } {
  const metres = (time: number) => metresOf(time, refractiveIndex)
  const count = bytes.u16()
  if (count > MAX_EVENTS) throw new SorError('sor_damaged', `KeyEvents: ${count} events are announced.`)
  const events: SorEvent[] = []
  for (let i = 0; i < count; i++) events.push(readEvent(bytes, format, metres))
  const summary = bytes.optional(22, () => ({
    totalLossDb: bytes.i32() / 1000, lossFromM: metres(bytes.i32()), lossToM: metres(bytes.i32()),
    returnLossDb: bytes.u16() / 1000, returnLossFromM: metres(bytes.i32()), returnLossToM: metres(bytes.i32())
  }))
  return { events, summary }
}

export function readLandmarks (bytes: SorBytes, refractiveIndex: number): SorLandmark[] {
  const count = bytes.u16()
  if (count > MAX_EVENTS) throw new SorError('sor_damaged', `LnkParams: ${count} landmarks are announced.`)
  const landmarks: SorLandmark[] = []
  for (let i = 0; i < count; i++) {
    landmarks.push({
      number: bytes.u16(), code: bytes.fixedText(2), distanceM: metresOf(bytes.i32(), refractiveIndex), eventNumber: bytes.u16(),
      // Degrees in millionths.
      longitude: bytes.i32() / 1e6, latitude: bytes.i32() / 1e6, fibreCorrection: bytes.i16() / 1000, sheathIn: bytes.i32(), sheathOut: bytes.i32(),
      sheathUnit: bytes.fixedText(2), modeFieldDiameterUm: bytes.u16() / 100, comment: bytes.text()
    })
  }
  return landmarks
}
