import { RtspFault } from './fault.js'

/** Takes the payload of one RTP packet; the bytes are valid only during the call. */
export interface Depacketizer {
  /** `timestamp` is RTP's, 32 bits. */
  payload (buffer: Buffer, start: number, end: number, timestamp: number, marker: boolean, arrivalMs: number): void
  /** Packets are missing before the next payload. */
  loss (): void
  /** The sender restarted: nothing before belongs to what follows. */
  restart (): void
}

/** A jump beyond this is a restart of the sender, not a loss (RFC 3550 A.1 MAX_DROPOUT). */
const MAX_DROPOUT = 3000

/** RTP header, sequence numbers and sources of one stream (RFC 3550). Over TCP a gap means the camera dropped packets. */
export class RtpReceiver {
  lost = 0
  late = 0
  received = 0
  private expected = -1
  private ssrc = 0

  constructor (private readonly sink: Depacketizer, private readonly payloadType: number) {}

  /** @throws RtspFault protocol_error when it is no RTP: the interleaving is corrupted. */
  packet (buffer: Buffer, start: number, end: number, arrivalMs: number) {
    if (end - start < 12 || (buffer[start]! & 0xc0) !== 0x80) throw new RtspFault('protocol_error', 'Corrupted interleaving: not an RTP packet')
    const first = buffer[start]!
    const second = buffer[start + 1]!
    if ((second & 0x7f) !== this.payloadType) return
    let from = start + 12 + (first & 0x0f) * 4
    if (first & 0x10) {
      if (from + 4 > end) return
      from += 4 + buffer.readUInt16BE(from + 2) * 4
    }
    let to = end
    if (first & 0x20) to -= buffer[end - 1]!
    if (!this.inOrder(buffer.readUInt16BE(start + 2), buffer.readUInt32BE(start + 8))) return
    if (from < to) this.sink.payload(buffer, from, to, buffer.readUInt32BE(start + 4), (second & 0x80) !== 0, arrivalMs)
  }

  /** Counts, tells of losses, and says whether to take the packet. */
  private inOrder (sequence: number, ssrc: number): boolean {
    this.received++
    if (this.expected < 0) this.ssrc = ssrc
    else if (ssrc !== this.ssrc) {
      this.ssrc = ssrc
      this.sink.restart()
    } else if (sequence !== this.expected) {
      const ahead = (sequence - this.expected) & 0xffff
      if (ahead < MAX_DROPOUT) {
        this.lost += ahead
        this.sink.loss()
      } else if (ahead > 0x10000 - 100) {
        this.late++
        return false
      } else this.sink.restart()
    }
    this.expected = (sequence + 1) & 0xffff
    return true
  }
}

export interface SenderReport { ntpMs: number, rtpTimestamp: number }

/** The sender report of a compound RTCP packet (RFC 3550 6.4.1), ms since 1970; null without one. */
export function readSenderReport (buffer: Buffer, start: number, end: number): SenderReport | null {
  for (let at = start; at + 8 <= end;) {
    if ((buffer[at]! & 0xc0) !== 0x80) return null
    const length = (buffer.readUInt16BE(at + 2) + 1) * 4
    if (buffer[at + 1] === 200 && at + 20 <= end) {
      const seconds = buffer.readUInt32BE(at + 8)
      if (seconds === 0) return null
      return { ntpMs: (seconds - 2_208_988_800) * 1000 + buffer.readUInt32BE(at + 12) / 4_294_967.296, rtpTimestamp: buffer.readUInt32BE(at + 16) }
    }
    at += length
  }
  return null
}
