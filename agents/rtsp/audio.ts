import type { SdpMedia } from './sdp.js'
import type { Depacketizer } from './rtp.js'

export interface AudioConfig {
  /** mp4a.40.2, pcmu, pcma */
  codec: string
  sampleRate: number
  channels: number
  /** AudioSpecificConfig for AAC. */
  specific: Buffer | null
}
/** One coded audio frame, valid only during the call; `duration` in ticks of the RTP clock. */
export type AudioFrames = (buffer: Buffer, start: number, end: number, timestamp: number, duration: number, arrivalMs: number) => void

const rates = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350]

/** What an SDP says of a sound stream we can carry; null for the others. */
export function audioConfig (media: SdpMedia): AudioConfig | null {
  if (media.encoding === 'PCMU' || media.encoding === 'PCMA') {
    return media.clockRate === 8000 && media.channels === 1 ? { codec: media.encoding.toLowerCase(), sampleRate: 8000, channels: 1, specific: null } : null
  }
  if (media.encoding !== 'MPEG4-GENERIC' || media.parameters.get('mode')?.toLowerCase() !== 'aac-hbr') return null
  const hex = media.parameters.get('config') ?? ''
  if (!/^([0-9a-f]{2}){2,64}$/i.test(hex)) return null
  const specific = Buffer.from(hex, 'hex')
  const objectType = specific[0]! >> 3
  const rateIndex = ((specific[0]! & 7) << 1) | (specific[1]! >> 7)
  const channels = (specific[1]! >> 3) & 0x0f
  const sampleRate = rates[rateIndex]
  if (objectType === 0 || objectType === 31 || sampleRate === undefined || channels < 1 || channels > 8) return null
  return { codec: `mp4a.40.${objectType}`, sampleRate, channels, specific }
}

/** G.711 (RFC 3551): the payload is the samples. */
export class PcmTrack implements Depacketizer {
  constructor (private readonly out: AudioFrames) {}
  payload (buffer: Buffer, start: number, end: number, timestamp: number, _marker: boolean, arrivalMs: number) {
    this.out(buffer, start, end, timestamp, end - start, arrivalMs)
  }

  loss () {}
  restart () {}
}

const AAC_FRAME = 1024
const MAX_AAC_BYTES = 8192

/** RFC 3640, AAC-hbr: several access units a packet, or one over several packets. */
export class AacTrack implements Depacketizer {
  private readonly sizeBits: number
  private readonly indexBits: number
  private held: Buffer[] = []
  private heldBytes = 0
  private heldSize = 0

  constructor (media: SdpMedia, private readonly out: AudioFrames) {
    const bits = (name: string, otherwise: number) => Math.min(32, Math.max(0, Number(media.parameters.get(name) ?? otherwise) || otherwise))
    this.sizeBits = bits('sizelength', 13)
    this.indexBits = bits('indexlength', 3)
  }

  payload (buffer: Buffer, start: number, end: number, timestamp: number, marker: boolean, arrivalMs: number) {
    const each = this.sizeBits + this.indexBits
    if (end - start < 2 || each === 0 || each > 32) return
    const count = Math.floor(buffer.readUInt16BE(start) / each)
    let at = start + 2 + Math.ceil(count * each / 8)
    if (count === 0 || count > 64 || at > end) return
    const size = (index: number) => Math.floor(readBits(buffer, (start + 2) * 8 + index * each, this.sizeBits))
    if (count === 1 && size(0) > end - at) return this.fragment(buffer, at, end, size(0), timestamp, marker, arrivalMs)
    this.restart()
    for (let i = 0; i < count; i++) {
      const bytes = size(i)
      if (bytes === 0 || at + bytes > end) return
      this.out(buffer, at, at + bytes, (timestamp + i * AAC_FRAME) >>> 0, AAC_FRAME, arrivalMs)
      at += bytes
    }
  }

  loss () { this.restart() }
  restart () {
    this.held = []
    this.heldBytes = 0
  }

  private fragment (buffer: Buffer, start: number, end: number, size: number, timestamp: number, marker: boolean, arrivalMs: number) {
    if (size > MAX_AAC_BYTES) return
    if (size !== this.heldSize) this.restart()
    this.heldSize = size
    this.held.push(Buffer.from(buffer.subarray(start, end)))
    this.heldBytes += end - start
    if (this.heldBytes === size) {
      const whole = Buffer.concat(this.held)
      this.out(whole, 0, size, timestamp, AAC_FRAME, arrivalMs)
    }
    if (marker || this.heldBytes >= size) this.restart()
  }
}

function readBits (buffer: Buffer, bit: number, count: number): number {
  let value = 0
  for (let i = 0; i < count; i++, bit++) value = value * 2 + ((buffer[bit >> 3]! >> (7 - (bit & 7))) & 1)
  return value
}
