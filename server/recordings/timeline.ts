/** The timeline of cameras: what was recorded, what not and why, and what happened. Merged in the database: a month has 43,200 segments. */
import { and, asc, eq, gt, gte, inArray, isNull, lt, max, min, or, sql } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import type { GapCause, Timeline, TimelineQuery, TimelineRow } from '../contract/recording.js'
import { type Actor, demand, seesCamera } from '../identity/actor.js'
import { invalidField, notFound } from '../problems.js'
import type { Reader, Store } from '../store/store.js'
import { allGaps, type Span, splitSpans } from './coverage.js'

const MOST_CAMERAS = 9
const DEFAULT_POINTS = 1000
/** Segments that follow each other at once are one span at any zoom. */
const JOIN_MS = 1000
/** As long as a segment may last (agents/recorder). */
const LONGEST_SEGMENT_MS = 10 * 60_000
const MOST_GAPS = 20_000
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export interface TimelineDeps { store: Store, clock: Clock, agentOnline: (agentId: string) => boolean }
export interface Timelines { read (actor: Actor, query: TimelineQuery): Promise<Timeline> }

interface Window { deviceId: string, from: number, to: number, pointMs: number }

export async function spansOf (db: Reader, { deviceId, from, to, pointMs }: Window): Promise<Span[]> {
  const { segments: s } = db.t
  const kind = sql<string>`case when ${s.status} in ('deleted', 'missing', 'damaged') then ${s.status} when ${s.status} = 'open' then 'recording' when ${s.refilled} then 'refilled' when ${s.status} = 'archived' then 'archived' else 'recorded' end`
  const base = db.select({
    startedAt: s.startedAt, endedAt: s.endedAt, kind: kind.as('kind'),
    before: sql<number>`max(${s.endedAt}) over (partition by ${kind} order by ${s.startedAt}, ${s.id} rows between unbounded preceding and 1 preceding)`.as('before_at')
  }).from(s).where(and(eq(s.deviceId, deviceId), lt(s.startedAt, to), gte(s.startedAt, from - LONGEST_SEGMENT_MS), gt(s.endedAt, from))).as('base')
  const joinMs = Math.max(JOIN_MS, Math.floor(pointMs))
  const marked = db.select({
    startedAt: base.startedAt, endedAt: base.endedAt, kind: base.kind,
    part: sql<number>`sum(case when ${base.before} is null or ${base.startedAt} - ${base.before} > ${sql.raw(String(joinMs))} then 1 else 0 end) over (partition by ${base.kind} order by ${base.startedAt} rows unbounded preceding)`.as('part')
  }).from(base).as('marked')
  const rows = await db.select({ from: min(marked.startedAt), to: max(marked.endedAt), kind: sql<string>`max(${marked.kind})` }).from(marked).groupBy(sql`${marked.kind}`, sql`${marked.part}`).orderBy(min(marked.startedAt))
  return rows.map(r => ({ from: Number(r.from), to: Number(r.to), kind: r.kind }))
}

export async function gapsOf (db: Reader, { deviceId, from, to }: Window, now: number): Promise<TimelineRow['gaps']> {
  const { gaps } = db.t
  const rows = await db.select().from(gaps).where(and(eq(gaps.deviceId, deviceId), lt(gaps.from, to), or(isNull(gaps.to), gt(gaps.to, from)))).orderBy(asc(gaps.from)).limit(MOST_GAPS)
  return rows.map(g => ({ id: g.id, from: g.from, to: g.to ?? Math.max(now, g.from), cause: g.cause as GapCause, detail: g.detail, open: g.to === null })).filter(g => g.to > g.from)
}

/** Began more than this before the window: only what still lasts is looked for, by the index of open ones. */
const EARLIER_MS = 3_600_000
const MOST_LASTING = 100

async function eventsOf (db: Reader, { deviceId, from, to, pointMs }: Window): Promise<TimelineRow['events']> {
  const { cameraEvents: e } = db.t
  const slot = sql<number>`floor((${e.from} - ${sql.raw(String(from))}) / ${sql.raw(String(Math.max(1, pointMs)))}.0)`
  const rows = await db.select({ type: e.type, from: min(e.from), to: max(sql<number | null>`coalesce(${e.to}, ${e.from})`), last: sql<number>`sum(case when ${e.to} is null then 1 else 0 end)`, count: sql<number>`count(*)`, id: min(e.id) })
    .from(e).where(and(eq(e.deviceId, deviceId), lt(e.from, to), gte(e.from, from - EARLIER_MS), or(isNull(e.to), gt(e.to, from), gte(e.from, from)))).groupBy(e.type, slot).orderBy(min(e.from))
  const lasting = await db.select({ type: e.type, from: e.from, id: e.id }).from(e).where(and(eq(e.deviceId, deviceId), isNull(e.to), lt(e.from, from - EARLIER_MS))).orderBy(asc(e.from)).limit(MOST_LASTING)
  return [...lasting.map(r => ({ ...r, to: null, count: 1 })), ...rows.map(r => ({ type: r.type, from: Number(r.from), to: Number(r.last) > 0 ? null : Number(r.to), count: Number(r.count), id: Number(r.count) === 1 ? r.id : null }))]
}

