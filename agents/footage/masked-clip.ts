/** A clip with parts of the picture hidden: encoded anew into a scratch file, since its length is not known before. */
import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { MaskRegion } from '../../server/contract/footage.js'
import { children, readTrak } from '../rtsp/mp4-reader.js'
import { inBandSets } from './annex-b.js'
import { sameSound } from './clip-plan.js'
import { converting } from './convert.js'
import { FootageFault } from './fault.js'
import type { Library } from './library.js'
import { movieHead, TrackTable } from './movie.js'
import type { Outlet } from './outlet.js'
import { type Found, type Frame, walkForward } from './walk.js'

const MAX_BYTES = 4 * 2 ** 30
const READ_BYTES = 1024 * 1024

export interface MaskedClipRequest { deviceId: string, from: number, to: number, masks: readonly MaskRegion[] }

export async function sendMaskedClip (library: Library, request: MaskedClipRequest, out: Outlet, { signal, scratch }: { signal: AbortSignal, scratch: string }) {
  await mkdir(scratch, { recursive: true, mode: 0o700 })
  const path = join(scratch, `clip-${randomUUID()}`)
  const file = await open(path, 'wx+', 0o600)
  try {
    const film = new Film(file)
    const walk = walkForward(library, { ...request, keyOnly: false, signal, pause: () => Promise.resolve() })
    for await (const shown of converting({ masks: request.masks, keyOnly: false })(film.withoutSound(walk))) {
      signal.throwIfAborted()
      if (shown.kind === 'stream') film.begin(shown.init, shown.about)
      else if (shown.kind === 'frame') await film.picture(shown.frame)
    }
    const { head, bytes, from, to, gaps } = film.finish()
    await out.note({ type: 'file', bytes: head.length + bytes, mime: 'video/mp4', from, to, gaps, masked: true })
    await out.bytes(head)
    for (let at = 0; at < bytes;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(READ_BYTES, bytes - at)), 0, null, at)
      if (bytesRead === 0) throw new FootageFault('internal', 'The masked clip became shorter while it was being sent')
      await out.bytes(buffer.subarray(0, bytesRead))
      at += bytesRead
    }
    await out.note({ type: 'end', at: to })
  } finally {
    await file.close().catch(() => {})
    await rm(path, { force: true })
  }
}

interface Held { offset: number, frame: Frame }
/** Longer between two frames is a gap, s. */
const MAX_FRAME_S = 1

/** Samples in the order in which they came out, and where each lies. */
class Film {
  #video: TrackTable | null = null
  #audio: TrackTable | null = null
  #bytes = 0
  /** In front of every key frame: the coding changes where the recorded one does. */
  #sets: Buffer = Buffer.alloc(0)
  #source: Extract<Found, { kind: 'file' }> | null = null
  /** Each track's last sample: it lasts until the next one begins. */
  readonly #last: { picture: Held | null, sound: Held | null } = { picture: null, sound: null }
  /** Of pictures handed to the encoder, s; and where the present file's time 0 lies on it. */
  #handedS = 0
  #fileZeroS: number | null = null
  #from: number | null = null
  #to = 0
  readonly #gaps: { from: number, to: number }[] = []

  constructor (private readonly file: FileHandle) {}

  /** Sound goes into the film as it was recorded; the rest is passed on. */
  async * withoutSound (walk: AsyncIterable<Found>): AsyncGenerator<Found> {
    for await (const found of walk) {
      if (found.kind === 'gap' && found.to !== null) this.#gaps.push({ from: Math.round(found.from), to: Math.round(found.to) })
      if (found.kind === 'file') {
        this.#put('sound', null)
        this.#source = found
        this.#fileZeroS = null
      }
      if (found.kind === 'frame' && found.frame.audio) {
        await this.#sound(found.frame)
        continue
      }
      if (found.kind === 'frame') {
        this.#fileZeroS ??= this.#handedS - found.frame.timeS
        this.#handedS += found.frame.durationS
      }
      yield found
    }
  }

  async #sound (frame: Frame) {
    const source = this.#source?.file.audio
    if (!source || this.#fileZeroS === null) return
    const { entry, timescale } = source
    this.#audio ??= new TrackTable('soun', { timescale, entry, width: 0, height: 0 })
    this.#put('sound', frame)
    if (!sameSound(this.#audio, entry, timescale) || !this.#audio.place(Math.round((this.#fileZeroS + frame.timeS) * timescale))) return
    this.#audio.begin(entry)
    this.#last.sound = { offset: await this.#append(frame.data), frame }
  }

  /** The held sample's length is known now: until `next`, or as it says itself. */
  #put (track: 'picture' | 'sound', next: Frame | null) {
    const held = this.#last[track]
    const table = track === 'sound' ? this.#audio : this.#video
    this.#last[track] = null
    if (!held || !table) return
    const { data, key, timeS, durationS } = held.frame
    const untilNext = next ? next.timeS - timeS : 0
    const lasts = untilNext > 0 && untilNext <= MAX_FRAME_S ? untilNext : durationS
    table.chunk(held.offset, [{ size: data.length, duration: Math.max(1, Math.round(lasts * table.about.timescale)), key }])
  }

  begin (init: Buffer, { width, height }: { width: number, height: number }) {
    this.#put('picture', null)
    const moov = [...children(init, 0)].find(b => b.type === 'moov')!
    const { entry, timescale, video } = readTrak([...children(moov.body, 0)].find(b => b.type === 'trak')!.body)
    this.#video ??= new TrackTable('vide', { timescale, entry: Buffer.from(entry), width, height })
    this.#video.begin(Buffer.from(entry))
    this.#sets = video ? inBandSets(video.sets) : Buffer.alloc(0)
  }

  async picture (frame: Frame) {
    this.#put('picture', frame)
    const data = frame.key ? Buffer.concat([this.#sets, frame.data]) : frame.data
    this.#last.picture = { offset: await this.#append(data), frame: { ...frame, data } }
    this.#from ??= frame.atMs
    this.#to = frame.atMs + frame.durationS * 1000
  }

  async #append (data: Buffer): Promise<number> {
    const at = this.#bytes
    if (at + data.length > MAX_BYTES) throw new FootageFault('too_large', 'The masked clip is too large: choose a shorter interval')
    await this.file.write(data, 0, data.length, at)
    this.#bytes += data.length
    return at
  }

  finish () {
    this.#put('picture', null)
    this.#put('sound', null)
    if (!this.#video || this.#from === null) throw new FootageFault('no_footage', 'Nothing was recorded in this interval')
    const head = movieHead([this.#video, ...(this.#audio?.samples ? [this.#audio] : [])], this.#bytes, this.#from)
    return { head, bytes: this.#bytes, from: Math.round(this.#from), to: Math.round(this.#to), gaps: this.#gaps }
  }
}
