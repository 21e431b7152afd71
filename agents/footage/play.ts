/** `play` and `still`: what was found in the files, as messages of one frame each (server/contract/footage.ts). */
import type { FootageNote, FootageRequest } from '../../server/contract/footage.js'
import type { GapCause } from '../../server/contract/recording.js'
import { FragmentWriter } from '../rtsp/mp4-fragment.js'
import { initSegment, type VideoConfig, VIDEO_TIMESCALE } from '../rtsp/mp4-init.js'
import type { Library } from './library.js'
import { type Found, type Frame, walkBackward, walkForward } from './walk.js'

export interface Out {
  note (note: FootageNote): Promise<void>
  init (bytes: Buffer): Promise<void>
  frame (bytes: Buffer, about: { key: boolean, audio: boolean, atMs: number }): Promise<void>
}
/** A file as the viewer is told of it. */
interface Stream { kind: 'stream', runId: string, init: Buffer, audioScale: number, about: Extract<FootageNote, { type: 'stream' }> }
export type Shown = Exclude<Found, { kind: 'file' }> | Stream
/** Made anew for a decoder that cannot play what was recorded, or behind masks. */
export type Convert = (found: AsyncIterable<Found>) => AsyncIterable<Shown>
export interface PlayOptions { signal: AbortSignal, pause: () => Promise<void>, convert: Convert | null }

/** What was sent; `gap` is the first, for an answer to who got nothing. */
export interface Played { frames: number, lastAt: number | null, cause: GapCause | null }

export async function play (library: Library, request: Extract<FootageRequest, { what: 'play' }>, out: Out, { signal, pause, convert }: PlayOptions): Promise<Played> {
  const keyOnly = request.mode === 'keyframes' || request.direction === 'backward'
  const walk = request.direction === 'backward' ? walkBackward(library, { ...request, signal }) : walkForward(library, { ...request, keyOnly, signal, pause })
  return send(convert ? convert(walk) : asRecorded(walk, keyOnly), request.from, keyOnly, out)
}

/** A still of a moment without footage is not one from long before. */
const MAX_STILL_AGE_MS = 10_000

/** The key frame at or before `at`, in whichever file it stands, behind its file. */
async function * keyFrameBy (library: Library, { deviceId, at }: { deviceId: string, at: number }, signal: AbortSignal): AsyncGenerator<Found> {
  for await (const found of walkBackward(library, { deviceId, from: at, to: null, signal })) {
    if (found.kind !== 'gap') yield found
    // Bytes that cannot be read are no picture of an earlier hour.
    else if (found.cause === 'damaged' || found.cause === 'missing' || found.cause === 'volume_missing' || at - found.from > MAX_STILL_AGE_MS) return
    if (found.kind === 'frame') return
  }
}

export const still = (library: Library, request: { deviceId: string, at: number }, out: Out, { signal, convert }: Pick<PlayOptions, 'signal' | 'convert'>): Promise<Played> => {
  const found = keyFrameBy(library, request, signal)
  return send(convert ? convert(found) : asRecorded(found, true), request.at, true, out)
}

export async function findStill (library: Library, request: { deviceId: string, at: number }, signal: AbortSignal): Promise<{ video: VideoConfig, frame: Frame } | null> {
  let video: VideoConfig | null = null
  for await (const found of keyFrameBy(library, request, signal)) {
    if (found.kind === 'file') video = found.file.video.config
    else if (found.kind === 'frame' && video) return { video, frame: found.frame }
  }
  return null
}

async function send (shown: AsyncIterable<Shown>, from: number, keyOnly: boolean, out: Out): Promise<Played> {
  const writers = { video: new FragmentWriter(1), audio: new FragmentWriter(2) }
  const clock = new MediaClock(from)
  const played: Played = { frames: 0, lastAt: null, cause: null }
  let stream: Stream | null = null
  for await (const found of shown) {
    if (found.kind === 'gap') {
      played.cause ??= found.cause
      clock.gap()
      await out.note({ type: 'gap', from: Math.round(found.from), to: found.to === null ? null : Math.round(found.to), cause: found.cause })
    } else if (found.kind === 'stream') {
      clock.file(found.runId)
      if (!stream?.init.equals(found.init)) {
        await out.note(found.about)
        await out.init(found.init)
      }
      stream = found
    } else if (stream) {
      const { frame } = found
      const scale = frame.audio ? stream.audioScale : VIDEO_TIMESCALE
      const ticks = Math.round((keyOnly ? Math.abs(frame.atMs - from) / 1000 : clock.at(frame)) * scale)
      await out.frame((frame.audio ? writers.audio : writers.video).write(frame.data, ticks, Math.round(frame.durationS * scale), frame.key), frame)
      played.lastAt = frame.atMs
      played.frames++
    }
  }
  return played
}

/** Media time over files, s: goes on through a run as its pictures do, and begins anew at the wall clock after it. */
class MediaClock {
  #runId = ''
  #base: number | null = null
  #end = 0
  constructor (private readonly fromMs: number) {}

  file (runId: string) {
    this.#base = runId === this.#runId ? this.#end : null
    this.#runId = runId
  }

  /** Behind it the wall clock tells the time, also within a run. */
  gap () { this.#runId = '' }

  at (frame: Frame): number {
    this.#base ??= Math.max(this.#end, (frame.atMs - this.fromMs) / 1000) - frame.timeS
    const at = Math.max(0, this.#base + frame.timeS)
    if (!frame.audio) this.#end = at + frame.durationS
    return at
  }
}

export async function * asRecorded (walk: AsyncIterable<Found> | Iterable<Found>, keyOnly: boolean): AsyncGenerator<Shown> {
  for await (const found of walk) {
    if (found.kind !== 'file') yield found
    else {
      const video = found.file.video.config
      const audio = keyOnly ? null : found.file.audio?.config ?? null
      yield { kind: 'stream', runId: found.segment.runId, init: initSegment(video, audio), audioScale: audio?.sampleRate ?? 1,
        about: { type: 'stream', videoCodec: video.codec, audioCodec: audio?.codec ?? null, width: video.width, height: video.height, transcoded: false, masked: false } }
    }
  }
}
