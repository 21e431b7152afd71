import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Clip, splitAnnexB } from '../../fixtures/rtsp/clip.js'
import { renderClip } from '../../fixtures/rtsp/render.js'
import { AacTrack, audioConfig, PcmTrack } from './audio.js'
import { RtspFault } from './fault.js'
import { H264Track } from './h264.js'
import { H265Track } from './h265.js'
import { RtpReceiver } from './rtp.js'
import { parseSdp } from './sdp.js'
import { parseH264Sps } from './sps-h264.js'
import { parseH265Sps } from './sps-h265.js'
import type { ParameterSets, VideoTrack } from './video-track.js'

interface Frame { key: boolean, timestamp: number, sample: Buffer }
function collect (make: (out: { parameterSets (s: ParameterSets): void, frame (sample: Buffer, key: boolean, timestamp: number): void }) => VideoTrack) {
  const frames: Frame[] = []
  const sets: ParameterSets[] = []
  const track = make({ parameterSets: s => sets.push(s), frame: (sample, key, timestamp) => frames.push({ key, timestamp, sample: Buffer.from(sample) }) })
  return { frames, sets, track, receiver: new RtpReceiver(track, 96) }
}
const h264 = () => collect(out => new H264Track(out))
const h265 = () => collect(out => new H265Track(out, false))

const rtp = (sequence: number, timestamp: number, marker: boolean, payload: Buffer | number[], ssrc = 1) => {
  const header = Buffer.alloc(12)
  header[0] = 0x80
  header[1] = 96 | (marker ? 0x80 : 0)
  header.writeUInt16BE(sequence & 0xffff, 2)
  header.writeUInt32BE(timestamp, 4)
  header.writeUInt32BE(ssrc, 8)
  return Buffer.concat([header, Buffer.from(payload)])
}
const feed = (receiver: RtpReceiver, packets: Buffer[]) => { for (const p of packets) receiver.packet(p, 0, p.length, 0) }

let clips: { h264: Clip, h265: Clip }
beforeAll(async () => {
  const spec = { scene: 'street', title: 'Test', width: 320, height: 180, fps: 10, bitrateKbps: 200, seconds: 4 } as const
  const folder = join(tmpdir(), 'kalancha-test-clips')
  clips = { h264: await renderClip({ ...spec, codec: 'h264' }, folder), h265: await renderClip({ ...spec, codec: 'h265' }, folder) }
})
/** The RTP packets of a clip as a camera sends them. */
const packetsOf = (clip: Clip) => clip.frames.flatMap((frame, f) => frame.offsets.slice(0, -1).map((start, i) => {
  const packet = Buffer.from(frame.wire.subarray(start + 4, frame.offsets[i + 1]))
  packet.writeUInt32BE(f * 9000, 4)
  return packet
})).map((packet, sequence) => { packet.writeUInt16BE(sequence & 0xffff, 2); return packet })

