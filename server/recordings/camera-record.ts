/** What is known of one camera's recording in a window, over all agents that ever had it. Runs of segments are joined in the database: a month has 43,200. */
import { and, asc, eq, gt, gte, inArray, isNull, lt, max, min, ne, or, sql } from 'drizzle-orm'
import { type GapCause, LONGEST_SEGMENT_MS } from '../contract/recording.js'
import type { Reader } from '../store/store.js'
import { allGaps, type Coverage, type Gap, type Span, splitSpans } from './coverage.js'

/** Segments that follow each other at once are one span at any zoom. */
const JOIN_MS = 1000
const MOST_GAPS = 20_000

export interface RecordWindow { deviceId: string, from: number, to: number }
/** The camera's agent now. */
export interface Holder { agentId: string | null, seenAt: number | null }
export interface CameraRecord { coverage: Coverage, gaps: Gap[], firstAt: number | null }
export interface RecordsDeps { agentOnline: (agentId: string) => boolean }

/** Beginnings of runs with the end of the run before, and the end of the last one: one pass of the database each. */
async function spansOf (db: Reader, { deviceId, from, to }: RecordWindow): Promise<Span[]> {
  const { segments: s } = db.t
  const kind = sql<string>`case when ${s.status} in ('deleted', 'missing', 'damaged') then ${s.status} when ${s.status} = 'open' then 'recording' when ${s.refilled} then 'refilled' when ${s.status} = 'archived' then 'archived' else 'recorded' end`
  const within = and(eq(s.deviceId, deviceId), lt(s.startedAt, to), gte(s.startedAt, from - LONGEST_SEGMENT_MS), gt(s.endedAt, from))
  const base = db.select({
    startedAt: s.startedAt, kind: kind.as('kind'),
    before: sql<number | null>`max(${s.endedAt}) over (partition by ${kind} order by ${s.startedAt}, ${s.id} rows between unbounded preceding and 1 preceding)`.as('before_at')
  }).from(s).where(within).as('base')
  const starts = await db.select({ from: base.startedAt, kind: base.kind, before: base.before }).from(base).where(sql`${base.before} is null or ${base.startedAt} - ${base.before} > ${sql.raw(String(JOIN_MS))}`)
  const lasts = await db.select({ kind: kind.as('kind'), to: max(s.endedAt) }).from(s).where(within).groupBy(sql`1`)
  const found: Span[] = []
  for (const last of lasts) {
    const own = starts.filter(r => r.kind === last.kind).sort((a, b) => Number(a.from) - Number(b.from))
    for (const [i, start] of own.entries()) found.push({ from: Number(start.from), to: Number(own[i + 1]?.before ?? last.to), kind: last.kind })
  }
  return found.sort((a, b) => a.from - b.from)
}

/** That an agent was not to record it says nothing any more once another agent speaks of the camera. */
async function othersWord (db: Reader, deviceId: string, gap: { agentId: string, from: number }, agents: readonly string[]): Promise<number | null> {
  const { gaps: g, segments: s } = db.t
  const words: number[] = []
  const [told] = await db.select({ at: g.from }).from(g).where(and(eq(g.deviceId, deviceId), ne(g.agentId, gap.agentId), ne(g.cause, 'disabled'), or(isNull(g.to), gt(g.to, gap.from)))).orderBy(asc(g.from)).limit(1)
  if (told) words.push(told.at)
  for (const agentId of agents) {
    if (agentId === gap.agentId) continue
    const [recorded] = await db.select({ at: s.startedAt }).from(s).where(and(eq(s.deviceId, deviceId), eq(s.agentId, agentId), gte(s.startedAt, gap.from - LONGEST_SEGMENT_MS), gt(s.endedAt, gap.from))).orderBy(asc(s.startedAt)).limit(1)
    if (recorded) words.push(recorded.at)
  }
  return words.length > 0 ? Math.max(gap.from, Math.min(...words)) : null
}

