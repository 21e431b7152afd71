/** Opens streams of footage: gives the agent a ticket, and knows the socket that comes back with it. */
import Compile from 'typebox/compile'
import type { RawData, WebSocket } from 'ws'
import { keepAlive } from '../../../lib/heartbeat.js'
import { hashToken, newToken } from '../../../lib/ids.js'
import type { Log } from '../../../lib/log.js'
import type { AgentCommands } from '../../agents/commands.js'
import { type FootageRequest, FootageTicket } from '../../contract/footage.js'
import { ServiceProblem } from '../../problems.js'
import { FootageStream } from './footage-stream.js'

export interface FootageSource {
  /** Rejects with ServiceProblem: what the agent's command rejects with, `footage_timeout`, `too_many_streams`, `cancelled`. */
  open (agentId: string, request: FootageRequest, signal: AbortSignal): Promise<FootageStream>
}

/** From the command to the socket with its ticket. */
const TICKET_MS = 10_000
const MAX_STREAMS = 500
/** Of one agent; its process takes a few more, so that ours are never refused there. */
const MAX_OF_AGENT = 28
/** A file is written while the next of it comes. */
const FILE_HOLD_BYTES = 6 * 2 ** 20
const checkTicket = Compile(FootageTicket)

interface Expected { agentId: string, holdBytes: number | undefined, arrived: (stream: FootageStream) => void }

export class FootageStreams implements FootageSource {
  /** By the hash of the ticket. */
  readonly #expected = new Map<string, Expected>()
  readonly #open = new Map<FootageStream, string>()

  constructor (private readonly deps: { commands: AgentCommands, log: Log }) {}

  get count () { return this.#open.size }

  async open (agentId: string, request: FootageRequest, signal: AbortSignal): Promise<FootageStream> {
    const busy = [...this.#open.values(), ...[...this.#expected.values()].map(e => e.agentId)]
    if (busy.length >= MAX_STREAMS || busy.filter(id => id === agentId).length >= MAX_OF_AGENT) throw new ServiceProblem('too_many', 'too_many_streams', 'Too many people watch footage of this agent at once: try again shortly.')
    const ticket = newToken()
    const key = hashToken(ticket)
    const given = new AbortController()
    const timeout = AbortSignal.timeout(TICKET_MS)
    const over = AbortSignal.any([signal, timeout, given.signal])
    const arrival = new Promise<FootageStream>((resolve, reject) => {
      this.#expected.set(key, { agentId, arrived: resolve, holdBytes: request.what === 'clip' || request.what === 'segment' ? FILE_HOLD_BYTES : undefined })
      over.addEventListener('abort', () => reject(signal.aborted ? new ServiceProblem('unavailable', 'cancelled', 'Cancelled.')
        : new ServiceProblem('timeout', 'footage_timeout', 'The agent did not begin to send the footage in time.')), { once: true })
    })
    arrival.catch(() => {})
    try {
      signal.throwIfAborted()
      await this.deps.commands.run<'footage_open'>(agentId, { name: 'footage_open', ticket, request }, { signal: over, timeoutMs: TICKET_MS })
      return await arrival
    } finally {
      this.#expected.delete(key)
      given.abort()
    }
  }

  /** An agent's footage socket, authenticated: its first message must be a ticket that this agent was given, once. */
  attach (agentId: string, socket: WebSocket) {
    const timer = setTimeout(() => socket.terminate(), TICKET_MS)
    socket.once('close', () => clearTimeout(timer))
    socket.once('message', (data, isBinary) => {
      clearTimeout(timer)
      const key = isBinary ? null : ticketOf(data)
      const expected = key ? this.#expected.get(key) : undefined
      if (!key || expected?.agentId !== agentId) {
        this.deps.log.warn({ agentId }, 'an agent sent footage that nobody waits for')
        return socket.terminate()
      }
      this.#expected.delete(key)
      const stream = new FootageStream(socket, expected.holdBytes)
      keepAlive(socket, { excused: () => stream.paused })
      this.#open.set(stream, agentId)
      socket.once('close', () => this.#open.delete(stream))
      expected.arrived(stream)
    })
  }

  /** The agent was revoked: nothing of it is shown any more. */
  cut (agentId: string) { for (const [stream, of] of [...this.#open]) if (of === agentId) stream.close() }

  stop () { for (const stream of [...this.#open.keys()]) stream.close() }
}

function ticketOf (data: RawData): string | null {
  try {
    const message: unknown = JSON.parse(String(data))
    return checkTicket.Check(message) ? hashToken(message.ticket) : null
  } catch { return null }
}
