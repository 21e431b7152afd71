/** Legal holds. Whoever holds one knows that nothing deletes the footage: not retention, not a full disk, not an administrator. Never deleted; released with a reason. */
import { and, desc, eq, exists, gt, gte, inArray, isNotNull, isNull, lt, lte, or, sum } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import { newId } from '../../lib/ids.js'
import { type Lock, type LockCreate, type LockPlan, type LockQuery, type LockReview, LONGEST_SEGMENT_MS } from '../contract/recording.js'
import { type Actor, demand, seesCamera } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { invalidField, notFound, ServiceProblem } from '../problems.js'
import type { Schema } from '../store/schema.js'
import type { Reader, Store, Writer } from '../store/store.js'
import { inGroupsOf, visibleCamera } from './cameras.js'
import { afterCursor, folded, pageOf } from './paging.js'

const PAGE = 100
/** Rows looked through for a word, at most, in one answer: neither database folds Ukrainian letters alike. */
const SEARCHED = 5000
const LONGEST_MS = 31 * 86_400_000
type Row = Schema['locks']['$inferSelect']

export interface Locks {
  list (actor: Actor, query: LockQuery): Promise<{ items: Lock[], next: string | null }>
  /** One for each camera, all or none. */
  create (actor: Actor, wanted: LockCreate): Promise<Lock[]>
  review (actor: Actor, id: string, change: LockReview): Promise<Lock>
  release (actor: Actor, id: string, reason: string): Promise<Lock>
  /** All that hold now on footage that this agent has or will have. */
  planFor (agentId: string, deviceIds: readonly string[]): Promise<LockPlan[]>
}

async function withBytes (db: Reader, row: Row): Promise<Lock> {
  const { segments: s } = db.t
  const [held] = await db.select({ bytes: sum(s.bytes) }).from(s).where(and(eq(s.deviceId, row.deviceId), lt(s.startedAt, row.to), gte(s.startedAt, row.from - LONGEST_SEGMENT_MS), gt(s.endedAt, row.from), inArray(s.status, ['open', 'closed', 'archived', 'damaged'])))
  const { groupId: _g, ...lock } = row
  return { ...lock, bytes: Number(held?.bytes ?? 0) }
}

export function createLocks ({ store, clock, changed }: { store: Store, clock: Clock, changed: (deviceIds: string[]) => void }): Locks {
  async function held (tx: Writer, actor: Actor, id: string): Promise<Row> {
    const t = tx.t.locks
    const [row] = await tx.select().from(t).where(eq(t.id, id))
    if (!row || !seesCamera(actor, row.groupId)) throw notFound('lock')
    if (row.releasedAt !== null) throw new ServiceProblem('conflict', 'lock_released', `${row.releasedBy} has released this lock already.`)
    return row
  }
  return {
    async list (actor, { state = 'held', deviceId, q, cursor, limit = PAGE }) {
      demand(actor, 'lock.read')
      const t = store.read.t.locks
      const rows = await store.read.select().from(t).where(and(
        inGroupsOf(actor, t.groupId), deviceId ? eq(t.deviceId, deviceId) : undefined,
        state === 'held' ? isNull(t.releasedAt) : state === 'released' ? isNotNull(t.releasedAt) : state === 'review' ? and(isNull(t.releasedAt), lte(t.reviewAt, clock.now())) : undefined,
        afterCursor(t.createdAt, t.id, cursor)
      )).orderBy(desc(t.createdAt), desc(t.id)).limit(q ? SEARCHED : limit + 1)
      const { items, next } = pageOf(q ? rows.filter(row => folded(`${row.reason}\n${row.reference}\n${row.deviceName}\n${row.ownerName}`).includes(folded(q))) : rows, limit, row => row.createdAt)
      const locks: Lock[] = []
      for (const row of items) locks.push(await withBytes(store.read, row))
      return { items: locks, next }
    },

    async create (actor, { deviceIds, from, to, reason, reference = '', reviewAt }) {
      demand(actor, 'lock.create')
      const now = clock.now()
      if (to <= from) throw invalidField('/to', 'interval_reversed', 'The interval ends after it begins.')
      if (to - from > LONGEST_MS) throw invalidField('/to', 'interval_too_long', 'A lock holds at most 31 days; make several.')
      if (reviewAt <= now) throw invalidField('/reviewAt', 'review_past', 'The review lies in the future.')
      const ids = [...new Set(deviceIds)]
      const rows = await store.transaction(async tx => {
        const made: Row[] = []
        for (const deviceId of ids) {
          const camera = await visibleCamera(tx, actor, deviceId)
          const [row] = await tx.insert(tx.t.locks).values({ id: newId(), deviceId, deviceName: camera.name, groupId: camera.groupId, from, to, reason: reason.trim(), reference: reference.trim(), ownerId: actor.userId, ownerName: actor.login, createdAt: now, reviewAt }).returning()
          await recordAudit(tx, now, actor, 'lock.create', { kind: 'lock', id: row!.id }, { deviceId, name: camera.name, from, to, reason, reference, reviewAt })
          made.push(row!)
        }
        return made
      })
      changed(ids)
      return Promise.all(rows.map(row => withBytes(store.read, row)))
    },

    async review (actor, id, { reviewAt, reason }) {
      demand(actor, 'lock.create')
      if (reviewAt <= clock.now()) throw invalidField('/reviewAt', 'review_past', 'The review lies in the future.')
      const row = await store.transaction(async tx => {
        const before = await held(tx, actor, id)
        const [after] = await tx.update(tx.t.locks).set({ reviewAt, ...(reason === undefined ? {} : { reason: reason.trim() }) }).where(eq(tx.t.locks.id, id)).returning()
        await recordAudit(tx, clock.now(), actor, 'lock.review', { kind: 'lock', id }, { before: { reviewAt: before.reviewAt, reason: before.reason }, after: { reviewAt, reason: after!.reason } })
        return after!
      })
      return withBytes(store.read, row)
    },

    async release (actor, id, reason) {
      demand(actor, 'lock.release')
      const row = await store.transaction(async tx => {
        const before = await held(tx, actor, id)
        const now = clock.now()
        const [after] = await tx.update(tx.t.locks).set({ releasedAt: now, releasedBy: actor.login, releaseReason: reason.trim() }).where(and(eq(tx.t.locks.id, id), isNull(tx.t.locks.releasedAt))).returning()
        await recordAudit(tx, now, actor, 'lock.release', { kind: 'lock', id }, { deviceId: before.deviceId, name: before.deviceName, from: before.from, to: before.to, reason })
        return after!
      })
      changed([row.deviceId])
      return withBytes(store.read, row)
    },

    async planFor (agentId, deviceIds) {
      const { locks: t, segments: s } = store.read.t
      const recorded = exists(store.read.select({ id: s.id }).from(s).where(and(eq(s.deviceId, t.deviceId), eq(s.agentId, agentId))))
      return store.read.select({ id: t.id, deviceId: t.deviceId, from: t.from, to: t.to }).from(t).where(and(isNull(t.releasedAt), deviceIds.length > 0 ? or(inArray(t.deviceId, [...deviceIds]), recorded) : recorded))
    }
  }
}
