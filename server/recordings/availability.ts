/** How much of what was wanted was recorded, a camera and a day of the centre's zone. */
import { and, asc, eq, gt, inArray } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import { startOfDay } from '../../lib/zoned-day.js'
import { type Availability, type AvailabilityQuery, type GapCause, plannedCauses } from '../contract/recording.js'
import { type Actor, demand } from '../identity/actor.js'
import { readCentre } from '../identity/settings.js'
import { invalidField } from '../problems.js'
import type { Store } from '../store/store.js'
import { type CameraRecord, holdersOf, recordOf } from './camera-record.js'

const MOST_DAYS = 62
const PAGE = 25

interface Span { from: number, to: number }
const lengthWithin = (spans: readonly Span[], from: number, to: number) => {
  // Spans of several kinds may overlap: counted once.
  let at = from
  let sum = 0
  for (const s of [...spans].sort((a, b) => a.from - b.from)) {
    const begin = Math.max(at, s.from)
    const end = Math.min(to, s.to)
    if (end <= begin) continue
    sum += end - begin
    at = end
  }
  return sum
}

/** Pure. Wanted is the day up to now, from the camera's first footage on, less what was not to be recorded. Null before that. */
function dayOf (o: CameraRecord & { from: number, to: number, now: number }): Pick<Availability, 'wantedMs' | 'recordedMs' | 'percent' | 'missing'> {
  const from = Math.max(o.from, o.firstAt ?? Number.POSITIVE_INFINITY)
  const to = Math.min(o.to, o.now)
  if (to <= from) return { wantedMs: 0, recordedMs: 0, percent: null, missing: [] }
  const recordedMs = lengthWithin(o.coverage, from, to)
  const missing = new Map<GapCause, number>()
  for (const g of o.gaps) {
    const ms = Math.max(0, Math.min(to, g.to) - Math.max(from, g.from))
    if (ms > 0) missing.set(g.cause, (missing.get(g.cause) ?? 0) + ms)
  }
  const faultMs = [...missing].reduce((sum, [cause, ms]) => sum + (plannedCauses.includes(cause) ? 0 : ms), 0)
  // What no gap accounts for and no footage covers is the space between two pictures: it counts as recorded.
  const wantedMs = recordedMs + faultMs
  return { wantedMs, recordedMs, percent: wantedMs === 0 ? null : Math.floor(recordedMs / wantedMs * 10_000) / 100, missing: [...missing].map(([cause, ms]) => ({ cause, ms })).sort((a, b) => b.ms - a.ms) }
}

export interface Availabilities { list (actor: Actor, query: AvailabilityQuery): Promise<{ items: Availability[], next: string | null }> }

export function createAvailability ({ store, clock, agentOnline }: { store: Store, clock: Clock, agentOnline: (agentId: string) => boolean }): Availabilities {
  return {
    /** Pages of cameras by name; every day of each. */
    async list (actor, { fromDay, toDay, deviceId, cursor }) {
      demand(actor, 'recording.read')
      const db = store.read
      const { timeZone } = await readCentre(db)
      const days = daysBetween(fromDay, toDay, timeZone)
      const { devices: t } = db.t
      const seen = actor.allGroups ? undefined : inArray(t.groupId, actor.groupIds.length > 0 ? [...actor.groupIds] : ['none'])
      const cameras = await db.select({ id: t.id, name: t.name }).from(t).where(and(eq(t.kind, 'camera'), seen, deviceId ? eq(t.id, deviceId) : undefined, cursor ? gt(t.id, cursor) : undefined)).orderBy(asc(t.id)).limit(PAGE + 1)
      const now = clock.now()
      const holders = await holdersOf(db, cameras.map(c => c.id))
      const items: Availability[] = []
      for (const camera of cameras.slice(0, PAGE)) {
        const record = await recordOf(db, { deviceId: camera.id, from: days[0]!.from, to: days.at(-1)!.to }, holders.get(camera.id)!, now, { agentOnline })
        for (const { day, from, to } of days) items.push({ deviceId: camera.id, deviceName: camera.name, day, ...dayOf({ ...record, from, to, now }) })
      }
      return { items, next: cameras.length > PAGE ? cameras[PAGE - 1]!.id : null }
    }
  }
}

/** @throws field `toDay` when there are none, or too many. */
function daysBetween (fromDay: string, toDay: string, zone: string) {
  const days: { day: string, from: number, to: number }[] = []
  for (let at = Date.parse(`${fromDay}T12:00:00Z`); days.length <= MOST_DAYS; at += 86_400_000) {
    const day = new Date(at).toISOString().slice(0, 10)
    if (day > toDay) break
    days.push({ day, from: startOfDay(day, zone)!, to: startOfDay(day, zone, 1)! })
  }
  if (days.length === 0 || days.length > MOST_DAYS) throw invalidField('/querystring/toDay', 'days', `From one to ${MOST_DAYS} days.`)
  return days
}
