/**
 * Batches that the server has not acknowledged. Each is written to a file before it is sent, so that a killed agent
 * sends the same batch under the same number; see docs/decisions/agent-link.md for what is synced when.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../../lib/log.js'
import type { Observation, SampleSet } from '../../server/contract/health.js'
import { openNumbers } from './numbers.js'
import { appendTo, closeSegment, emptySegment, newSegment, readSegment, removeSegment, reopenSegment, rewriteSegment, type Segment, syncSegment } from './segment.js'
import { type Batch, thinned, withoutSamples } from './thin.js'

export interface SpoolOptions {
  folder: string
  log: Log
  /** Bound of the files together. */
  maxBytes?: number
  segmentBytes?: number
  /** Newest payloads kept in memory, so that a connected agent never reads its files. */
  recentBytes?: number
}
export interface SpoolEntry { seq: number, payload: Buffer }

export class Spool {
  #segments: Segment[] = []
  readonly #recent = new Map<number, Buffer>()
  #recentBytes = 0
  /** The segment read last, for catching up after an outage. */
  #reading: { segment: Segment, payloads: Map<number, Buffer> } | null = null
  #acknowledged = 0
  #droppedSampleSets = 0
  readonly #numbers: ReturnType<typeof openNumbers>
  readonly #options: Required<SpoolOptions>

  constructor (options: SpoolOptions) {
    this.#options = { maxBytes: 256 * 2 ** 20, segmentBytes: 4 * 2 ** 20, recentBytes: 8 * 2 ** 20, ...options }
    mkdirSync(options.folder, { recursive: true, mode: 0o700 })
    this.#numbers = openNumbers(join(options.folder, 'reserved'))
    const names = readdirSync(options.folder).sort()
    for (const name of names.filter(n => n.endsWith('.new'))) rmSync(join(options.folder, name))
    for (const name of names.filter(n => /^\d{16}\.spool$/.test(n))) {
      const { segment, lostBytes } = reopenSegment(join(options.folder, name))
      if (lostBytes > 0) options.log.warn({ file: name, lostBytes }, 'a spool file was torn; its whole records are kept')
      if (segment.places.length > 0) this.#segments.push(segment)
      else removeSegment(segment)
    }
    this.#numbers.atLeast(this.lastSeq)
  }

  /** Highest number that ever stood in the files that are left. */
  get lastSeq () { return this.#segments.at(-1)?.places.at(-1)?.seq ?? 0 }
  get acknowledged () { return this.#acknowledged }
  get droppedSampleSets () { return this.#droppedSampleSets }
  get batches () { return this.#segments.reduce((n, s) => n + s.places.filter(p => p.seq > this.#acknowledged).length, 0) }
  get bytes () { return this.#segments.reduce((n, s) => n + s.bytes, 0) }

  /** Gives the batch its number and writes it. Throws when the disk refuses; the number is then not used again either. */
  append (now: number, observations: Observation[], samples: SampleSet[]): number {
    const seq = this.#numbers.next()
    const batch: Batch = { type: 'batch', seq, sentAt: now, observations, samples }
    const payload = Buffer.from(JSON.stringify(batch))
    appendTo(this.#current(seq), seq, payload)
    this.#recent.set(seq, payload)
    this.#recentBytes += payload.length
    for (const [oldest, bytes] of this.#recent) {
      if (this.#recentBytes <= this.#options.recentBytes) break
      this.#recent.delete(oldest)
      this.#recentBytes -= bytes.length
    }
    this.#keepWithin()
    return seq
  }

  #current (seq: number) {
    const last = this.#segments.at(-1)
    if (last && last.bytes < this.#options.segmentBytes) return last
    if (last) { syncSegment(last); closeSegment(last) }
    const segment = newSegment(join(this.#options.folder, `${String(seq).padStart(16, '0')}.spool`))
    this.#segments.push(segment)
    return segment
  }

  /** The first batch with a number above `seq`, or null. */
  after (seq: number): SpoolEntry | null {
    for (const segment of this.#segments) {
      if ((segment.places.at(-1)?.seq ?? 0) <= seq) continue
      const place = segment.places.find(p => p.seq > seq)!
      return { seq: place.seq, payload: this.#recent.get(place.seq) ?? this.#fromFile(segment, place.seq) }
    }
    return null
  }

  #fromFile (segment: Segment, seq: number) {
    const cached = this.#reading?.segment === segment ? this.#reading.payloads.get(seq) : undefined
    if (cached) return cached
    this.#reading = { segment, payloads: readSegment(segment, seq - 1) }
    return this.#reading.payloads.get(seq)!
  }

  /** The server has committed everything up to `seq`. */
  acknowledge (seq: number) {
    if (seq <= this.#acknowledged) return
    this.#acknowledged = seq
    // The server may know more than we do when the folder is an old copy.
    this.#numbers.atLeast(seq)
    for (const [held, payload] of this.#recent) {
      if (held > seq) break
      this.#recent.delete(held)
      this.#recentBytes -= payload.length
    }
    this.#segments = this.#segments.filter((segment, i) => {
      if ((segment.places.at(-1)?.seq ?? 0) > seq) return true
      if (this.#reading?.segment === segment) this.#reading = null
      // Truncating the newest before the kernel writes it back keeps a connected agent's disk idle.
      if (i === this.#segments.length - 1) { emptySegment(segment); return true }
      removeSegment(segment)
      return false
    })
  }

  /** Makes what was appended survive a power cut; called once a second while the server is away. */
  sync () { for (const segment of this.#segments) syncSegment(segment) }

  /** Oldest samples first, then repetitions; a change of state is never given up. */
  #keepWithin () {
    if (this.bytes <= this.#options.maxBytes) return
    for (const level of [1, 2] as const) {
      for (const segment of this.#segments.slice(0, -1)) {
        if (this.bytes <= this.#options.maxBytes * 0.95) return
        if (segment.lean < level) this.#slim(segment, level)
      }
    }
    if (this.bytes > this.#options.maxBytes) this.#options.log.error({ bytes: this.bytes }, 'the spool holds nothing but changes of state and is over its bound')
  }

  #slim (segment: Segment, level: 1 | 2) {
    rewriteSegment(segment, this.#acknowledged, batches => {
      this.#droppedSampleSets += batches.reduce((n, b) => n + b.samples.length, 0)
      return level === 1 ? batches.map(withoutSamples) : thinned(batches)
    })
    segment.lean = level
    if (this.#reading?.segment === segment) this.#reading = null
    for (const seq of this.#recent.keys()) if (seq <= (segment.places.at(-1)?.seq ?? 0)) this.#recent.delete(seq)
    this.#recentBytes = [...this.#recent.values()].reduce((n, p) => n + p.length, 0)
    if (segment.places.length > 0) return
    removeSegment(segment)
    this.#segments = this.#segments.filter(s => s !== segment)
  }

  close () {
    this.sync()
    for (const segment of this.#segments) closeSegment(segment)
    this.#numbers.close()
  }
}
