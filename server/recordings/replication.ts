/** Copies every agent's index of its footage: rows and the place where to go on are committed together, so nothing is lost or taken twice. */
import { eq, sql } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import { backoffMs } from '../../lib/supervise.js'
import type { AgentCommands } from '../agents/commands.js'
import type { Gap, RecordingPage, Segment, VolumeState } from '../contract/recording.js'
import { isRefusal } from '../store/refusal.js'
import type { Store, Writer } from '../store/store.js'
import { byKind, writeGaps, writeSegments } from './copy-rows.js'
import { type JudgedGap, judgeGaps } from './gap-facts.js'
import { type IndexRow, type LeftOut, readPage } from './index-page.js'

const PAGE = 500
const ASK_MS = 30_000
const RETRY = { firstMs: 1000, maxMs: 60_000 }
/** Told in the log one by one up to so many of a page. */
const MOST_LOGGED = 10

interface Rows { segments: Segment[], gaps: Gap[], volumes: VolumeState[] }
export interface ReplicationDeps<T> {
  store: Store
  clock: Clock
  log: Log
  commands: AgentCommands
  /** Inside the transaction of a page, before its rows are written. */
  before: (tx: Writer, rows: Rows) => Promise<void>
  /** Inside it, for what else follows from its rows. */
  taken: (tx: Writer, agentId: string, rows: Rows, judged: JudgedGap[]) => Promise<T>
  /** After the commit, with what `taken` answered. */
  committed: (agentId: string, value: T) => void
}
export interface Replication {
  /** An agent told how far its index is. */
  told (agentId: string, position: { indexId: string, cursor: number }): void
  readonly counters: { pages: number, rows: number, implausible: number, leftOut: number, failures: number }
  /** For tests: nothing is under way any more. */
  idle (): Promise<void>
  stop (): void
}

interface Follower { target: { indexId: string, cursor: number }, running: Promise<void> | null, failures: number, timer: NodeJS.Timeout | undefined }

export function createReplication<T> ({ store, clock, log, commands, before, taken, committed }: ReplicationDeps<T>): Replication {
  const followers = new Map<string, Follower>()
  const counters = { pages: 0, rows: 0, implausible: 0, leftOut: 0, failures: 0 }
  let stopped = false

  async function follow (agentId: string, follower: Follower) {
    for (;;) {
      const place = await placeOf(agentId)
      const { target } = follower
      if (stopped || (place && place.indexId === target.indexId && place.cursor >= target.cursor)) return
      const page = await commands.run<'recordings_after'>(agentId, { name: 'recordings_after', indexId: place?.indexId ?? null, cursor: place?.cursor ?? 0, limit: PAGE }, { timeoutMs: ASK_MS })
      if (page.more && page.indexId === place?.indexId && page.cursor <= place.cursor) throw new Error('The index promises more and does not move on')
      committed(agentId, await take(agentId, page))
      follower.failures = 0
      if (!page.more && page.cursor >= target.cursor) return
    }
  }

  async function placeOf (agentId: string) {
    const { recordingCursors: t } = store.read.t
    const [row] = await store.read.select({ indexId: t.indexId, cursor: t.cursor }).from(t).where(eq(t.agentId, agentId))
    return row ?? null
  }

  async function take (agentId: string, page: RecordingPage): Promise<T> {
    const read = readPage(page, clock.now())
    const { value, refused } = await keep(agentId, page, read.rows, read.leftOut)
    const leftOut = [...read.leftOut, ...refused]
    for (const row of leftOut.slice(0, MOST_LOGGED)) log.warn({ agentId, ...row }, 'a row of an agent\'s index of recordings could not be taken')
    counters.pages++
    counters.rows += page.facts.length
    counters.leftOut += leftOut.length
    counters.implausible += leftOut.filter(l => l.why === 'implausible').length
    return value
  }

  /** What the database itself refuses, though no rule of ours does, is found by halves. */
  async function keep (agentId: string, page: RecordingPage, rows: readonly IndexRow[], leftOut: readonly LeftOut[]) {
    try {
      return { value: await commit(agentId, page, rows, leftOut), refused: [] }
    } catch (err) {
      if (!isRefusal(err)) throw err
      const refused = await refusedOf(agentId, rows)
      const ids = new Set(refused.map(r => r.id))
      return { value: await commit(agentId, page, rows.filter(r => !ids.has(r.row.id)), [...leftOut, ...refused]), refused }
    }
  }

  async function refusedOf (agentId: string, rows: readonly IndexRow[]): Promise<LeftOut[]> {
    try {
      await store.transaction(tx => write(tx, agentId, byKind(rows)))
      return []
    } catch (err) {
      if (!isRefusal(err)) throw err
      if (rows.length === 1) return [{ id: rows[0]!.row.id, why: 'refused', detail: String(((err as Error).cause as Error | undefined)?.message ?? (err as Error).message).slice(0, 300) }]
      const half = Math.ceil(rows.length / 2)
      return [...await refusedOf(agentId, rows.slice(0, half)), ...await refusedOf(agentId, rows.slice(half))]
    }
  }

  async function write (tx: Writer, agentId: string, { segments, gaps }: Rows) {
    await writeSegments(tx, agentId, segments)
    await writeGaps(tx, agentId, gaps)
  }

  const commit = (agentId: string, { indexId, cursor }: RecordingPage, rows: readonly IndexRow[], leftOut: readonly LeftOut[]) => store.transaction(async tx => {
    const now = clock.now()
    const facts = byKind(rows)
    await before(tx, facts)
    await write(tx, agentId, facts)
    const judged = facts.gaps.length > 0 ? await judgeGaps(tx, now, facts.gaps.map(g => g.id)) : []
    const { recordingCursors: t } = tx.t
    const last = leftOut.at(-1)
    const faults = last ? { leftOutAt: now, leftOutDetail: `${last.id} ${last.detail}`.trim() } : {}
    await tx.insert(t).values({ agentId, indexId, cursor, leftOut: leftOut.length, ...faults }).onConflictDoUpdate({ target: t.agentId, set: { indexId, cursor, leftOut: sql`${t.leftOut} + ${leftOut.length}`, ...faults } })
    return taken(tx, agentId, facts, judged)
  })

  function pump (agentId: string, follower: Follower) {
    if (follower.running || stopped) return
    clearTimeout(follower.timer)
    follower.running = follow(agentId, follower).catch((err: unknown) => {
      counters.failures++
      if (stopped) return
      log.warn({ err: (err as Error).message, agentId }, 'an agent\'s index of recordings could not be read and is asked again')
      follower.timer = setTimeout(() => pump(agentId, follower), backoffMs(follower.failures++, RETRY, Math.random()))
    }).finally(() => { follower.running = null })
  }

  return {
    counters,
    told (agentId, position) {
      const follower = followers.get(agentId) ?? { target: position, running: null, failures: 0, timer: undefined }
      follower.target = position
      followers.set(agentId, follower)
      pump(agentId, follower)
    },
    async idle () { for (const f of followers.values()) await f.running },
    stop () {
      stopped = true
      for (const f of followers.values()) clearTimeout(f.timer)
    }
  }
}
