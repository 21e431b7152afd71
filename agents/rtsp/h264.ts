import { BitReader } from './bits.js'
import { type NalRules, type VideoFrames, VideoTrack } from './video-track.js'

const type = (firstByte: number) => firstByte & 0x1f
const IDR = 5
const SLICE_I = [2, 7]

const h264Rules: NalRules = {
  parameterSet: b => type(b) === 7 ? 'sps' : type(b) === 8 ? 'pps' : null,
  isSlice: b => type(b) >= 1 && type(b) <= IDR,
  isKey: (nal, withSets) => type(nal[0]!) === IDR || (withSets && type(nal[0]!) === 1 && isIntraSlice(nal)),
  isNoise: b => type(b) === 0 || type(b) >= 9,
  // first_mb_in_slice is zero when the first bit of the slice header is one.
  isFirstSlice: nal => nal.length > 1 ? (nal[1]! & 0x80) !== 0 : null
}

/** True when the slice is intra only; for cameras whose key frames are not IDR. */
function isIntraSlice (nal: Buffer): boolean {
  try {
    const r = new BitReader(nal.subarray(1, 16))
    r.ue()
    return SLICE_I.includes(r.ue())
  } catch {
    return false
  }
}

/** RFC 6184, packetization modes 0 and 1: single NAL units, STAP-A, FU-A. */
export class H264Track extends VideoTrack {
  constructor (out: VideoFrames) { super(h264Rules, out) }

  payload (buffer: Buffer, start: number, end: number, timestamp: number, marker: boolean, arrivalMs: number) {
    this.enter(timestamp, arrivalMs)
    const kind = type(buffer[start]!)
    if (kind === 28) this.fragment(buffer, start, end)
    else if (kind === 24) this.aggregate(buffer, start + 1, end)
    else if (kind >= 1 && kind <= 23) this.wholeNal(buffer, start, end)
    this.leave(marker)
  }

  private fragment (buffer: Buffer, start: number, end: number) {
    if (end - start < 3) return
    const header = buffer[start + 1]!
    if (header & 0x80) this.beginNal((buffer[start]! & 0xe0) | (header & 0x1f))
    this.continueNal(buffer, start + 2, end)
    if (header & 0x40) this.endNal()
  }

  private aggregate (buffer: Buffer, start: number, end: number) {
    for (let at = start; at + 2 < end;) {
      const size = buffer.readUInt16BE(at)
      at += 2
      if (size === 0 || at + size > end) return this.loss()
      this.wholeNal(buffer, at, at + size)
      at += size
    }
  }
}
