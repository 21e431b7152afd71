import { joined, onlyTrack, parseFragment, parseInit, type Track } from './boxes.js'
import { mseType } from './codecs.js'
import type { Mode } from './governor.js'
import { follow, type Range } from './mse-rules.js'
import { seiTimeMs } from './sei.js'
import type { Sink, SinkEvents, StreamFacts } from './sink.js'

interface Frame { time: number, atMs: number, seiMs: number | null, arrivedAt: number }
/** Appends that wait longer in line than this many fragments are thrown away up to the next key frame. */
const MAX_QUEUE = 100
const FOLLOW_EVERY_MS = 100

const rangesOf = (b: TimeRanges): Range[] => Array.from({ length: b.length }, (_, i) => ({ start: b.start(i), end: b.end(i) }))

/** Where the browser offers no WebCodecs: appended one after another, trimmed, and held near the live edge. */
export function mseSink (video: HTMLVideoElement, facts: StreamFacts, events: SinkEvents): Sink {
  const source = new MediaSource()
  const url = URL.createObjectURL(source)
  const frames: Frame[] = []
  let queue: Uint8Array[] = []
  let buffer: SourceBuffer | null = null
  let track: Track | null = null
  let mode: Mode = 'all'
  let needKey = true
  let dropped = 0
  let closed = false

  const fail = (why: string, fatal = false) => { if (!closed) events.failed(why, fatal) }
  const pump = () => {
    if (closed || !buffer || buffer.updating || queue.length === 0 || source.readyState !== 'open') return
    const bytes = joined(queue)
    queue = []
    try { buffer.appendBuffer(bytes) } catch (error) { fail(String(error)) }
  }
  const keepUp = () => {
    if (closed || !buffer || buffer.updating || source.readyState !== 'open') return
    const step = follow({ ranges: rangesOf(buffer.buffered), time: video.currentTime, keyframesOnly: mode === 'keyframes' })
    if (step.seekTo !== null) video.currentTime = step.seekTo
    if (video.playbackRate !== step.rate) video.playbackRate = step.rate
    if (video.paused) void video.play().catch(() => {})
    if (step.removeBefore !== null) buffer.remove(0, step.removeBefore)
  }
  const onUpdated = () => { keepUp(); pump() }
  const open = () => {
    if (closed || source.readyState !== 'open' || buffer) return
    try {
      buffer = source.addSourceBuffer(mseType(facts.codec))
    } catch (error) { fail(String(error), true); return }
    buffer.addEventListener('updateend', onUpdated)
    buffer.addEventListener('error', () => fail('The browser refused a fragment'))
    pump()
  }
  const shown = (_now: number, meta: VideoFrameCallbackMetadata) => {
    if (closed) return
    video.requestVideoFrameCallback(shown)
    let at = -1
    for (let i = frames.length - 1; i >= 0; i--) if (Math.abs(frames[i]!.time - meta.mediaTime) < 0.005) { at = i; break }
    if (at < 0) return
    const frame = frames[at]!
    frames.splice(0, at + 1)
    events.presented({ atMs: frame.atMs, mediaTimeS: meta.mediaTime, drawnAt: meta.expectedDisplayTime, seiMs: frame.seiMs })
  }
  const onVideoError = () => fail(video.error?.message ?? 'The video element failed')
  source.addEventListener('sourceopen', open)
  video.addEventListener('error', onVideoError)
  video.src = url
  video.requestVideoFrameCallback(shown)
  const timer = setInterval(keepUp, FOLLOW_EVERY_MS)

  return {
    kind: 'mse',
    init (bytes) {
      track = parseInit(bytes).find(t => t.kind === 'video') ?? null
      if (!track) return
      queue.push(onlyTrack(bytes, track.id))
      frames.length = 0
      needKey = true
      pump()
    },
    push (bytes, { key, broken, atMs }) {
      if (!track || closed) return
      if (broken || queue.length > MAX_QUEUE) needKey = true
      if (needKey && !key) { dropped++; return }
      needKey = false
      const sample = parseFragment(bytes)
      const bench = '__kalanchaBench' in window
      const hevc = !facts.codec.startsWith('avc')
      frames.push({ time: sample.time / track.timescale, atMs, arrivedAt: performance.now(), seiMs: bench ? seiTimeMs(sample.data, hevc, ((track.config?.[hevc ? 21 : 4] ?? 3) & 3) + 1) : null })
      if (frames.length > 300) dropped += frames.splice(0, 100).length
      queue.push(bytes)
      pump()
    },
    setMode (next) { mode = next },
    waitingMs: () => frames[0] ? performance.now() - frames[0].arrivedAt : 0,
    dropped: () => dropped,
    close () {
      closed = true
      clearInterval(timer)
      source.removeEventListener('sourceopen', open)
      video.removeEventListener('error', onVideoError)
      buffer?.removeEventListener('updateend', onUpdated)
      queue = []
      frames.length = 0
      video.removeAttribute('src')
      video.load()
      URL.revokeObjectURL(url)
    }
  }
}
