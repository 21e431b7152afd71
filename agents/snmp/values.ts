/** Values of varbinds, read with the doubt that devices deserve: a wrong type gives null, never a wrong number. */

/** Tags of values (RFC 2578 section 7.1, RFC 3416 section 3), which net-snmp uses as its types too. */
export const Type = {
  Integer: 0x02, OctetString: 0x04, Null: 0x05, OID: 0x06, IpAddress: 0x40, Counter: 0x41, Gauge: 0x42, TimeTicks: 0x43, Opaque: 0x44, Counter64: 0x46,
  NoSuchObject: 0x80, NoSuchInstance: 0x81, EndOfMibView: 0x82
} as const
export interface Varbind { oid: string, type: number, value: unknown }
/** A counter: exact above 2^53 as bigint. */
export type Count = number | bigint

export const isMissing = (v: Varbind) => v.type === Type.NoSuchObject || v.type === Type.NoSuchInstance || v.type === Type.EndOfMibView

/** Integer, Gauge32, TimeTicks; null for anything else. */
export function numberOf (v: Varbind | undefined): number | null {
  if (!v) return null
  if (v.type === Type.Integer || v.type === Type.Gauge || v.type === Type.TimeTicks || v.type === Type.Counter) return typeof v.value === 'number' ? v.value : null
  return null
}

/** Counter32 or Counter64. The latter comes as the 0 to 9 bytes that were sent. */
export function countOf (v: Varbind | undefined): Count | null {
  if (!v) return null
  if (v.type === Type.Counter || v.type === Type.Gauge) return typeof v.value === 'number' ? v.value : null
  if (v.type !== Type.Counter64 || !Buffer.isBuffer(v.value)) return null
  const bytes = v.value
  if (bytes.length === 0) return 0
  if (bytes.length <= 6) return bytes.readUIntBE(0, bytes.length)
  if (bytes.length > 9 || (bytes.length === 9 && bytes[0] !== 0)) return null
  const high = bytes.readUIntBE(0, bytes.length - 6)
  if (high < 32) return high * 2 ** 48 + bytes.readUIntBE(bytes.length - 6, 6)
  return BigInt(high) << 48n | BigInt(bytes.readUIntBE(bytes.length - 6, 6))
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
/** Switches that predate UTF-8 hold Cyrillic names in the Windows code page. */
const cyrillic = new TextDecoder('windows-1251')

/** Text of an octet string, without control characters, at most `most` characters; empty for anything else. */
export function textOf (v: Varbind | undefined, most: number): string {
  if (!v || v.type !== Type.OctetString || !Buffer.isBuffer(v.value)) return ''
  const bytes = v.value.subarray(0, most * 4)
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    text = cyrillic.decode(bytes)
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim().slice(0, most)
}

/** A MAC address as aa:bb:cc:dd:ee:ff; null for other lengths. */
export function macOf (v: Varbind | undefined): string | null {
  if (!v || v.type !== Type.OctetString || !Buffer.isBuffer(v.value) || v.value.length !== 6) return null
  return v.value.toString('hex').replace(/(..)(?=.)/g, '$1:')
}

export const oidTextOf = (v: Varbind | undefined): string => v && v.type === Type.OID && typeof v.value === 'string' ? v.value.slice(0, 200) : ''
