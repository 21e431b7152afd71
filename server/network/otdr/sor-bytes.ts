/** Reads little-endian fields of a `.sor` file and never past the end of what it was given. */

/** Why a file is no trace. `code` is a stable name for screens, the message is for a technician. */
export class SorError extends Error {
  override name = 'SorError'
  constructor (readonly code: 'sor_not_a_trace' | 'sor_cut_short' | 'sor_damaged' | 'sor_too_large', message: string) { super(message) }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
const cyrillic = new TextDecoder('windows-1251')

/** Instruments of this country write UTF-8 or the Cyrillic code page, and do not say which. */
function textOf (bytes: Uint8Array) {
  try {
    return utf8.decode(bytes)
  } catch {
    return cyrillic.decode(bytes)
  }
}
/** Control characters would be refused by PostgreSQL or break a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const clean = (text: string) => text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f]/g, ' ')

const MAX_TEXT_BYTES = 4096

export class SorBytes {
  private at = 0
  private readonly view: DataView
  constructor (private readonly bytes: Uint8Array, private readonly block: string) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get left () { return this.bytes.length - this.at }
  get position () { return this.at }

  private take (count: number) {
    if (count > this.left) throw new SorError('sor_cut_short', `${this.block}: ${count} bytes are wanted at byte ${this.at} of the block and ${this.left} are left.`)
    const from = this.at
    this.at += count
    return from
  }
  u16 () { return this.view.getUint16(this.take(2), true) }
  i16 () { return this.view.getInt16(this.take(2), true) }
  u32 () { return this.view.getUint32(this.take(4), true) }
  i32 () { return this.view.getInt32(this.take(4), true) }
  fixedText (count: number) {
    const from = this.take(count)
    return clean(textOf(this.bytes.subarray(from, from + count)))
  }
  /** Up to a NUL. */
  text () {
    const end = this.bytes.indexOf(0, this.at)
    if (end < 0) throw new SorError('sor_cut_short', `${this.block}: a text that begins at byte ${this.at} of the block does not end.`)
    if (end - this.at > MAX_TEXT_BYTES) throw new SorError('sor_damaged', `${this.block}: a text at byte ${this.at} of the block is longer than ${MAX_TEXT_BYTES} bytes.`)
    const text = clean(textOf(this.bytes.subarray(this.at, end))).trim()
    this.at = end + 1
    return text
  }
  /** A field at the end of a block, which older writers leave out. */
  optional<T> (bytes: number, read: () => T): T | null { return this.left >= bytes ? read() : null }
  /** `count` unsigned 16-bit numbers; the file must hold them all, so no more is allocated than was sent. */
  u16s (count: number) {
    if (count * 2 > this.left) throw new SorError('sor_cut_short', `${this.block}: ${count} points are announced and the block has room for ${Math.floor(this.left / 2)}.`)
    const from = this.take(count * 2)
    return Uint16Array.from({ length: count }, (_, i) => this.view.getUint16(from + i * 2, true))
  }
}
