import { RtspFault } from './fault.js'

/** A response, or a request from the camera (`status` 0). Header names in lower case; repeated headers keep all values. */
export interface RtspMessage { status: number, reason: string, headers: Map<string, string[]>, body: string }
export interface InterleavedSink {
  /** `buffer[start, end)` is one RTP or RTCP packet; valid only during the call. */
  packet (channel: number, buffer: Buffer, start: number, end: number): void
  message (message: RtspMessage): void
}

const MAX_HEADER_BYTES = 32 * 1024
/** An SDP is a few kilobytes; more is a fault or an attack. */
export const MAX_BODY_BYTES = 256 * 1024
const FRAME_HEADER = 4
/** SET_PARAMETER and friends. */
const LONGEST_WORD = 21
const DOLLAR = 0x24

/**
 * Splits a TCP stream into RTSP messages and interleaved packets (RFC 2326 10.12) without copying whole packets:
 * only what straddles two reads is kept, so memory is bounded by one packet or one message.
 */
export class InterleavedReader {
  private held = Buffer.allocUnsafe(2048)
  private heldLength = 0
  /** Bytes of the message being held: 0 while its header is incomplete or a packet is held. */
  private messageLength = 0
  private scanned = 0

  constructor (private readonly sink: InterleavedSink, private readonly maxChannel = 31) {}

  /** True while part of a message or packet is waited for. */
  get partial () { return this.heldLength > 0 }

  /** @throws RtspFault protocol_error on bytes that are neither; answer_too_large. */
  push (chunk: Buffer, length = chunk.length) {
    let at = 0
    while (at < length) {
      if (this.heldLength > 0) { at = this.resume(chunk, at, length); continue }
      const first = chunk[at]!
      if (first === DOLLAR) {
        if (length - at < FRAME_HEADER) return this.hold(chunk, at, length)
        const end = at + FRAME_HEADER + ((chunk[at + 2]! << 8) | chunk[at + 3]!)
        if (end > length) return this.hold(chunk, at, length)
        this.emitPacket(chunk, at, end)
        at = end
      } else if (first === 0x0d || first === 0x0a) at++
      else at = this.startMessage(chunk, at)
    }
  }

  private emitPacket (buffer: Buffer, at: number, end: number) {
    const channel = buffer[at + 1]!
    if (channel > this.maxChannel) throw new RtspFault('protocol_error', `Corrupted interleaving: packet for channel ${channel}`)
    this.sink.packet(channel, buffer, at + FRAME_HEADER, end)
  }

  private startMessage (chunk: Buffer, at: number) {
    const first = chunk[at]!
    if (first < 0x41 || first > 0x5a) throw new RtspFault('protocol_error', 'Corrupted interleaving: neither a packet nor a message')
    this.messageLength = 0
    this.scanned = 0
    // One byte is enough to enter the held state; resume() takes the rest.
    this.hold(chunk, at, at + 1)
    return at + 1
  }

  private hold (chunk: Buffer, from: number, to: number) {
    const need = this.heldLength + to - from
    if (need > this.held.length) {
      const grown = Buffer.allocUnsafe(Math.max(need, this.held.length * 2))
      this.held.copy(grown, 0, 0, this.heldLength)
      this.held = grown
    }
    chunk.copy(this.held, this.heldLength, from, to)
    this.heldLength = need
  }

  private resume (chunk: Buffer, at: number, length: number): number {
    if (this.held[0] !== DOLLAR) return this.resumeMessage(chunk, at, length)
    if (this.heldLength < FRAME_HEADER) {
      const to = Math.min(length, at + FRAME_HEADER - this.heldLength)
      this.hold(chunk, at, to)
      at = to
      if (this.heldLength < FRAME_HEADER) return at
    }
    const total = FRAME_HEADER + ((this.held[2]! << 8) | this.held[3]!)
    const to = Math.min(length, at + total - this.heldLength)
    this.hold(chunk, at, to)
    if (this.heldLength === total) {
      this.heldLength = 0
      this.emitPacket(this.held, 0, total)
    }
    return to
  }

