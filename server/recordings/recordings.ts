/** The recording room, put together. */
import { eq } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { AgentCommands } from '../agents/commands.js'
import type { PlanDevice, ServerMessage } from '../contract/agent-link.js'
import type { LockPlan } from '../contract/recording.js'
import type { Store } from '../store/store.js'
import type { Announce } from '../store/wall-events.js'
import { type Availabilities, createAvailability } from './availability.js'
import { type Bookmarks, createBookmarks } from './bookmarks.js'
import { explain, type Explanation } from './explain.js'
import { judgeGaps } from './gap-facts.js'
import { confirmHeld, reopenFor, settleUnconfirmed } from './lock-holds.js'
import { createLocks, type Locks } from './locks.js'
import { createPolicies, type Policies } from './policies.js'
import { createRecordingDays } from './recording-days.js'
import { settleAlarms } from './recording-alarms.js'
import { createRefillRequests, type RefillRequests } from './refill-requests.js'
import { createReplication, type Replication } from './replication.js'
import { createTimelines, type Timelines } from './timeline.js'
import { createVolumes, type Volumes } from './volumes.js'

type DressedPlan = Pick<Extract<ServerMessage, { type: 'plan' }>, 'devices' | 'locks' | 'volumes'>
export interface RecordingsDeps {
  store: Store
  clock: Clock
  log: Log
  commands: AgentCommands
  agentOnline: (agentId: string) => boolean
  /** What these agents are told has changed; after the commit. */
  planChanged: (agentIds: string[]) => void
  announce: Announce
}
export interface Recordings {
  replication: Replication
  policies: Policies
  timelines: Timelines
  locks: Locks
  bookmarks: Bookmarks
  volumes: Volumes
  refills: RefillRequests
  availability: Availabilities
  /** Adds to an agent's plan what concerns recording. */
  dress (agentId: string, devices: PlanDevice[]): Promise<DressedPlan>
  /** The agent says that it holds a plan with these locks. */
  planHeld (agentId: string, locks: readonly LockPlan[]): Promise<void>
  /** Why there is no footage of a moment; null where there is some, or nothing is known. */
  explain (deviceId: string, at: number): Promise<Explanation | null>
  /** Gaps judged and alarms settled anew. Runs by itself every few seconds. */
  look (): Promise<void>
  /** Counts some of the availability that is due. Runs by itself too. */
  refresh (): Promise<void>
  /** Resolves when nothing is being counted any more. */
  stop (): Promise<void>
}

const LOOK_EVERY_MS = 5000

export function createRecordings ({ store, clock, log, commands, agentOnline, planChanged, announce }: RecordingsDeps): Recordings {
  /** Agents that have, or once had, these cameras: a lock concerns all of them. */
  async function camerasChanged (deviceIds: string[]) {
    const { devices, segments } = store.read.t
    const agents = new Set<string>()
    for (const id of deviceIds) {
      const [device] = await store.read.select({ agentId: devices.agentId }).from(devices).where(eq(devices.id, id))
      if (device?.agentId) agents.add(device.agentId)
      for (const row of await store.read.selectDistinct({ agentId: segments.agentId }).from(segments).where(eq(segments.deviceId, id))) agents.add(row.agentId)
    }
    planChanged([...agents])
  }
  const changed = (deviceIds: string[]) => { camerasChanged(deviceIds).catch(err => log.error({ err }, 'agents could not be told of a change of recording')) }
  const policies = createPolicies({ store, clock, changed })
  const locks = createLocks({ store, clock, changed })
  const volumes = createVolumes({ store, clock, commands, planChangedOf: planChanged })
  const days = createRecordingDays({ store, clock, agentOnline })
  const replication = createReplication({
    store, clock, log, commands,
    before: (tx, rows) => days.changed(tx, rows, clock.now()),
    taken: async (tx, agentId, rows, judged) => {
      await days.judged(tx, judged)
      await volumes.note(tx, agentId, rows.volumes)
      return { lockIsNew: await reopenFor(tx, agentId, rows.segments, clock.now()), events: await settleAlarms(tx, clock.now()) }
    },
    committed: (agentId, { lockIsNew, events }) => {
      announce(events)
      // Of a camera that has left this agent it may know no locks yet.
      if (lockIsNew) planChanged([agentId])
    }
  })
  /** Locks that each agent has confirmed already, as they were sent. */
  const noted = new Map<string, readonly LockPlan[]>()

  async function look () {
    const events = await store.transaction(async tx => {
      await days.judged(tx, await judgeGaps(tx, clock.now()))
      await settleUnconfirmed(tx, clock.now())
      return settleAlarms(tx, clock.now())
    })
    announce(events)
  }
  let refreshing: Promise<void> | null = null
  /** One round at a time. */
  function refresh () {
    refreshing ??= days.refresh().catch(err => { if (!stopped) log.error({ err }, 'availability could not be counted') }).finally(() => { refreshing = null })
    return refreshing
  }
  let stopped = false
  const looking = setInterval(() => {
    look().catch(err => log.error({ err }, 'gaps and alarms of recording could not be judged'))
    void refresh()
  }, LOOK_EVERY_MS)
  looking.unref()

  return {
    replication, policies, locks, volumes, look, refresh,
    refills: createRefillRequests({ store, clock, commands }),
    bookmarks: createBookmarks({ store, clock }),
    availability: createAvailability({ store, days }),
    timelines: createTimelines({ store, clock, agentOnline }),
    async dress (agentId, devices) {
      const plans = await policies.planFor(devices.filter(d => d.kind === 'camera').map(d => d.id))
      const held = await locks.planFor(agentId, [...plans.keys()])
      return { devices: devices.map(d => { const recording = plans.get(d.id); return recording ? { ...d, recording } : d }), locks: held, volumes: await volumes.planFor(agentId) }
    },
    async planHeld (agentId, held) {
      if (noted.get(agentId) === held) return
      try {
        await store.transaction(tx => confirmHeld(tx, agentId, held.map(l => l.id), clock.now()))
        noted.set(agentId, held)
      } catch (err) { log.error({ err, agentId }, 'confirmed locks could not be noted; the agent\'s next word is tried again') }
    },
    explain: (deviceId, at) => explain(store.read, deviceId, at, clock.now(), { agentOnline }),
    async stop () {
      stopped = true
      clearInterval(looking)
      replication.stop()
      await refreshing
    }
  }
}
