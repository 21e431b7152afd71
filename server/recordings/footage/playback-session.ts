/**
 * One browser's playback of one camera (contract/footage.ts): one `play` at a time, sent up to the moment that the browser wants, and no
 * faster than it takes it. Knows nothing of Fastify.
 */
import Compile from 'typebox/compile'
import { type FootageNote, type FootageRequest, type MaskRegion, PlaybackRequest } from '../../contract/footage.js'
import { MEDIA_HEADER_BYTES, MediaFlag, MediaKind, readMediaHeader } from '../../contract/media.js'
import type { GapCause } from '../../contract/recording.js'
import { ServiceProblem } from '../../problems.js'
import type { FootageStream } from './footage-stream.js'
import type { FootageSource } from './footage-streams.js'

export interface BrowserSocket {
  readonly bufferedAmount: number
  readonly readyState: number
  readonly OPEN: number
  send (data: Buffer | string, options: { binary: boolean }, done: (err?: Error | null) => void): void
}
export interface PlaybackDeps {
  deviceId: string
  socket: BrowserSocket
  streams: FootageSource
  /** Plays H.265; without it H.264 is made of it. */
  hevc: boolean
  masks: MaskRegion[]
  /** The agent that has what was recorded at a moment, or then on; null when nobody has. */
  agentAt: (at: number) => Promise<string | null>
  explain: Explain
  /** Told before the first frame, and of each frame's moment. */
  watching: (request: Extract<PlaybackRequest, { type: 'play' | 'still' }>) => Promise<void>
  shown: (atMs: number) => void
  failed: (err: unknown) => void
}
/** Why nothing was recorded in an interval, as the server judges it. */
export type Explain = (deviceId: string, from: number, to: number) => Promise<{ cause: GapCause, detail: string } | null>

const FULL_BYTES = 1024 * 1024
const MAX_STILLS = 2
const MAX_WAITING_STILLS = 8
const checkRequest = Compile(PlaybackRequest)
type Play = Extract<PlaybackRequest, { type: 'play' }>

interface Playing { id: number, until: number, backward: boolean, over: AbortController, moved: (() => void) | null }

export class PlaybackSession {
  #playing: Playing | null = null
  #stills = 0
  readonly #waitingStills: { id: number, at: number }[] = []
  readonly #closed = new AbortController()

  constructor (private readonly deps: PlaybackDeps) {}

  /** False when it is no request. */
  receive (text: string): boolean {
    const request = parse(text)
    if (!request) return false
    switch (request.type) {
      case 'play': this.#play(request); break
      case 'window': this.#window(request); break
      case 'still': this.#still(request); break
      case 'stop': if (this.#playing?.id === request.id) this.#stop(); break
    }
    return true
  }

  close () {
    this.#closed.abort()
    this.#stop()
    this.#waitingStills.length = 0
  }

  #stop () {
    this.#playing?.over.abort()
    this.#playing = null
  }

  #window ({ id, until }: Extract<PlaybackRequest, { type: 'window' }>) {
    if (this.#playing?.id !== id) return
    this.#playing.until = until
    this.#playing.moved?.()
  }

