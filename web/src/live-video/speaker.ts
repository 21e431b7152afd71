/** A camera's sound: decoded and scheduled by us where the browser can, otherwise by MSE in a hidden audio element. */
import { joined, onlyTrack, parseFragment, parseInit, type Track } from './boxes.js'
import { msePlays, mseType } from './codecs.js'
import { follow } from './mse-rules.js'
import { decodesSound, soundDecoder } from './sound-decoder.js'
import { emptyLine, place } from './sound-line.js'

export interface Speaker {
  init: (bytes: Uint8Array) => void
  push: (bytes: Uint8Array, atMs: number) => void
  /** How late what was heard last was heard: this page's clock (from its beginning) minus the agent's on its arrival there, ms; null in silence. */
  delayMs: () => number | null
  close: () => void
}
/** Sound waits this long, so that a late packet makes no click, s. */
const LEAD_S = 0.08

const wallMs = () => performance.timeOrigin + performance.now()

function scheduler () {
  const context = new AudioContext({ latencyHint: 'interactive' })
  void context.resume().catch(() => {})
  let line = emptyLine
  let delay: number | null = null
  return {
    play (channels: Array<Float32Array<ArrayBuffer>>, hz: number, atMs: number) {
      const first = channels[0]
      if (!first || first.length === 0 || context.state !== 'running') return
      const placed = place(line, context.currentTime, first.length / hz, LEAD_S)
      line = placed.line
      if (placed.start === null) return
      const buffer = context.createBuffer(channels.length, first.length, hz)
      channels.forEach((samples, i) => { buffer.copyToChannel(samples, i) })
      const source = context.createBufferSource()
      source.buffer = buffer
      source.connect(context.destination)
      source.onended = () => source.disconnect()
      source.start(placed.start)
      delay = wallMs() + (placed.start - context.currentTime + (context.outputLatency || 0)) * 1000 - atMs
    },
    delayMs: () => context.state === 'running' ? delay : null,
    close: () => { void context.close().catch(() => {}) }
  }
}

function decodedSpeaker (codec: string): Speaker | null {
  const out = scheduler()
  const decoder = soundDecoder(codec, out.play)
  if (!decoder) { out.close(); return null }
  return { init: decoder.init, push: decoder.push, delayMs: out.delayMs, close () { decoder.close(); out.close() } }
}

function mseSpeaker (codec: string): Speaker {
  const audio = document.createElement('audio')
  const source = new MediaSource()
  const url = URL.createObjectURL(source)
  let buffer: SourceBuffer | null = null
  let queue: Uint8Array[] = []
  let track: Track | null = null
  let newest: { timeS: number, atMs: number } | null = null
  const pump = () => {
    if (!buffer || buffer.updating || source.readyState !== 'open') return
    const b = buffer.buffered
    const step = follow({ ranges: Array.from({ length: b.length }, (_, i) => ({ start: b.start(i), end: b.end(i) - LEAD_S })), time: audio.currentTime, keyframesOnly: false })
    if (step.seekTo !== null) audio.currentTime = step.seekTo
    // Otherwise the second that a viewer starts with would stay between sound and picture; the pitch stays as it is.
    if (audio.playbackRate !== step.rate) audio.playbackRate = step.rate
    if (audio.paused) void audio.play().catch(() => {})
    if (step.removeBefore !== null) { buffer.remove(0, step.removeBefore); return }
    if (queue.length === 0) return
    const bytes = joined(queue)
    queue = []
    buffer.appendBuffer(bytes)
  }
  source.addEventListener('sourceopen', () => {
    buffer = source.addSourceBuffer(mseType(codec))
    buffer.addEventListener('updateend', pump)
    pump()
  }, { once: true })
  audio.src = url
  return {
    init (bytes) {
      track = parseInit(bytes).find(t => t.kind === 'audio') ?? null
      if (track) { queue.push(onlyTrack(bytes, track.id)); pump() }
    },
    push (bytes, atMs) {
      if (!track) return
      newest = { timeS: parseFragment(bytes).time / track.timescale, atMs }
      if (queue.length < 200) queue.push(bytes)
      pump()
    },
    delayMs: () => newest && !audio.paused ? wallMs() + (newest.timeS - audio.currentTime) * 1000 - newest.atMs : null,
    close () { buffer?.removeEventListener('updateend', pump); queue = []; audio.removeAttribute('src'); audio.load(); URL.revokeObjectURL(url) }
  }
}

/** Null when the browser cannot play this sound. */
export const speakerFor = (codec: string): Speaker | null => decodesSound(codec) ? decodedSpeaker(codec) : msePlays(codec) ? mseSpeaker(codec) : null
