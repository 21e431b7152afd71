/** Every device's state in memory, equal to the database: loaded at the start, replaced only after a commit. */
import { and, eq, inArray, isNull } from 'drizzle-orm'
import type { Condition, DeviceState, DeviceStateView, PortObservation } from '../contract/health.js'
import type { DeviceKind } from '../contract/inventory.js'
import type { PersonLimits } from '../contract/hardware.js'
import type { Reader } from '../store/store.js'
import type { HardwareState } from './light.js'
import { type Memory, newMemory, newView } from './memory.js'

/** What inventory says about a device, as far as health cares. */
export interface Facts {
  id: string, kind: DeviceKind, name: string, siteName: string | null, groupId: string | null, agentId: string | null
  parentId: string | null, parentPort: string | null, enabled: boolean, updatedAt: number
  /** By port, where people set any. */
  lightLimits: ReadonlyMap<string, PersonLimits>
}
export interface StoredPort { port: PortObservation, since: number }
type Identity = Record<string, string | null>
export interface Entry {
  facts: Facts, view: DeviceStateView, memory: Memory, identity: Identity | null
  ports: ReadonlyMap<number, StoredPort>
  /** As last read; null before. */
  hardware: HardwareState | null
  wakeAt: number | null
  /** When the row was last written; measurements alone are written at most every 10 s. */
  writtenAt: number
}
export interface AgentEntry {
  id: string, name: string, revoked: boolean
  /** Server's time of its last message. */
  heardAt: number
  silent: boolean
  /** Its open `agent_silent` alarm. */
  alarmId: string | null
}

export const newEntry = (facts: Facts, now: number): Entry => ({ facts, view: newView(now), memory: newMemory(now), identity: null, ports: new Map(), hardware: null, wakeAt: null, writtenAt: 0 })
export const causeKey = (deviceId: string, port: string | null) => `${deviceId}|${port ?? ''}`

const noChildren: ReadonlySet<string> = new Set()
const noPorts: ReadonlySet<string> = new Set()

export class Fleet {
  readonly entries = new Map<string, Entry>()
  readonly agents = new Map<string, AgentEntry>()
  readonly due = new Map<string, number>()
  private readonly children = new Map<string, Set<string>>()
  private readonly portsInUse = new Map<string, ReadonlySet<string>>()
  private readonly affected = new Map<string, number>()

  childrenOf (id: string) { return this.children.get(id) ?? noChildren }

  /** Names of this device's ports that enabled devices hang on. */
  portsInUseOf (id: string): ReadonlySet<string> {
    const known = this.portsInUse.get(id)
    if (known) return known
    const names = new Set<string>()
    for (const child of this.childrenOf(id)) {
      const facts = this.entries.get(child)?.facts
      if (facts?.enabled && facts.parentPort) names.add(facts.parentPort)
    }
    this.portsInUse.set(id, names.size > 0 ? names : noPorts)
    return names
  }

  affectedBy (key: string) { return this.affected.get(key) ?? 0 }

  put (entry: Entry) {
    const { id, parentId } = entry.facts
    const before = this.entries.get(id)
    if (before) this.unlink(before)
    this.entries.set(id, entry)
    if (parentId) {
      const siblings = this.children.get(parentId) ?? new Set()
      this.children.set(parentId, siblings.add(id))
      this.portsInUse.delete(parentId)
    }
    this.count(entry, 1)
    if (entry.wakeAt === null) this.due.delete(id)
    else this.due.set(id, entry.wakeAt)
  }

  remove (id: string) {
    const before = this.entries.get(id)
    if (!before) return
    this.unlink(before)
    this.entries.delete(id)
    this.due.delete(id)
  }

  private unlink (entry: Entry) {
    const { id, parentId } = entry.facts
    this.count(entry, -1)
    if (!parentId) return
    this.children.get(parentId)?.delete(id)
    this.portsInUse.delete(parentId)
  }

