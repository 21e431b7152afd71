import type { LiveMode, StreamInfo } from '../contract/media.js'
import { askPace, type Fragment, freshPace, judgeFragment, type PaceState } from './viewer-pace.js'

/** What a viewer needs of its socket (`ws` has it). */
export interface ViewerSocket {
  readonly bufferedAmount: number
  send (data: Buffer | string, options: { binary: boolean }, done: (err?: Error | null) => void): void
  /** The browser answers by itself with the same bytes, behind all that was sent before. */
  ping (data: Buffer): void
  close (code: number, reason: string): void
}
export interface ViewerOptions {
  socket: ViewerSocket
  /** Plays H.265; without it an H.265 stream is transcoded. */
  hevc: boolean
  nowMs: () => number
}
const CLOSE_TOO_SLOW = 4408
/** Asked at most so often whether it all arrived, ms. */
const ASK_EVERY_MS = 200

/** One browser watching one stream. */
export class Viewer {
  readonly hevc: boolean
  #pace: PaceState = freshPace
  /** When each message still in the socket was given to it. */
  readonly #pending: number[] = []
  /** When each message was sent that the browser has not confirmed. */
  readonly #unheard: number[] = []
  #asked: { number: number, at: number, covers: number } | null = null
  /** The quickest answer so far: the length of the line there and back, ms. */
  #lineMs = Number.POSITIVE_INFINITY
  #askedAt = 0
  #lastAsk = 0
  #closed = false

  constructor (private readonly o: ViewerOptions) { this.hevc = o.hevc }

  get keyFramesOnly () { return this.#pace.slow || this.#pace.asked === 'keyframes' }

  #send (data: Buffer | string) {
    const now = this.o.nowMs()
    this.#pending.push(now)
    this.#unheard.push(now)
    this.o.socket.send(data, { binary: typeof data !== 'string' }, () => { this.#pending.shift() })
  }

  #ask (now: number) {
    if (this.#asked || this.#unheard.length === 0 || (now - this.#askedAt < ASK_EVERY_MS && !this.#pace.slow)) return
    this.#askedAt = now
    this.#asked = { number: ++this.#lastAsk, at: now, covers: this.#unheard.length }
    const data = Buffer.alloc(4)
    data.writeUInt32BE(this.#lastAsk >>> 0)
    this.o.socket.ping(data)
  }

  /** The answer to a ping: all that was sent before it has arrived. */
  heard (data: Buffer) {
    if (!this.#asked || data.length !== 4 || data.readUInt32BE() !== this.#asked.number) return
    this.#unheard.splice(0, this.#asked.covers)
    this.#lineMs = Math.min(this.#lineMs, this.o.nowMs() - this.#asked.at)
    this.#asked = null
  }

  tell (message: StreamInfo | LiveMode) { if (!this.#closed) this.#send(JSON.stringify(message)) }

  ask (mode: 'all' | 'keyframes') {
    this.#pace = askPace(this.#pace, mode)
    this.tell({ type: 'mode', mode: this.keyFramesOnly ? 'keyframes' : 'all', reason: this.#pace.slow ? 'slow_viewer' : 'asked' })
  }

  /** What a decoder needs first; whatever follows must begin with a key frame. */
  init (bytes: Buffer) {
    if (this.#closed) return
    this.#pace = { ...this.#pace, waitKey: true }
    this.#send(bytes)
  }

  fragment (bytes: Buffer, fragment: Fragment) {
    if (this.#closed) return
    const now = this.o.nowMs()
    this.#ask(now)
    const since = (queue: readonly number[]) => queue.length > 0 ? now - queue[0]! : 0
    const backlog = { bytes: this.o.socket.bufferedAmount, oldestMs: since(this.#pending), unheardMs: Math.max(0, since(this.#unheard) - (Number.isFinite(this.#lineMs) ? this.#lineMs : 0)) }
    const { state, send, mode, close } = judgeFragment(this.#pace, fragment, backlog, now)
    this.#pace = state
    if (close) return this.close(CLOSE_TOO_SLOW, 'too_slow')
    if (mode) this.tell({ type: 'mode', ...mode })
    if (send) this.#send(bytes)
    // On a slow line each key frame tells how long it takes.
    if (send && state.slow) this.#ask(now)
  }

  close (code: number, reason: string) {
    if (this.#closed) return
    this.#closed = true
    this.o.socket.close(code, reason)
  }
}
