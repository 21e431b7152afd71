/** For stories: a town in the store, an ingest over it, a clock that jumps, and agents that say what the story needs. */
import { pino } from 'pino'
import { newId } from '../../lib/ids.js'
import type { Alarm, Observation, SampleSet } from '../contract/health.js'
import { createIngest, type Ingest } from '../health/ingest.js'
import type { Store } from '../store/store.js'
import type { ScopedWallEvent } from '../store/wall-events.js'

export const log = pino({ level: 'silent' })
export class JumpingClock {
  constructor (private at = 1_700_000_000_000) {}
  now () { return this.at }
  jump (ms: number) { this.at += ms }
}

export interface DeviceSpec { kind?: 'camera' | 'switch' | 'host', name: string, groupId?: string | null, parentId?: string | null, parentPort?: string | null, agentId?: string | null, enabled?: boolean }

export async function addAgent (store: Store, now: number, name: string) {
  const id = newId()
  await store.transaction(tx => tx.insert(tx.t.agents).values({ id, name, embedded: false, publicKey: 'none', version: '1', protocol: 1, enrolledAt: now, status: null }))
  return id
}
export async function addGroup (store: Store, name: string) {
  const id = newId()
  await store.transaction(tx => tx.insert(tx.t.cameraGroups).values({ id, name, note: '' }))
  return id
}
export async function addDevices (store: Store, now: number, agentId: string, specs: DeviceSpec[]) {
  const rows = specs.map(s => {
    const id = newId()
    return {
      id, kind: s.kind ?? 'camera' as const, name: s.name, searchText: s.name.toLowerCase(), siteId: null, groupId: s.groupId ?? null, address: '192.0.2.1', identityKey: id,
      agentId: s.agentId === undefined ? agentId : s.agentId, parentId: s.parentId ?? null, parentPort: s.parentPort ?? null, note: '', enabled: s.enabled ?? true, settings: {}, createdAt: now, updatedAt: now
    }
  })
  for (let i = 0; i < rows.length; i += 200) await store.transaction(tx => tx.insert(tx.t.devices).values(rows.slice(i, i + 200)))
  return rows.map(r => r.id)
}

type Said = Record<string, unknown> & { kind: Observation['kind'], deviceId: string }

/** The whole of health over one store. Events go where `announce` says, as app.ts would do it. */
export class Story {
  readonly events: ScopedWallEvent[] = []
  readonly samples: SampleSet[] = []
  readonly asked: string[] = []
  ingest!: Ingest
  private readonly seqs = new Map<string, number>()
  announce: (events: ScopedWallEvent[]) => void = () => {}

  constructor (readonly store: Store, readonly clock = new JumpingClock()) {}

  /** Starts health, as after a start of the server. */
  async start () {
    this.ingest = await createIngest(this.store, this.clock, log, { samples: { write: sets => this.samples.push(...sets) }, askAgain: ids => this.asked.push(...ids) })
    return this
  }

  private take (events: ScopedWallEvent[]) {
    this.events.push(...events)
    this.announce(events)
    return events
  }

  /** One batch of an agent, seen now. */
  async say (agentId: string, said: Said[], samples: SampleSet[] = []) {
    const seq = (this.seqs.get(agentId) ?? 0) + 1
    this.seqs.set(agentId, seq)
    return this.sayAs(agentId, seq, said, samples)
  }
  async sayAs (agentId: string, seq: number, said: Said[], samples: SampleSet[] = []) {
    const at = this.clock.now()
    const observations = said.map(o => ({ at, ...o }) as unknown as Observation)
    return this.take(await this.ingest.ingest(agentId, { seq, sentAt: at, observations, samples }))
  }

  /** Lets time pass, ticking each second (the ticker takes longer steps for its own sleep). `each` runs before each tick. */
  async pass (seconds: number, each: () => void = () => {}) {
    for (let i = 0; i < seconds; i++) {
      this.clock.jump(1000)
      each()
      this.take(await this.ingest.tick())
    }
  }

  state (id: string) { return this.ingest.entry(id)?.view.state }
  async openAlarms (): Promise<Pick<Alarm, 'condition' | 'deviceName' | 'affectedCount' | 'subject'>[]> {
    const { alarms } = this.store.read.t
    const rows = await this.store.read.select().from(alarms)
    return rows.filter(a => a.clearedAt === null).map(a => ({ condition: a.condition as Alarm['condition'], deviceName: a.deviceName, affectedCount: a.affectedCount, subject: a.subject }))
  }
  async rows (table: 'alarms' | 'stateHistory' | 'wallEvents' | 'deviceStates' | 'ports') { return this.store.read.select().from(this.store.read.t[table]) as Promise<Record<string, unknown>[]> }
}

export const ok = (deviceId: string, method = 'rtsp'): Said => ({ kind: 'reachability', deviceId, ok: true, method, rttMs: 2, failure: null })
export const failed = (deviceId: string, code = 'timeout', method = 'rtsp'): Said => ({ kind: 'reachability', deviceId, ok: false, method, rttMs: null, failure: { code, detail: '' } })
export const port = (ifIndex: number, oper = 'up', admin = 'up') => ({ ifIndex, name: `ge${ifIndex}`, alias: '', description: '', type: 6, speedBps: 1e9, admin, oper, mac: null })
export const portTable = (deviceId: string, ports: ReturnType<typeof port>[]): Said => ({ kind: 'ports', deviceId, ports })
export const portStatus = (deviceId: string, ifIndex: number, oper: string, admin = 'up'): Said => ({ kind: 'port_status', deviceId, ifIndex, name: `ge${ifIndex}`, oper, admin })