describe('pictures', () => {
  it.each(['h264', 'h265'] as const)('of %s come out whole, with their parameter sets apart', codec => {
    const out = codec === 'h264' ? h264() : h265()
    feed(out.receiver, packetsOf(clips[codec]))
    expect(out.frames.map(f => f.key)).toEqual(clips[codec].frames.map(f => f.key))
    expect(out.sets).toHaveLength(1)
    expect(out.sets[0]!.sps).toEqual(clips[codec].sets.sps)
    // What lies behind the lengths is what the encoder wrote, less the sets.
    const original = splitAnnexB(clips[codec].keyFrames[0]!.annexB).at(-1)!
    expect(out.frames[0]!.sample.subarray(-original.length)).toEqual(original)
    expect(out.frames[0]!.sample.readUInt32BE(out.frames[0]!.sample.length - original.length - 4)).toBe(original.length)
  })
  it('tell their size, profile and rate', () => {
    expect(parseH264Sps(clips.h264.sets.sps)).toMatchObject({ width: 320, height: 180, fps: 10 })
    expect(parseH265Sps(clips.h265.sets.sps)).toMatchObject({ width: 320, height: 180, fps: 10, codec: expect.stringMatching(/^hvc1\.1\.6\.L\d+/), chromaFormat: 1, bitDepthLuma: 8 })
  })
  it('with several units in one packet (STAP-A)', () => {
    const out = h264()
    const { sps, pps } = clips.h264.sets
    const unit = (nal: Buffer) => [nal.length >> 8, nal.length & 255, ...nal]
    feed(out.receiver, [rtp(1, 0, true, [24, ...unit(sps), ...unit(pps), ...unit(Buffer.from([0x65, 0x88, 1, 2]))])])
    expect(out.frames).toEqual([{ key: true, timestamp: 0, sample: Buffer.from([0, 0, 0, 4, 0x65, 0x88, 1, 2]) }])
  })
  it('with several units in one packet (AP)', () => {
    const out = h265()
    feed(out.receiver, [rtp(1, 0, true, [48 << 1, 1, 0, 4, 19 << 1, 1, 0x80, 7, 0, 4, 19 << 1, 1, 0x00, 8])])
    expect(out.frames[0]!.sample).toEqual(Buffer.from([0, 0, 0, 4, 38, 1, 0x80, 7, 0, 0, 0, 4, 38, 1, 0, 8]))
  })
  it('without markers are told apart by their timestamps', () => {
    const out = h264()
    feed(out.receiver, [rtp(1, 0, false, [0x65, 0x80]), rtp(2, 10, false, [0x41, 0x80]), rtp(3, 20, false, [0x41, 0x80])])
    expect(out.frames.map(f => f.timestamp)).toEqual([0, 10])
  })
  it('with a marker on every slice are learnt to be so', () => {
    const out = h264()
    const picture = (sequence: number, timestamp: number, type: number) => [rtp(sequence, timestamp, true, [type, 0x80]), rtp(sequence + 1, timestamp, true, [type, 0x40])]
    feed(out.receiver, [...picture(1, 0, 0x65), ...picture(3, 10, 0x41), ...picture(5, 20, 0x65), ...picture(7, 30, 0x41), ...picture(9, 40, 0x41)])
    expect(out.frames.filter(f => f.timestamp >= 20).map(f => [f.timestamp, f.sample.length])).toEqual([[20, 12], [30, 12]])
  })
  it('after a loss wait for the next key frame', () => {
    const out = h264()
    feed(out.receiver, [rtp(1, 0, true, [0x65, 0x80]), rtp(2, 10, true, [0x41, 0x80]), rtp(4, 30, true, [0x41, 0x80]), rtp(5, 40, true, [0x41, 0x80]), rtp(6, 50, true, [0x65, 0x80])])
    expect(out.frames.map(f => f.timestamp)).toEqual([0, 10, 50])
    expect(out.receiver.lost).toBe(1)
    expect(out.track.droppedFrames).toBe(2)
  })
  it('may be key frames without IDR, where parameter sets precede an intra slice', () => {
    const out = h264()
    // first_mb 0 (1), slice_type 7 (0001000)
    feed(out.receiver, [rtp(1, 0, false, clips.h264.sets.sps), rtp(2, 0, false, clips.h264.sets.pps), rtp(3, 0, true, [0x41, 0b10001000, 0x80])])
    expect(out.frames.map(f => f.key)).toEqual([true])
  })
  it('begun with a continuation are not shown', () => {
    const out = h264()
    feed(out.receiver, [rtp(1, 0, false, [28, 0x05, 1, 2]), rtp(2, 0, true, [28, 0x45, 3, 4])])
    expect(out.frames).toEqual([])
  })
  it('larger than any picture are dropped, and memory with them', () => {
    const out = h264()
    feed(out.receiver, [rtp(0, 0, false, [28, 0x85, 0x80]), ...Array.from({ length: 80 }, (_, i) => rtp(i + 1, 0, false, Buffer.concat([Buffer.from([28, 0x05]), Buffer.alloc(60_000)]))), rtp(81, 0, true, [28, 0x45, 1])])
    expect(out.frames).toEqual([])
  })
})

describe('sequence numbers', () => {
  it('wrap', () => {
    const out = h264()
    feed(out.receiver, [rtp(65534, 0, true, [0x65, 0x80]), rtp(65535, 10, true, [0x41, 0x80]), rtp(0, 20, true, [0x41, 0x80])])
    expect(out.receiver.lost).toBe(0)
    expect(out.frames).toHaveLength(3)
  })
  it('behind are late and not taken', () => {
    const out = h264()
    feed(out.receiver, [rtp(10, 0, true, [0x65, 0x80]), rtp(9, 0, true, [0x41, 0x80])])
    expect(out.receiver.late).toBe(1)
    expect(out.frames).toHaveLength(1)
  })
  it('of a new source begin anew', () => {
    const out = h264()
    feed(out.receiver, [rtp(10, 0, true, [0x65, 0x80]), rtp(40_000, 99, true, [0x65, 0x80], 2)])
    expect(out.receiver.lost).toBe(0)
    expect(out.frames).toHaveLength(2)
  })
})

