/**
 * Availability by days, kept in a table: a thousand cameras' month is not counted anew for every look at it. A day is claimed (not stale), then counted, then
 * written without touching the claim: whatever is committed between the two marks it stale again, so nothing is lost.
 */
import { and, asc, between, eq, gt, isNull, lt, notInArray, sql } from 'drizzle-orm'
import { setImmediate as breathe } from 'node:timers/promises'
import type { Clock } from '../../lib/clock.js'
import { startOfDay } from '../../lib/zoned-day.js'
import type { Gap, Segment } from '../contract/recording.js'
import { readCentre } from '../identity/settings.js'
import type { Schema } from '../store/schema.js'
import type { Store, Writer } from '../store/store.js'
import { figuresOf } from './availability-figures.js'
import { firstOf, holdersOf, recordOf, type RecordsDeps } from './camera-record.js'

export interface Day { day: string, from: number, to: number }
type Row = Schema['recordingDays']['$inferSelect']
interface Counted { deviceId: string, days: Day[] }

/** Today's figure of many cameras may be this old. */
const FRESH_MS = 10 * 60_000
/** In the background what is due is counted anew after this. */
const DUE_MS = 5 * 60_000
const DAYS_A_ROUND = 40
const MONTHS_A_ROUND = 4
const BACKFILLED_DAYS = 31
const DAY_MS = 86_400_000
const ROWS_PER_INSERT = 80

export interface RecordingDays {
  /** In the transaction of a page of an agent's index, before its rows are written. */
  changed (tx: Writer, rows: { segments: readonly Segment[], gaps: readonly Gap[] }, now: number): Promise<void>
  /** From then on a camera's gaps have another cause. */
  judged (tx: Writer, gaps: readonly { deviceId: string, from: number }[]): Promise<void>
  /** The rows of these cameras and days, by `id day`; `exact`: today's up to now. Counts at most `budget` days, and leaves out cameras (the last ones) that would need more. */
  read (deviceIds: readonly string[], days: readonly Day[], zone: string, o: { exact: boolean, budget: number }): Promise<{ rows: Map<string, Row>, complete: string[] }>
  /** Counts some of what is due; the ticker's part. */
  refresh (): Promise<void>
}

export const keyOf = (deviceId: string, day: string) => `${deviceId} ${day}`
export const dayAt = (day: string, zone: string): Day => ({ day, from: startOfDay(day, zone)!, to: startOfDay(day, zone, 1)! })
const dayNameAt = (at: number, zone: string) => new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(at)

