import { eq, sql } from 'drizzle-orm'
import type { WallChange, WallEvent } from '../contract/wall.js'
import type { Reader, Writer } from './store.js'

const WALL_CLOCK = 1
const AUDIT_CLOCK = 2

/** The next number of a gap-free sequence. The row stays locked until the transaction ends, so numbers commit in order. */
async function nextNumber (tx: Writer, id: number, count = 1) {
  const { wallClock } = tx.t
  const [row] = await tx.insert(wallClock).values({ id, seq: count })
    .onConflictDoUpdate({ target: wallClock.id, set: { seq: sql`${wallClock.seq} + ${count}` } }).returning()
  return row!.seq
}
export const nextAuditNumber = (tx: Writer) => nextNumber(tx, AUDIT_CLOCK)

/** Who may read a wall event: a camera's event goes to those who see its group, everything else to every wall. */
export interface WallScope { isCamera: boolean, groupId: string | null }
export const forEveryWall: WallScope = { isCamera: false, groupId: null }
/** A committed event with its scope, ready to publish. */
export interface ScopedWallEvent { event: WallEvent, scope: WallScope }
/** Called after the commit, never inside the transaction. */
export type Announce = (events: ScopedWallEvent[]) => void

/** Writes a wall event in the transaction of the fact that it tells. */
export async function appendWallEvent (tx: Writer, at: number, change: WallChange, scope: WallScope): Promise<ScopedWallEvent> {
  const seq = await nextNumber(tx, WALL_CLOCK)
  await tx.insert(tx.t.wallEvents).values({ seq, at, change, isCamera: scope.isCamera, groupId: scope.groupId })
  return { event: { seq, at, change }, scope }
}

const EVENTS_PER_INSERT = 500
/** Many at once, numbered in the given order: one bump of the clock for all. */
export async function appendWallEvents (tx: Writer, items: { at: number, change: WallChange, scope: WallScope }[]): Promise<ScopedWallEvent[]> {
  if (items.length === 0) return []
  const first = await nextNumber(tx, WALL_CLOCK, items.length) - items.length + 1
  const events = items.map(({ at, change, scope }, i) => ({ event: { seq: first + i, at, change }, scope }))
  for (let i = 0; i < events.length; i += EVENTS_PER_INSERT) {
    await tx.insert(tx.t.wallEvents).values(events.slice(i, i + EVENTS_PER_INSERT).map(({ event, scope }) => ({ ...event, isCamera: scope.isCamera, groupId: scope.groupId })))
  }
  return events
}

/** The number of the last committed event; 0 before the first. */
export async function lastWallSeq (db: Reader) {
  const [row] = await db.select({ seq: db.t.wallClock.seq }).from(db.t.wallClock).where(eq(db.t.wallClock.id, WALL_CLOCK))
  return row?.seq ?? 0
}

/**
 * Holds the audit chain's row until the transaction ends, so that a check and the write that relies on it cannot be
 * interleaved with another person's change. Every audited change takes that row anyway; here it is taken first.
 */
export async function serializeChanges (tx: Writer) {
  await tx.update(tx.t.wallClock).set({ seq: sql`${tx.t.wallClock.seq}` }).where(eq(tx.t.wallClock.id, AUDIT_CLOCK))
}