describe('sound', () => {
  const sdp = parseSdp('v=0\r\nm=audio 0 RTP/AVP 97\r\na=rtpmap:97 mpeg4-generic/16000/1\r\na=fmtp:97 streamtype=5; mode=AAC-hbr; config=1408; sizeLength=13; indexLength=3; indexDeltaLength=3\r\nm=audio 0 RTP/AVP 0\r\nm=audio 0 RTP/AVP 99\r\na=rtpmap:99 opus/48000/2')
  it('is known by its description', () => {
    expect(sdp.media.map(audioConfig)).toEqual([
      { codec: 'mp4a.40.2', sampleRate: 16000, channels: 1, specific: Buffer.from([0x14, 0x08]) },
      { codec: 'pcmu', sampleRate: 8000, channels: 1, specific: null }, null])
  })
  it('of AAC comes several frames a packet, and one over several', () => {
    const out: [string, number][] = []
    const track = new AacTrack(sdp.media[0]!, (b, s, e, t) => out.push([b.toString('hex', s, e), t]))
    const two = Buffer.from([0, 32, 0, 2 << 3, 0, 1 << 3, 0xaa, 0xbb, 0xcc])
    track.payload(two, 0, two.length, 5000, true, 0)
    const half = (bytes: number[]) => Buffer.from([0, 16, 0, 4 << 3, ...bytes])
    track.payload(half([1, 2]), 0, 6, 9000, false, 0)
    track.payload(half([3, 4]), 0, 6, 9000, true, 0)
    expect(out).toEqual([['aabb', 5000], ['cc', 6024], ['01020304', 9000]])
  })
})

describe('hostile bytes', () => {
  it('never throw anything but a fault, nor loop', () => {
    const seeds = [packetsOf(clips.h264).slice(0, 40), packetsOf(clips.h265).slice(0, 40)]
    const edit = fc.tuple(fc.nat(39), fc.nat(60), fc.nat(255))
    fc.assert(fc.property(fc.nat(1), fc.array(edit, { minLength: 1, maxLength: 12 }), fc.nat(30), (which, edits, shorten) => {
      const packets = seeds[which]!.map(p => Buffer.from(p))
      for (const [p, at, value] of edits) {
        const packet = packets[p % packets.length]!
        if (at < packet.length) packet[at] = value
      }
      packets[0] = packets[0]!.subarray(0, Math.max(0, packets[0]!.length - shorten))
      try { feed(which ? h265().receiver : h264().receiver, packets) } catch (error) { expect(error).toBeInstanceOf(RtspFault) }
    }), { numRuns: 10_000 })
  })
  it('in parameter sets give nothing', () => {
    const mutate = fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { minLength: 1, maxLength: 6 })
    fc.assert(fc.property(mutate, fc.nat(60), (edits, length) => {
      for (const [sps, parse] of [[clips.h264.sets.sps, parseH264Sps], [clips.h265.sets.sps, parseH265Sps]] as const) {
        const bytes = Buffer.from(sps).subarray(0, Math.max(1, length))
        for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value
        const facts = parse(bytes)
        if (facts) expect(facts.width).toBeGreaterThan(0)
      }
    }), { numRuns: 10_000 })
  })
  it('in sound packets and descriptions pass without harm', () => {
    const media = parseSdp('m=audio 0 RTP/AVP 97\r\na=rtpmap:97 mpeg4-generic/16000\r\na=fmtp:97 mode=AAC-hbr;config=1408;sizelength=13;indexlength=3').media[0]!
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), fc.string({ maxLength: 200 }), (bytes, text) => {
      const b = Buffer.from(bytes)
      new AacTrack(media, (_b, s, e) => expect(e).toBeGreaterThanOrEqual(s)).payload(b, 0, b.length, 0, true, 0)
      new PcmTrack(() => {}).payload(b, 0, b.length, 0, true, 0)
      parseSdp(`v=0\r\nm=${text}\r\na=fmtp:${text}\r\na=rtpmap:96 ${text}`).media.map(audioConfig)
    }), { numRuns: 10_000 })
  })
})
