import { and, desc, eq, gt, gte, lt } from 'drizzle-orm'
import type { PageQuery } from '../../contract/common.js'
import { type Clip, type ClipCreate, type GapCause, LONGEST_SEGMENT_MS } from '../../contract/recording.js'
import type { Actor } from '../../identity/actor.js'
import { invalidField, notFound, ServiceProblem } from '../../problems.js'
import type { Reader } from '../../store/store.js'

export type ClipRow = Reader['t']['clips']['$inferSelect']

/** Bytes written so far stand in memory while it runs. */
export function clipOf (row: ClipRow, doneBytes = row.doneBytes): Clip {
  const { groupId: _group, reason: _reason, createdById: _by, ...shown } = row
  return { ...shown, doneBytes, status: row.status as Clip['status'], gaps: row.gaps.map(g => ({ ...g, cause: g.cause as GapCause })) }
}

/** Their own; an administrator sees everybody's. */
const mine = (db: Reader, actor: Actor) => actor.roles.includes('administrator') ? undefined : eq(db.t.clips.createdById, actor.userId)

export async function findClip (db: Reader, actor: Actor, id: string): Promise<ClipRow> {
  const [row] = await db.select().from(db.t.clips).where(and(eq(db.t.clips.id, id), mine(db, actor)))
  if (!row) throw notFound('clip')
  return row
}

/** Did some of this footage come from the camera's card afterwards? */
export async function isRefilled (db: Reader, deviceId: string, from: number, to: number): Promise<boolean> {
  const { segments: s } = db.t
  const found = await db.select({ id: s.id }).from(s).where(and(eq(s.deviceId, deviceId), eq(s.refilled, true), lt(s.startedAt, to), gte(s.startedAt, from - LONGEST_SEGMENT_MS), gt(s.endedAt, from))).limit(1)
  return found.length > 0
}

/** Newest first: ids are made in the order of time. */
export async function clipPage (db: Reader, actor: Actor, { cursor, limit = 100 }: PageQuery): Promise<{ rows: ClipRow[], next: string | null }> {
  if (cursor !== undefined && !/^[0-9a-f-]{36}$/.test(cursor)) throw invalidField('/querystring/cursor', 'cursor_invalid', 'The cursor is not one of ours; start again without it.')
  const rows = await db.select().from(db.t.clips).where(and(mine(db, actor), cursor === undefined ? undefined : lt(db.t.clips.id, cursor))).orderBy(desc(db.t.clips.id)).limit(limit + 1)
  return { rows: rows.slice(0, limit), next: rows.length > limit ? rows[limit - 1]!.id : null }
}

const MAX_SPAN_MS = 6 * 3_600_000

/** @throws ServiceProblem what is wrong with the interval */
export function checkInterval ({ from, to }: ClipCreate, now: number) {
  if (to <= from) throw invalidField('/to', 'clip_interval_empty', 'The end must be after the beginning.')
  if (to - from > MAX_SPAN_MS) throw invalidField('/to', 'clip_interval_too_long', `A clip holds at most ${MAX_SPAN_MS / 3_600_000} hours.`)
  if (from > now) throw invalidField('/from', 'clip_in_future', 'This interval has not been recorded yet.')
}

export const tooMany = (limit: number) => new ServiceProblem('too_many', 'clips_too_many', `At most ${limit} of your clips are made at once: wait for one or cancel it.`)
