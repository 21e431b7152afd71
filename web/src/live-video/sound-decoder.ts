/** From a camera's coded sound to samples: G.711 expanded by table, AAC by AudioDecoder, which browsers have in a secure context only. */
import { parseFragment, parseInit, type Track } from './boxes.js'
import { expandG711, G711_HZ } from './g711.js'

export interface SoundDecoder {
  init: (bytes: Uint8Array) => void
  push: (bytes: Uint8Array, atMs: number) => void
  /** What is being decoded never comes out. */
  reset: () => void
  close: () => void
}
export type Samples = Array<Float32Array<ArrayBuffer>>
export type SamplesOut = (channels: Samples, hz: number, atMs: number) => void

const g711Decoder = (codec: 'pcmu' | 'pcma', out: SamplesOut): SoundDecoder =>
  ({ init () {}, push: (bytes, atMs) => out([expandG711(codec, parseFragment(bytes).data)], G711_HZ, atMs), reset () {}, close () {} })

function browserDecoder (codec: string, out: SamplesOut): SoundDecoder {
  const arrivals = new Map<number, number>()
  let track: Track | null = null
  let decoder: AudioDecoder | null = null
  const end = () => { if (decoder && decoder.state !== 'closed') decoder.close(); decoder = null }
  /** Also after an error: one bad packet must not silence the camera. */
  const make = (t: Track) => {
    end()
    arrivals.clear()
    const made = new AudioDecoder({
      output (data) {
        const channels = Array.from({ length: data.numberOfChannels }, (_, planeIndex) => {
          const samples = new Float32Array(data.numberOfFrames)
          data.copyTo(samples, { planeIndex, format: 'f32-planar' })
          return samples
        })
        // What a decoder that was reset still had belongs to another moment.
        if (decoder === made) out(channels, data.sampleRate, arrivals.get(data.timestamp) ?? Number.NaN)
        for (const time of arrivals.keys()) if (time <= data.timestamp) arrivals.delete(time)
        data.close()
      },
      error () { if (decoder === made) decoder = null }
    })
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
    reset: end,
    close: end
  }
}

/** Null where this browser has no decoder for it that hands out samples. */
export function soundDecoder (codec: string, out: SamplesOut): SoundDecoder | null {
  if (codec === 'pcmu' || codec === 'pcma') return g711Decoder(codec, out)
  return decodesSound(codec) ? browserDecoder(codec, out) : null
}
export const decodesSound = (codec: string) => codec === 'pcmu' || codec === 'pcma' || (isSecureContext && 'AudioDecoder' in window)
