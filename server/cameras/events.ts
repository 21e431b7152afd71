/** What cameras report, kept and listed; what was left open is closed; rules are fed. */
import { and, desc, eq, gt, inArray, isNull, lt, lte, or, type SQL } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { ActiveEvent, CameraEvent, CameraEventQuery } from '../contract/camera-events.js'
import type { CameraEventType, DeviceState } from '../contract/health.js'
import { type Actor, demand, seesCamera } from '../identity/actor.js'
import { readCentre } from '../identity/settings.js'
import { invalidField, notFound } from '../problems.js'
import type { Schema } from '../store/schema.js'
import type { Reader, Store, Writer } from '../store/store.js'
import type { Announce, ScopedWallEvent } from '../store/wall-events.js'
import { EVENTS_KEPT_MS, isStale, openRows, pruneEvents, type SeenEvent, writeEvents } from './event-rows.js'
import { createEventRules, type EventRules, loadRules } from './event-rules.js'
import { camerasById, type RecordOrder, RuleRunner, type Taken } from './rule-runner.js'

/** Runs work in the order of the agents' batches, in one transaction. */
type Join = (inside: (tx: Writer, now: number) => Promise<Taken>) => Promise<ScopedWallEvent[]>
export interface CameraEventsDeps {
  store: Store
  clock: Clock
  log: Log
  announce: Announce
  join: Join
  /** A device's state and since when; undefined for one that nobody knows. */
  stateOf: (deviceId: string) => { state: DeviceState, since: number } | undefined
  /** Tells an agent to record; never waits. */
  record: (order: RecordOrder) => void
}

export interface CameraEvents {
  rules: EventRules
  /** Inside the batch's transaction. */
  take (tx: Writer, events: SeenEvent[], now: number): Promise<Taken>
  /** Call every second: durations, cooldowns and the ends of pulses. */
  tick (): Promise<void>
  /** Call every minute: what was left open. */
  closeStale (): Promise<void>
  /** Call now and then. */
  prune (): Promise<void>
  devicesChanged (deviceIds: string[]): Promise<void>
  /** Newest first. */
  list (actor: Actor, query: CameraEventQuery): Promise<{ items: CameraEvent[], next: string | null }>
  active (actor: Actor): Promise<ActiveEvent[]>
}

const PAGE = 100
/** A camera that cannot be heard for so long reports nothing any more. */
const LOST_MS = 5 * 60_000
/** Events that last longer than this are looked for only where they still last. */
const LONGEST_ENDED_MS = 7 * 86_400_000
const lost: ReadonlySet<DeviceState> = new Set(['down', 'unreachable', 'unknown'])
/** More marks than cameras on a wall serve nobody. */
const MOST_ACTIVE = 2000

function after (t: Schema['cameraEvents'], cursor: string | undefined) {
  if (cursor === undefined) return undefined
  const match = /^(\d{1,16})\.([0-9a-f-]{36})$/.exec(cursor)
  if (!match) throw invalidField('/querystring/cursor', 'cursor_invalid', 'The cursor is not one of ours; start again without it.')
  return or(lt(t.from, Number(match[1])), and(eq(t.from, Number(match[1])), lt(t.id, match[2]!)))
}

const visible = (db: Reader, actor: Actor): SQL | undefined => {
  if (actor.allGroups) return undefined
  return actor.groupIds.length === 0 ? eq(db.t.devices.id, '') : inArray(db.t.devices.groupId, [...actor.groupIds])
}