export function createRecordingDays ({ store, clock, agentOnline }: { store: Store, clock: Clock } & RecordsDeps): RecordingDays {
  async function stale (tx: Writer, deviceId: string, from: number, to: number) {
    const { recordingDays: t } = tx.t
    await tx.update(t).set({ stale: true }).where(and(eq(t.deviceId, deviceId), gt(t.to, from), lt(t.from, to), eq(t.stale, false)))
  }

  /** Nothing is written between the claim and the figures but what makes the claim void. */
  async function count (work: readonly Counted[], zone: string): Promise<Row[]> {
    const parts = work.map(({ deviceId, days }) => ({ deviceId, rows: days.map((d): Row => ({ deviceId, ...d, timeZone: zone, wantedMs: 0, recordedMs: 0, missing: [], asOf: 0, stale: false })) }))
    const rows = parts.flatMap(p => p.rows)
    await write(rows, { stale: false, asOf: 0 })
    const holders = await holdersOf(store.read, work.map(w => w.deviceId))
    for (const { deviceId, rows: own } of parts) {
      const now = clock.now()
      const record = await recordOf(store.read, { deviceId, from: Math.min(...own.map(d => d.from)), to: Math.max(...own.map(d => d.to)) }, holders.get(deviceId) ?? { agentId: null, seenAt: null }, now, { agentOnline })
      for (const row of own) {
        const { wantedMs, recordedMs, missing } = figuresOf({ ...record, from: row.from, to: row.to, now })
        Object.assign(row, { wantedMs, recordedMs, missing, asOf: now })
      }
      await breathe()
    }
    await write(rows)
    return rows
  }

  async function write (rows: readonly Row[], set?: Partial<Row>) {
    if (rows.length === 0) return
    const ex = (name: string) => sql.raw(`excluded.${name}`)
    await store.transaction(async tx => {
      const { recordingDays: t } = tx.t
      for (let i = 0; i < rows.length; i += ROWS_PER_INSERT) {
        await tx.insert(t).values(rows.slice(i, i + ROWS_PER_INSERT)).onConflictDoUpdate({
          target: [t.deviceId, t.day],
          set: set ?? { timeZone: ex('time_zone'), from: ex('from_at'), to: ex('to_at'), wantedMs: ex('wanted_ms'), recordedMs: ex('recorded_ms'), missing: ex('missing'), asOf: ex('as_of') }
        })
      }
    })
  }

  /** A day that is over is counted whole; today's figure is as old as is bearable. */
  function holds (row: Row | undefined, { from, to }: Day, zone: string, exact: boolean, now: number) {
    if (!row || row.timeZone !== zone) return false
    if (from >= now) return true
    if (row.asOf < Math.min(to, now) && (to <= now || exact)) return false
    if (to <= now) return !row.stale || (!exact && row.asOf > now - FRESH_MS)
    return exact ? !row.stale : row.asOf > now - FRESH_MS
  }

  async function missingOn (day: Day, zone: string, most: number): Promise<string[]> {
    const { devices: d, recordingDays: t } = store.read.t
    const rows = await store.read.select({ id: d.id }).from(d).leftJoin(t, and(eq(t.deviceId, d.id), eq(t.day, day.day), eq(t.timeZone, zone))).where(and(eq(d.kind, 'camera'), isNull(t.deviceId))).orderBy(asc(d.id)).limit(most)
    return rows.map(r => r.id)
  }

  /** Of which day it is known that every camera's figures are there: that day's own, and those before it. */
  const filled = { today: '', before: '' }

  async function due (zone: string, now: number): Promise<Counted[]> {
    const { recordingDays: t } = store.read.t
    const rows = await store.read.select({ deviceId: t.deviceId, day: t.day }).from(t).where(and(sql`(stale or as_of < to_at)`, lt(t.asOf, now - DUE_MS), lt(t.from, now))).orderBy(asc(t.asOf)).limit(DAYS_A_ROUND)
    const found = rows.map(r => ({ deviceId: r.deviceId, days: [dayAt(r.day, zone)] }))
    const today = dayNameAt(now, zone)
    const [day, ...earlier] = Array.from({ length: BACKFILLED_DAYS }, (_, back) => dayAt(new Date(Date.parse(`${today}T12:00:00Z`) - back * DAY_MS).toISOString().slice(0, 10), zone))
    if (filled.today !== today) {
      const missing = await missingOn(day!, zone, DAYS_A_ROUND)
      found.push(...missing.map(deviceId => ({ deviceId, days: [day!] })))
      if (missing.length < DAYS_A_ROUND) filled.today = today
    }
    // A camera without yesterday has none of the days before either.
    if (filled.before !== today) {
      const missing = await missingOn(earlier[0]!, zone, MONTHS_A_ROUND)
      found.push(...missing.map(deviceId => ({ deviceId, days: earlier })))
      if (missing.length < MONTHS_A_ROUND) filled.before = today
    }
    return found
  }

  /** Of cameras that were removed. */
  async function prune () {
    await store.transaction(tx => tx.delete(tx.t.recordingDays).where(notInArray(tx.t.recordingDays.deviceId, tx.select({ id: tx.t.devices.id }).from(tx.t.devices))))
  }

  return {
    async changed (tx, { segments, gaps }, now) {
      const spans = new Map<string, { from: number, to: number }>()
      const note = (id: string, from: number, to: number) => { const s = spans.get(id); spans.set(id, { from: Math.min(from, s?.from ?? from), to: Math.max(to, s?.to ?? to) }) }
      for (const s of segments) note(s.deviceId, s.startedAt, s.startedAt + s.wallMs)
      // It may have lasted until now, as far as was known.
      for (const g of gaps) note(g.deviceId, g.from, Math.max(g.to ?? now, now))
      for (const [deviceId, { from, to }] of spans) {
        // What is known of a camera begins earlier now: the days in between were wanted.
        const first = from < now - DAY_MS ? await firstOf(tx, deviceId) : null
        await stale(tx, deviceId, from, first !== null && from < first ? Math.max(to, first) : to)
      }
    },
    async judged (tx, gaps) { for (const { deviceId, from } of gaps) await stale(tx, deviceId, from, Number.MAX_SAFE_INTEGER) },

    async read (deviceIds, days, zone, { exact, budget }) {
      const { recordingDays: t } = store.read.t
      const now = clock.now()
      const [first, last] = [deviceIds[0], deviceIds.at(-1)]
      if (first === undefined || last === undefined) return { rows: new Map(), complete: [] }
      const wanted = new Set(deviceIds)
      const stored = await store.read.select().from(t).where(and(between(t.deviceId, first, last), between(t.day, days[0]!.day, days.at(-1)!.day)))
      const rows = new Map(stored.filter(r => wanted.has(r.deviceId)).map(r => [keyOf(r.deviceId, r.day), r]))
      const work: Counted[] = []
      const complete: string[] = []
      let left = budget
      for (const deviceId of deviceIds) {
        const missing = days.filter(d => !holds(rows.get(keyOf(deviceId, d.day)), d, zone, exact, now))
        if (missing.length > left && complete.length > 0) break
        left -= missing.length
        complete.push(deviceId)
        if (missing.length > 0) work.push({ deviceId, days: missing })
      }
      if (work.length > 0) for (const row of await count(work, zone)) rows.set(keyOf(row.deviceId, row.day), row)
      return { rows, complete }
    },

    async refresh () {
      const { timeZone } = await readCentre(store.read)
      const now = clock.now()
      if (filled.today !== dayNameAt(now, timeZone)) await prune()
      const work = await due(timeZone, now)
      if (work.length > 0) await count(work, timeZone)
    }
  }
}
