import type { LiveMode, StreamInfo } from '../contract/media.js'
import { askPace, type Fragment, freshPace, judgeFragment, type PaceState } from './viewer-pace.js'

/** What a viewer needs of its socket (`ws` has it). */
export interface ViewerSocket {
  readonly bufferedAmount: number
  send (data: Buffer | string, options: { binary: boolean }, done: (err?: Error | null) => void): void
  close (code: number, reason: string): void
}
export interface ViewerOptions {
  socket: ViewerSocket
  /** Plays H.265; without it an H.265 stream is transcoded. */
  hevc: boolean
  nowMs: () => number
}
const CLOSE_TOO_SLOW = 4408

/** One browser watching one stream. */
export class Viewer {
  readonly hevc: boolean
  #pace: PaceState = freshPace
  /** When each message still in the socket was given to it. */
  readonly #pending: number[] = []
  #closed = false

  constructor (private readonly o: ViewerOptions) { this.hevc = o.hevc }

  get keyFramesOnly () { return this.#pace.slow || this.#pace.asked === 'keyframes' }

  #send (data: Buffer | string) {
    this.#pending.push(this.o.nowMs())
    this.o.socket.send(data, { binary: typeof data !== 'string' }, () => { this.#pending.shift() })
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
    const backlog = { bytes: this.o.socket.bufferedAmount, oldestMs: this.#pending.length > 0 ? now - this.#pending[0]! : 0 }
    const { state, send, mode, close } = judgeFragment(this.#pace, fragment, backlog, now)
    this.#pace = state
    if (close) return this.close(CLOSE_TOO_SLOW, 'too_slow')
    if (mode) this.tell({ type: 'mode', ...mode })
    if (send) this.#send(bytes)
  }

  close (code: number, reason: string) {
    if (this.#closed) return
    this.#closed = true
    this.o.socket.close(code, reason)
  }
}
