import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RtspFault } from './fault.js'
import { InterleavedReader, MAX_BODY_BYTES, type RtspMessage } from './interleaved.js'

function read (chunks: Buffer[]) {
  const messages: RtspMessage[] = []
  const packets: string[] = []
  const reader = new InterleavedReader({ packet: (channel, b, start, end) => packets.push(`${channel}:${b.toString('latin1', start, end)}`), message: m => messages.push(m) })
  for (const chunk of chunks) reader.push(chunk)
  return { messages, packets, reader }
}
const packet = (channel: number, body: string) => Buffer.concat([Buffer.from([0x24, channel, body.length >> 8, body.length & 255]), Buffer.from(body, 'latin1')])
const cut = (bytes: Buffer, sizes: number[]) => {
  const chunks: Buffer[] = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length]!)
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}

describe('the interleaved reader', () => {
  const stream = Buffer.concat([
    Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 1\r\nWWW-Authenticate: Basic realm="a"\r\nWWW-Authenticate: Digest realm="b"\r\nContent-Length: 5\r\n\r\nv=0\r\n'),
    packet(0, 'first'), packet(1, ''), packet(0, '$RTSP/1.0 not a message'),
    Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n'), packet(2, 'x'.repeat(3000)), Buffer.from('\r\nOPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\n'), packet(3, 'last')
  ])
  const whole = read([stream])

  it('takes messages and packets apart', () => {
    expect(whole.messages.map(m => m.status)).toEqual([200, 200, 0])
    expect(whole.messages[0]!.headers.get('www-authenticate')).toEqual(['Basic realm="a"', 'Digest realm="b"'])
    expect(whole.messages[0]!.body).toBe('v=0\r\n')
    expect(whole.packets).toEqual(['0:first', '1:', '0:$RTSP/1.0 not a message', `2:${'x'.repeat(3000)}`, '3:last'])
  })
  it('does not care where the network cuts', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }), sizes => {
      const parts = read(cut(stream, sizes))
      expect(parts.messages).toEqual(whole.messages)
      expect(parts.packets).toEqual(whole.packets)
      expect(parts.reader.partial).toBe(false)
    }), { numRuns: 500 })
  })
  it.each([
    ['an announced body beyond the limit', `RTSP/1.0 200 OK\r\nContent-Length: ${MAX_BODY_BYTES + 1}\r\n\r\n`, 'answer_too_large'],
    ['a header without end', `RTSP/1.0 200 OK\r\n${'a'.repeat(40_000)}`, 'answer_too_large'],
    ['bytes that are neither', '\x07\x08', 'protocol_error'],
    ['the middle of a lost packet that begins like a word', `AB\x00${'x'.repeat(50_000)}`, 'protocol_error'],
    ['a word without end', 'A'.repeat(50_000), 'protocol_error'],
    ['another protocol', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'protocol_error'],
    ['a packet for a channel nobody opened', '$\xf0\0\x01x', 'protocol_error']
  ])('gives up on %s', (_name, bytes, code) => {
    expect(() => read([Buffer.from(bytes, 'latin1')])).toThrow(expect.objectContaining({ code }))
  })
  it('survives anything: only a fault ever comes out', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(stream.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 900 }), (edits, size) => {
      const bytes = Buffer.from(stream)
      for (const [at, value] of edits) bytes[at] = value
      try { read(cut(bytes, [size])) } catch (error) { expect(error).toBeInstanceOf(RtspFault) }
    }), { numRuns: 10_000 })
  })
})
