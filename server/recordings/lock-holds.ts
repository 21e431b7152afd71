/** Which agents hold a lock. It is confirmed when every one that has such footage, or has the camera now, has said that it does. */
import { and, eq, exists, gt, gte, inArray, isNull, lt, notExists } from 'drizzle-orm'
import { LONGEST_SEGMENT_MS, type Segment } from '../contract/recording.js'
import type { Schema } from '../store/schema.js'
import type { Writer } from '../store/store.js'

/** There is a file that can be lost. */
const kept = ['open', 'closed', 'archived', 'damaged'] as const
const IDS_A_QUERY = 500

type Held = Pick<Schema['locks']['$inferSelect'], 'id' | 'deviceId' | 'from' | 'to' | 'confirmedAt'>
function heldLocks (tx: Writer) {
  const { locks: t } = tx.t
  return { t, select: () => tx.select({ id: t.id, deviceId: t.deviceId, from: t.from, to: t.to, confirmedAt: t.confirmedAt }).from(t) }
}

async function neededFor (tx: Writer, { deviceId, from, to }: Held): Promise<string[]> {
  const { agents, devices, segments: s } = tx.t
  const footage = tx.select({ id: s.id }).from(s).where(and(eq(s.deviceId, deviceId), eq(s.agentId, agents.id), lt(s.startedAt, to), gte(s.startedAt, from - LONGEST_SEGMENT_MS), gt(s.endedAt, from), inArray(s.status, [...kept])))
  const having = await tx.select({ id: agents.id }).from(agents).where(exists(footage))
  // What the camera's agent has recorded may not have been told yet.
  const [current] = await tx.select({ id: agents.id }).from(devices).innerJoin(agents, and(eq(agents.id, devices.agentId), isNull(agents.revokedAt))).where(eq(devices.id, deviceId))
  return [...new Set([...having, ...current ? [current] : []].map(a => a.id))]
}

async function settle (tx: Writer, locks: readonly Held[], now: number) {
  const { locks: t, lockConfirmations: c } = tx.t
  for (const lock of locks) {
    const needed = await neededFor(tx, lock)
    const said = new Set((await tx.select({ agentId: c.agentId }).from(c).where(eq(c.lockId, lock.id))).map(r => r.agentId))
    const confirmed = needed.every(id => said.has(id))
    if (confirmed !== (lock.confirmedAt !== null)) await tx.update(t).set({ confirmedAt: confirmed ? now : null }).where(eq(t.id, lock.id))
  }
}

/** Locks that nobody could confirm when they were told: the camera has moved, its footage has gone. */
export async function settleUnconfirmed (tx: Writer, now: number) {
  const { t, select } = heldLocks(tx)
  await settle(tx, await select().where(and(isNull(t.releasedAt), isNull(t.confirmedAt))), now)
}

/** The agent holds these. */
export async function confirmHeld (tx: Writer, agentId: string, ids: readonly string[], now: number) {
  const { lockConfirmations: c } = tx.t
  for (let i = 0; i < ids.length; i += IDS_A_QUERY) {
    const slice = ids.slice(i, i + IDS_A_QUERY)
    const { t, select } = heldLocks(tx)
    const locks = await select().where(and(inArray(t.id, slice), isNull(t.releasedAt)))
    if (locks.length === 0) continue
    await tx.insert(c).values(locks.map(l => ({ lockId: l.id, agentId, at: now }))).onConflictDoNothing()
    await settle(tx, locks.filter(l => l.confirmedAt === null), now)
  }
}

/** Footage came to light: locks on it that this agent has not confirmed are open again. Answers whether there are such. */
export async function reopenFor (tx: Writer, agentId: string, segments: readonly Segment[], now: number): Promise<boolean> {
  const spans = new Map<string, { from: number, to: number }>()
  for (const s of segments) {
    const span = spans.get(s.deviceId)
    spans.set(s.deviceId, { from: Math.min(s.startedAt, span?.from ?? s.startedAt), to: Math.max(s.startedAt + s.wallMs, span?.to ?? 0) })
  }
  const { lockConfirmations: c } = tx.t
  let found = false
  for (const [deviceId, { from, to }] of spans) {
    const { t, select } = heldLocks(tx)
    const said = tx.select({ lockId: c.lockId }).from(c).where(and(eq(c.lockId, t.id), eq(c.agentId, agentId)))
    const locks = await select().where(and(eq(t.deviceId, deviceId), isNull(t.releasedAt), lt(t.from, to), gt(t.to, from), notExists(said)))
    if (locks.length === 0) continue
    found = true
    await settle(tx, locks.filter(l => l.confirmedAt !== null), now)
  }
  return found
}
