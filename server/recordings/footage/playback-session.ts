/**
 * One browser's playback of one camera (contract/footage.ts): one `play` at a time, sent up to the moment that the browser wants, and no
 * faster than it takes it. Knows nothing of Fastify.
 */
import Compile from 'typebox/compile'
import { type FootageNote, type FootageRequest, type MaskRegion, PlaybackRequest } from '../../contract/footage.js'
import { MEDIA_HEADER_BYTES, MediaFlag, MediaKind, readMediaHeader } from '../../contract/media.js'
import type { GapCause } from '../../contract/recording.js'
import { ServiceProblem } from '../../problems.js'
import type { Holder } from './footage-room.js'
import type { FootageStream } from './footage-stream.js'
import type { FootageSource } from './footage-streams.js'
import { unmasked } from './unmasked.js'
import type { Interval } from './watched.js'

interface BrowserSocket {
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
  /** What this person must not see now. */
  masks: () => Promise<MaskRegion[]>
  /** Who has what was recorded at a moment, or next after it; null when nobody has. */
  holderAt: (at: number) => Promise<Holder | null>
  explain: Explain
  /** Told before the first frame, and of each frame's moment. */
  watching: (request: Watched, masked: boolean) => Promise<void>
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
type Allowed = (atMs: number) => Promise<void>
type Watched = Extract<PlaybackRequest, { type: 'play' | 'still' }>

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
    this.#playing?.moved?.()
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
    void this.#relay(request, playing.over.signal, atMs => this.#allowed(playing, atMs))
      .finally(() => { if (this.#playing === playing) this.#playing = null })
  }

  #still (request: Extract<PlaybackRequest, { type: 'still' }>) {
    // Who scrubs wants the newest: the oldest that waits is given up.
    if (this.#waitingStills.length >= MAX_WAITING_STILLS) {
      const given = this.#waitingStills.shift()!
      void this.#note({ type: 'failed', id: given.id, code: 'busy', detail: 'Newer stills were asked for before this one could be sent.' }, this.#closed.signal)
    }
    this.#waitingStills.push({ id: request.id, at: request.at })
    this.#nextStill()
  }

  #nextStill () {
    if (this.#stills >= MAX_STILLS) return
    const next = this.#waitingStills.pop()
    if (!next) return
    this.#stills++
    void this.#relay({ type: 'still', ...next }, this.#closed.signal, () => Promise.resolve())
      .finally(() => { this.#stills--; this.#nextStill() })
  }

  /** Waits until the browser wants the frame of this moment. */
  async #allowed (playing: Playing, atMs: number) {
    while (!playing.over.signal.aborted && (playing.backward ? atMs < playing.until : atMs > playing.until)) {
      // Woken by a wider window, or by #stop: a listener a wait would stay on the signal as long as the person watches.
      await new Promise<void>(resolve => { playing.moved = resolve })
    }
  }

  async #relay (request: Watched, signal: AbortSignal, allowed: Allowed) {
    const { id } = request
    try {
      // A camera that was moved: where one agent's footage ends, the next one's is opened.
      for (let at: number | null = request.type === 'still' ? request.at : request.from; at !== null && !signal.aborted;) at = await this.#part(request, at, signal, allowed)
    } catch (err) {
      if (signal.aborted) return
      if (err instanceof ServiceProblem) return void await this.#note({ type: 'failed', id, code: err.code, detail: err.message.slice(0, 500) }, signal).catch(() => {})
      this.deps.failed(err)
      await this.#note({ type: 'failed', id, code: 'internal', detail: 'The server could not give this footage: its log tells why.' }, signal).catch(() => {})
    }
  }

  /** What one agent has; where to go on at another, or null. */
  async #part (request: Watched, at: number, signal: AbortSignal, allowed: Allowed): Promise<number | null> {
    const holder = await this.deps.holderAt(at)
    if (!holder) {
      await this.#failed(request.id, { code: 'no_footage', detail: 'Nothing was recorded here.' }, { from: at, to: at + 1 }, signal)
      return null
    }
    const masks = await this.deps.masks()
    const { ask, asked, goOn } = askOf(request, at, holder, { deviceId: this.deps.deviceId, transcode: !this.deps.hevc, masks })
    const opening = this.deps.streams.open(holder.agentId, ask, signal)
    // First the record, then the picture: nobody watches unrecorded.
    await this.deps.watching(request, masks.length > 0).catch(err => { opening.then(stream => stream.close(), () => {}); throw err })
    const ended = await this.#pass(request.id, await opening, { asked, goOn, masked: masks.length > 0 }, signal, allowed)
    return ended ? goOn : null
  }

  /** True when it came to its end. */
  async #pass (id: number, stream: FootageStream, { asked, goOn, masked }: { asked: Interval, goOn: number | null, masked: boolean }, signal: AbortSignal, allowed: Allowed): Promise<boolean> {
    const cut = () => stream.close()
    signal.addEventListener('abort', cut, { once: true })
    if (signal.aborted) cut()
    let ended = false
    try {
      for await (const { note, bytes } of stream) {
        if (signal.aborted) return false
        if (note?.type === 'stream' && masked && !note.masked) throw unmasked()
        if (note?.type === 'failed') await this.#failed(id, note, asked, signal)
        else if (note?.type === 'gap') await this.#note({ ...note, id, cause: (await this.deps.explain(this.deps.deviceId, note.from, note.to ?? note.from + 1))?.cause ?? note.cause }, signal)
        else if (note?.type === 'end') {
          ended = true
          if (goOn === null) await this.#note({ ...note, id }, signal)
        } else if (note) await this.#note({ ...note, id }, signal)
        else await this.#binary(id, bytes, signal, allowed)
      }
      return ended
    } finally { signal.removeEventListener('abort', cut) }
  }

  async #binary (id: number, bytes: Buffer, signal: AbortSignal, allowed: Allowed) {
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
  async #failed (id: number, { code, detail, cause }: { code: string, detail: string, cause?: GapCause | null }, { from, to }: Interval, signal: AbortSignal) {
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

/** What is asked of one agent, the interval that it answers for, and where the next one goes on. */
function askOf (request: Watched, at: number, { until }: Holder, common: { deviceId: string, transcode: boolean, masks: MaskRegion[] }): { ask: FootageRequest, asked: Interval, goOn: number | null } {
  if (request.type === 'still') return { ask: { what: 'still', at, ...common }, asked: { from: at, to: at + 1 }, goOn: null }
  const { to, mode, direction } = request
  if (direction === 'backward') return { ask: { what: 'play', from: at, to, mode, direction, ...common }, asked: { from: to ?? at - 1, to: at }, goOn: null }
  const goOn = until !== null && (to === null || to > until) ? until : null
  return { ask: { what: 'play', from: at, to: goOn ?? to, mode, direction, ...common }, asked: { from: at, to: goOn ?? to ?? at + 1 }, goOn }
}

function parse (text: string): PlaybackRequest | null {
  try {
    const request: unknown = JSON.parse(text)
    return checkRequest.Check(request) ? request : null
  } catch { return null }
}
