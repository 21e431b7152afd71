/** Bounds-checked BER for the few places that look at datagrams without the library: the guard and the discovery probe. */

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

/** A signed integer of at most 6 bytes. */
export const integerOf = (bytes: Buffer, e: Element | undefined): number | null => {
  const length = e ? e.end - e.start : 0
  return e && e.tag === 0x02 && length >= 1 && length <= 6 ? bytes.readIntBE(e.start, length) : null
}

export function oidOf (bytes: Buffer, e: Element): string | null {
  if (e.tag !== 0x06 || e.end - e.start > 256) return null
  const parts: number[] = []
  let value = 0
  for (let i = e.start; i < e.end; i++) {
    const byte = bytes[i]!
    value = value * 128 + (byte & 0x7f)
    if (value > 0xffffffff) return null
    if (byte & 0x80) continue
    if (parts.length === 0) {
      const first = Math.min(2, Math.floor(value / 40))
      parts.push(first, value - first * 40)
    } else parts.push(value)
    value = 0
  }
  return parts.join('.')
}

export function wrap (tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const n = content.length
  const head = n < 0x80 ? [tag, n] : n < 0x100 ? [tag, 0x81, n] : [tag, 0x82, n >> 8, n & 0xff]
  return Buffer.concat([Buffer.from(head), content])
}
/** A non-negative integer below 2^31. */
export const smallInteger = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return wrap(0x02, bytes)
}
export function oidBytes (oid: string): Buffer {
  const [a = 0, b = 0, ...rest] = oid.split('.').map(Number)
  const bytes: number[] = []
  for (const part of [a * 40 + b, ...rest]) {
    const groups = [part % 128]
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128)) groups.unshift(0x80 | left % 128)
    bytes.push(...groups)
  }
  return wrap(0x06, Buffer.from(bytes))
}
