/**
 * From an agent's batch to committed facts. ONE transaction checks the batch's number, judges, writes states, alarms, history and
 * wall events; what was committed is returned and the caller announces it. Rounds run one after the other, so the fleet in memory
 * is always the committed one.
 */
import { eq, isNull } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import { newId } from '../../lib/ids.js'
import type { Log } from '../../lib/log.js'
import { clearAlarms, clearAlarmsOf, type NewAlarm, raiseAlarms } from '../alarms/alarm-rows.js'
import type { Observation, ObservationOf, SampleSet } from '../contract/health.js'
import { notFound } from '../problems.js'
import type { Store, Writer } from '../store/store.js'
import { appendWallEvents, type ScopedWallEvent } from '../store/wall-events.js'
import { createChanges, type Round } from './changes.js'
import { severityOf } from './conditions.js'
import { type AgentEntry, type Entry, type Fleet, loadFleet } from './fleet.js'
import { limits } from './memory.js'
import { alarmItems, mustWrite, persist, type WallItem } from './persist.js'
import { Work } from './work.js'

export interface Batch { seq: number, sentAt: number, observations: Observation[], samples: SampleSet[] }
/** Takes numbers after the commit; losing some in a crash is tolerated. */
interface SampleSink { write (sets: SampleSet[]): void }
export interface IngestDeps {
  samples: SampleSink
  /** Asks a device's agent to poll it now, to settle a doubt sooner. */
  askAgain?: (deviceIds: string[]) => void
  /** Takes what cameras report, in the batch's transaction. */
  cameraEvents?: (tx: Writer, events: ReportedEvent[], now: number) => Promise<Joined>
  /** Takes what cameras tell of themselves, in the batch's transaction; what it returns follows the commit. */
  cameraReports?: (tx: Writer, reports: ToldReport[]) => Promise<() => void>
}
interface ToldReport { deviceId: string, at: number, told: ObservationOf<'camera_report'> }
/** A camera's own event at the server's time, with the camera as inventory calls it. */
interface ReportedEvent extends Pick<ObservationOf<'camera_event'>, 'type' | 'source' | 'phase' | 'data'> { camera: { id: string, name: string, groupId: string | null, siteName: string | null, agentId: string | null }, at: number }
/** What another room does inside a round's transaction; `inside` may run again, and `committed` follows the commit. */
export interface Joined { items: WallItem[], committed: () => void }
interface IngestCounters { batches: number, duplicates: number, observations: number, droppedObservations: number, implausibleTimes: number, droppedSamples: number }

const OLDEST_MS = 7 * 86_400_000
const FUTURE_MS = 5 * 60_000
/** A ticker that slept longer than this was suspended with the whole machine: the silence was ours. */
const OWN_SLEEP_MS = 5_000

