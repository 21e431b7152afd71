/** Largest coded picture taken; a 4K key frame is about 1 MB. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024
const FIRST_BYTES = 16 * 1024
const KEPT_BYTES = 1024 * 1024

/** Collects the NAL units of one access unit, each behind its 4-byte length, in one growing buffer that is used again. */
export class FrameBuffer {
  private bytes = Buffer.allocUnsafe(FIRST_BYTES)
  private nalStart = -1
  length = 0

  begin () {
    this.reserve(4)
    this.nalStart = this.length
    this.length += 4
  }

  append (buffer: Buffer, start: number, end: number) {
    this.reserve(end - start)
    buffer.copy(this.bytes, this.length, start, end)
    this.length += end - start
  }

  byte (value: number) {
    this.reserve(1)
    this.bytes[this.length++] = value
  }

  /** Writes the length of the unit that `begin` opened. */
  finish () {
    if (this.nalStart < 0) return
    this.bytes.writeUInt32BE(this.length - this.nalStart - 4, this.nalStart)
    this.nalStart = -1
  }

  /** The unit being collected, without its length. */
  current (): Buffer { return this.bytes.subarray(this.nalStart + 4, this.length) }
  /** Forgets the unit being collected. */
  abandon () {
    if (this.nalStart < 0) return
    this.length = this.nalStart
    this.nalStart = -1
  }

  /** Valid until the next call. */
  content (): Buffer { return this.bytes.subarray(0, this.length) }
  get open () { return this.nalStart >= 0 }
  get tooLarge () { return this.length > MAX_FRAME_BYTES }

  reset () {
    // One enormous picture must not hold its memory for ever.
    if (this.bytes.length > KEPT_BYTES) this.bytes = Buffer.allocUnsafe(FIRST_BYTES)
    this.length = 0
    this.nalStart = -1
  }

  private reserve (more: number) {
    const need = this.length + more
    if (need <= this.bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(need, this.bytes.length * 2))
    this.bytes.copy(grown, 0, 0, this.length)
    this.bytes = grown
  }
}
