/** One camera's recorded sound beside its picture: only forward at 1x, where it can be understood. */
import { type Samples, soundDecoder } from '../../live-video/sound-decoder.js'
import { alignedStart } from './sound-align.js'

interface Coded { bytes: Uint8Array, atMs: number }
/** Handed to the browser so far ahead of the clock, ms: a busy page makes no holes, a pause is silent at once all the same. */
const AHEAD_MS = 400
/** Two seconds of watching at 20 ms a piece, with room; a camera that sends more loses its oldest. */
const MOST_CODED = 1000

export interface RecordedSound {
  init: (bytes: Uint8Array, codec: string) => void
  push: (bytes: Uint8Array, atMs: number) => void
  /** Heard from the clock's moment on; null is silence. */
  follow: (mediaMs: number | null) => void
  /** What came so far belongs to another moment. */
  reset: () => void
  /** How far what was scheduled last is from its place beside the picture, ms; null in silence. */
  behindMs: () => number | null
  close: () => void
}

export function recordedSound (): RecordedSound {
  let head: { bytes: Uint8Array, codec: string } | null = null
  let coded: Coded[] = []
  /** Everything up to here was handed to the decoder. */
  let decodedUpTo = -Infinity
  let context: AudioContext | null = null
  let decoder: ReturnType<typeof soundDecoder> = null
  /** Audio clock minus recorded time, s. */
  let offsetS = 0
  let endsAtS = 0
  let behind: number | null = null
  const playing = new Set<AudioBufferSourceNode>()

  const play = (channels: Samples, hz: number, atMs: number) => {
    const length = channels[0]?.length ?? 0
    if (context?.state !== 'running' || length === 0 || Number.isNaN(atMs)) return
    const wanted = atMs / 1000 + offsetS
    const start = alignedStart(wanted, endsAtS, context.currentTime)
    if (start === null) return
    const buffer = context.createBuffer(channels.length, length, hz)
    channels.forEach((samples, i) => { buffer.copyToChannel(samples, i) })
    const source = context.createBufferSource()
    source.buffer = buffer
    source.connect(context.destination)
    source.onended = () => { playing.delete(source); source.disconnect() }
    playing.add(source)
    source.start(start)
    endsAtS = start + length / hz
    behind = (start - wanted) * 1000
  }
  const silence = () => {
    for (const source of playing) source.stop()
    playing.clear()
    decoder?.reset()
    decodedUpTo = -Infinity
    endsAtS = 0
    behind = null
  }
  const open = () => {
    if (decoder || !head) return
    context ??= new AudioContext({ latencyHint: 'interactive' })
    void context.resume().catch(() => {})
    decoder = soundDecoder(head.codec, play)
    decoder?.init(head.bytes)
  }

  return {
    init (bytes, codec) {
      head = { bytes, codec }
      silence()
      decoder?.close()
      decoder = null
    },
    push (bytes, atMs) {
      coded.push({ bytes, atMs })
      if (coded.length > MOST_CODED) coded = coded.slice(-MOST_CODED / 2)
    },
    follow (mediaMs) {
      if (mediaMs === null) { if (behind !== null || playing.size > 0) silence(); return }
      open()
      if (!context || !decoder) return
      offsetS = context.currentTime - mediaMs / 1000
      const due = coded.findIndex(c => c.atMs > mediaMs + AHEAD_MS)
      const ready = due < 0 ? coded : coded.slice(0, due)
      for (const c of ready) if (c.atMs > decodedUpTo && c.atMs >= mediaMs - AHEAD_MS) { decodedUpTo = c.atMs; decoder.push(c.bytes, c.atMs) }
      // What was heard stays for as long as a pause may want it again.
      const passed = coded.findIndex(c => c.atMs >= mediaMs - AHEAD_MS)
      if (passed > 0) coded.splice(0, passed)
    },
    reset () { coded = []; silence() },
    behindMs: () => context?.state === 'running' ? behind : null,
    close () { coded = []; silence(); decoder?.close(); void context?.close().catch(() => {}) }
  }
}