export async function createIngest (store: Store, clock: Clock, log: Log, { samples, askAgain, cameraEvents, cameraReports }: IngestDeps) {
  const fleet: Fleet = await loadFleet(store.read, clock.now())
  const counters: IngestCounters = { batches: 0, duplicates: 0, observations: 0, droppedObservations: 0, implausibleTimes: 0, droppedSamples: 0 }
  let lastTick = clock.now()
  let last: Promise<unknown> = Promise.resolve()
  function oneByOne<T> (work: () => Promise<T>): Promise<T> {
    const done = last.then(work)
    last = done.catch(() => {})
    return done
  }

  function commit (work: Work) {
    work.commit()
    if (work.asked.size > 0) askAgain?.([...work.asked])
  }

  /** Runs a round in one transaction, then makes memory equal to what was committed. `inside` may run again, each time on fresh work. */
  const round: Round = async (now, inside) => {
    const counted = { ...counters }
    const done = await store.transaction(async tx => {
      Object.assign(counters, counted)
      const work = new Work(fleet)
      const items = await inside(work, tx)
      return items && { work, events: await appendWallEvents(tx, [...items, ...await persist(tx, work, now)]) }
    })
    if (!done) return []
    commit(done.work)
    return done.events
  }

  const { devicesChanged, agentsChanged } = createChanges(store, fleet, round, () => clock.now())

  /** Server time of something seen at `at` on an agent's clock that runs `offset` ahead. */
  function plausible (at: number, offset: number, now: number) {
    const t = Math.round(at - offset)
    if (t >= now - OLDEST_MS && t <= now + FUTURE_MS) return Math.min(t, now)
    counters.implausibleTimes++
    return now
  }

  function owned (agentId: string, deviceId: string) {
    const facts = fleet.entries.get(deviceId)?.facts
    return facts?.enabled === true && facts.agentId === agentId
  }

  function observeAll (work: Work, agentId: string, observations: Observation[], offset: number, now: number) {
    const touched = new Set<string>()
    const reported: ReportedEvent[] = []
    const reports: ToldReport[] = []
    for (const o of observations) {
      if (!owned(agentId, o.deviceId)) {
        counters.droppedObservations++
        continue
      }
      counters.observations++
      touched.add(o.deviceId)
      const at = plausible(o.at, offset, now)
      work.observe(o, at, offset)
      if (o.kind === 'camera_report') reports.push({ deviceId: o.deviceId, at, told: o })
      if (o.kind === 'camera_event') {
        const { id, name, groupId, siteName, agentId: by } = fleet.entries.get(o.deviceId)!.facts
        reported.push({ camera: { id, name, groupId, siteName, agentId: by }, at, type: o.type, source: o.source, phase: o.phase, data: o.data })
      }
    }
    for (const id of touched) {
      const wakeAt = work.peek(id)?.wakeAt
      if (wakeAt !== null && wakeAt !== undefined && wakeAt <= now) work.judge(id, 'tick', now)
    }
    return { reported, reports }
  }

  function writeSamples (agentId: string, sets: SampleSet[], offset: number, now: number) {
    const good = sets.filter(s => owned(agentId, s.deviceId) && s.series.length === s.values.length)
    counters.droppedSamples += sets.length - good.length
    if (good.length > 0) samples.write(good.map(s => ({ ...s, at: plausible(s.at, offset, now) })))
  }

  /** Clears the silence of an agent that spoke; its devices stay unknown until each is seen again. */
  async function endSilence (tx: Writer, agent: AgentEntry, now: number) {
    return agent.alarmId ? alarmItems(await clearAlarms(tx, [{ id: agent.alarmId, at: now }]), now) : []
  }

  async function ingest (agentId: string, batch: Batch): Promise<ScopedWallEvent[]> {
    const now = clock.now()
    const first = fleet.agents.has(agentId) ? [] : await agentsChanged()
    const agent = fleet.agents.get(agentId)
    if (!agent || agent.revoked) throw notFound('agent')
    const was = { silent: agent.silent, alarmId: agent.alarmId }
    let offset = 0
    let applied = false
    let joined: Joined | null = null
    let told: (() => void) | null = null
    agent.silent = false
    try {
      const events = await round(now, async (work, tx) => {
        applied = false
        joined = null
        const { agents } = tx.t
        const [row] = await tx.select({ committedSeq: agents.committedSeq, offset: agents.clockOffsetMs }).from(agents).where(eq(agents.id, agentId))
        if (!row) throw notFound('agent')
        if (batch.seq <= row.committedSeq) return null
        offset = row.offset ?? 0
        applied = true
        const { reported, reports } = observeAll(work, agentId, batch.observations, offset, now)
        if (reported.length > 0 && cameraEvents) joined = await cameraEvents(tx, reported, now)
        told = reports.length > 0 && cameraReports ? await cameraReports(tx, reports) : null
        await tx.update(agents).set({ committedSeq: batch.seq, lastSeenAt: now }).where(eq(agents.id, agentId))
        return [...await endSilence(tx, agent, now), ...joined?.items ?? []]
      })
      agent.heardAt = now
      ;(joined as Joined | null)?.committed()
      ;(told as (() => void) | null)?.()
      counters.batches++
      if (applied) {
        agent.alarmId = null
        writeSamples(agentId, batch.samples, offset, now)
      } else counters.duplicates++
      return [...first, ...events]
    } catch (err) {
      Object.assign(agent, was)
      throw err
    }
  }

  const silenceAlarm = (a: AgentEntry, now: number): NewAlarm => ({
    id: newId(), sourceId: a.id, deviceId: null, deviceName: a.name, deviceKind: null, agentId: a.id, groupId: null, siteName: null, condition: 'agent_silent', subject: '',
    severity: severityOf('agent_silent', 'host'), failure: { code: 'agent_silent', detail: `Nothing heard for ${limits.silentMs / 1000} s` }, raisedAt: now, affectedCount: 0
  })

  /** Agents marked silent: their alarms, and their devices unknown. */
  async function silence (tx: Writer, work: Work, alarms: NewAlarm[], silent: AgentEntry[], now: number): Promise<WallItem[]> {
    const raised = await raiseAlarms(tx, alarms)
    for (const entry of fleet.entries.values()) {
      if (entry.facts.enabled && silent.some(a => a.id === entry.facts.agentId)) work.judge(entry.facts.id, 'tick', now)
    }
    return alarmItems(raised, now)
  }

  /** Dwell times that ended without anything to write need no transaction. */
  function settleQuietly (due: string[], now: number) {
    const work = new Work(fleet)
    for (const id of due) work.judge(id, 'tick', now)
    if ([...work.drafts.values()].some(d => mustWrite(d, now))) return false
    commit(work)
    return true
  }

  async function tick (): Promise<ScopedWallEvent[]> {
    const now = clock.now()
    if (now - lastTick > OWN_SLEEP_MS) for (const a of fleet.agents.values()) a.heardAt = Math.max(a.heardAt, now - limits.silentMs + OWN_SLEEP_MS)
    lastTick = now
    const watched = [...fleet.agents.values()].filter(a => !a.revoked)
    const silent = watched.filter(a => !a.silent && now - a.heardAt >= limits.silentMs)
    const back = watched.filter(a => a.alarmId !== null && !a.silent && now - a.heardAt < limits.silentMs && a.heardAt > started)
    const due = [...fleet.due].filter(([, wakeAt]) => wakeAt <= now).map(([id]) => id)
    if (silent.length + back.length + due.length === 0 || (silent.length + back.length === 0 && settleQuietly(due, now))) return []
    const alarms = silent.filter(a => !a.alarmId).map(a => silenceAlarm(a, now))
    for (const a of silent) a.silent = true
    try {
      const events = await round(now, async (work, tx) => {
        for (const id of due) work.judge(id, 'tick', now)
        const items = await silence(tx, work, alarms, silent, now)
        for (const a of back) items.push(...await endSilence(tx, a, now))
        return items
      })
      for (const a of alarms) fleet.agents.get(a.sourceId)!.alarmId = a.id
      for (const a of back) a.alarmId = null
      return events
    } catch (err) {
      for (const a of silent) a.silent = false
      throw err
    }
  }

  /** What was open when the server stopped, of sources that went away meanwhile. */
  async function reconcile () {
    const { alarms } = store.read.t
    const open = await store.read.select({ sourceId: alarms.sourceId }).from(alarms).where(isNull(alarms.clearedAt))
    const gone = [...new Set(open.map(a => a.sourceId))].filter(id => !fleet.entries.get(id)?.facts.enabled && !(fleet.agents.get(id)?.revoked === false))
    if (gone.length === 0) return
    log.info({ sources: gone.length }, 'clearing alarms of devices and agents that are no longer watched')
    await round(clock.now(), async (_work, tx) => alarmItems(await clearAlarmsOf(tx, gone, clock.now()), clock.now()))
  }

  /** Work of another room in the order of the batches. */
  async function join (inside: (tx: Writer, now: number) => Promise<Joined>): Promise<ScopedWallEvent[]> {
    const now = clock.now()
    let joined: Joined | null = null
    const events = await round(now, async (_work, tx) => {
      joined = await inside(tx, now)
      return joined.items
    })
    ;(joined as Joined | null)?.committed()
    return events
  }

  const started = clock.now()
  await reconcile()

  return {
    counters,
    /** Rejects, with nothing changed, if the transaction fails: the agent sends the batch again. */
    ingest: (agentId: string, batch: Batch) => oneByOne(() => ingest(agentId, batch)),
    /** Any message of an agent counts as a sign of life; the next tick clears its alarm. */
    heard (agentId: string) {
      const agent = fleet.agents.get(agentId)
      if (!agent) return
      agent.heardAt = clock.now()
      agent.silent = false
    },
    /** Call every 250 ms: dwell times, hysteresis and silence end here. */
    tick: () => oneByOne(tick),
    join: (inside: (tx: Writer, now: number) => Promise<Joined>) => oneByOne(() => join(inside)),
    /** After inventory committed: made, edited, moved, disabled or removed devices. */
    devicesChanged: (ids: string[]) => oneByOne(() => devicesChanged(ids)),
    /** After an agent was enrolled, renamed or revoked. */
    agentsChanged: () => oneByOne(agentsChanged),
    /** The latest committed entry, measurements included. */
    entry: (deviceId: string): Entry | undefined => fleet.entries.get(deviceId),
    childrenOf: (deviceId: string) => [...fleet.childrenOf(deviceId)],
    /** Devices by state, for metrics. */
    countStates () {
      const counts: Record<string, number> = {}
      for (const { view } of fleet.entries.values()) counts[view.state] = (counts[view.state] ?? 0) + 1
      return counts
    },
    idle: () => last.then(() => {})
  }
}
export type Ingest = Awaited<ReturnType<typeof createIngest>>
