import { type NalRules, type ParameterSetName, type VideoFrames, VideoTrack } from './video-track.js'

const type = (firstByte: number) => (firstByte >> 1) & 0x3f
const sets: Record<number, ParameterSetName> = { 32: 'vps', 33: 'sps', 34: 'pps' }

const h265Rules: NalRules = {
  parameterSet: b => sets[type(b)] ?? null,
  isSlice: b => type(b) < 32,
  // Intra random access points: BLA, IDR, CRA.
  isKey: nal => type(nal[0]!) >= 16 && type(nal[0]!) <= 23,
  isNoise: b => type(b) >= 35 && type(b) <= 38 || type(b) > 40,
  isFirstSlice: nal => nal.length > 2 ? (nal[2]! & 0x80) !== 0 : null
}

/** RFC 7798: single NAL units, aggregation packets, fragmentation units. */
export class H265Track extends VideoTrack {
  private readonly orderBytes: number

  /** `orderNumbers`: packets carry decoding order numbers (sprop-max-don-diff over 0). */
  constructor (out: VideoFrames, orderNumbers: boolean) {
    super(h265Rules, out)
    this.orderBytes = orderNumbers ? 2 : 0
  }

  payload (buffer: Buffer, start: number, end: number, timestamp: number, marker: boolean, arrivalMs: number) {
    this.enter(timestamp, arrivalMs)
    if (end - start > 2) {
      const kind = type(buffer[start]!)
      if (kind === 49) this.fragment(buffer, start, end)
      else if (kind === 48) this.aggregate(buffer, start + 2, end)
      else if (this.orderBytes && kind < 48) {
        this.beginNal(buffer[start]!, buffer[start + 1]!)
        this.continueNal(buffer, start + 2 + this.orderBytes, Math.max(end, start + 2 + this.orderBytes))
        this.endNal()
      } else if (kind < 48) this.wholeNal(buffer, start, end)
    }
    this.leave(marker)
  }

  private fragment (buffer: Buffer, start: number, end: number) {
    const header = buffer[start + 2]!
    const starts = (header & 0x80) !== 0
    const from = start + 3 + (starts ? this.orderBytes : 0)
    if (from > end) return this.loss()
    if (starts) this.beginNal((buffer[start]! & 0x81) | ((header & 0x3f) << 1), buffer[start + 1]!)
    this.continueNal(buffer, from, end)
    if (header & 0x40) this.endNal()
  }

  private aggregate (buffer: Buffer, start: number, end: number) {
    let order = this.orderBytes
    for (let at = start; at + order + 2 < end;) {
      at += order
      order = this.orderBytes ? 1 : 0
      const size = buffer.readUInt16BE(at)
      at += 2
      if (size < 2 || at + size > end) return this.loss()
      this.wholeNal(buffer, at, at + size)
      at += size
    }
  }
}
