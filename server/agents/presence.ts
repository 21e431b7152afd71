/** What the registry's rows and the walls are told about agents: online, offline, last seen, status. */
import { eq } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { AgentStatus } from '../store/schema.js'
import type { Store } from '../store/store.js'
import { type Announce, appendWallEvent, forEveryWall } from '../store/wall-events.js'
import type { StatusMessage } from './connection.js'
import type { Hello } from './handshake.js'

/** Hooks for the silence rule; called in memory, at once. */
export interface AgentHooks {
  seen (agentId: string, at: number): void
  status (agentId: string, status: 'online' | 'offline' | 'revoked', at: number): void
}

const WRITE_EVERY_MS = 10_000
const OFFSET_CHANGED_MS = 250
interface Pending { lastSeenAt: number, status?: AgentStatus, clockOffsetMs?: number }

export class Presence {
  readonly #pending = new Map<string, Pending>()
  readonly #offsets = new Map<string, number>()
  readonly #timer: NodeJS.Timeout
  /** Changes of presence are written in the order in which they happened. */
  #turn: Promise<void> = Promise.resolve()

  constructor (private readonly deps: { store: Store, announce: Announce, hooks: AgentHooks, clock: Clock, log: Log }) {
    this.#timer = setInterval(() => void this.flush(), WRITE_EVERY_MS)
  }

  seen (agentId: string) {
    const at = this.deps.clock.now()
    const pending = this.#pending.get(agentId)
    if (pending) pending.lastSeenAt = at
    else this.#pending.set(agentId, { lastSeenAt: at })
    this.deps.hooks.seen(agentId, at)
  }

  status (agentId: string, { type: _, ...status }: StatusMessage) { this.#note(agentId, { status }) }

  /** Times in batches are read by the stored difference, so a new one is written at once. */
  clockOffset (agentId: string, clockOffsetMs: number) {
    const before = this.#offsets.get(agentId)
    this.#offsets.set(agentId, clockOffsetMs)
    this.#note(agentId, { clockOffsetMs })
    if (before === undefined || Math.abs(before - clockOffsetMs) > OFFSET_CHANGED_MS) void this.flush()
  }
  offsetOf (agentId: string) { return this.#offsets.get(agentId) ?? 0 }

  #note (agentId: string, facts: Partial<Pending>) {
    this.#pending.set(agentId, { lastSeenAt: this.deps.clock.now(), ...this.#pending.get(agentId), ...facts })
  }

  online (hello: Hello) { return this.#tell(hello.agentId, 'online', { version: hello.version, protocol: hello.protocol }) }
  offline (agentId: string) { return this.#tell(agentId, 'offline', {}) }

  #tell (agentId: string, status: 'online' | 'offline', facts: { version?: string, protocol?: number }) {
    const { store, clock, hooks, log, announce } = this.deps
    const at = clock.now()
    hooks.status(agentId, status, at)
    const work = async () => announce(await store.transaction(async tx => {
      const [row] = await tx.update(tx.t.agents).set({ lastSeenAt: at, ...facts }).where(eq(tx.t.agents.id, agentId)).returning()
      // A revoked agent was told as such already.
      return row && row.revokedAt === null ? [await appendWallEvent(tx, at, { kind: 'agent', agentId, name: row.name, status }, forEveryWall)] : []
    }))
    this.#turn = this.#turn.then(work).catch(err => log.error({ err, agentId, status }, 'an agent\'s presence could not be written'))
    return this.#turn
  }

  /** One transaction for all agents, at most every 10 s; what could not be written waits for the next. */
  flush () {
    this.#turn = this.#turn.then(() => this.#write())
    return this.#turn
  }

  async #write () {
    const { store, log } = this.deps
    const facts = [...this.#pending]
    this.#pending.clear()
    if (facts.length === 0) return
    try {
      await store.transaction(async tx => {
        for (const [id, set] of facts) await tx.update(tx.t.agents).set(set).where(eq(tx.t.agents.id, id))
      })
    } catch (err) {
      log.error({ err }, 'the agents\' status could not be written')
      for (const [id, set] of facts) this.#pending.set(id, { ...set, ...this.#pending.get(id) })
    }
  }

  async stop () {
    clearInterval(this.#timer)
    await this.flush()
  }
}
