/** A camera's sound: G.711 expanded by table, AAC by AudioDecoder (secure context) or by MSE in a hidden audio element. */
import { joined, onlyTrack, parseFragment, parseInit, type Track } from './boxes.js'
import { msePlays, mseType } from './codecs.js'
import { expandG711, G711_HZ } from './g711.js'
import { follow } from './mse-rules.js'
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

function g711Speaker (codec: 'pcmu' | 'pcma'): Speaker {
  const out = scheduler()
  return { init () {}, push: (bytes, atMs) => out.play([expandG711(codec, parseFragment(bytes).data)], G711_HZ, atMs), delayMs: out.delayMs, close: out.close }
}

function decodedSpeaker (codec: string): Speaker {
  const out = scheduler()
  const arrivals = new Map<number, number>()
  let track: Track | null = null
  let decoder: AudioDecoder | null = null
  const output = (data: AudioData) => {
    const channels = Array.from({ length: data.numberOfChannels }, (_, planeIndex) => {
      const samples = new Float32Array(data.numberOfFrames)
      data.copyTo(samples, { planeIndex, format: 'f32-planar' })
      return samples
    })
    out.play(channels, data.sampleRate, arrivals.get(data.timestamp) ?? Number.NaN)
    for (const time of arrivals.keys()) if (time <= data.timestamp) arrivals.delete(time)
    data.close()
  }
  const end = () => { if (decoder && decoder.state !== 'closed') decoder.close(); decoder = null }
  /** Also after an error: one bad packet must not silence the camera. */
  const make = (t: Track) => {
    end()
    arrivals.clear()
    const made = new AudioDecoder({ output, error: () => { if (decoder === made) decoder = null } })
    made.configure({ codec, sampleRate: t.sampleRate || 48_000, numberOfChannels: t.channels || 1, ...(t.config ? { description: t.config } : {}) })
    decoder = made
  }
  return {
    init (bytes) {
      track = parseInit(bytes).find(t => t.kind === 'audio') ?? null
      if (track) make(track)
    },
    push (bytes, atMs) {
      if (!track) return
      if (!decoder) make(track)
      const { time, data } = parseFragment(bytes)
      const timestamp = Math.round(time / track.timescale * 1e6)
      arrivals.set(timestamp, atMs)
      decoder?.decode(new EncodedAudioChunk({ type: 'key', timestamp, data }))
    },
    delayMs: out.delayMs,
    close () { end(); out.close() }
  }
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
export function speakerFor (codec: string): Speaker | null {
  if (codec === 'pcmu' || codec === 'pcma') return g711Speaker(codec)
  if (isSecureContext && 'AudioDecoder' in window) return decodedSpeaker(codec)
  return msePlays(codec) ? mseSpeaker(codec) : null
}
