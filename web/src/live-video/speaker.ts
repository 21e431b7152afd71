/** A camera's sound: G.711 expanded by table, AAC by AudioDecoder (secure context) or by MSE in a hidden audio element. */
import { joined, onlyTrack, parseFragment, parseInit, type Track } from './boxes.js'
import { msePlays, mseType } from './codecs.js'
import { expandG711, G711_HZ } from './g711.js'
import { follow } from './mse-rules.js'

export interface Speaker { init: (bytes: Uint8Array) => void, push: (bytes: Uint8Array) => void, close: () => void }
/** Sound waits this long, so that a late packet makes no click, s; with more than the limit in line it starts anew. */
const LEAD_S = 0.12
const LIMIT_S = 0.7

function scheduler () {
  const context = new AudioContext({ latencyHint: 'interactive' })
  void context.resume().catch(() => {})
  let next = 0
  return {
    play (channels: Array<Float32Array<ArrayBuffer>>, hz: number) {
      const first = channels[0]
      if (!first || first.length === 0 || context.state !== 'running') return
      if (next < context.currentTime || next - context.currentTime > LIMIT_S) next = context.currentTime + LEAD_S
      const buffer = context.createBuffer(channels.length, first.length, hz)
      channels.forEach((samples, i) => { buffer.copyToChannel(samples, i) })
      const source = context.createBufferSource()
      source.buffer = buffer
      source.connect(context.destination)
      source.onended = () => source.disconnect()
      source.start(next)
      next += first.length / hz
    },
    close: () => { void context.close().catch(() => {}) }
  }
}

function g711Speaker (codec: 'pcmu' | 'pcma'): Speaker {
  const out = scheduler()
  return { init () {}, push: bytes => out.play([expandG711(codec, parseFragment(bytes).data)], G711_HZ), close: out.close }
}

function decodedSpeaker (codec: string): Speaker {
  const out = scheduler()
  let track: Track | null = null
  const decoder = new AudioDecoder({
    output (data) {
      const channels = Array.from({ length: data.numberOfChannels }, (_, planeIndex) => {
        const samples = new Float32Array(data.numberOfFrames)
        data.copyTo(samples, { planeIndex, format: 'f32-planar' })
        return samples
      })
      out.play(channels, data.sampleRate)
      data.close()
    },
    error: () => {}
  })
  return {
    init (bytes) {
      track = parseInit(bytes).find(t => t.kind === 'audio') ?? null
      if (track) decoder.configure({ codec, sampleRate: track.sampleRate || 48_000, numberOfChannels: track.channels || 1, ...(track.config ? { description: track.config } : {}) })
    },
    push (bytes) {
      if (!track || decoder.state !== 'configured') return
      const { time, data } = parseFragment(bytes)
      decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: Math.round(time / track.timescale * 1e6), data }))
    },
    close () { if (decoder.state !== 'closed') decoder.close(); out.close() }
  }
}

function mseSpeaker (codec: string): Speaker {
  const audio = document.createElement('audio')
  const source = new MediaSource()
  const url = URL.createObjectURL(source)
  let buffer: SourceBuffer | null = null
  let queue: Uint8Array[] = []
  const pump = () => {
    if (!buffer || buffer.updating || source.readyState !== 'open') return
    const b = buffer.buffered
    const step = follow({ ranges: Array.from({ length: b.length }, (_, i) => ({ start: b.start(i), end: b.end(i) - LEAD_S })), time: audio.currentTime, keyframesOnly: false })
    if (step.seekTo !== null) audio.currentTime = step.seekTo
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
      const track = parseInit(bytes).find(t => t.kind === 'audio')
      if (track) { queue.push(onlyTrack(bytes, track.id)); pump() }
    },
    push (bytes) { if (queue.length < 200) queue.push(bytes); pump() },
    close () { buffer?.removeEventListener('updateend', pump); queue = []; audio.removeAttribute('src'); audio.load(); URL.revokeObjectURL(url) }
  }
}

/** Null when the browser cannot play this sound. */
export function speakerFor (codec: string): Speaker | null {
  if (codec === 'pcmu' || codec === 'pcma') return g711Speaker(codec)
  if (isSecureContext && 'AudioDecoder' in window) return decodedSpeaker(codec)
  return msePlays(codec) ? mseSpeaker(codec) : null
}