  private count ({ memory: { cause } }: Entry, by: number) {
    if (!cause) return
    const key = causeKey(cause.deviceId, cause.port)
    const n = (this.affected.get(key) ?? 0) + by
    if (n > 0) this.affected.set(key, n)
    else this.affected.delete(key)
  }
}

const noLimits: ReadonlyMap<string, PersonLimits> = new Map()
async function readLimits (db: Reader, ids: string[] | undefined) {
  const { lightLimits: t } = db.t
  const byDevice = new Map<string, Map<string, PersonLimits>>()
  for (const { deviceId, port, rx, tx } of await db.select().from(t).where(ids ? inArray(t.deviceId, ids) : undefined).orderBy(t.deviceId, t.port)) {
    byDevice.set(deviceId, (byDevice.get(deviceId) ?? new Map<string, PersonLimits>()).set(port, { rx, tx }))
  }
  return byDevice
}

/** Facts of these devices (all without `ids`); those that do not exist are absent. */
export async function readFacts (db: Reader, ids?: string[]): Promise<Facts[]> {
  const { devices, sites } = db.t
  const slices = ids ? Array.from({ length: Math.ceil(ids.length / 500) }, (_, i) => ids.slice(i * 500, i * 500 + 500)) : [undefined]
  const all: Facts[] = []
  for (const slice of slices) {
    const rows = await db.select({
      id: devices.id, kind: devices.kind, name: devices.name, siteName: sites.name, groupId: devices.groupId, agentId: devices.agentId,
      parentId: devices.parentId, parentPort: devices.parentPort, enabled: devices.enabled, updatedAt: devices.updatedAt
    }).from(devices).leftJoin(sites, eq(sites.id, devices.siteId)).where(slice ? inArray(devices.id, slice) : undefined)
    const limits = await readLimits(db, slice)
    all.push(...rows.map(row => ({ ...row, lightLimits: limits.get(row.id) ?? noLimits })))
  }
  return all
}

export async function loadFleet (db: Reader, now: number): Promise<Fleet> {
  const { deviceStates, ports, agents, alarms } = db.t
  const fleet = new Fleet()
  const states = new Map((await db.select().from(deviceStates)).map(row => [row.deviceId, row]))
  const tables = new Map<string, Map<number, StoredPort>>()
  for (const row of await db.select().from(ports)) {
    const table = tables.get(row.deviceId) ?? new Map<number, StoredPort>()
    tables.set(row.deviceId, table.set(row.ifIndex, { port: row.port, since: row.since }))
  }
  const hardware = new Map((await db.select().from(db.t.deviceHardware)).map(({ deviceId, ...state }) => [deviceId, state]))
  for (const facts of await readFacts(db)) {
    const row = states.get(facts.id)
    const entry = newEntry(facts, now)
    if (!row) {
      fleet.put(entry)
      continue
    }
    const { state, since, observedAt, reason, causeDeviceId, rttMs, clockOffsetMs, streams, identity, memory } = row
    fleet.put({
      ...entry, hardware: hardware.get(facts.id) ?? null, identity, memory: { ...entry.memory, ...memory as Partial<Memory> }, ports: tables.get(facts.id) ?? new Map(),
      view: { state: state as DeviceState, since, observedAt, reason, causeDeviceId, rttMs, clockOffsetMs, streams }, wakeAt: facts.enabled ? now : null
    })
  }
  const silent: Condition = 'agent_silent'
  const open = await db.select({ id: alarms.id, agentId: alarms.sourceId }).from(alarms).where(and(eq(alarms.condition, silent), isNull(alarms.clearedAt)))
  const alarmIds = new Map(open.map(a => [a.agentId, a.id]))
  for (const a of await db.select({ id: agents.id, name: agents.name, revokedAt: agents.revokedAt }).from(agents)) {
    fleet.agents.set(a.id, { id: a.id, name: a.name, revoked: a.revokedAt !== null, heardAt: now, silent: false, alarmId: alarmIds.get(a.id) ?? null })
  }
  return fleet
}
