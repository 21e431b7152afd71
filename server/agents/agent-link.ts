/** Where agents connect: admits them, keeps one connection each, pushes plans and carries commands. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { eq } from 'drizzle-orm'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Clock } from '../../lib/clock.js'
import { keepAlive } from '../../lib/heartbeat.js'
import type { Log } from '../../lib/log.js'
import { type Command, MAX_LINK_MESSAGE_BYTES, type PlanDevice } from '../contract/agent-link.js'
import type { LockPlan } from '../contract/recording.js'
import type { Store } from '../store/store.js'
import type { Announce } from '../store/wall-events.js'
import type { Ingest } from './batch-queue.js'
import { type AgentCommands, agentOffline, type RunOptions } from './commands.js'
import { AgentConnection, type PlanMessage } from './connection.js'
import { askForHello, type Hello, judgeHello, type KnownAgent, type LinkPurpose, refuse, send } from './handshake.js'
import { type AgentHooks, Presence } from './presence.js'

export interface AgentLinkDeps {
  store: Store
  clock: Clock
  log: Log
  ingest: Ingest
  /** Enabled devices of an agent with their secrets opened. */
  planFor: (agentId: string) => Promise<PlanDevice[]>
  /** Adds what other rooms have to say to it. */
  dressPlan?: (agentId: string, devices: PlanDevice[]) => Promise<Omit<PlanMessage, 'type' | 'revision'>>
  /** An agent holds a plan with these locks; told with each of its words while it does. */
  planHeld?: (agentId: string, locks: LockPlan[]) => void
  /** An agent told how far its index of recordings is. */
  recordings?: (agentId: string, position: { indexId: string, cursor: number }) => void
  announce: Announce
  hooks: AgentHooks
  /** Takes over an authenticated media socket. */
  media: { attach (agentId: string, socket: WebSocket): void, cut (agentId: string): void }
  /** The same for a socket that carries one stream of footage. */
  footage: { attach (agentId: string, socket: WebSocket): void, cut (agentId: string): void }
}

const PLAN_DEBOUNCE_MS = 50
const PLAN_RETRY_MS = 5000
/** Sockets that have not proved anything yet. */
const MAX_STRANGERS = 64
/** How long a connection may take to show that it lives when another run of the same agent knocks. */
const PROBE_MS = 3000

export class AgentLink implements AgentCommands {
  readonly #wss = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_LINK_MESSAGE_BYTES })
  readonly #connections = new Map<string, AgentConnection>()
  /** One admission at a time for each agent. */
  readonly #turns = new Map<string, Promise<void>>()
  readonly #presence: Presence
  #strangers = 0
  #stopped = false
  readonly #planTimers = new Map<string, NodeJS.Timeout>()
  readonly #planTurns = new Map<string, Promise<void>>()

