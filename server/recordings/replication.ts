/** Copies every agent's index of its footage: rows and the place where to go on are committed together, so nothing is lost or taken twice. */
import { eq, sql } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import { backoffMs } from '../../lib/supervise.js'
import type { AgentCommands } from '../agents/commands.js'
import type { Gap, RecordingFacts, Segment, VolumeState } from '../contract/recording.js'
import type { Store, Writer } from '../store/store.js'
import { judgeGaps } from './gap-facts.js'

const PAGE = 500
const ASK_MS = 30_000
const RETRY = { firstMs: 1000, maxMs: 60_000 }
/** A row from further ahead is of a clock that cannot be believed. */
const FUTURE_MS = 86_400_000
const ROWS_PER_INSERT = 100

export interface ReplicationDeps {
  store: Store
  clock: Clock
  log: Log
  commands: AgentCommands
  /** Inside the transaction of a page, for what else follows from its rows. */
  taken?: (tx: Writer, agentId: string, facts: { segments: Segment[], gaps: Gap[], volumes: VolumeState[] }) => Promise<void>
  /** After the commit. */
  committed?: (agentId: string) => void
}
export interface Replication {
  /** An agent told how far its index is. */
  told (agentId: string, position: { indexId: string, cursor: number }): void
  readonly counters: { pages: number, rows: number, implausible: number, failures: number }
  /** For tests: nothing is under way any more. */
  idle (): Promise<void>
  stop (): void
}

interface Follower { target: { indexId: string, cursor: number }, running: Promise<void> | null, failures: number, timer: NodeJS.Timeout | undefined }

export function createReplication ({ store, clock, log, commands, taken, committed }: ReplicationDeps): Replication {
  const followers = new Map<string, Follower>()
  const counters = { pages: 0, rows: 0, implausible: 0, failures: 0 }
  let stopped = false

  async function follow (agentId: string, follower: Follower) {
    for (;;) {
      const place = await placeOf(agentId)
      const { target } = follower
      if (stopped || (place && place.indexId === target.indexId && place.cursor >= target.cursor)) return
      const page: RecordingFacts = await commands.run<'recordings_after'>(agentId, { name: 'recordings_after', indexId: place?.indexId ?? null, cursor: place?.cursor ?? 0, limit: PAGE }, { timeoutMs: ASK_MS })
      await take(agentId, page)
      follower.failures = 0
      committed?.(agentId)
      if (!page.more && page.cursor >= target.cursor) return
    }
  }

  async function placeOf (agentId: string) {
    const { recordingCursors: t } = store.read.t
    const [row] = await store.read.select({ indexId: t.indexId, cursor: t.cursor }).from(t).where(eq(t.agentId, agentId))
    return row ?? null
  }

  async function take (agentId: string, { indexId, cursor, facts }: RecordingFacts) {
    const now = clock.now()
    const all = facts.flatMap(f => f.kind === 'segment' ? [f.segment] : [])
    const segments = all.filter(s => s.startedAt <= now + FUTURE_MS)
    const gaps = facts.flatMap(f => f.kind === 'gap' && f.gap.from <= now + FUTURE_MS ? [f.gap] : [])
    const volumes = facts.flatMap(f => f.kind === 'volume' ? [f.volume] : [])
    counters.implausible += facts.length - segments.length - gaps.length - volumes.length
    await store.transaction(async tx => {
      await writeSegments(tx, agentId, segments)
      await writeGaps(tx, agentId, gaps)
      if (gaps.length > 0) await judgeGaps(tx, now, [...new Set(gaps.map(g => g.deviceId))])
      await taken?.(tx, agentId, { segments, gaps, volumes })
      const { recordingCursors: t } = tx.t
      await tx.insert(t).values({ agentId, indexId, cursor }).onConflictDoUpdate({ target: t.agentId, set: { indexId, cursor } })
    })
    counters.pages++
    counters.rows += facts.length
  }

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

function * slices<T> (rows: readonly T[]) { for (let i = 0; i < rows.length; i += ROWS_PER_INSERT) yield rows.slice(i, i + ROWS_PER_INSERT) }

/** A row of another agent with the same id is left alone: nobody writes over somebody else's footage. */
async function writeSegments (tx: Writer, agentId: string, segments: readonly Segment[]) {
  const { segments: t } = tx.t
  const ex = (name: string) => sql.raw(`excluded.${name}`)
  for (const slice of slices(segments)) {
    await tx.insert(t).values(slice.map(({ wallMs, ...s }) => ({ ...s, agentId, endedAt: s.startedAt + wallMs }))).onConflictDoUpdate({
      target: t.id, setWhere: eq(t.agentId, agentId),
      set: { endedAt: ex('ended_at'), mediaMs: ex('media_ms'), frames: ex('frames'), keyFrames: ex('key_frames'), bytes: ex('bytes'), sha256: ex('sha256'), volumeId: ex('volume_id'), path: ex('path'), status: ex('status'), endReason: ex('end_reason'), detail: ex('detail') }
    })
  }
}

async function writeGaps (tx: Writer, agentId: string, gaps: readonly Gap[]) {
  const { gaps: t } = tx.t
  const ex = (name: string) => sql.raw(`excluded.${name}`)
  for (const slice of slices(gaps)) {
    await tx.insert(t).values(slice.map(({ cause, detail, ...g }) => ({ ...g, agentId, seenCause: cause, seenDetail: detail, cause, detail }))).onConflictDoUpdate({
      target: t.id, setWhere: eq(t.agentId, agentId), set: { from: ex('from_at'), to: ex('to_at'), seenCause: ex('seen_cause'), seenDetail: ex('seen_detail') }
    })
  }
}
