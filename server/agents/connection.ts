/** One agent's connection, from welcome to close. */
import type { RawData, WebSocket } from 'ws'
import type { Clock } from '../../lib/clock.js'
import { keepAlive } from '../../lib/heartbeat.js'
import type { Log } from '../../lib/log.js'
import type { AgentMessage, ServerMessage } from '../contract/agent-link.js'
import type { LockPlan } from '../contract/recording.js'
import { BatchQueue, type Ingest } from './batch-queue.js'
import { type ClockProbe, startClockProbe } from './clock-probe.js'
import { ConnectionCommands } from './commands.js'
import { type Hello, type KnownAgent, parseAgentMessage, type Refusal, refuse, send } from './handshake.js'
import { salvageBatch } from './salvage.js'

export type PlanMessage = Extract<ServerMessage, { type: 'plan' }>
export type StatusMessage = Extract<AgentMessage, { type: 'status' }>
export interface ConnectionEvents {
  ingest: Ingest
  /** Anything was heard. */
  seen (agentId: string): void
  status (agentId: string, status: StatusMessage): void
  clockOffset (agentId: string, offsetMs: number): void
  recordings (agentId: string, position: { indexId: string, cursor: number }): void
  closed (connection: AgentConnection): void
}

/** Messages not understood before the peer is cut: a broken agent must not fill the log. */
const MAX_NONSENSE = 20

export class AgentConnection {
  readonly commands: ConnectionCommands
  readonly #batches: BatchQueue
  readonly #clockProbe: ClockProbe
  #nonsense = 0
  #plan: { revision: number, locks: LockPlan[] } | null = null

  constructor (readonly socket: WebSocket, readonly hello: Hello, readonly address: string, known: KnownAgent,
    private readonly deps: { events: ConnectionEvents, clock: Clock, log: Log }) {
    const { events, clock, log } = deps
    this.commands = new ConnectionCommands(message => send(socket, message))
    this.#batches = new BatchQueue({
      agentId: this.agentId, ingest: events.ingest, committedSeq: known.committedSeq,
      committed: seq => send(socket, { type: 'ack', seq }),
      hold: held => { if (held) socket.pause(); else socket.resume() }
    }, log)
    keepAlive(socket, { excused: () => this.#batches.held })
    socket.on('message', data => this.#receive(data))
    socket.once('close', () => this.#closed())
    send(socket, { type: 'welcome', serverTime: clock.now(), acknowledgedSeq: known.committedSeq })
    this.#clockProbe = startClockProbe({ clock, ask: sentAt => send(socket, { type: 'clock', sentAt }), measured: ms => events.clockOffset(this.agentId, ms) })
  }

  get agentId () { return this.hello.agentId }
  /** Sent last. */
  get plan () { return this.#plan }
  get bootId () { return this.hello.bootId }

  sendPlan (plan: Omit<PlanMessage, 'type' | 'revision'>) {
    this.#plan = { revision: (this.#plan?.revision ?? 0) + 1, locks: plan.locks ?? [] }
    send(this.socket, { type: 'plan', revision: this.#plan.revision, ...plan })
  }

  #receive (data: RawData) {
    this.deps.events.seen(this.agentId)
    const { message, raw } = parseAgentMessage(data)
    if (message) return this.#handle(message)
    const saved = salvageBatch(raw)
    if (saved) {
      this.deps.log.warn({ agentId: this.agentId, seq: saved.batch.seq, lost: saved.lost }, 'a batch had parts that break the contract; the rest was taken')
      return this.#batches.push(saved.batch)
    }
    this.#misunderstood()
  }

  #handle (message: AgentMessage) {
    switch (message.type) {
      case 'batch': return this.#batches.push(message)
      case 'progress': return this.commands.progressed(message)
      case 'result': return this.commands.finished(message)
      case 'recordings': return this.deps.events.recordings(this.agentId, message)
      case 'clock': return this.#clockProbe.answered(message.sentAt, message.agentTime)
      case 'status': return this.deps.events.status(this.agentId, message)
      case 'error': return this.deps.log.warn({ agentId: this.agentId, detail: message.message }, 'an agent did not understand a message')
      case 'hello': return this.#misunderstood()
    }
  }

  #misunderstood () {
    this.deps.log.warn({ agentId: this.agentId }, 'an agent sent a message that is not understood')
    send(this.socket, { type: 'error', message: 'The server does not understand the last message.' })
    if (++this.#nonsense >= MAX_NONSENSE) this.socket.close(1008, 'too many messages that are not understood')
  }

  /** True when the peer answers a ping within `ms`; one whose socket we deliberately do not read counts as alive. */
  isAlive (ms: number): Promise<boolean> {
    if (this.#batches.held) return Promise.resolve(true)
    return new Promise(resolve => {
      const answer = (alive: boolean) => { clearTimeout(timer); this.socket.off('pong', onPong); this.socket.off('close', onClose); resolve(alive) }
      const onPong = () => answer(true)
      const onClose = () => answer(false)
      const timer = setTimeout(() => answer(false), ms)
      this.socket.on('pong', onPong)
      this.socket.on('close', onClose)
      this.socket.ping()
    })
  }

  refuse (refusal: Refusal) { refuse(this.socket, refusal) }

  /** Cuts the socket; resolves when none of its batches can commit any more. */
  async end () {
    this.socket.terminate()
    await this.#batches.close()
  }

  #closed () {
    this.#clockProbe.stop()
    this.commands.abandon()
    void this.#batches.close()
    this.deps.events.closed(this)
  }
}
