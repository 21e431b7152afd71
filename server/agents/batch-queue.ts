/** Commits one agent's batches strictly in their order, and stops reading from it when the store falls behind. */
import type { Log } from '../../lib/log.js'
import type { AgentMessage } from '../contract/agent-link.js'

export type Batch = Extract<AgentMessage, { type: 'batch' }>
export type Ingest = (agentId: string, batch: Batch) => Promise<void>

/** Batches waiting before the socket is not read any more. */
const HIGH_WATER = 16
const RETRY_MS = { first: 250, max: 15_000 }

export interface BatchQueueDeps {
  agentId: string
  ingest: Ingest
  committedSeq: number
  committed: (seq: number) => void
  /** Reading stops (true) or goes on (false). */
  hold: (held: boolean) => void
}

export class BatchQueue {
  #queue: Batch[] = []
  #held = false
  #closed = false
  #last: number
  #working: Promise<void> | null = null
  #retry: { timer: NodeJS.Timeout, now: () => void } | null = null

  constructor (private readonly deps: BatchQueueDeps, private readonly log: Log) { this.#last = deps.committedSeq }

  get held () { return this.#held }

  push (batch: Batch) {
    if (this.#closed) return
    this.#queue.push(batch)
    if (!this.#held && this.#queue.length >= HIGH_WATER) this.#hold(true)
    this.#working ??= this.#work().finally(() => { this.#working = null })
  }

  #hold (held: boolean) {
    this.#held = held
    this.deps.hold(held)
  }

  async #work () {
    for (let failures = 0; !this.#closed;) {
      const batch = this.#queue[0]
      if (!batch) return
      try {
        // Sent again after a lost acknowledgement: committed already.
        if (batch.seq > this.#last) await this.deps.ingest(this.deps.agentId, batch)
        this.#last = Math.max(this.#last, batch.seq)
        this.#queue.shift()
        failures = 0
        if (this.#closed) return
        this.deps.committed(this.#last)
        if (this.#held && this.#queue.length <= HIGH_WATER / 2) this.#hold(false)
      } catch (err) {
        const waitMs = Math.min(RETRY_MS.max, RETRY_MS.first * 2 ** Math.min(failures++, 10))
        this.log.error({ err, agentId: this.deps.agentId, seq: batch.seq, waitMs }, 'a batch could not be committed and will be tried again')
        await this.#pause(waitMs)
      }
    }
  }

  #pause (ms: number) {
    return new Promise<void>(resolve => {
      const now = () => { clearTimeout(timer); this.#retry = null; resolve() }
      const timer = setTimeout(now, ms)
      this.#retry = { timer, now }
    })
  }

  /** Forgets what waits (the agent will send it again); resolves when nothing of this queue can commit any more. */
  async close () {
    this.#closed = true
    this.#queue = []
    this.#retry?.now()
    await this.#working
  }
}
