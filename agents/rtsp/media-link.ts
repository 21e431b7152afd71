import { MEDIA_HEADER_BYTES, type MediaCommand, MediaFlag, MediaKind, type StreamInfo, writeMediaHeader } from '../../server/contract/media.js'
import type { SourceState, Viewer } from './camera-source.js'
import type { MediaFragment, MediaInit } from './pull.js'
import type { Time } from './timeline.js'

/** What is needed of a WebSocket. */
export interface MediaSocket {
  readonly bufferedAmount: number
  send (data: string | Buffer, options?: { binary?: boolean }): void
}
/** Anything that can be watched: a camera's stream, or one made from it. */
interface Watchable { watch (viewer: Viewer): () => void }
interface Made { transcoded: boolean, masked?: boolean }
export type Find = (command: Extract<MediaCommand, { type: 'subscribe' }>) => { stream: Watchable, transcoded: boolean, masked?: boolean } | { failure: StreamInfo['failure'] }

/** Bytes not yet taken by the network: above the first only key frames go, above the last nothing, below the lowest all again. */
const CONGESTED_BYTES = 2 * 1024 * 1024
const FULL_BYTES = 8 * 1024 * 1024
const CLEAR_BYTES = 256 * 1024

/** The server's subscriptions over one socket. Nothing here waits for the network: what does not fit is left out. */
export class MediaLink {
  private subscriptions = new Map<number, () => void>()
  private congested = false

  constructor (private readonly socket: MediaSocket, private readonly find: Find, private readonly time: Time) {}

  command (command: MediaCommand) {
    this.unsubscribe(command.stream)
    if (command.type === 'unsubscribe') return
    const found = this.find(command)
    if ('failure' in found) return this.info(command.stream, { status: 'failed', client: 'own', failure: found.failure, init: null }, { transcoded: false })
    // A viewer may be told things before watch() returns the way out.
    this.subscriptions.set(command.stream, () => {})
    this.subscriptions.set(command.stream, found.stream.watch(this.viewer(command.stream, found)))
  }

  close () {
    for (const stream of [...this.subscriptions.keys()]) this.unsubscribe(stream)
  }

  private unsubscribe (stream: number) {
    this.subscriptions.get(stream)?.()
    this.subscriptions.delete(stream)
  }

  private viewer (stream: number, made: Made): Viewer {
    let number = 0
    let needsKey = false
    return {
      state: state => this.info(stream, state, made),
      init: (init: MediaInit) => {
        needsKey = false
        this.send({ stream, kind: MediaKind.init, flags: 0, atMs: this.time.wall(), number: 0 }, init.bytes)
      },
      fragment: (fragment: MediaFragment) => {
        const n = ++number
        const queued = this.socket.bufferedAmount
        this.congested = this.congested ? queued > CLEAR_BYTES : queued > CONGESTED_BYTES
        if (this.congested && !fragment.audio) needsKey = true
        if (queued > FULL_BYTES || (this.congested && fragment.audio) || (needsKey && !fragment.key && !fragment.audio)) return
        if (fragment.key) needsKey = false
        this.send({ stream, kind: MediaKind.fragment, flags: (fragment.key ? MediaFlag.key : 0) | (fragment.audio ? MediaFlag.audio : 0), atMs: fragment.atMs, number: n }, fragment.bytes)
      }
    }
  }

  private info (stream: number, { status, client, failure, init }: SourceState, { transcoded, masked = false }: Made) {
    const info: StreamInfo = {
      type: 'stream', stream, status, client, transcoded, masked, failure,
      videoCodec: init?.video.codec ?? null, audioCodec: init?.audio?.codec ?? null, width: init?.video.width ?? null, height: init?.video.height ?? null
    }
    this.socket.send(JSON.stringify(info))
  }

  /** Copied: it may wait in the socket for longer than a fragment's memory is its own. */
  private send (header: Parameters<typeof writeMediaHeader>[1], body: Buffer) {
    const message = Buffer.allocUnsafe(MEDIA_HEADER_BYTES + body.length)
    writeMediaHeader(new DataView(message.buffer, message.byteOffset, MEDIA_HEADER_BYTES), header)
    body.copy(message, MEDIA_HEADER_BYTES)
    this.socket.send(message, { binary: true })
  }
}
