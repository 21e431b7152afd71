/** Bounds-checked BER (X.690) as far as SNMP uses it (RFC 3417 section 8): definite lengths, low tag numbers. */

export interface Element { tag: number, start: number, end: number }

/** The element at `at` inside [at, limit), or null when it does not fit there. */
export function element (bytes: Buffer, at: number, limit: number): Element | null {
  if (at < 0 || at + 2 > limit || limit > bytes.length) return null
  let length = bytes[at + 1]!
  let start = at + 2
  if (length & 0x80) {
    const count = length & 0x7f
    if (count < 1 || count > 4 || start + count > limit) return null
    length = bytes.readUIntBE(start, count)
    start += count
  }
  return start + length <= limit ? { tag: bytes[at]!, start, end: start + length } : null
}

/** The elements directly inside `outer`, at most `most`; null when one does not fit. */
export function children (bytes: Buffer, outer: Element, most: number): Element[] | null {
  const list: Element[] = []
  for (let at = outer.start; at < outer.end && list.length < most;) {
    const child = element(bytes, at, outer.end)
    if (!child) return null
    list.push(child)
    at = child.end
  }
  return list
}

export class BerError extends Error {}

/** Steps through elements without making an object of each: hundreds come in every answer. Throws BerError. */
export class BerReader {
  /** The element last read: its tag and its content in [start, end). */
  tag = 0
  start = 0
  end = 0
  /** Where the next element is read. Set it to `start` to step into one. */
  at = 0
  readonly #bytes: Uint8Array
  constructor (bytes: Uint8Array) { this.#bytes = bytes }

  /** Reads the element at `at`, which must end at or before `limit`. */
  next (limit: number): void {
    const bytes = this.#bytes
    let at = this.at + 2
    if (at > limit) throw new BerError('an element begins past its frame')
    let length = bytes[at - 1]!
    if (length & 0x80) {
      let left = length & 0x7f
      if (left === 0) throw new BerError('a length is indefinite')
      if (at + left > limit) throw new BerError('a length is cut short')
      // Some agents pad lengths with zeros far beyond what is needed.
      for (length = 0; left > 0 && length <= limit; left--) length = length * 256 + bytes[at++]!
    }
    if (at + length > limit) throw new BerError('an element is longer than its frame')
    this.tag = bytes[this.at]!
    this.start = at
    this.end = this.at = at + length
  }
  expect (tag: number, limit: number): void {
    this.next(limit)
    if (this.tag !== tag) throw new BerError('an element has another tag')
  }
  /** The content of the element as a signed number, which agents may pad with bytes that are not needed. */
  signed (): number {
    const bytes = this.#bytes
    if (this.start === this.end) throw new BerError('an integer is empty')
    let value = bytes[this.start]! << 24 >> 24
    for (let i = this.start + 1; i < this.end; i++) value = value * 256 + bytes[i]!
    if (!Number.isSafeInteger(value)) throw new BerError('an integer is too large')
    return value
  }
  /** INTEGER. */
  integer (limit: number): number {
    this.expect(0x02, limit)
    return this.signed()
  }
}

/** Tag and length. */
export const header = (tag: number, n: number): number[] =>
  n < 0x80 ? [tag, n] : n < 0x100 ? [tag, 0x81, n] : [tag, 0x82, n >> 8, n & 0xff]

/** One element around `parts`, together below 64 KiB. */
export function wrap (tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from(header(tag, content.length)), content])
}
/** An INTEGER of 32 bits in its shortest form. */
export function integerBytes (value: number): number[] {
  const bytes = [value >> 24 & 0xff, value >> 16 & 0xff, value >> 8 & 0xff, value & 0xff]
  while (bytes.length > 1 && (bytes[0] === 0 && bytes[1]! < 0x80 || bytes[0] === 0xff && bytes[1]! >= 0x80)) bytes.shift()
  return [0x02, bytes.length, ...bytes]
}