export async function createCameraEvents (deps: CameraEventsDeps): Promise<CameraEvents> {
  const { store, clock, log, announce, join, stateOf } = deps
  const runner = new RuleRunner(deps.record)
  runner.timeZone = (await readCentre(store.read)).timeZone
  await runner.load(store.read, await loadRules(store.read), await camerasById(store.read), clock.now())

  async function take (tx: Writer, events: SeenEvent[], now: number): Promise<Taken> {
    await writeEvents(tx, events)
    return runner.take(tx, events, now)
  }

  /** Since when a camera cannot be heard; null while it can. */
  function goneSince (deviceId: string, now: number) {
    const known = stateOf(deviceId)
    return known && (lost.has(known.state) && now - known.since >= LOST_MS ? known.since : null)
  }

  return {
    rules: createEventRules({ store, clock, announce, join, runner }),
    take,

    async tick () {
      if (!runner.due(clock.now())) return
      runner.timeZone = (await readCentre(store.read)).timeZone
      announce(await join((tx, now) => runner.take(tx, [], now)))
    },

    async closeStale () {
      announce(await join(async (tx, now) => {
        const stale = (await openRows(tx)).flatMap(row => {
          const end = isStale(row, goneSince(row.deviceId, now), now)
          return end ? [{ row, end }] : []
        })
        if (stale.length === 0) return { items: [], committed: () => {} }
        log.debug({ events: stale.length }, 'events that nobody ended were closed')
        const cameras = await camerasById(tx, [...new Set(stale.map(s => s.row.deviceId))])
        return take(tx, stale.map(({ row, end }): SeenEvent => ({
          camera: cameras.get(row.deviceId) ?? { id: row.deviceId, name: '', groupId: null, siteName: null, agentId: null }, at: end.to, type: row.type, source: row.source, phase: 'end', data: { closed: end.closed }
        })), now)
      }))
    },

    async prune () {
      const gone = await pruneEvents(store, clock.now())
      if (gone > 0) log.info({ events: gone, days: EVENTS_KEPT_MS / 86_400_000 }, 'old events of cameras were deleted')
    },

    async devicesChanged (deviceIds) {
      const there = await camerasById(store.read, deviceIds)
      const gone = deviceIds.filter(id => !there.has(id))
      if (gone.length === 0) return
      announce(await join(async (tx, now) => {
        const open = (await openRows(tx)).filter(row => gone.includes(row.deviceId))
        await writeEvents(tx, open.map((row): SeenEvent => ({ camera: { id: row.deviceId, name: '', groupId: null, siteName: null, agentId: null }, at: now, type: row.type, source: row.source, phase: 'end', data: { closed: 'camera_removed' } })))
        return runner.drop(tx, { deviceIds: gone }, now)
      }))
    },

    async list (actor, query) {
      demand(actor, 'camera_event.read')
      const db = store.read
      const { cameraEvents: t, devices } = db.t
      if (query.deviceId) {
        const [camera] = await db.select({ groupId: devices.groupId }).from(devices).where(and(eq(devices.id, query.deviceId), eq(devices.kind, 'camera')))
        if (!camera || !seesCamera(actor, camera.groupId)) throw notFound('camera')
      }
      const limit = query.limit ?? PAGE
      const rows = await db.select({ id: t.id, deviceId: t.deviceId, deviceName: devices.name, type: t.type, source: t.source, from: t.from, to: t.to, data: t.data }).from(t).innerJoin(devices, eq(devices.id, t.deviceId))
        .where(and(
          visible(db, actor), query.deviceId ? eq(t.deviceId, query.deviceId) : undefined, query.type ? eq(t.type, query.type) : undefined, after(t, query.cursor),
          query.to === undefined ? undefined : lte(t.from, query.to),
          query.from === undefined ? undefined : or(isNull(t.to), and(gt(t.from, query.from - LONGEST_ENDED_MS), gt(t.to, query.from - 1)))
        )).orderBy(desc(t.from), desc(t.id)).limit(limit + 1)
      const items = rows.slice(0, limit).map(row => ({ ...row, type: row.type as CameraEventType }))
      const last = items.at(-1)
      return { items, next: rows.length > limit && last ? `${last.from}.${last.id}` : null }
    },

    async active (actor) {
      demand(actor, 'camera_event.read')
      const db = store.read
      const { cameraEvents: t, devices } = db.t
      const rows = await db.select({ deviceId: t.deviceId, type: t.type, since: t.from }).from(t).innerJoin(devices, eq(devices.id, t.deviceId)).where(and(isNull(t.to), visible(db, actor))).limit(MOST_ACTIVE)
      return rows.map(row => ({ ...row, type: row.type as CameraEventType }))
    }
  }
}
