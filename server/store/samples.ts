/** Measured numbers: what both sample stores share. A row holds all numbers of one poll; their names stand once, in a dictionary. */
import { createHash } from 'node:crypto'
import type { SampleSet, SeriesAnswer } from '../contract/health.js'

export interface SampleRow { deviceId: string, at: number, namesKey: string, names: string[], numbers: Float64Array }
export interface SeriesRequest {
  deviceId: string
  /** Exact names; one ending in `*` is a prefix. */
  names: string[]
  fromMs: number, toMs: number
  /** More rows than this are thinned out to min, average and max. */
  maxPoints: number
}
export interface LatestValue { at: number, value: number }

export interface SampleStore {
  /** Returns at once; written within a second. Losing that second in a crash is tolerated. */
  write (sets: SampleSet[]): void
  query (request: SeriesRequest): Promise<SeriesAnswer>
  /** From memory: the last value of each series since the start. */
  latest (deviceId: string): ReadonlyMap<string, LatestValue>
  /** Deletes what is older, in slices. Resolves to the number of rows. */
  prune (beforeMs: number): Promise<number>
  close (): Promise<void>
}
/** 48 h. */
export const SAMPLES_KEPT_MS = 48 * 3_600_000

const LARGEST_SET = 20_000
/** A short hash of the names: their key in the dictionary. */
const namesKeyOf = (names: string[]) => createHash('sha256').update(JSON.stringify(names)).digest('base64url').slice(0, 22)
const sameNames = (a: string[], b: string[]) => a.length === b.length && a.every((name, i) => name === b[i])

export const bytesOf = (numbers: Float64Array) => Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength)
/** Copies: a database's buffer need not be aligned. */
export function numbersOf (bytes: Uint8Array): Float64Array {
  const numbers = new Float64Array(bytes.byteLength >> 3)
  new Uint8Array(numbers.buffer).set(bytes.subarray(0, numbers.byteLength))
  return numbers
}

const SETS_A_DEVICE = 16
/** The newest row of each list of names, per device: 8 bytes a value. */
export class Latest {
  private readonly devices = new Map<string, Map<string, SampleRow>>()

  /** Comparing with the device's known lists is 50 times cheaper than hashing 300 names at each poll. */
  private rowOf (set: SampleSet): SampleRow {
    const names = set.series.length > LARGEST_SET ? set.series.slice(0, LARGEST_SET) : set.series
    const numbers = new Float64Array(names.length)
    for (let i = 0; i < names.length; i++) numbers[i] = set.values[i] ?? Number.NaN
    for (const known of this.devices.get(set.deviceId)?.values() ?? []) {
      if (sameNames(known.names, names)) return { deviceId: set.deviceId, at: set.at, namesKey: known.namesKey, names: known.names, numbers }
    }
    return { deviceId: set.deviceId, at: set.at, namesKey: namesKeyOf(names), names, numbers }
  }

  /** The row to write; it is the latest from now on. */
  take (set: SampleSet): SampleRow {
    const row = this.rowOf(set)
    this.keep(row)
    return row
  }

  private keep (row: SampleRow) {
    const sets = this.devices.get(row.deviceId) ?? new Map<string, SampleRow>()
    const before = sets.get(row.namesKey)
    if (before && before.at > row.at) return
    sets.delete(row.namesKey)
    sets.set(row.namesKey, row)
    if (sets.size > SETS_A_DEVICE) sets.delete(sets.keys().next().value!)
    this.devices.set(row.deviceId, sets)
  }

  of (deviceId: string): Map<string, LatestValue> {
    const values = new Map<string, LatestValue>()
    for (const row of this.devices.get(deviceId)?.values() ?? []) {
      for (const [i, name] of row.names.entries()) {
        const value = row.numbers[i]
        if (value === undefined || Number.isNaN(value)) continue
        const known = values.get(name)
        if (!known || known.at <= row.at) values.set(name, { at: row.at, value })
      }
    }
    return values
  }
}

const matcher = (wanted: string[]) => {
  const exact = new Set(wanted.filter(n => !n.endsWith('*')))
  const prefixes = wanted.filter(n => n.endsWith('*')).map(n => n.slice(0, -1))
  return (name: string) => exact.has(name) || prefixes.some(p => name.startsWith(p))
}

interface Bucket { at: number, n: number, sum: number, low: number, high: number }
type Point = [number, number | null]
const SERIES_AT_MOST = 500

/** Takes rows in the order of time, without keeping them: what is thinned out needs memory for its points only. */
export class SeriesBuilder {
  private readonly wanted: (name: string) => boolean
  private readonly columns = new Map<string, { index: number, name: string }[]>()
  private readonly raw = new Map<string, Point[]>()
  private readonly buckets = new Map<string, Bucket[]>()
  private readonly widthMs: number | null

  constructor (private readonly request: SeriesRequest, rowCount: number) {
    this.wanted = matcher(request.names)
    this.widthMs = rowCount <= request.maxPoints ? null : Math.max(1, Math.ceil((request.toMs - request.fromMs) / request.maxPoints))
  }

  private columnsOf (namesKey: string, names: string[]) {
    const known = this.columns.get(namesKey)
    if (known) return known
    const columns = names.flatMap((name, index) => (this.wanted(name) ? [{ index, name }] : []))
    this.columns.set(namesKey, columns)
    return columns
  }

  add (at: number, namesKey: string, names: string[], numbers: Float64Array) {
    for (const { index, name } of this.columnsOf(namesKey, names)) {
      const value = numbers[index] ?? Number.NaN
      if (this.widthMs === null) this.addRaw(name, at, value)
      else if (!Number.isNaN(value)) this.addThinned(name, at, value, this.widthMs)
    }
  }

  private addRaw (name: string, at: number, value: number) {
    const points = this.raw.get(name) ?? []
    if (points.length === 0 && this.raw.size >= SERIES_AT_MOST) return
    points.push([at, Number.isNaN(value) ? null : value])
    this.raw.set(name, points)
  }

  private addThinned (name: string, at: number, value: number, widthMs: number) {
    const start = this.request.fromMs + Math.floor((at - this.request.fromMs) / widthMs) * widthMs
    const list = this.buckets.get(name) ?? []
    if (list.length === 0 && this.buckets.size >= SERIES_AT_MOST) return
    const last = list.at(-1)
    if (last?.at === start) {
      last.n++
      last.sum += value
      last.low = Math.min(last.low, value)
      last.high = Math.max(last.high, value)
    } else list.push({ at: start, n: 1, sum: value, low: value, high: value })
    this.buckets.set(name, list)
  }

  answer (): SeriesAnswer {
    if (this.widthMs === null) return { series: [...this.raw].map(([name, points]) => ({ name, points })) }
    const middle = Math.floor(this.widthMs / 2)
    return {
      series: [...this.buckets].map(([name, list]) => ({
        name, points: list.map((b): Point => [b.at + middle, b.sum / b.n]), low: list.map((b): Point => [b.at + middle, b.low]), high: list.map((b): Point => [b.at + middle, b.high])
      }))
    }
  }
}
