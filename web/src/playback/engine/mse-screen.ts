import { joined, onlyTrack, parseFragment, parseInit } from '../../live-video/boxes.js'
import { mseType } from '../../live-video/codecs.js'
import { clockStep, laterThan } from './mse-step.js'
import type { Screen, ScreenFailed } from './screen.js'

/** Without a secure context there is no WebCodecs; the browser's own player then follows the clock, forward only. */
export function mseScreen (video: HTMLVideoElement, failed: ScreenFailed): Screen {
  let source: MediaSource | null = null
  let buffer: SourceBuffer | null = null
  let timescale = 90_000
  let trackId = 1
  /** Moment of the recording at media time 0, ms. */
  let base: number | null = null
  let waiting: Uint8Array[] = []
  let newestAt: number | null = null
  let shownAt: number | null = null
  let closed = false

  const work = () => {
    if (!buffer || buffer.updating || source?.readyState !== 'open') return
    try {
      const behind = buffer.buffered.length > 0 && video.currentTime - buffer.buffered.start(0) > 30
      if (behind) buffer.remove(0, video.currentTime - 10)
      else if (waiting.length > 0) buffer.appendBuffer(joined(waiting.splice(0)))
    } catch (error) { failed(String(error), true) }
  }
  const drop = () => {
    if (video.src) { URL.revokeObjectURL(video.src); video.removeAttribute('src'); video.load() }
    source = null
    buffer = null
  }
  const open = (type: string) => {
    drop()
    const made = new MediaSource()
    source = made
    made.addEventListener('sourceopen', () => {
      if (made !== source || closed) return
      try {
        buffer = made.addSourceBuffer(type)
        buffer.addEventListener('updateend', work)
        buffer.addEventListener('error', () => { if (made === source && !closed) failed('The browser cannot play what was recorded', false) })
        work()
      } catch (error) { failed(String(error), true) }
    }, { once: true })
    video.src = URL.createObjectURL(made)
  }
  const ranges = () => Array.from({ length: video.buffered.length }, (_, i) => ({ start: video.buffered.start(i), end: video.buffered.end(i) }))
  const secondsOf = (mediaMs: number) => (mediaMs - (base ?? mediaMs)) / 1000

  return {
    kind: 'mse',
    reset () {
      waiting = []
      base = null
      newestAt = null
      shownAt = null
      video.pause()
      drop()
    },
    init (bytes, codec) {
      const track = parseInit(bytes).find(t => t.kind === 'video')
      if (!track) return
      timescale = track.timescale
      trackId = track.id
      if (!source) open(mseType(codec))
      waiting.push(onlyTrack(bytes, track.id))
      work()
    },
    push (bytes, { atMs }) {
      const sample = parseFragment(bytes)
      if (sample.trackId !== trackId) return
      base ??= atMs - sample.time / timescale * 1000
      newestAt = atMs
      waiting.push(bytes)
      work()
    },
    settle () {},
    present (mediaMs, rate, running) {
      if (base === null) return null
      const step = clockStep({ target: secondsOf(mediaMs), time: video.currentTime, rate, running, ranges: ranges() })
      if (step.seekTo !== null) video.currentTime = step.seekTo
      if (running && step.inside) { video.playbackRate = step.rate; if (video.paused) void video.play().catch(() => {}) } else if (!video.paused) video.pause()
      if (video.readyState < 2 || video.seeking || !step.inside) return null
      const atMs = Math.round(base + video.currentTime * 1000)
      if (atMs === shownAt) return null
      shownAt = atMs
      return { atMs, lateMs: Math.abs(mediaMs - atMs) }
    },
    covers: mediaMs => newestAt !== null && newestAt > mediaMs && laterThan(ranges(), secondsOf(mediaMs)),
    nextAt: () => shownAt === null || newestAt === null || newestAt <= shownAt ? null : Math.min(newestAt, shownAt + 40),
    close () { closed = true; waiting = []; drop() }
  }
}
