import { closeSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { encodeRecord, payloadOf, type RecordPlace, scanRecords } from './records.js'
import type { Batch } from './thin.js'
import { writeDurably } from './numbers.js'

/** One file of the spool: records appended in order of their numbers. */
export interface Segment { file: string, places: RecordPlace[], bytes: number, fd: number | null, dirty: boolean, lean: 0 | 1 | 2 }

/** Opens a file left by an earlier run, cutting off what a crash tore. Answers how many bytes were lost. */
export function reopenSegment (file: string): { segment: Segment, lostBytes: number } {
  const content = readFileSync(file)
  const { places, end } = scanRecords(content)
  if (end < content.length) {
    const fd = openSync(file, 'r+')
    try { ftruncateSync(fd, end); fdatasyncSync(fd) } finally { closeSync(fd) }
  }
  return { segment: { file, places, bytes: end, fd: null, dirty: false, lean: 0 }, lostBytes: content.length - end }
}

export const newSegment = (file: string): Segment => ({ file, places: [], bytes: 0, fd: openSync(file, 'a', 0o600), dirty: false, lean: 0 })

/** Into the page cache: survives the death of the process; `syncSegment` makes it survive the machine's. */
export function appendTo (segment: Segment, seq: number, payload: Buffer) {
  segment.fd ??= openSync(segment.file, 'a', 0o600)
  const record = encodeRecord(seq, payload)
  let written = 0
  try {
    while (written < record.length) written += writeSync(segment.fd, record, written)
  } catch (err) {
    // Half a record in the middle would hide all that follows it.
    ftruncateSync(segment.fd, segment.bytes)
    throw err
  }
  segment.places.push({ seq, offset: segment.bytes, bytes: record.length })
  segment.bytes += record.length
  segment.dirty = true
}

export function syncSegment (segment: Segment) {
  if (!segment.dirty || segment.fd === null) return
  fdatasyncSync(segment.fd)
  segment.dirty = false
}

export function closeSegment (segment: Segment) {
  if (segment.fd !== null) closeSync(segment.fd)
  segment.fd = null
}

/** Everything in it is acknowledged: start over without a new file. */
export function emptySegment (segment: Segment) {
  if (segment.fd === null) segment.fd = openSync(segment.file, 'a', 0o600)
  ftruncateSync(segment.fd, 0)
  segment.places = []
  segment.bytes = 0
  segment.dirty = false
}

export function removeSegment (segment: Segment) {
  closeSegment(segment)
  unlinkSync(segment.file)
}

/** Payloads with a number above `after`, by number. */
export function readSegment (segment: Segment, after: number): Map<number, Buffer> {
  const content = readFileSync(segment.file)
  return new Map(segment.places.filter(p => p.seq > after).map(p => [p.seq, payloadOf(content, p)]))
}

/** Rewrites the unacknowledged batches of a closed segment through `change`; empty ones vanish. The old file stays until the new one is durable. */
export function rewriteSegment (segment: Segment, after: number, change: (batches: Batch[]) => Batch[]) {
  const batches = [...readSegment(segment, after).values()].map(payload => JSON.parse(payload.toString()) as Batch)
  const kept = change(batches).filter(b => b.observations.length + b.samples.length > 0)
  const content = Buffer.concat(kept.map(b => encodeRecord(b.seq, Buffer.from(JSON.stringify(b)))))
  closeSegment(segment)
  writeDurably(segment.file, content)
  segment.places = scanRecords(content).places
  segment.bytes = content.length
  segment.dirty = false
}