async function agentsOf (db: Reader, deviceId: string, current: string | null): Promise<string[]> {
  const { gaps } = db.t
  const told = await db.selectDistinct({ agentId: gaps.agentId }).from(gaps).where(eq(gaps.deviceId, deviceId))
  return [...new Set([...told.map(r => r.agentId), ...current ? [current] : []])]
}

async function gapsOf (db: Reader, { deviceId, from, to }: RecordWindow, current: string | null, now: number): Promise<Gap[]> {
  const { gaps } = db.t
  const rows = await db.select().from(gaps).where(and(eq(gaps.deviceId, deviceId), lt(gaps.from, to), or(isNull(gaps.to), gt(gaps.to, from)))).orderBy(asc(gaps.from)).limit(MOST_GAPS)
  const agents = rows.some(g => g.cause === 'disabled') ? await agentsOf(db, deviceId, current) : []
  const found: Gap[] = []
  for (const g of rows) {
    const end = g.to ?? Math.max(now, g.from)
    const word = g.cause === 'disabled' && agents.length > 1 ? await othersWord(db, deviceId, g, agents) : null
    const gap = { id: g.id, from: g.from, to: Math.min(end, word ?? end), cause: g.cause as GapCause, detail: g.detail, ...(g.refill ? { refill: g.refill } : {}), open: g.to === null && (word === null || word >= end) }
    if (gap.to > gap.from) found.push(gap)
  }
  return found
}

export async function firstOf (db: Reader, deviceId: string): Promise<number | null> {
  const { segments, gaps } = db.t
  const [s] = await db.select({ at: min(segments.startedAt) }).from(segments).where(eq(segments.deviceId, deviceId))
  const [g] = await db.select({ at: min(gaps.from) }).from(gaps).where(eq(gaps.deviceId, deviceId))
  const known = [s?.at, g?.at].filter(at => at !== null && at !== undefined)
  return known.length > 0 ? Math.min(...known.map(Number)) : null
}

/** What is being written goes on between two reports of an agent that is there. */
async function writing (db: Reader, deviceId: string, now: number, online: (agentId: string) => boolean) {
  const { segments: s } = db.t
  const open = await db.select({ from: s.startedAt, to: s.endedAt, agentId: s.agentId }).from(s).where(and(eq(s.deviceId, deviceId), eq(s.status, 'open'), gte(s.startedAt, now - LONGEST_SEGMENT_MS), lt(s.startedAt, now)))
  return open.filter(o => online(o.agentId)).map(o => ({ from: o.from, to: Math.max(o.to, now), kind: 'recording' as const }))
}

/** Agents of these cameras, and when they were heard last. */
export async function holdersOf (db: Reader, deviceIds: readonly string[]): Promise<Map<string, Holder>> {
  const { devices: d, agents: a } = db.t
  const rows = await db.select({ id: d.id, agentId: d.agentId, seenAt: a.lastSeenAt }).from(d).leftJoin(a, eq(a.id, d.agentId)).where(inArray(d.id, [...deviceIds]))
  return new Map(rows.map(r => [r.id, { agentId: r.agentId, seenAt: r.seenAt }]))
}

export async function recordOf (db: Reader, window: RecordWindow, holder: Holder, now: number, { agentOnline }: RecordsDeps): Promise<CameraRecord> {
  const to = Math.min(window.to, now)
  const { coverage, gone } = splitSpans(await spansOf(db, window))
  const live = window.to > now - LONGEST_SEGMENT_MS ? await writing(db, window.deviceId, now, agentOnline) : []
  for (const span of live) {
    const last = coverage.findLast(c => c.kind === 'recording' && c.to >= span.from)
    if (last) last.to = Math.max(last.to, Math.min(span.to, window.to))
  }
  const told = [...await gapsOf(db, window, holder.agentId, now), ...gone]
  const firstAt = await firstOf(db, window.deviceId)
  const silentSince = holder.agentId !== null && !agentOnline(holder.agentId) ? holder.seenAt ?? 0 : null
  return { coverage, gaps: allGaps({ from: window.from, to, coverage, told, firstAt, silentSince }), firstAt }
}
