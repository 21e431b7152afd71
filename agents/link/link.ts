/** The agent's end of the link: stays connected, sends the spool in order, hands plans and commands on. */
import { setTimeout as wait } from 'node:timers/promises'
import type { RawData, WebSocket } from 'ws'
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import { backoffMs } from '../../lib/supervise.js'
import type { AgentMessage, Command, ServerMessage } from '../../server/contract/agent-link.js'
import { LinkRefused, type LinkTarget, type OpenLink, openLink, parseServerMessage, type RefusalReason } from './handshake.js'
import type { PlanFile, PlanMessage } from './plan-file.js'
import type { Spool } from './spool.js'

interface LinkHandlers {
  /** Revision 0 is the one that was kept from an earlier run; the server's follows when it is there. */
  plan (plan: PlanMessage): void
  /** The answer is the command's result; a throw is its failure. */
  command (command: Command, context: { signal: AbortSignal, progress: (p: unknown) => void }): Promise<unknown>
  status (): Extract<AgentMessage, { type: 'status' }>
  recordings (): { indexId: string, cursor: number } | null
  /** The server will not have this agent any more: `revoked` or `unknown_agent`. */
  rejected (reason: RefusalReason, message: string): void
}
export interface LinkOptions { target: LinkTarget, spool: Spool, plans: PlanFile, handlers: LinkHandlers, clock: Clock, log: Log }
export interface Link {
  /** Something was appended to the spool. */
  pump (): void
  readonly connected: boolean
  stop (): Promise<void>
}

const RETRY = { firstMs: 500, maxMs: 30_000 }
const STATUS_EVERY_MS = 10_000
const SYNC_EVERY_MS = 1000
const RECORDINGS_EVERY_MS = 1000
/** In flight without an acknowledgement. */
const WINDOW = { batches: 32, bytes: 8 * 2 ** 20 }
/** Refusals that time or a person may mend, ms to wait. */
const slowRetryMs: Partial<Record<RefusalReason, number>> = { protocol: 60_000, bad_signature: 60_000, duplicate: 15_000 }

