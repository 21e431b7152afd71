import Compile from 'typebox/compile'
import type { RawData } from 'ws'
import type { Log } from '../../lib/log.js'
import { MEDIA_HEADER_BYTES, type MediaCommand, type MediaHeader, MediaServes, readMediaHeader, StreamInfo } from '../contract/media.js'

/** What is needed of an agent's media socket (`ws` has it). */
export interface UpstreamSocket {
  readonly readyState: number
  readonly OPEN: number
  send (data: string): void
  terminate (): void
  on (event: 'message', listener: (data: RawData, isBinary: boolean) => void): unknown
  once (event: 'close', listener: () => void): unknown
}
export interface UpstreamEvents {
  info (upstream: MediaUpstream, info: StreamInfo): void
  bytes (upstream: MediaUpstream, header: MediaHeader, bytes: Buffer): void
  /** It said which cameras it has. */
  serves (upstream: MediaUpstream): void
  closed (upstream: MediaUpstream): void
}
const checkInfo = Compile(StreamInfo)
const checkServes = Compile(MediaServes)

/** One media socket of an agent; an agent with many cameras has several. */
export class MediaUpstream {
  /** Cameras to ask for through this socket; null is all. */
  serves: ReadonlySet<string> | null = null
  /** False while it may yet say which cameras it has. */
  settled = false
  #faults = 0

  constructor (readonly agentId: string, private readonly socket: UpstreamSocket, private readonly events: UpstreamEvents, private readonly log: Log) {
    socket.on('message', (data, isBinary) => { if (isBinary) this.#binary(data as Buffer); else this.#text(data) })
    socket.once('close', () => events.closed(this))
  }

  send (command: MediaCommand) { if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(command)) }
  end () { this.socket.terminate() }

  #binary (bytes: Buffer) {
    if (bytes.length <= MEDIA_HEADER_BYTES) return this.#fault('a media message is too short')
    this.events.bytes(this, readMediaHeader(new DataView(bytes.buffer, bytes.byteOffset, MEDIA_HEADER_BYTES)), bytes)
  }

  #text (data: RawData) {
    try {
      const message: unknown = JSON.parse(String(data))
      if (checkInfo.Check(message)) return this.events.info(this, message)
      if (checkServes.Check(message)) {
        this.serves = new Set(message.deviceIds)
        this.settled = true
        return this.events.serves(this)
      }
    } catch { /* said below */ }
    this.#fault('a media message is not understood')
  }

  /** Said now and then: a broken agent must not fill the log. */
  #fault (text: string) {
    if (this.#faults++ % 1000 === 0) this.log.warn({ agentId: this.agentId, faults: this.#faults }, text)
  }
}
