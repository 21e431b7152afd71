/**
 * Records of a spool file: u32 payload length, u32 CRC-32 over number and payload, u64 batch number (big-endian), payload.
 * A crash may leave the last record torn: reading stops at the first one that does not fit.
 */
import { crc32 } from 'node:zlib'
import { MAX_LINK_MESSAGE_BYTES } from '../../server/contract/agent-link.js'

const RECORD_HEADER_BYTES = 16

export interface RecordPlace { seq: number, offset: number, bytes: number }

export function encodeRecord (seq: number, payload: Buffer) {
  const record = Buffer.allocUnsafe(RECORD_HEADER_BYTES + payload.length)
  record.writeUInt32BE(payload.length, 0)
  record.writeBigUInt64BE(BigInt(seq), 8)
  payload.copy(record, RECORD_HEADER_BYTES)
  record.writeUInt32BE(crc32(record.subarray(8)), 4)
  return record
}

/** The whole records at the beginning of a file, and where they end. Numbers must rise. */
export function scanRecords (file: Buffer): { places: RecordPlace[], end: number } {
  const places: RecordPlace[] = []
  let offset = 0
  let last = 0
  while (offset + RECORD_HEADER_BYTES <= file.length) {
    const length = file.readUInt32BE(offset)
    const bytes = RECORD_HEADER_BYTES + length
    if (length > MAX_LINK_MESSAGE_BYTES || offset + bytes > file.length) break
    if (crc32(file.subarray(offset + 8, offset + bytes)) !== file.readUInt32BE(offset + 4)) break
    const seq = Number(file.readBigUInt64BE(offset + 8))
    if (!Number.isSafeInteger(seq) || seq <= last) break
    places.push({ seq, offset, bytes })
    last = seq
    offset += bytes
  }
  return { places, end: offset }
}

export const payloadOf = (file: Buffer, place: RecordPlace) => file.subarray(place.offset + RECORD_HEADER_BYTES, place.offset + place.bytes)