async function marksOf (db: Reader, { deviceId, from, to }: Window): Promise<Pick<TimelineRow, 'locks' | 'bookmarks' | 'alarms'>> {
  const { locks, bookmarks, alarms } = db.t
  return {
    locks: await db.select({ id: locks.id, from: locks.from, to: locks.to, reason: locks.reason }).from(locks)
      .where(and(eq(locks.deviceId, deviceId), isNull(locks.releasedAt), lt(locks.from, to), gt(locks.to, from))).orderBy(asc(locks.from)).limit(1000),
    bookmarks: await db.select({ id: bookmarks.id, at: bookmarks.at, note: bookmarks.note }).from(bookmarks)
      .where(and(eq(bookmarks.deviceId, deviceId), gte(bookmarks.at, from), lt(bookmarks.at, to))).orderBy(asc(bookmarks.at)).limit(1000),
    alarms: await db.select({ id: alarms.id, from: alarms.raisedAt, to: alarms.clearedAt, condition: alarms.condition, severity: alarms.severity }).from(alarms)
      .where(and(eq(alarms.deviceId, deviceId), lt(alarms.raisedAt, to), or(isNull(alarms.clearedAt), gt(alarms.clearedAt, from)))).orderBy(asc(alarms.raisedAt)).limit(1000)
  }
}

export async function firstAt (db: Reader, deviceId: string): Promise<number | null> {
  const { segments, gaps } = db.t
  const [s] = await db.select({ at: min(segments.startedAt) }).from(segments).where(eq(segments.deviceId, deviceId))
  const [g] = await db.select({ at: min(gaps.from) }).from(gaps).where(eq(gaps.deviceId, deviceId))
  const known = [s?.at, g?.at].filter(at => at !== null && at !== undefined)
  return known.length > 0 ? Math.min(...known.map(Number)) : null
}

export function createTimelines ({ store, clock, agentOnline }: TimelineDeps): Timelines {
  async function row (window: Window, agentId: string | null, now: number): Promise<TimelineRow> {
    const db = store.read
    const { coverage, gone } = splitSpans(await spansOf(db, window))
    // What is being written goes on between two reports of the agent.
    const live = agentId !== null && agentOnline(agentId)
    for (const span of coverage) if (span.kind === 'recording' && live) span.to = Math.max(span.to, Math.min(now, window.to))
    const known = [...await gapsOf(db, window, now), ...gone]
    const gaps = allGaps(window.from, Math.min(window.to, now), coverage, known, await firstAt(db, window.deviceId))
    return { deviceId: window.deviceId, coverage, gaps, events: await eventsOf(db, window), ...await marksOf(db, window) }
  }

  return {
    async read (actor, { deviceIds, from, to, points = DEFAULT_POINTS }) {
      demand(actor, 'video.playback')
      const ids = [...new Set(deviceIds.split(','))]
      if (ids.length > MOST_CAMERAS || ids.some(id => !UUID.test(id))) throw invalidField('/querystring/deviceIds', 'device_ids', `One to ${MOST_CAMERAS} ids of cameras, separated by commas.`)
      if (to <= from) throw invalidField('/querystring/to', 'interval_reversed', 'The interval ends after it begins.')
      const { devices } = store.read.t
      const cameras = await store.read.select({ id: devices.id, groupId: devices.groupId, agentId: devices.agentId }).from(devices).where(and(inArray(devices.id, ids), eq(devices.kind, 'camera')))
      const now = clock.now()
      const rows: TimelineRow[] = []
      for (const id of ids) {
        const camera = cameras.find(c => c.id === id)
        if (!camera || !seesCamera(actor, camera.groupId)) throw notFound('camera')
        rows.push(await row({ deviceId: id, from, to, pointMs: Math.floor((to - from) / points) }, camera.agentId, now))
      }
      return { from, to, serverTime: now, rows }
    }
  }
}
