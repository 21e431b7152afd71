/** The timeline of cameras: what was recorded, what not and why, and what happened. */
import { and, asc, eq, gt, gte, inArray, isNull, lt, max, min, or, sql } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import type { Timeline, TimelineQuery, TimelineRow } from '../contract/recording.js'
import { type Actor, demand, seesCamera } from '../identity/actor.js'
import { invalidField, notFound } from '../problems.js'
import type { Reader, Store } from '../store/store.js'
import { type Holder, holdersOf, recordOf, type RecordWindow } from './camera-record.js'
import { coarser } from './coverage.js'

const MOST_CAMERAS = 9
const DEFAULT_POINTS = 1000
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export interface TimelineDeps { store: Store, clock: Clock, agentOnline: (agentId: string) => boolean }
export interface Timelines { read (actor: Actor, query: TimelineQuery): Promise<Timeline> }

interface Window extends RecordWindow { pointMs: number }

/** Began more than this before the window: only what still lasts is looked for, by the index of open ones. */
const EARLIER_MS = 3_600_000
const MOST_LASTING = 100
/** A point that is longer than this holds more than one event. */
const POINTABLE_MS = 2 * 60_000

async function eventsOf (db: Reader, { deviceId, from, to, pointMs }: Window): Promise<TimelineRow['events']> {
  const { cameraEvents: e } = db.t
  // Whole numbers, and none below 0: both databases cut such a quotient alike.
  const slot = sql<number>`(${e.from} - ${sql.raw(String(from - EARLIER_MS))}) / ${sql.raw(String(Math.max(1, pointMs)))}`.as('slot')
  // In a wide view nobody can point at one event, and without its id the index alone answers.
  const id = pointMs >= POINTABLE_MS ? sql<string | null>`null` : min(e.id)
  const found = await db.select({ slot, type: e.type, from: min(e.from), to: max(sql<number | null>`coalesce(${e.to}, ${e.from})`), last: sql<number>`sum(case when ${e.to} is null then 1 else 0 end)`, count: sql<number>`count(*)`, id })
    .from(e).where(and(eq(e.deviceId, deviceId), lt(e.from, to), gte(e.from, from - EARLIER_MS), or(isNull(e.to), gt(e.to, from), gte(e.from, from)))).groupBy(sql`1`, e.type)
  const rows = found.sort((a, b) => Number(a.from) - Number(b.from))
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

export function createTimelines ({ store, clock, agentOnline }: TimelineDeps): Timelines {
  async function row (window: Window, holder: Holder, now: number): Promise<TimelineRow> {
    const db = store.read
    const record = await recordOf(db, window, holder, now, { agentOnline })
    return { deviceId: window.deviceId, ...coarser(record.coverage, record.gaps, window.pointMs), events: await eventsOf(db, window), ...await marksOf(db, window) }
  }

  return {
    async read (actor, { deviceIds, from, to, points = DEFAULT_POINTS }) {
      demand(actor, 'video.playback')
      const ids = [...new Set(deviceIds.split(','))]
      if (ids.length > MOST_CAMERAS || ids.some(id => !UUID.test(id))) throw invalidField('/querystring/deviceIds', 'device_ids', `One to ${MOST_CAMERAS} ids of cameras, separated by commas.`)
      if (to <= from) throw invalidField('/querystring/to', 'interval_reversed', 'The interval ends after it begins.')
      const { devices } = store.read.t
      const cameras = await store.read.select({ id: devices.id, groupId: devices.groupId }).from(devices).where(and(inArray(devices.id, ids), eq(devices.kind, 'camera')))
      const holders = await holdersOf(store.read, ids)
      const now = clock.now()
      const rows: TimelineRow[] = []
      for (const id of ids) {
        const camera = cameras.find(c => c.id === id)
        if (!camera || !seesCamera(actor, camera.groupId)) throw notFound('camera')
        rows.push(await row({ deviceId: id, from, to, pointMs: Math.floor((to - from) / points) }, holders.get(id)!, now))
      }
      return { from, to, serverTime: now, rows }
    }
  }
}
