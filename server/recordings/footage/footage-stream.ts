/** One stream of footage from an agent: its messages in order, read only as fast as somebody takes them. */
import Compile from 'typebox/compile'
import type { RawData } from 'ws'
import { FootageNote } from '../../contract/footage.js'
import { ServiceProblem } from '../../problems.js'

/** What is needed of an agent's footage socket (`ws` has it). */
export interface FootageSocket {
  readonly readyState: number
  readonly OPEN: number
  pause (): void
  resume (): void
  terminate (): void
  on (event: 'message', listener: (data: RawData, isBinary: boolean) => void): unknown
  once (event: 'close', listener: () => void): unknown
}
export type FootageMessage = { note: FootageNote, bytes: null } | { note: null, bytes: Buffer }

const checkNote = Compile(FootageNote)
const broken = () => new ServiceProblem('unavailable', 'footage_lost', 'The agent stopped sending before it had sent everything.')

export class FootageStream implements AsyncIterable<FootageMessage> {
  readonly #held: FootageMessage[] = []
  #heldBytes = 0
  #paused = false
  #closed = false
  #finished = false
  #failure: ServiceProblem | null = null
  #wake: (() => void) | null = null

  /** Beyond `holdBytes` that nobody has taken, the agent's socket is not read. */
  constructor (private readonly socket: FootageSocket, private readonly holdBytes = 512 * 1024) {
    socket.on('message', (data, isBinary) => this.#take(data as Buffer, isBinary))
    socket.once('close', () => this.#end(null))
    if (socket.readyState !== socket.OPEN) this.#closed = true
  }

  /** The socket is deliberately not read now: its silence says nothing. */
  get paused () { return this.#paused }

  #take (data: Buffer, isBinary: boolean) {
    if (this.#closed || this.#finished) return
    if (isBinary) this.#held.push({ note: null, bytes: data })
    else {
      const note = parse(data)
      if (!note) return this.#end(new ServiceProblem('unavailable', 'protocol_error', 'The agent sent something about footage that this server does not understand.'))
      this.#held.push({ note, bytes: null })
      if (note.type === 'end' || note.type === 'failed') this.#finished = true
    }
    this.#heldBytes += data.length
    if (this.#heldBytes > this.holdBytes && !this.#paused) {
      this.#paused = true
      this.socket.pause()
    }
    this.#wake?.()
  }

  #end (failure: ServiceProblem | null) {
    this.#closed = true
    this.#failure ??= failure
    if (failure) this.socket.terminate()
    this.#wake?.()
  }

  /** Ends after `end` or `failed`. @throws ServiceProblem `footage_lost` when the agent goes before either; what had come is given first. */
  async * [Symbol.asyncIterator] (): AsyncGenerator<FootageMessage> {
    try {
      for (;;) {
        const message = this.#held.shift()
        if (message) {
          this.#heldBytes -= message.bytes?.length ?? 0
          this.#readOn()
          yield message
          if (message.note?.type === 'end' || message.note?.type === 'failed') return
        } else if (this.#closed) throw this.#failure ?? broken()
        else await new Promise<void>(resolve => { this.#wake = resolve })
      }
    } finally { this.close() }
  }

  #readOn () {
    if (!this.#paused || this.#heldBytes > this.holdBytes / 2) return
    this.#paused = false
    if (this.socket.readyState === this.socket.OPEN) this.socket.resume()
  }

  /** Cancels what is not sent yet. */
  close () {
    this.#closed = true
    this.#held.length = 0
    this.socket.terminate()
    this.#wake?.()
  }
}

function parse (data: Buffer): FootageNote | null {
  try {
    const note: unknown = JSON.parse(String(data))
    return checkNote.Check(note) ? note : null
  } catch { return null }
}
