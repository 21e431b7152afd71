/** What the rest of the system knows about the time of a gap. */
import { and, desc, eq, gte, inArray, isNull, lte, or } from 'drizzle-orm'
import type { GapCause } from '../contract/recording.js'
import type { Reader, Writer } from '../store/store.js'
import { type AroundGap, judgeGap, mayBeTheNetwork } from './gap-cause.js'

/** The network is judged some seconds after the recorder has missed the first picture, or before it. */
const BEFORE_MS = 30_000
/** Later, whatever fails is not what began the gap. */
const NEAR_MS = 2 * 60_000
/** Gaps that ended longer ago are left as they were judged. */
const SETTLED_MS = 5 * 60_000
const MOST_ACTS = 20

/** What the device was held for unreachable behind, at about the beginning of the gap or since before it. */
async function behindOf (db: Reader, deviceId: string, from: number): Promise<AroundGap['behind']> {
  const { stateHistory: h, devices } = db.t
  const rows = await db.select({ at: h.at, to: h.to, name: devices.name }).from(h).leftJoin(devices, eq(devices.id, h.causeDeviceId))
    .where(and(eq(h.deviceId, deviceId), lte(h.at, from + NEAR_MS))).orderBy(desc(h.at)).limit(MOST_ACTS)
  const earlier = rows.findIndex(r => r.at < from - BEFORE_MS)
  const behind = rows.slice(0, earlier < 0 ? undefined : earlier + 1).findLast(r => r.to === 'unreachable')
  return behind ? { at: behind.at, name: behind.name ?? '' } : null
}

/** Removed, disabled, or given to another agent: acts after which an agent no longer records a camera. */
function takesAway (action: string, details: unknown) {
  if (action === 'device.remove') return true
  const { changed } = details as { changed?: { enabled?: unknown[], agentId?: unknown[] } }
  return changed?.enabled?.[1] === false || changed?.agentId !== undefined
}

async function disabledBy (db: Reader, deviceId: string, from: number): Promise<string | null> {
  const { audit } = db.t
  const acts = await db.select({ login: audit.login, action: audit.action, details: audit.details }).from(audit)
    .where(and(eq(audit.subjectId, deviceId), inArray(audit.action, ['device.update', 'device.remove']), gte(audit.at, from - BEFORE_MS), lte(audit.at, from + BEFORE_MS)))
    .orderBy(desc(audit.seq)).limit(MOST_ACTS)
  return acts.find(a => takesAway(a.action, a.details))?.login ?? null
}

async function aroundOf (db: Reader, deviceId: string, from: number, cause: GapCause): Promise<AroundGap> {
  return {
    behind: mayBeTheNetwork.has(cause) ? await behindOf(db, deviceId, from) : null,
    disabledBy: cause === 'disabled' ? await disabledBy(db, deviceId, from) : null
  }
}

export interface JudgedGap { deviceId: string, from: number }
/** Judges what an agent has just told, or else what may have changed: gaps that last, and those that ended a short while ago. Answers those that changed. */
export async function judgeGaps (tx: Writer, now: number, ids?: readonly string[]): Promise<JudgedGap[]> {
  const { gaps } = tx.t
  const rows = await tx.select().from(gaps).where(ids ? inArray(gaps.id, [...ids]) : or(isNull(gaps.to), gte(gaps.to, now - SETTLED_MS)))
  const changed: JudgedGap[] = []
  for (const row of rows) {
    const seen = row.seenCause as GapCause
    // What a refill left of an absence has the cause of the whole.
    const { cause, detail } = judgeGap({ cause: seen, detail: row.seenDetail }, await aroundOf(tx, row.deviceId, row.refill?.from ?? row.from, seen))
    if (cause === row.cause && detail === row.detail) continue
    await tx.update(gaps).set({ cause, detail }).where(eq(gaps.id, row.id))
    changed.push({ deviceId: row.deviceId, from: row.from })
  }
  return changed
}
