/** Values of varbinds, read with the doubt that devices deserve: a wrong type gives null, never a wrong number. */
import snmp from 'net-snmp'

export interface Varbind { oid: string, type: number, value: unknown }
/** A counter: exact above 2^53 as bigint. */
export type Count = number | bigint

const T = snmp.ObjectType
export const isMissing = (v: Varbind) => v.type === T.NoSuchObject || v.type === T.NoSuchInstance || v.type === T.EndOfMibView

/** Integer, Gauge32, TimeTicks; null for anything else. */
export function numberOf (v: Varbind | undefined): number | null {
  if (!v) return null
  if (v.type === T.Integer || v.type === T.Gauge || v.type === T.TimeTicks || v.type === T.Counter) return typeof v.value === 'number' ? v.value : null
  return null
}

/** Counter32 or Counter64. The library hands the latter over as the 0 to 9 bytes that were sent. */
export function countOf (v: Varbind | undefined): Count | null {
  if (!v) return null
  if (v.type === T.Counter || v.type === T.Gauge) return typeof v.value === 'number' ? v.value : null
  if (v.type !== T.Counter64 || !Buffer.isBuffer(v.value)) return null
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
  if (!v || v.type !== T.OctetString || !Buffer.isBuffer(v.value)) return ''
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
  if (!v || v.type !== T.OctetString || !Buffer.isBuffer(v.value) || v.value.length !== 6) return null
  return v.value.toString('hex').replace(/(..)(?=.)/g, '$1:')
}

export const oidTextOf = (v: Varbind | undefined): string => v && v.type === T.OID && typeof v.value === 'string' ? v.value.slice(0, 200) : ''
