/** OIDs between their encoded form (X.690 section 8.19) and text. Switches name the same few thousand again and again. */
import { wrap } from './ber.js'

/** RFC 2578 section 3.5: at most 128 numbers of at most 5 bytes. */
const MOST_BYTES = 640

/** The OID encoded in [start, end) as text, null when that is none. Numbers wrap at 32 bits, as other managers read them. */
function decodeOid (bytes: Uint8Array, start: number, end: number): string | null {
  // Some agents send no bytes at all for zeroDotZero.
  if (start === end) return '0.0'
  if (end - start > MOST_BYTES || bytes[end - 1]! & 0x80) return null
  let text = ''
  let value = 0
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    value = (value << 7 | byte & 0x7f) >>> 0
    if (byte & 0x80) continue
    if (text === '') {
      const first = Math.min(2, Math.floor(value / 40))
      text = `${first}.${value - first * 40}`
    } else text += `.${value}`
    value = 0
  }
  return text
}

/**
 * What was decoded before, found by the encoded bytes: a place for each hash, taken over by whoever comes later. Devices
 * choose what they send, so it has a fixed size (1 MB and the texts).
 */
const PLACES = 1 << 14
const LONGEST = 64
const keys = new Uint8Array(PLACES * LONGEST)
const lengths = new Uint8Array(PLACES)
const texts: string[] = new Array(PLACES).fill('')

/** As `decodeOid`. */
export function oidText (bytes: Uint8Array, start: number, end: number): string | null {
  const length = end - start
  if (length === 0 || length > LONGEST) return decodeOid(bytes, start, end)
  let hash = 0x811c9dc5
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  const place = (hash ^ hash >>> 16) & (PLACES - 1)
  const key = place * LONGEST
  let same = lengths[place] === length
  for (let i = 0; same && i < length; i++) same = keys[key + i] === bytes[start + i]
  if (same) return texts[place]!
  const text = decodeOid(bytes, start, end)
  if (text === null) return null
  for (let i = 0; i < length; i++) keys[key + i] = bytes[start + i]!
  lengths[place] = length
  texts[place] = text
  return text
}

/** The element of an OID of at least two numbers. */
export function encodeOid (oid: string): Buffer {
  const [a = 0, b = 0, ...rest] = oid.split('.').map(Number)
  const bytes: number[] = []
  for (const part of [a * 40 + b, ...rest]) {
    const groups = [part % 128]
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128)) groups.unshift(0x80 | left % 128)
    bytes.push(...groups)
  }
  return wrap(0x06, Buffer.from(bytes))
}