  private resumeMessage (chunk: Buffer, at: number, length: number): number {
    if (this.messageLength === 0) {
      const before = this.heldLength
      this.hold(chunk, at, Math.min(length, at + MAX_HEADER_BYTES + 4 - before))
      if (before < LONGEST_WORD) this.checkWord()
      const end = this.held.subarray(0, this.heldLength).indexOf('\r\n\r\n', Math.max(0, this.scanned - 3), 'latin1')
      this.scanned = this.heldLength
      if (end < 0) {
        if (this.heldLength >= MAX_HEADER_BYTES) throw new RtspFault('answer_too_large', `The answer's header is over ${MAX_HEADER_BYTES} bytes`)
        return at + this.heldLength - before
      }
      const header = end + 4
      const body = contentLength(this.held.toString('latin1', 0, header))
      if (body > MAX_BODY_BYTES) throw new RtspFault('answer_too_large', `The camera announced an answer of ${body} bytes; at most ${MAX_BODY_BYTES} are taken`)
      this.messageLength = header + body
      const surplus = this.heldLength - this.messageLength
      if (surplus > 0) {
        this.heldLength = this.messageLength
        return this.finishMessage(header, at + (this.messageLength - before))
      }
      return this.heldLength === this.messageLength ? this.finishMessage(header, at + this.heldLength - before) : at + this.heldLength - before
    }
    const to = Math.min(length, at + this.messageLength - this.heldLength)
    this.hold(chunk, at, to)
    return this.heldLength === this.messageLength ? this.finishMessage(this.held.subarray(0, this.heldLength).indexOf('\r\n\r\n', 0, 'latin1') + 4, to) : to
  }

  /** A message begins with `RTSP/` or a method and a space; a lost packet's middle that begins with a letter does not. */
  private checkWord () {
    let at = 0
    while (at < this.heldLength && ((this.held[at]! >= 0x41 && this.held[at]! <= 0x5a) || this.held[at] === 0x5f)) at++
    const next = this.held[at]
    if (at >= LONGEST_WORD || (at < this.heldLength && next !== 0x20 && next !== 0x2f)) throw new RtspFault('protocol_error', 'Corrupted interleaving: neither a packet nor a message')
  }

  private finishMessage (header: number, next: number) {
    const message = parseMessage(this.held.toString('latin1', 0, header), this.held.toString('utf8', header, this.messageLength))
    this.heldLength = 0
    this.messageLength = 0
    if (this.held.length > 128 * 1024) this.held = Buffer.allocUnsafe(2048)
    this.sink.message(message)
    return next
  }
}

function contentLength (header: string): number {
  const value = /\r\ncontent-length[ \t]*:[ \t]*(\d{1,15})[ \t]*\r\n/i.exec(header)?.[1]
  return value === undefined ? 0 : Number(value)
}

/** @throws RtspFault protocol_error when the first line is neither a status line nor a request. */
export function parseMessage (header: string, body: string): RtspMessage {
  const lines = header.split('\r\n')
  const status = /^RTSP\/\d\.\d (\d{3})(?: (.*))?$/.exec(lines[0]!)
  if (!status && !/^[A-Z_]{3,20} \S+ RTSP\/\d\.\d$/.test(lines[0]!)) {
    throw new RtspFault('protocol_error', `Not an RTSP answer: "${lines[0]!.slice(0, 60).replace(/[^\x20-\x7e]/g, '?')}"`)
  }
  const headers = new Map<string, string[]>()
  for (const line of lines.slice(1, 200)) {
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    const name = line.slice(0, colon).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    const existing = headers.get(name)
    if (existing) existing.push(value)
    else headers.set(name, [value])
  }
  return { status: status ? Number(status[1]) : 0, reason: (status?.[2] ?? lines[0]!).slice(0, 100), headers, body }
}