  #play (request: Play) {
    this.#stop()
    if (this.#closed.signal.aborted) return
    const playing: Playing = { id: request.id, until: request.until, backward: request.direction === 'backward', over: new AbortController(), moved: null }
    this.#playing = playing
    const { deviceId, hevc, masks } = this.deps
    const { from, to, mode, direction } = request
    const ask: FootageRequest = { what: 'play', deviceId, from, to, mode, direction, transcode: !hevc, masks }
    void this.#relay(request, ask, from, playing.over.signal, atMs => this.#allowed(playing, atMs))
      .finally(() => { if (this.#playing === playing) this.#playing = null })
  }

  #still (request: Extract<PlaybackRequest, { type: 'still' }>) {
    // Who scrubs wants the newest: the oldest that waits is given up.
    if (this.#waitingStills.length >= MAX_WAITING_STILLS) {
      const given = this.#waitingStills.shift()!
      void this.#note({ type: 'failed', id: given.id, code: 'busy', detail: 'Newer stills were asked for before this one could be sent.' }, this.#closed.signal)
    }
    this.#waitingStills.push(request)
    this.#nextStill()
  }

  #nextStill () {
    if (this.#stills >= MAX_STILLS) return
    const next = this.#waitingStills.pop()
    if (!next) return
    this.#stills++
    const { deviceId, hevc, masks } = this.deps
    const { id, at } = next
    void this.#relay({ type: 'still', id, at }, { what: 'still', deviceId, at, transcode: !hevc, masks }, at, this.#closed.signal, () => Promise.resolve())
      .finally(() => { this.#stills--; this.#nextStill() })
  }

  /** Waits until the browser wants the frame of this moment. */
  async #allowed (playing: Playing, atMs: number) {
    while (!playing.over.signal.aborted && (playing.backward ? atMs < playing.until : atMs > playing.until)) {
      await new Promise<void>(resolve => {
        playing.moved = resolve
        playing.over.signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }

  async #relay (request: Extract<PlaybackRequest, { type: 'play' | 'still' }>, ask: FootageRequest, at: number, signal: AbortSignal, allowed: (atMs: number) => Promise<void>) {
    const { id } = request
    try {
      const agentId = await this.deps.agentAt(at)
      if (!agentId) return await this.#failed(id, { code: 'no_footage', detail: 'Nothing was recorded here.' }, at, at + 1, signal)
      const opening = this.deps.streams.open(agentId, ask, signal)
      // First the record, then the picture: nobody watches unrecorded.
      await this.deps.watching(request).catch(err => { opening.then(stream => stream.close(), () => {}); throw err })
      const stream = await opening
      await this.#pass(id, stream, request.type === 'play' && request.direction === 'backward' ? { from: request.to ?? at - 1, to: at } : { from: at, to: request.type === 'play' ? request.to ?? at + 1 : at + 1 }, signal, allowed)
    } catch (err) {
      if (signal.aborted) return
      if (err instanceof ServiceProblem) return void await this.#note({ type: 'failed', id, code: err.code, detail: err.message.slice(0, 500) }, signal).catch(() => {})
      this.deps.failed(err)
      await this.#note({ type: 'failed', id, code: 'internal', detail: 'The server could not give this footage: its log tells why.' }, signal).catch(() => {})
    }
  }

  async #pass (id: number, stream: FootageStream, asked: { from: number, to: number }, signal: AbortSignal, allowed: (atMs: number) => Promise<void>) {
    const cut = () => stream.close()
    signal.addEventListener('abort', cut, { once: true })
    if (signal.aborted) cut()
    try {
      for await (const { note, bytes } of stream) {
        if (signal.aborted) return
        if (note?.type === 'failed') await this.#failed(id, note, asked.from, asked.to, signal)
        else if (note?.type === 'gap') await this.#note({ ...note, id, cause: (await this.deps.explain(this.deps.deviceId, note.from, note.to ?? note.from + 1))?.cause ?? note.cause }, signal)
        else if (note) await this.#note({ ...note, id }, signal)
        else await this.#binary(id, bytes, signal, allowed)
      }
    } finally { signal.removeEventListener('abort', cut) }
  }

  async #binary (id: number, bytes: Buffer, signal: AbortSignal, allowed: (atMs: number) => Promise<void>) {
    if (bytes.length <= MEDIA_HEADER_BYTES) throw new ServiceProblem('unavailable', 'protocol_error', 'The agent sent something about footage that this server does not understand.')
    const header = readMediaHeader(new DataView(bytes.buffer, bytes.byteOffset, MEDIA_HEADER_BYTES))
    if (header.kind === MediaKind.fragment) {
      await allowed(header.atMs)
      if (signal.aborted) return
      if ((header.flags & MediaFlag.audio) === 0) this.deps.shown(header.atMs)
    }
    bytes.writeUInt32BE(id, 0)
    await this.#send(bytes, signal)
  }

  /** Names the gap where nothing was recorded. */
  async #failed (id: number, { code, detail, cause }: { code: string, detail: string, cause?: GapCause | null }, from: number, to: number, signal: AbortSignal) {
    const why = code === 'no_footage' ? await this.deps.explain(this.deps.deviceId, from, Math.max(to, from + 1)) : null
    await this.#note({ type: 'failed', id, code, detail: (why?.detail || detail).slice(0, 500), cause: why?.cause ?? cause ?? null }, signal)
  }

  #note (note: FootageNote, signal: AbortSignal) { return this.#send(JSON.stringify(note), signal) }

  /** Waits while the browser is behind. */
  async #send (data: Buffer | string, signal: AbortSignal) {
    const { socket } = this.deps
    if (signal.aborted || socket.readyState !== socket.OPEN) return
    const wait = socket.bufferedAmount > FULL_BYTES
    await new Promise<void>(resolve => {
      socket.send(data, { binary: typeof data !== 'string' }, () => resolve())
      if (!wait) resolve()
    })
  }
}

function parse (text: string): PlaybackRequest | null {
  try {
    const request: unknown = JSON.parse(text)
    return checkRequest.Check(request) ? request : null
  } catch { return null }
}
