/** What the rest of the system knows about the time of a gap. */
import { and, asc, desc, eq, gte, inArray, isNull, lte, or } from 'drizzle-orm'
import type { GapCause } from '../contract/recording.js'
import type { Reader, Writer } from '../store/store.js'
import { type AroundGap, judgeGap } from './gap-cause.js'

/** The network is judged some seconds after the recorder has missed the first picture. */
const BEFORE_MS = 30_000
const AFTER_MS = 60_000
/** Gaps that ended longer ago are left as they were judged. */
const SETTLED_MS = 5 * 60_000

async function aroundOf (db: Reader, deviceId: string, from: number, to: number | null, now: number): Promise<AroundGap> {
  const { stateHistory, devices, audit } = db.t
  const [behind] = await db.select({ at: stateHistory.at, name: devices.name }).from(stateHistory).leftJoin(devices, eq(devices.id, stateHistory.causeDeviceId))
    .where(and(eq(stateHistory.deviceId, deviceId), eq(stateHistory.to, 'unreachable'), gte(stateHistory.at, from - BEFORE_MS), lte(stateHistory.at, Math.min(to ?? now, now) + (to === null ? 0 : AFTER_MS))))
    .orderBy(asc(stateHistory.at)).limit(1)
  const [off] = await db.select({ login: audit.login }).from(audit)
    .where(and(eq(audit.subjectId, deviceId), inArray(audit.action, ['device.update', 'device.remove']), gte(audit.at, from - BEFORE_MS), lte(audit.at, from + BEFORE_MS)))
    .orderBy(desc(audit.seq)).limit(1)
  return { behind: behind ? { at: behind.at, name: behind.name ?? '' } : null, disabledBy: off?.login ?? null }
}

/** Judges anew what may have changed: gaps that last, and those that ended a short while ago. Answers how many changed. */
export async function judgeGaps (tx: Writer, now: number, deviceIds?: readonly string[]): Promise<number> {
  const { gaps } = tx.t
  const rows = await tx.select().from(gaps).where(and(or(isNull(gaps.to), gte(gaps.to, now - SETTLED_MS)), deviceIds ? inArray(gaps.deviceId, [...deviceIds]) : undefined))
  let changed = 0
  for (const row of rows) {
    const { cause, detail } = judgeGap({ from: row.from, to: row.to, cause: row.seenCause as GapCause, detail: row.seenDetail }, await aroundOf(tx, row.deviceId, row.from, row.to, now))
    if (cause === row.cause && detail === row.detail) continue
    await tx.update(gaps).set({ cause, detail }).where(eq(gaps.id, row.id))
    changed++
  }
  return changed
}
