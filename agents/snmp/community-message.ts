/** Messages of SNMP versions 1 and 2c (RFC 1157, RFC 3416, RFC 3417 section 8): requests written, answers read with doubt. */
import { BerError, BerReader, header, integerBytes } from './ber.js'
import { encodeOid, oidText } from './oid-text.js'
import { Type, type Varbind } from './values.js'

export const Pdu = { get: 0xa0, getNext: 0xa1, response: 0xa2, getBulk: 0xa5 } as const
const SEQUENCE = 0x30

export interface Request {
  /** As on the wire: 0 is version 1, 1 is 2c. */
  version: 0 | 1
  community: Buffer
  pdu: number
  /** Any 32 bits. */
  id: number
  oids: readonly string[]
  /** GETBULK only. */
  nonRepeaters?: number
  repetitions?: number
}
export interface Answer { version: number, community: Buffer, pdu: number, id: number, errorStatus: number, errorIndex: number, varbinds: Varbind[] }

/** The same OIDs are asked for in each poll; bounded, because devices choose where a walk goes on. */
const MOST_BINDINGS = 20_000
const bindings = new Map<string, Buffer>()

/** A varbind without a value. */
function bindingOf (oid: string): Buffer {
  const known = bindings.get(oid)
  if (known) return known
  const name = encodeOid(oid)
  const binding = Buffer.from([...header(SEQUENCE, name.length + 2), ...name, Type.Null, 0])
  if (bindings.size >= MOST_BINDINGS) bindings.clear()
  bindings.set(oid, binding)
  return binding
}

export function encodeRequest (r: Request): Buffer {
  const asked = r.oids.map(bindingOf)
  const listLength = asked.reduce((sum, binding) => sum + binding.length, 0)
  const fields = [...integerBytes(r.id), ...integerBytes(r.nonRepeaters ?? 0), ...integerBytes(r.repetitions ?? 0), ...header(SEQUENCE, listLength)]
  const pduLength = fields.length + listLength
  const pdu = [...header(r.pdu, pduLength), ...fields]
  const community = header(Type.OctetString, r.community.length)
  const total = 3 + community.length + r.community.length + pdu.length + listLength
  return Buffer.concat([Buffer.from([...header(SEQUENCE, total), ...integerBytes(r.version), ...community]), r.community, Buffer.from(pdu), ...asked])
}

/** Reads any version 1 or 2c message with a PDU of the common form. Throws BerError. */
export function decodeAnswer (bytes: Buffer): Answer {
  const r = new BerReader(bytes)
  r.expect(SEQUENCE, bytes.length)
  const messageEnd = r.end
  r.at = r.start
  const version = r.integer(messageEnd)
  r.expect(Type.OctetString, messageEnd)
  const community = bytes.subarray(r.start, r.end)
  r.next(messageEnd)
  const pdu = r.tag
  const pduEnd = r.end
  r.at = r.start
  const id = r.integer(pduEnd)
  const errorStatus = r.integer(pduEnd)
  const errorIndex = r.integer(pduEnd)
  r.expect(SEQUENCE, pduEnd)
  const listEnd = r.end
  r.at = r.start
  const varbinds: Varbind[] = []
  while (r.at < listEnd) varbinds.push(readVarbind(r, bytes, listEnd))
  return { version, community, pdu, id, errorStatus, errorIndex, varbinds }
}

function readVarbind (r: BerReader, bytes: Buffer, limit: number): Varbind {
  r.expect(SEQUENCE, limit)
  const end = r.end
  r.at = r.start
  r.expect(Type.OID, end)
  const oid = oidText(bytes, r.start, r.end)
  if (oid === null) throw new BerError('a name is no OID')
  r.next(end)
  const varbind = { oid, type: r.tag, value: readValue(r, bytes) }
  r.at = end
  return varbind
}

/** Values as net-snmp gives them, so that the rest of the poller need not know who read them; null for unknown types. */
function readValue (r: BerReader, bytes: Buffer): unknown {
  switch (r.tag) {
    case Type.Integer: return r.signed()
    // Agents leave out the leading zero, so that a large number looks negative.
    case Type.Counter: case Type.Gauge: case Type.TimeTicks: return r.signed() >>> 0
    case Type.OctetString: case Type.Opaque: case Type.Counter64: return bytes.subarray(r.start, r.end)
    case Type.OID: return oidText(bytes, r.start, r.end)
    case Type.IpAddress: return r.end - r.start === 4 ? bytes.subarray(r.start, r.end).join('.') : null
    default: return null
  }
}
