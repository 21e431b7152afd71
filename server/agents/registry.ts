/** The agents that exist: listing, renaming, revoking, and the one-time tokens that make new ones. */
import { and, count, eq, isNotNull, ne } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import { hashToken, newToken } from '../../lib/ids.js'
import type { Agent, EnrolmentToken } from '../contract/agent-link.js'
import { type Actor, demand } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { notFound, ServiceProblem } from '../problems.js'
import type { Schema } from '../store/schema.js'
import type { Reader, Store, Writer } from '../store/store.js'
import { type Announce, appendWallEvent, forEveryWall } from '../store/wall-events.js'

export const TOKEN_LIFE_MS = 24 * 3600 * 1000

/** What the registry needs of the link. */
interface LiveAgents {
  isOnline (agentId: string): boolean
  addressOf (agentId: string): string | null
  cut (agentId: string): void
}
export interface RegistryDeps {
  store: Store
  clock: Clock
  announce: Announce
  live: LiveAgents
  hooks: { status (agentId: string, status: 'revoked', at: number): void }
  /** The server's address as people and agents reach it, for the command line that is shown. */
  serverUrl: () => string
}
type Row = Schema['agents']['$inferSelect']

export class AgentRegistry {
  constructor (private readonly deps: RegistryDeps) {}

  async list (actor: Actor): Promise<Agent[]> {
    demand(actor, 'agent.read')
    const { read } = this.deps.store
    const [rows, counts] = await Promise.all([read.select().from(read.t.agents).orderBy(read.t.agents.name), deviceCounts(read)])
    return rows.map(row => this.#view(row, counts.get(row.id) ?? 0))
  }

  /** For the wall's snapshot; no secrets, no actor. */
  async statuses (): Promise<{ id: string, name: string, status: string }[]> {
    const { read } = this.deps.store
    const rows = await read.select({ id: read.t.agents.id, name: read.t.agents.name, revokedAt: read.t.agents.revokedAt }).from(read.t.agents).orderBy(read.t.agents.name)
    return rows.map(row => ({ id: row.id, name: row.name, status: this.#status(row) }))
  }

  async rename (actor: Actor, id: string, name: string): Promise<Agent> {
    demand(actor, 'agent.write')
    const { store, clock, announce } = this.deps
    const { row, events } = await store.transaction(async tx => {
      const { agents } = tx.t
      const before = await existing(tx, id)
      const [taken] = await tx.select({ id: agents.id }).from(agents).where(and(eq(agents.name, name), ne(agents.id, id)))
      if (taken) throw nameTaken()
      const [row] = await tx.update(agents).set({ name }).where(eq(agents.id, id)).returning()
      const at = clock.now()
      await recordAudit(tx, at, actor, 'agent.rename', { kind: 'agent', id }, { from: before.name, to: name })
      return { row: row!, events: [await appendWallEvent(tx, at, { kind: 'agent', agentId: id, name, status: this.#status(row!) }, forEveryWall)] }
    })
    announce(events)
    return this.#view(row, (await deviceCounts(store.read)).get(id) ?? 0)
  }

  /** For ever: the key is refused from now on, open connections are cut. Its devices stay, without an agent's eyes. */
  async revoke (actor: Actor, id: string): Promise<Agent> {
    demand(actor, 'agent.write')
    const { store, clock, announce, live, hooks } = this.deps
    const at = clock.now()
    const { row, events } = await store.transaction(async tx => {
      const before = await existing(tx, id)
      if (before.revokedAt !== null) return { row: before, events: [] }
      const [row] = await tx.update(tx.t.agents).set({ revokedAt: at }).where(eq(tx.t.agents.id, id)).returning()
      await recordAudit(tx, at, actor, 'agent.revoke', { kind: 'agent', id }, { name: before.name })
      return { row: row!, events: [await appendWallEvent(tx, at, { kind: 'agent', agentId: id, name: row!.name, status: 'revoked' }, forEveryWall)] }
    })
    live.cut(id)
    hooks.status(id, 'revoked', at)
    announce(events)
    return this.#view(row, (await deviceCounts(store.read)).get(id) ?? 0)
  }

  /** Shown once; the database keeps its hash for a day. */
  async createToken (actor: Actor, name: string): Promise<EnrolmentToken> {
    demand(actor, 'agent.write')
    const { store, clock, serverUrl } = this.deps
    const token = newToken()
    const expiresAt = clock.now() + TOKEN_LIFE_MS
    await store.transaction(async tx => {
      const [taken] = await tx.select({ id: tx.t.agents.id }).from(tx.t.agents).where(eq(tx.t.agents.name, name))
      if (taken) throw nameTaken()
      await addToken(tx, { token, name, embedded: false, createdBy: actor.login, now: clock.now() })
      await recordAudit(tx, clock.now(), actor, 'agent.token_create', { kind: 'agent', id: '' }, { name, expiresAt })
    })
    return { token, expiresAt, command: `npm run agent -- --server ${serverUrl()} --token ${token}` }
  }

  #status = (row: Pick<Row, 'id' | 'revokedAt'>) => row.revokedAt !== null ? 'revoked' as const : this.deps.live.isOnline(row.id) ? 'online' as const : 'offline' as const

  #view (row: Row, deviceCount: number): Agent {
    const s = row.status
    return {
      id: row.id, name: row.name, embedded: row.embedded, status: this.#status(row), version: row.version, protocol: row.protocol,
      enrolledAt: row.enrolledAt, revokedAt: row.revokedAt, lastSeenAt: row.lastSeenAt, clockOffsetMs: row.clockOffsetMs, deviceCount,
      spoolBatches: s?.spoolBatches ?? null, spoolBytes: s?.spoolBytes ?? null, droppedSampleSets: s?.droppedSampleSets ?? null,
      rssBytes: s?.rssBytes ?? null, cpuPercent: s?.cpuPercent ?? null, processes: s?.processes ?? [], address: this.deps.live.addressOf(row.id)
    }
  }
}

const nameTaken = () => new ServiceProblem('conflict', 'name_taken', 'Another agent has this name.', [{ field: '/name', message: 'Another agent has this name.' }])

async function existing (tx: Writer, id: string) {
  const [row] = await tx.select().from(tx.t.agents).where(eq(tx.t.agents.id, id))
  if (!row) throw notFound('agent')
  return row
}

async function deviceCounts (read: Reader) {
  const { devices } = read.t
  const rows = await read.select({ agentId: devices.agentId, n: count() }).from(devices).where(isNotNull(devices.agentId)).groupBy(devices.agentId)
  return new Map(rows.map(r => [r.agentId!, Number(r.n)]))
}

/** In a transaction of the caller. */
export async function addToken (tx: Writer, { token, name, embedded, createdBy, now }: { token: string, name: string, embedded: boolean, createdBy: string, now: number }) {
  await tx.insert(tx.t.enrolmentTokens).values({ tokenHash: hashToken(token), name, embedded, createdBy, createdAt: now, expiresAt: now + TOKEN_LIFE_MS })
}
