/** Why there is no footage of a moment. */
import { and, desc, eq, gt, gte, inArray, lte } from 'drizzle-orm'
import { type GapCause, LONGEST_SEGMENT_MS } from '../contract/recording.js'
import type { Reader } from '../store/store.js'
import { holdersOf, recordOf, type RecordsDeps } from './camera-record.js'

/** A gap that is longer is told of as far as this. */
const AROUND_MS = 86_400_000

export interface Explanation { from: number, /** Null while it lasts. */ to: number | null, cause: GapCause, detail: string }

/** Null where there is some, or nothing is known. */
export async function explain (db: Reader, deviceId: string, at: number, now: number, deps: RecordsDeps): Promise<Explanation | null> {
  const holder = (await holdersOf(db, [deviceId])).get(deviceId) ?? { agentId: null, seenAt: null }
  const { coverage, gaps } = await recordOf(db, { deviceId, from: at - AROUND_MS, to: at + AROUND_MS }, holder, now, deps)
  if (coverage.some(c => c.from <= at && at < c.to)) return null
  const gap = gaps.find(g => g.from <= at && at < g.to)
  if (!gap) return null
  const detail = gap.detail || (gap.id === null ? await fileDetail(db, deviceId, at) : '')
  return { from: gap.from, to: gap.open || gap.to >= now ? null : gap.to, cause: gap.cause, detail }
}

/** What the agent wrote beside a file that is gone. */
async function fileDetail (db: Reader, deviceId: string, at: number) {
  const { segments: s } = db.t
  const [file] = await db.select({ detail: s.detail }).from(s).where(and(eq(s.deviceId, deviceId), lte(s.startedAt, at), gte(s.startedAt, at - LONGEST_SEGMENT_MS), gt(s.endedAt, at), inArray(s.status, ['deleted', 'missing', 'damaged']))).orderBy(desc(s.startedAt)).limit(1)
  return file?.detail ?? ''
}
