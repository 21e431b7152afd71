/** The recording room, put together. */
import { and, asc, desc, eq, gt, gte, isNull, lte, or } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { AgentCommands } from '../agents/commands.js'
import type { PlanDevice, ServerMessage } from '../contract/agent-link.js'
import type { GapCause } from '../contract/recording.js'
import type { Store } from '../store/store.js'
import { type Bookmarks, createBookmarks } from './bookmarks.js'
import { judgeGaps } from './gap-facts.js'
import { createPolicies, type Policies } from './policies.js'
import { createReplication, type Replication, type ReplicationDeps } from './replication.js'
import { createTimelines, type Timelines } from './timeline.js'

export type DressedPlan = Pick<Extract<ServerMessage, { type: 'plan' }>, 'devices' | 'locks' | 'volumes'>
export interface RecordingsDeps {
  store: Store
  clock: Clock
  log: Log
  commands: AgentCommands
  agentOnline: (agentId: string) => boolean
  /** What these cameras' agents are told has changed; after the commit. */
  planChanged: (deviceIds: string[]) => void
  taken?: ReplicationDeps['taken']
}
export interface Recordings {
  replication: Replication
  policies: Policies
  timelines: Timelines
  bookmarks: Bookmarks
  /** Adds to an agent's plan what concerns recording. */
  dress (agentId: string, devices: PlanDevice[]): Promise<DressedPlan>
  /** Why there is no footage of a moment; null where there is some, or nothing is known. */
  explain (deviceId: string, at: number): Promise<{ from: number, to: number | null, cause: GapCause, detail: string } | null>
  stop (): void
}

const JUDGE_EVERY_MS = 15_000

export function createRecordings ({ store, clock, log, commands, agentOnline, planChanged, taken }: RecordingsDeps): Recordings {
  const replication = createReplication({ store, clock, log, commands, taken })
  const policies = createPolicies({ store, clock, changed: planChanged })
  // The network's part in a gap is known later than the gap.
  const judging = setInterval(() => {
    store.transaction(tx => judgeGaps(tx, clock.now())).catch(err => log.error({ err }, 'gaps could not be judged anew'))
  }, JUDGE_EVERY_MS)
  judging.unref()

  return {
    replication, policies,
    timelines: createTimelines({ store, clock, agentOnline }),
    bookmarks: createBookmarks({ store, clock }),
    async dress (_agentId, devices) {
      const plans = await policies.planFor(devices.filter(d => d.kind === 'camera').map(d => d.id))
      const ids = [...plans.keys()]
      const { locks: t } = store.read.t
      const all = ids.length === 0 ? [] : await store.read.select({ id: t.id, deviceId: t.deviceId, from: t.from, to: t.to }).from(t).where(isNull(t.releasedAt))
      return { devices: devices.map(d => { const recording = plans.get(d.id); return recording ? { ...d, recording } : d }), locks: all, volumes: [] }
    },
    async explain (deviceId, at) {
      const { gaps, segments } = store.read.t
      const [gap] = await store.read.select().from(gaps).where(and(eq(gaps.deviceId, deviceId), lte(gaps.from, at), or(isNull(gaps.to), gt(gaps.to, at)))).orderBy(desc(gaps.from)).limit(1)
      if (gap) return { from: gap.from, to: gap.to, cause: gap.cause as GapCause, detail: gap.detail }
      const [before] = await store.read.select().from(segments).where(and(eq(segments.deviceId, deviceId), lte(segments.startedAt, at))).orderBy(desc(segments.startedAt)).limit(1)
      if (!before || before.status === 'open') return null
      if (before.endedAt > at) return ['deleted', 'missing', 'damaged'].includes(before.status) ? { from: before.startedAt, to: before.endedAt, cause: before.status as GapCause, detail: before.detail ?? '' } : null
      const [after] = await store.read.select({ at: segments.startedAt }).from(segments).where(and(eq(segments.deviceId, deviceId), gte(segments.startedAt, at))).orderBy(asc(segments.startedAt)).limit(1)
      return { from: before.endedAt, to: after?.at ?? null, cause: 'unknown', detail: '' }
    },
    stop () {
      clearInterval(judging)
      replication.stop()
    }
  }
}
