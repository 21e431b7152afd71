/** How much of what was wanted was recorded, a camera and a day of the centre's zone. */
import { and, asc, eq, gt, inArray } from 'drizzle-orm'
import type { Availability, AvailabilityQuery } from '../contract/recording.js'
import { type Actor, demand } from '../identity/actor.js'
import { readCentre } from '../identity/settings.js'
import { invalidField } from '../problems.js'
import type { Store } from '../store/store.js'
import { percentOf } from './availability-figures.js'
import { type Day, dayAt, keyOf, type RecordingDays } from './recording-days.js'

const MOST_DAYS = 62
const PAGE = 25
/** So many cameras are counted up to this moment. */
const EXACT = 25
/** Days of cameras counted for one answer at most. */
const BUDGET = 25 * MOST_DAYS

export interface Availabilities { list (actor: Actor, query: AvailabilityQuery): Promise<{ items: Availability[], next: string | null }> }

export function createAvailability ({ store, days }: { store: Store, days: RecordingDays }): Availabilities {
  return {
    /** Pages of cameras by id; every day of each. */
    async list (actor, { fromDay, toDay, deviceId, cursor, limit = PAGE }) {
      demand(actor, 'recording.read')
      const db = store.read
      const { timeZone } = await readCentre(db)
      const wanted = daysBetween(fromDay, toDay, timeZone)
      const { devices: t } = db.t
      const seen = actor.allGroups ? undefined : inArray(t.groupId, actor.groupIds.length > 0 ? [...actor.groupIds] : ['none'])
      const found = await db.select({ id: t.id, name: t.name }).from(t).where(and(eq(t.kind, 'camera'), seen, deviceId ? eq(t.id, deviceId) : undefined, cursor ? gt(t.id, cursor) : undefined)).orderBy(asc(t.id)).limit(limit + 1)
      const cameras = found.slice(0, limit)
      const { rows, complete } = await days.read(cameras.map(c => c.id), wanted, timeZone, { exact: cameras.length <= EXACT, budget: BUDGET })
      const items = cameras.slice(0, complete.length).flatMap(({ id, name }) => wanted.map(({ day }): Availability => {
        const { wantedMs, recordedMs, missing, asOf } = rows.get(keyOf(id, day))!
        return { deviceId: id, deviceName: name, day, wantedMs, recordedMs, percent: percentOf(recordedMs, wantedMs), missing, asOf }
      }))
      return { items, next: complete.length < found.length ? complete.at(-1)! : null }
    }
  }
}

/** @throws field `toDay` when there are none, or too many. */
function daysBetween (fromDay: string, toDay: string, zone: string): Day[] {
  const days: Day[] = []
  for (let at = Date.parse(`${fromDay}T12:00:00Z`); days.length <= MOST_DAYS; at += 86_400_000) {
    const day = new Date(at).toISOString().slice(0, 10)
    if (day > toDay) break
    days.push(dayAt(day, zone))
  }
  if (days.length === 0 || days.length > MOST_DAYS) throw invalidField('/querystring/toDay', 'days', `From one to ${MOST_DAYS} days.`)
  return days
}
