import { parseFragment, parseInit, type Track } from '../../live-video/boxes.js'
import { FrameQueue } from './frame-queue.js'
import type { Screen, ScreenFailed } from './screen.js'

/** Decoded pictures that wait to be shown, at most: each holds a whole frame's memory. */
const DECODED = 10
const IN_DECODER = 4
/** The reordering of H.264 and H.265 is 16 pictures deep at most. */
const MAX_HELD = 32
/** Far above what the window of two seconds lets through. */
const MAX_WAITING = 6000
const MAX_FAILURES = 3

interface Stream { codec: string, track: Track }
interface Chunk { stream: Stream, key: boolean, atMs: number, data: Uint8Array }
/** `end` stands where a gap or the end comes. */
type Coded = Chunk | 'end'
class Decoded {
  constructor (readonly frame: VideoFrame, readonly atMs: number) {}
  close () { this.frame.close() }
}

/** Decodes ahead of the clock and shows each picture when the clock says so. */
export function webCodecsScreen (canvas: HTMLCanvasElement, failed: ScreenFailed): Screen {
  const context = canvas.getContext('2d', { alpha: false })
  const queue = new FrameQueue<Decoded>()
  /** By the decoder's timestamp, which is a counter: a camera's own may repeat. */
  const inDecoder = new Map<number, number>()
  let coded: Coded[] = []
  let decoder: VideoDecoder | null = null
  let configured: Stream | null = null
  let stream: Stream | null = null
  let needKey = true
  let counter = 0
  let failures = 0
  let forward = true
  let busy = false
  let drains = 0
  let closed = false

  const output = (frame: VideoFrame) => {
    const atMs = inDecoder.get(frame.timestamp)
    inDecoder.delete(frame.timestamp)
    if (closed || atMs === undefined) { frame.close(); return }
    failures = 0
    queue.push(new Decoded(frame, atMs))
    pump()
  }
  const broke = (error: Error) => {
    decoder = null
    configured = null
    inDecoder.clear()
    needKey = true
    if (!closed) failed(error.message, ++failures >= MAX_FAILURES)
  }
  const make = () => {
    const made: VideoDecoder = new VideoDecoder({ output: frame => { if (made === decoder) output(frame); else frame.close() }, error: error => { if (made === decoder) broke(error) } })
    return made
  }
  const configure = (wanted: Stream) => {
    decoder ??= make()
    decoder.configure({ codec: wanted.codec, optimizeForLatency: true, ...(wanted.track.config ? { description: wanted.track.config } : {}) })
    configured = wanted
    needKey = true
  }
  /** Everything in the decoder comes out; `then` runs unless all was reset meanwhile. */
  const drain = (then: () => void) => {
    if (decoder?.state !== 'configured') { then(); return }
    busy = true
    const mine = ++drains
    const over = (act: () => void) => { if (mine === drains) { busy = false; needKey = true; act() } }
    // It fails when all is reset or broken meanwhile, which goes on by itself.
    decoder.flush().then(() => over(() => { then(); pump() }), () => over(() => {}))
  }
  const decode = (chunk: Chunk) => {
    if (needKey && !chunk.key) return
    needKey = false
    inDecoder.set(++counter, chunk.atMs)
    decoder!.decode(new EncodedVideoChunk({ type: chunk.key ? 'key' : 'delta', timestamp: counter, data: chunk.data }))
  }
  const pump = () => {
    while (!closed && !busy && coded.length > 0) {
      const next = coded[0]!
      if (next === 'end') { coded.shift(); drain(() => { queue.settled = true }); continue }
      if (next.stream !== configured) {
        if (configured && inDecoder.size > 0) { drain(() => configure(next.stream)); continue }
        configure(next.stream)
      }
      // A decoder may hold pictures back until more comes: while none is decoded it is fed on.
      if ((queue.length > 0 && queue.length + inDecoder.size >= DECODED) || inDecoder.size >= MAX_HELD || decoder!.decodeQueueSize >= IN_DECODER) return
      coded.shift()
      decode(next)
    }
  }
  const draw = ({ frame }: Decoded) => {
    if (canvas.width !== frame.displayWidth || canvas.height !== frame.displayHeight) { canvas.width = frame.displayWidth; canvas.height = frame.displayHeight }
    context?.drawImage(frame, 0, 0, canvas.width, canvas.height)
    frame.close()
  }

  return {
    kind: 'webcodecs',
    reset (from, ahead) {
      forward = ahead
      coded = []
      queue.clear(ahead, from)
      inDecoder.clear()
      busy = false
      drains++
      needKey = true
      if (decoder?.state === 'configured') { decoder.reset(); configured = null }
    },
    init (bytes, codec) {
      const track = parseInit(bytes).find(t => t.kind === 'video')
      if (track) stream = { codec, track }
    },
    push (bytes, { key, atMs }) {
      if (!stream || closed) return
      if (coded.length > MAX_WAITING) { failed('More frames came than were asked for', true); return }
      coded.push({ stream, key, atMs, data: parseFragment(bytes).data })
      pump()
    },
    settle () { coded.push('end'); pump() },
    present (mediaMs, rate) {
      const due = queue.take(mediaMs)
      pump()
      if (!due) return null
      draw(due)
      return { atMs: due.atMs, lateMs: Math.max(0, (forward ? mediaMs - due.atMs : due.atMs - mediaMs) / Math.max(0.25, Math.abs(rate))) }
    },
    covers (mediaMs) {
      const newest = queue.newestAt
      return newest !== null && (forward ? newest > mediaMs : newest < mediaMs)
    },
    nextAt: () => queue.nextAt,
    close () {
      closed = true
      coded = []
      queue.clear(true)
      if (decoder && decoder.state !== 'closed') decoder.close()
      decoder = null
    }
  }
}