export function startLink (o: LinkOptions): Link {
  const stopping = new AbortController()
  let session: Session | null = null
  // With the server away, what it has not acknowledged must survive a power cut here.
  const syncing = setInterval(() => { if (!session) trySync() }, SYNC_EVERY_MS)
  const trySync = () => { try { o.spool.sync() } catch (err) { o.log.error({ err }, 'the spool cannot be synced') } }

  async function run () {
    const kept = o.plans.read()
    if (kept) o.handlers.plan({ ...kept, revision: 0 })
    let attempt = 0
    while (!stopping.signal.aborted) {
      let waitMs = backoffMs(attempt, RETRY, Math.random())
      try {
        const opened = await openLink(o.target, 'link', { signal: stopping.signal })
        const startedAt = performance.now()
        o.log.info({ server: o.target.url }, 'connected to the server')
        session = new Session(opened, o)
        await session.ended
        session = null
        if (performance.now() - startedAt > RETRY.maxMs) attempt = 0
        waitMs = backoffMs(attempt, RETRY, Math.random())
        if (!stopping.signal.aborted) o.log.warn({ waitMs: Math.round(waitMs) }, 'the server is away; polling goes on')
      } catch (err) {
        if (stopping.signal.aborted) return
        const slowMs = err instanceof LinkRefused ? slowRetryMs[err.reason] : 0
        if (err instanceof LinkRefused && slowMs === undefined) {
          await o.plans.remove().catch(reason => o.log.error({ err: reason }, 'the kept plan cannot be removed'))
          return o.handlers.rejected(err.reason, err.message)
        }
        waitMs = Math.max(waitMs, slowMs ?? 0)
        o.log.warn({ reason: (err as Error).message, waitMs: Math.round(waitMs) }, 'cannot connect to the server')
      }
      attempt++
      await wait(waitMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
  // Not within this call: a kept plan starts collectors, and those want the link.
  const done = Promise.resolve().then(run).catch(err => o.log.error({ err }, 'the link ended'))

  return {
    pump: () => session?.pump(),
    get connected () { return session !== null },
    async stop () {
      stopping.abort()
      clearInterval(syncing)
      session?.close()
      await done
      await o.plans.close()
    }
  }
}

/** One connection, from welcome to close. */
class Session {
  readonly #socket: WebSocket
  readonly #commands = new Map<string, AbortController>()
  /** Number of the batch sent last. */
  #sent: number
  #inFlight: { seq: number, bytes: number }[] = []
  #inFlightBytes = 0
  readonly ended: Promise<void>

  constructor ({ socket, welcome, listen }: OpenLink, private readonly o: LinkOptions) {
    this.#socket = socket
    o.spool.acknowledge(welcome.acknowledgedSeq)
    this.#sent = welcome.acknowledgedSeq
    const status = setInterval(() => this.#send(o.handlers.status()), STATUS_EVERY_MS)
    const recordings = setInterval(() => this.#tellRecordings(), RECORDINGS_EVERY_MS)
    this.ended = new Promise(resolve => {
      const end = () => {
        clearInterval(status)
        clearInterval(recordings)
        for (const running of this.#commands.values()) running.abort()
        resolve()
      }
      if (socket.readyState === socket.CLOSED) end()
      else socket.once('close', end)
    })
    listen(data => this.#receive(data))
    this.pump()
  }

  close () {
    this.#socket.close(1000)
    setTimeout(() => this.#socket.terminate(), 500).unref()
  }

  /** Sends what the spool holds, as far as the window allows. */
  pump () {
    while (this.#socket.readyState === this.#socket.OPEN && this.#inFlight.length < WINDOW.batches && this.#inFlightBytes < WINDOW.bytes) {
      const next = this.o.spool.after(this.#sent)
      if (!next) return
      this.#socket.send(next.payload, { binary: false })
      this.#sent = next.seq
      this.#inFlight.push({ seq: next.seq, bytes: next.payload.length })
      this.#inFlightBytes += next.payload.length
    }
  }

  #recordingsTold = ''
  #tellRecordings () {
    const position = this.o.handlers.recordings()
    const text = position ? `${position.indexId} ${position.cursor}` : ''
    if (!position || text === this.#recordingsTold) return
    this.#recordingsTold = text
    this.#send({ type: 'recordings', ...position })
  }

  #send (message: AgentMessage) {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  #receive (data: RawData) {
    const message = parseServerMessage(data)
    if (!message) {
      this.o.log.warn('the server sent a message that this version does not understand')
      return this.#send({ type: 'error', message: 'This agent does not understand the last message.' })
    }
    try { this.#handle(message) } catch (err) { this.o.log.error({ err, type: message.type }, 'a message of the server could not be handled') }
  }

  #handle (message: ServerMessage) {
    switch (message.type) {
      case 'ack': return this.#acknowledged(message.seq)
      case 'plan':
        this.o.handlers.plan(message)
        this.o.plans.keep(message)
        return this.#send(this.o.handlers.status())
      case 'command': return void this.#run(message.id, message.command)
      case 'cancel': return this.#commands.get(message.id)?.abort()
      case 'clock': return this.#send({ type: 'clock', sentAt: message.sentAt, agentTime: this.o.clock.now() })
      case 'error': return this.o.log.warn({ detail: message.message }, 'the server did not understand a message')
      // The server says why before it cuts; dialling again shows whether that is final.
      case 'refused': return this.o.log.warn({ reason: message.reason, detail: message.message }, 'the server ends the connection')
      // The handshake is over; the server confuses us with another.
      default: throw new Error(`Unexpected ${message.type}`)
    }
  }

  #acknowledged (seq: number) {
    this.o.spool.acknowledge(seq)
    while (this.#inFlight[0] && this.#inFlight[0].seq <= seq) this.#inFlightBytes -= this.#inFlight.shift()!.bytes
    this.pump()
  }

  async #run (id: string, command: Command) {
    if (this.#commands.has(id)) return
    const running = new AbortController()
    this.#commands.set(id, running)
    try {
      const result = await this.o.handlers.command(command, { signal: running.signal, progress: progress => this.#send({ type: 'progress', id, progress }) })
      this.#send({ type: 'result', id, ok: true, result: result ?? null, failure: null })
    } catch (err) {
      this.#send({ type: 'result', id, ok: false, result: null, failure: failureOf(err) })
    } finally { this.#commands.delete(id) }
  }
}

/** Errors of the protocol code carry a `failure`, or a `code` with our spelling; anything else is our own fault. */
function failureOf (err: unknown): { code: string, detail: string } {
  const e = err as { failure?: { code?: unknown, detail?: unknown }, code?: unknown, message?: unknown }
  const code = e?.failure?.code ?? e?.code
  const detail = e?.failure?.detail ?? e?.message
  return {
    code: typeof code === 'string' && /^[a-z_]{1,60}$/.test(code) ? code : 'internal',
    detail: (typeof detail === 'string' ? detail : String(err)).slice(0, 500)
  }
}
