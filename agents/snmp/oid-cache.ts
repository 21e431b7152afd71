/**
 * A third of what the library spends on an answer goes into turning the same few hundred OIDs into text, and much of a
 * request into turning them back. Both are remembered here, in the poller process only; what is not in the cache is
 * done by the library itself, so results are its own.
 */
import { createRequire } from 'node:module'

interface Reader { _buf: Buffer, _offset: number, _size: number, _len: number, readOID (tag?: number): string | null }
interface Writer { _buf: Buffer, _offset: number, _ensure (bytes: number): void, writeOID (oid: string, tag?: number): void }
interface Ber { Reader: { prototype: Reader }, Writer: { prototype: Writer } }

/** Devices choose what they send: the caches are bounded, and start anew when full. */
const MOST = 20_000
const OID_TAG = 6

let installed = false
export function cacheOids (): void {
  if (installed) return
  installed = true
  const require = createRequire(import.meta.url)
  // The library's own copy of asn1-ber, wherever npm put it.
  const { Ber } = createRequire(require.resolve('net-snmp'))('asn1-ber') as { Ber: Ber }
  cacheReading(Ber.Reader.prototype)
  cacheWriting(Ber.Writer.prototype)
}

function cacheReading (reader: Reader) {
  const read = reader.readOID
  const texts = new Map<string, string>()
  reader.readOID = function (this: Reader, tag?: number) {
    const at = this._offset + 2
    const length = this._buf[this._offset + 1] ?? 0x80
    if (tag !== undefined || this._buf[this._offset] !== OID_TAG || length >= 0x80 || at + length > this._size) return read.call(this, tag)
    const name = this._buf.toString('latin1', at, at + length)
    const known = texts.get(name)
    if (known !== undefined) {
      this._offset = at + length
      this._len = length
      return known
    }
    const text = read.call(this)
    if (texts.size >= MOST) texts.clear()
    if (text !== null) texts.set(name, text)
    return text
  }
}

function cacheWriting (writer: Writer) {
  const write = writer.writeOID
  const encoded = new Map<string, Buffer>()
  writer.writeOID = function (this: Writer, oid: string, tag?: number) {
    const known = tag === undefined ? encoded.get(oid) : undefined
    if (known) {
      this._ensure(known.length)
      known.copy(this._buf, this._offset)
      this._offset += known.length
      return
    }
    const start = this._offset
    write.call(this, oid, tag)
    if (tag !== undefined) return
    if (encoded.size >= MOST) encoded.clear()
    encoded.set(oid, Buffer.from(this._buf.subarray(start, this._offset)))
  }
}
