/** One round of judging over the fleet: reads what is committed, keeps its own changes apart until they are committed too. */
import type { HistoryEntry, Observation, StreamView } from '../contract/health.js'
import type { AlarmIntent } from './conditions.js'
import type { KnownPorts } from './evidence.js'
import { type AgentEntry, causeKey, type Entry, type Facts, type Fleet, newEntry, type StoredPort } from './fleet.js'
import { type Input, judge } from './judge.js'
import { findingsOf, judgeHardware, type Known, relimited, speedsOf } from './light.js'
import { newMemory, newView, type Surroundings } from './memory.js'

/** An entry being changed, with everything that must be written for it. */
export interface Draft extends Entry {
  /** More than a measurement changed: written in this transaction. */
  meaningful: boolean
  /** Told to the walls. */
  shown: boolean
  history: HistoryEntry[]
  changedPorts: Map<number, StoredPort | null>
  hardwareChanged: boolean
}
export interface PendingAlarm { deviceId: string, intent: AlarmIntent }

const summary = (streams: StreamView[]) => streams.map(s => `${s.profile} ${s.status} ${s.client} ${s.codec} ${s.width} ${s.height} ${s.audioCodec} ${s.failure?.code}`).join('|')
const doubtful = ({ memory }: Entry) => memory.holdUntil !== null || Object.values(memory.methods).some(m => m.fails > 0)
/** What children see of a parent; when it changes they are judged again. */
const facing = (e: Entry) => [e.facts.enabled, e.view.state, e.memory.cause?.deviceId, e.memory.cause?.port, doubtful(e), e.memory.portsDown.map(p => p.ifIndex).join()].join(' ')

const unwatched = (agent: AgentEntry | undefined): Surroundings['unwatched'] => agent ? agent.revoked ? 'agent_revoked' : agent.silent ? 'agent_silent' : null : 'no_agent'

const knownOf = ({ facts, ports }: Entry): Known => ({ lightLimits: facts.lightLimits, speedOf: speedsOf([...ports.values()].map(p => p.port)) })

export class Work {
  readonly drafts = new Map<string, Draft>()
  readonly alarms: PendingAlarm[] = []
  readonly touchedCauses = new Set<string>()
  /** Devices whose agents should ask them at once. */
  readonly asked = new Set<string>()
  readonly removed = new Set<string>()
  private readonly counts = new Map<string, number>()

  constructor (private readonly fleet: Fleet) {}

  peek (id: string): Entry | undefined { return this.removed.has(id) ? undefined : this.drafts.get(id) ?? this.fleet.entries.get(id) }
  agent (id: string | null): AgentEntry | undefined { return id === null ? undefined : this.fleet.agents.get(id) }
  affectedBy (key: string) { return this.fleet.affectedBy(key) + (this.counts.get(key) ?? 0) }

  draft (id: string): Draft | undefined {
    const already = this.drafts.get(id)
    if (already) return already
    const entry = this.fleet.entries.get(id)
    return entry && !this.removed.has(id) ? this.keep(entry) : undefined
  }

  private keep (entry: Entry): Draft {
    const draft: Draft = { ...entry, meaningful: false, shown: false, history: [], changedPorts: new Map(), hardwareChanged: false }
    this.drafts.set(entry.facts.id, draft)
    return draft
  }

  private surroundings ({ facts, hardware }: Entry): Surroundings {
    const around: Surroundings = { unwatched: unwatched(this.agent(facts.agentId)), fault: null, parent: null, portsInUse: this.fleet.portsInUseOf(facts.id), hardware: findingsOf(hardware) }
    const parent = facts.parentId ? this.peek(facts.parentId) : undefined
    if (!parent?.facts.enabled) return around
    const { memory, view } = parent
    if (memory.cause) around.fault = { ...memory.cause, since: memory.causeSince ?? view.since }
    else if (view.state === 'down') around.fault = { deviceId: parent.facts.id, port: null, since: memory.failedFrom ?? view.since }
    else if (view.state === 'up' || view.state === 'degraded') {
      const port = facts.parentPort ? memory.portsDown.find(p => p.name === facts.parentPort) : undefined
      if (port) around.fault = { deviceId: parent.facts.id, port: port.name, since: port.since }
      around.parent = { lastGoodAt: memory.lastGoodAt, doubtful: doubtful(parent) }
    }
    return around
  }

