import { parseFragment, parseInit, type Track } from './boxes.js'
import { seiTimeMs } from './sei.js'
import type { Sink, SinkEvents, StreamFacts } from './sink.js'

interface Waiting { atMs: number, arrivedAt: number, seiMs: number | null }
/** A frame that waited longer than this makes the rest of its group of pictures pointless, ms. */
const GIVE_UP_MS = 700
/** While more frames than this are behind the one decoded, drawing it would only cost time. */
const SKIP_DRAWING = 2
const SECOND_US = 1_000_000
const measuring = () => '__kalanchaBench' in window

/** Decodes onto the canvas as soon as a frame arrives; no buffer, no clock: the newest picture is the right one. */
export function webCodecsSink (canvas: HTMLCanvasElement, facts: StreamFacts, events: SinkEvents): Sink {
  const context = canvas.getContext('2d', { alpha: false, desynchronized: true })
  const hevc = !facts.codec.startsWith('avc')
  const waiting = new Map<number, Waiting>()
  let decoder: VideoDecoder | null = null
  let track: Track | null = null
  let needKey = true
  let dropped = 0
  let drawnAt = 0
  let closed = false

  const draw = (frame: VideoFrame) => {
    const facts = waiting.get(frame.timestamp)
    // Frames that the decoder swallowed stay behind: everything up to this one is done.
    for (const time of waiting.keys()) if (time <= frame.timestamp) waiting.delete(time)
    const now = performance.now()
    if (closed || (waiting.size > SKIP_DRAWING && now - drawnAt < 100)) { frame.close(); dropped++; return }
    if (canvas.width !== frame.displayWidth || canvas.height !== frame.displayHeight) { canvas.width = frame.displayWidth; canvas.height = frame.displayHeight }
    context?.drawImage(frame, 0, 0, canvas.width, canvas.height)
    const mediaTimeS = frame.timestamp / SECOND_US
    frame.close()
    drawnAt = now
    if (facts) events.presented({ atMs: facts.atMs, mediaTimeS, drawnAt: performance.now(), seiMs: facts.seiMs })
  }
  const make = () => {
    if (!track || closed) return
    if (decoder && decoder.state !== 'closed') decoder.close()
    waiting.clear()
    needKey = true
    const made = new VideoDecoder({ output: draw, error: error => { if (decoder === made && !closed) { decoder = null; events.failed(error.message, false) } } })
    decoder = made
    made.configure({ codec: facts.codec, optimizeForLatency: true, ...(track.config ? { description: track.config } : {}) })
  }
  /** Time goes back when the camera starts anew; the map's order by insertion must stay the order of time. */
  const oldest = () => { for (const w of waiting.values()) return w; return null }

  return {
    kind: 'webcodecs',
    init (bytes) {
      track = parseInit(bytes).find(t => t.kind === 'video') ?? null
      if (track) make()
    },
    push (bytes, { key, broken, atMs }) {
      if (!track || closed) return
      if (broken) needKey = true
      const now = performance.now()
      const late = oldest()
      if (late && now - late.arrivedAt > GIVE_UP_MS) {
        // Behind: begin again at a key frame rather than work off what is already old.
        if (key) make()
        else needKey = true
      }
      if (!decoder) make()
      if (needKey && !key) { dropped++; return }
      needKey = false
      const sample = parseFragment(bytes)
      const timestamp = Math.round(sample.time / track.timescale * SECOND_US)
      waiting.delete(timestamp)
      waiting.set(timestamp, { atMs, arrivedAt: now, seiMs: measuring() ? seiTimeMs(sample.data, hevc, lengthSize(track, hevc)) : null })
      decoder?.decode(new EncodedVideoChunk({ type: key ? 'key' : 'delta', timestamp, data: sample.data }))
    },
    setMode () {},
    waitingMs: () => { const w = oldest(); return w ? performance.now() - w.arrivedAt : 0 },
    dropped: () => dropped,
    close () {
      closed = true
      waiting.clear()
      if (decoder && decoder.state !== 'closed') decoder.close()
      decoder = null
    }
  }
}
/** Bytes of a NAL unit's length, from avcC (byte 4) or hvcC (byte 21). */
const lengthSize = (track: Track, hevc: boolean) => ((track.config?.[hevc ? 21 : 4] ?? 3) & 3) + 1
