import { MEDIA_HEADER_BYTES, MediaFlag, MediaKind, writeMediaHeader } from '../../server/contract/media.js'
import type { FootageNote } from '../../server/contract/footage.js'

/** What is needed of a WebSocket. */
export interface OutSocket {
  readonly bufferedAmount: number
  readonly readyState: number
  send (data: string | Buffer, options: { binary: boolean, fin: boolean }, done?: (error?: Error) => void): void
}

/** Beyond this the reader waits for the network. */
const FULL_BYTES = 1024 * 1024
const OPEN = 1

/** One stream's way to the server. Every call waits while the server does not read, and rejects when it is gone. */
export class Outlet {
  #number = 0
  constructor (private readonly socket: OutSocket, private readonly signal: AbortSignal) {}

  note (note: FootageNote) { return this.#send([JSON.stringify(note)], false) }
  init (bytes: Buffer) { return this.#send([header(MediaKind.init, 0, 0, 0), bytes], true) }
  frame (bytes: Buffer, { key, audio, atMs }: { key: boolean, audio: boolean, atMs: number }) {
    return this.#send([header(MediaKind.fragment, (key ? MediaFlag.key : 0) | (audio ? MediaFlag.audio : 0), atMs, ++this.#number), bytes], true)
  }

  bytes (chunk: Buffer) { return this.#send([chunk], true) }

  /** The last part's callback comes when the kernel took it, so waiting for it is waiting for the reader. */
  async #send (parts: readonly (string | Buffer)[], binary: boolean): Promise<void> {
    this.signal.throwIfAborted()
    if (this.socket.readyState !== OPEN) throw new Error('The server is gone')
    const wait = this.socket.bufferedAmount > FULL_BYTES
    await new Promise<void>((resolve, reject) => {
      for (const [i, part] of parts.entries()) {
        const last = i === parts.length - 1
        this.socket.send(part, { binary, fin: last }, last ? error => error ? reject(error) : resolve() : undefined)
      }
      if (!wait) resolve()
    })
  }
}

function header (kind: number, flags: number, atMs: number, number: number): Buffer {
  const head = Buffer.allocUnsafe(MEDIA_HEADER_BYTES)
  writeMediaHeader(new DataView(head.buffer, head.byteOffset, MEDIA_HEADER_BYTES), { stream: 0, kind, flags, atMs, number })
  return head
}