  /** Judges a device, and those behind it where it faces them differently. `path` guards against parents in a circle. */
  judge (id: string, input: Input, at: number, path: readonly string[] = []) {
    const draft = this.draft(id)
    if (!draft?.facts.enabled || path.includes(id)) return
    const children = this.fleet.childrenOf(id)
    if (children.size === 0) return this.apply(draft, input, Math.max(at, draft.memory.judgedAt))
    const [facedBefore, goodBefore] = [facing(draft), draft.memory.lastGoodAt]
    this.apply(draft, input, Math.max(at, draft.memory.judgedAt))
    const faces = facing(draft) !== facedBefore
    if (!faces && draft.memory.lastGoodAt === goodBefore) return
    for (const child of children) {
      if (faces || this.peek(child)?.memory.holdUntil) this.judge(child, 'tick', at, [...path, id])
    }
  }

  private apply (draft: Draft, input: Input, at: number) {
    const before = { view: draft.view, cause: draft.memory.cause }
    const verdict = judge({ kind: draft.facts.kind, view: draft.view, memory: draft.memory }, input, this.surroundings(draft), at)
    draft.view = verdict.subject.view
    draft.memory = verdict.subject.memory
    draft.wakeAt = verdict.wakeAt
    if (verdict.change) {
      const { reason, causeDeviceId } = draft.view
      draft.history.push({ at, from: verdict.change.from, to: verdict.change.to, reason, causeDeviceId })
    }
    const streamsChanged = before.view.streams !== draft.view.streams && summary(before.view.streams) !== summary(draft.view.streams)
    if (verdict.change || streamsChanged) draft.shown = true
    if (draft.shown || verdict.alarms.length > 0) draft.meaningful = true
    for (const intent of verdict.alarms) this.alarms.push({ deviceId: draft.facts.id, intent })
    if (verdict.suspectsParent) this.askInFront(draft)
    if (verdict.asksSelf) this.asked.add(draft.facts.id)
    this.recount(before.cause, -1)
    this.recount(draft.memory.cause, 1)
    if (before.cause?.deviceId !== draft.memory.cause?.deviceId || before.cause?.port !== draft.memory.cause?.port) {
      for (const cause of [before.cause, draft.memory.cause]) if (cause) this.touchedCauses.add(causeKey(cause.deviceId, cause.port))
    }
  }

  /** The whole way to the core: the fault may lie at any of them. */
  private askInFront ({ facts }: Entry) {
    const seen = new Set<string>()
    for (let id = facts.parentId; id && !seen.has(id); id = this.peek(id)?.facts.parentId ?? null) {
      seen.add(id)
      this.asked.add(id)
    }
  }

  private recount (cause: Entry['memory']['cause'], by: number) {
    if (!cause) return
    const key = causeKey(cause.deviceId, cause.port)
    this.counts.set(key, (this.counts.get(key) ?? 0) + by)
  }

