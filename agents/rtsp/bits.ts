/** Reads the bit fields of an H.264 / H.265 parameter set. Throws RangeError past the end, so parsers wrap it once. */
export class BitReader {
  private bit = 0
  constructor (private readonly bytes: Uint8Array) {}

  u1 (): number {
    const byte = this.bytes[this.bit >> 3]
    if (byte === undefined) throw new RangeError('parameter set ends early')
    const value = (byte >> (7 - (this.bit & 7))) & 1
    this.bit++
    return value
  }

  /** Up to 32 bits, unsigned. */
  u (count: number): number {
    let value = 0
    for (let i = 0; i < count; i++) value = value * 2 + this.u1()
    return value
  }

  skip (count: number) {
    this.bit += count
    if (this.bit > this.bytes.length * 8) throw new RangeError('parameter set ends early')
  }

  /** Exp-Golomb, unsigned (H.264 9.1). */
  ue (): number {
    let zeros = 0
    while (this.u1() === 0) if (++zeros > 32) throw new RangeError('not an Exp-Golomb code')
    return 2 ** zeros - 1 + (zeros ? this.u(zeros) : 0)
  }

  se (): number {
    const k = this.ue()
    return k & 1 ? (k + 1) / 2 : -k / 2
  }
}

/** The payload of a NAL unit without its emulation prevention bytes (00 00 03). */
export function withoutEmulation (nal: Uint8Array, headerBytes: number): Uint8Array {
  const out = new Uint8Array(Math.max(0, nal.length - headerBytes))
  let n = 0
  let zeros = 0
  for (let i = headerBytes; i < nal.length; i++) {
    const byte = nal[i]!
    if (zeros >= 2 && byte === 3) { zeros = 0; continue }
    zeros = byte === 0 ? zeros + 1 : 0
    out[n++] = byte
  }
  return out.subarray(0, n)
}