  constructor (private readonly deps: AgentLinkDeps) { this.#presence = new Presence(deps) }

  /** Handlers of HTTP upgrades for `/agent/v1`, `/agent/v1/media` and `/agent/v1/footage`. */
  readonly upgradeLink = (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#upgrade('link', request, socket, head)
  readonly upgradeMedia = (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#upgrade('media', request, socket, head)
  readonly upgradeFootage = (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#upgrade('footage', request, socket, head)

  isOnline (agentId: string) { return this.#connections.has(agentId) }
  /** Remote address of a connected agent. */
  addressOf (agentId: string) { return this.#connections.get(agentId)?.address ?? null }

  /** Agent's clock minus ours, ms; 0 until measured. */
  clockOffsetOf (agentId: string) { return this.#presence.offsetOf(agentId) }

  async run<N extends Command['name']> (agentId: string, command: Extract<Command, { name: N }>, o: RunOptions<N>) {
    const connection = this.#connections.get(agentId)
    if (!connection) throw agentOffline()
    return connection.commands.run<N>(command, o)
  }

  /** What these agents look after has changed; several changes at once make one plan. */
  planChanged (agentIds: Iterable<string>) {
    for (const id of agentIds) {
      if (!this.#connections.has(id) || this.#planTimers.has(id)) continue
      this.#planTimers.set(id, setTimeout(() => this.#pushPlan(id), PLAN_DEBOUNCE_MS))
    }
  }

  #pushPlan (agentId: string) {
    clearTimeout(this.#planTimers.get(agentId))
    this.#planTimers.delete(agentId)
    const push = async () => {
      const connection = this.#connections.get(agentId)
      if (!connection || this.#stopped) return
      try {
        const devices = await this.deps.planFor(agentId)
        connection.sendPlan(await this.deps.dressPlan?.(agentId, devices) ?? { devices })
      } catch (err) {
        this.deps.log.error({ err, agentId }, 'the plan could not be made and will be tried again')
        if (!this.#planTimers.has(agentId)) this.#planTimers.set(agentId, setTimeout(() => this.#pushPlan(agentId), PLAN_RETRY_MS))
      }
    }
    // One after the other, so that an older plan never overtakes a newer one.
    this.#planTurns.set(agentId, (this.#planTurns.get(agentId) ?? Promise.resolve()).then(push))
  }

  /** After a revocation or a new key: the agent hears why and is gone, its video too. */
  cut (agentId: string, message = 'The agent was revoked by an administrator.') {
    this.#connections.get(agentId)?.refuse({ reason: 'revoked', message })
    this.deps.media.cut(agentId)
    this.deps.footage.cut(agentId)
  }

  #upgrade (purpose: LinkPurpose, request: IncomingMessage, socket: Duplex, head: Buffer) {
    if (this.#stopped || this.#strangers >= MAX_STRANGERS) return void socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\n\r\n')
    this.#strangers++
    let counted = true
    const known = () => { if (counted) this.#strangers--; counted = false }
    socket.once('close', known)
    this.#wss.handleUpgrade(request, socket, head, ws => {
      ws.on('error', err => this.deps.log.debug({ err }, 'an agent\'s socket failed'))
      this.#meet(purpose, ws, request.socket.remoteAddress ?? '').catch(err => {
        this.deps.log.error({ err }, 'an agent could not be admitted')
        ws.close(1011)
      }).finally(known)
    })
  }

  async #meet (purpose: LinkPurpose, socket: WebSocket, address: string) {
    const answer = await askForHello(socket)
    if (!answer) return socket.terminate()
    if ('reason' in answer) {
      this.deps.log.warn({ address, reason: answer.reason }, answer.message)
      return refuse(socket, answer)
    }
    const { nonce, hello } = answer
    const refusal = judgeHello(purpose, nonce, hello, await this.#find(hello.agentId))
    if (refusal) {
      this.deps.log.warn({ address, agentId: hello.agentId, reason: refusal.reason }, 'an agent was refused')
      return refuse(socket, refusal)
    }
    if (purpose !== 'link') {
      // Footage is read only as fast as somebody watches it, so its silence is judged where that is known.
      if (purpose === 'media') keepAlive(socket)
      send(socket, { type: 'welcome', serverTime: this.deps.clock.now(), acknowledgedSeq: 0 })
      return this.deps[purpose].attach(hello.agentId, socket)
    }
    const turn = (this.#turns.get(hello.agentId) ?? Promise.resolve()).then(() => this.#admit(socket, hello, address))
    this.#turns.set(hello.agentId, turn.catch(() => {}))
    await turn
  }

  async #find (id: string): Promise<KnownAgent | null> {
    const { read } = this.deps.store
    const { agents } = read.t
    const [row] = await read.select({ id: agents.id, name: agents.name, publicKey: agents.publicKey, revokedAt: agents.revokedAt, committedSeq: agents.committedSeq }).from(agents).where(eq(agents.id, id))
    return row ?? null
  }

  /** One connection an agent: the same run replaces its own, another run waits until the first is dead. */
  async #admit (socket: WebSocket, hello: Hello, address: string) {
    const before = this.#connections.get(hello.agentId)
    if (before && before.bootId !== hello.bootId && await before.isAlive(PROBE_MS)) {
      this.deps.log.warn({ agentId: hello.agentId, address, other: before.address }, 'a second copy of an agent was refused')
      return refuse(socket, { reason: 'duplicate', message: `Another copy of this agent is connected from ${before.address}.` })
    }
    if (before) {
      this.#connections.delete(hello.agentId)
      // Whatever it still had in hand must be committed or dropped before we say where to go on.
      await before.end()
    }
    await this.#left.get(hello.agentId)
    const known = await this.#find(hello.agentId)
    const late = !known || known.revokedAt !== null
    if (late || this.#stopped || socket.readyState !== socket.OPEN) return socket.terminate()
    const { clock, log, ingest } = this.deps
    const connection = new AgentConnection(socket, hello, address, known, { clock, log, events: {
      ingest, seen: id => this.#presence.seen(id), status: (id, s) => { this.#presence.status(id, s); if (connection.plan && s.planRevision === connection.plan.revision) this.deps.planHeld?.(id, connection.plan.locks) },
      clockOffset: (id, ms) => this.#presence.clockOffset(id, ms), recordings: (id, position) => this.deps.recordings?.(id, position), closed: c => this.#closed(c)
    } })
    this.#connections.set(hello.agentId, connection)
    log.info({ agentId: hello.agentId, name: known.name, address, version: hello.version }, 'agent connected')
    if (!before) void this.#presence.online(hello)
    this.#pushPlan(hello.agentId)
  }

  /** Closed connections whose last commit is still under way. */
  readonly #left = new Map<string, Promise<void>>()

  #closed (connection: AgentConnection) {
    const { agentId } = connection
    if (this.#connections.get(agentId) !== connection) return
    this.#connections.delete(agentId)
    const left = connection.end().finally(() => { if (this.#left.get(agentId) === left) this.#left.delete(agentId) })
    this.#left.set(agentId, left)
    this.deps.log.warn({ agentId }, 'agent disconnected')
    void this.#presence.offline(agentId)
  }

  async stop () {
    this.#stopped = true
    for (const timer of this.#planTimers.values()) clearTimeout(timer)
    await Promise.all([...this.#connections.values()].map(c => c.end()))
    await Promise.all(this.#left.values())
    await this.#presence.stop()
    this.#wss.close()
  }
}