  /** An observation at `at` on the server's clock; what had fallen due before it is judged first, as it would have been live. */
  observe (observation: Observation, at: number, agentOffsetMs: number) {
    const draft = this.draft(observation.deviceId)
    if (!draft) return
    const id = observation.deviceId
    for (let i = 0; i < 5 && draft.wakeAt !== null && draft.wakeAt < at; i++) this.judge(id, 'tick', draft.wakeAt, [])
    const { ports } = draft
    const knownPorts: KnownPorts = ifIndex => {
      const known = ports.get(ifIndex)
      return known && { oper: known.port.oper, since: known.since }
    }
    if (observation.kind === 'hardware') this.putHardware(draft, judgeHardware(draft.hardware, observation, knownOf(draft), at))
    this.judge(id, { observation, agentOffsetMs, knownPorts }, at)
    if (observation.kind === 'ports') this.takePorts(draft, observation.ports, at)
    else if (observation.kind === 'port_status') {
      const known = draft.ports.get(observation.ifIndex)
      if (known) this.putPort(draft, { ...known.port, admin: observation.admin, oper: observation.oper }, at)
    } else if (observation.kind === 'identity') {
      const { kind: _kind, deviceId: _id, at: _at, ...identity } = observation
      if (JSON.stringify(identity) !== JSON.stringify(draft.identity)) [draft.identity, draft.meaningful] = [identity, true]
    }
  }

  private takePorts (draft: Draft, list: StoredPort['port'][], at: number) {
    const present = new Set(list.map(p => p.ifIndex))
    for (const port of list) this.putPort(draft, port, at)
    const gone = [...draft.ports.keys()].filter(ifIndex => !present.has(ifIndex))
    if (gone.length === 0) return
    const ports = new Map(draft.ports)
    for (const ifIndex of gone) {
      ports.delete(ifIndex)
      draft.changedPorts.set(ifIndex, null)
    }
    draft.ports = ports
    draft.meaningful = true
  }

  private putPort (draft: Draft, port: StoredPort['port'], at: number) {
    const known = draft.ports.get(port.ifIndex)
    if (known && JSON.stringify(known.port) === JSON.stringify(port)) return
    const stored = { port, since: known && known.port.oper === port.oper && known.port.admin === port.admin ? known.since : at }
    // The committed map stays as it is: the first change copies it.
    if (draft.changedPorts.size === 0) draft.ports = new Map(draft.ports)
    ;(draft.ports as Map<number, StoredPort>).set(port.ifIndex, stored)
    draft.changedPorts.set(port.ifIndex, stored)
    draft.meaningful = true
  }

  private putHardware (draft: Draft, hardware: Draft['hardware']) {
    draft.hardware = hardware
    draft.hardwareChanged = true
    draft.meaningful = true
  }

  /** Inventory changed a device, or made it. */
  setFacts (facts: Facts, now: number) {
    const draft = this.draft(facts.id) ?? this.keep(newEntry(facts, now))
    const before = draft.facts
    draft.facts = facts
    if (before.updatedAt !== facts.updatedAt) draft.memory = { ...draft.memory, methods: {} }
    if (draft.hardware && JSON.stringify([...before.lightLimits]) !== JSON.stringify([...facts.lightLimits])) this.putHardware(draft, relimited(draft.hardware, knownOf(draft)))
    if (before.enabled && !facts.enabled) this.forget(draft, now)
  }

  /** A disabled device is judged no more: nothing is known, nothing is wrong. */
  private forget (draft: Draft, now: number) {
    const { cause } = draft.memory
    this.recount(cause, -1)
    if (cause) this.touchedCauses.add(causeKey(cause.deviceId, cause.port))
    draft.history.push({ at: now, from: draft.view.state, to: 'unknown', reason: null, causeDeviceId: null })
    if (draft.hardware) this.putHardware(draft, { ...draft.hardware, light: {}, failed: {} })
    Object.assign(draft, { memory: newMemory(now), view: newView(now), wakeAt: null, meaningful: true, shown: true })
  }

  remove (id: string) {
    const cause = this.peek(id)?.memory.cause
    this.recount(cause ?? null, -1)
    if (cause) this.touchedCauses.add(causeKey(cause.deviceId, cause.port))
    this.drafts.delete(id)
    this.removed.add(id)
  }

  /** After the commit. */
  commit () {
    for (const id of this.removed) this.fleet.remove(id)
    for (const { meaningful: _m, shown: _s, history: _h, changedPorts: _c, hardwareChanged: _hc, ...entry } of this.drafts.values()) this.fleet.put(entry)
  }
}
