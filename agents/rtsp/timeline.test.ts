import { describe, expect, it } from 'vitest'
import { type Liveness, stallOf } from './pull.js'
import { readSenderReport } from './rtp.js'
import { LipSync, MediaTimeline } from './timeline.js'

describe('a stream\'s timeline', () => {
  it('follows the camera\'s clock over its 32-bit wrap', () => {
    const t = new MediaTimeline(90_000, 1000)
    expect([t.at(0xffffff00, 0), t.at((0xffffff00 + 3600) >>> 0, 40), t.at((0xffffff00 + 7200) >>> 0, 80)]).toEqual([1000, 4600, 8200])
  })
  it('goes by arrival when the camera sets its clock', () => {
    const t = new MediaTimeline(90_000, 0)
    t.at(1_000_000, 0)
    expect(t.at(900_000_000, 100)).toBe(9000)
    expect(t.at(900_003_600, 140)).toBe(12_600)
    expect(t.at(5, 180)).toBe(16_200)
  })
  it('goes by arrival once pictures come out of display order', () => {
    const t = new MediaTimeline(90_000, 0)
    expect([0, 10_800, 3600, 7200, 21_600].map((ts, i) => t.at(ts, i * 40))).toEqual([0, 10_800, 14_400, 18_000, 21_600])
  })
  it('never stands still', () => {
    const t = new MediaTimeline(90_000, 0)
    expect([t.at(5, 0), t.at(5, 0), t.at(5, 0)]).toEqual([0, 1, 2])
  })
})

describe('sound and picture', () => {
  const report = (ntpMs: number, rtpTimestamp: number) => ({ ntpMs, rtpTimestamp })
  it('are brought together once by sender reports', () => {
    const s = new LipSync([90_000, 8000])
    s.frame(0, 90_000, 0)
    s.frame(1, 8000, 0)
    expect(s.correction()).toBeNull()
    s.report(0, report(10_000, 90_000))
    s.report(1, report(10_250, 8000))
    expect(s.correction()).toBeCloseTo(0.25)
    expect(s.correction()).toBeNull()
  })
  it('are left alone when their clocks are unrelated', () => {
    const s = new LipSync([90_000, 8000])
    s.frame(0, 0, 0)
    s.frame(1, 0, 0)
    s.report(0, report(1e12, 0))
    s.report(1, report(0, 0))
    expect(s.correction()).toBeNull()
  })
  it('report the time as RTCP writes it', () => {
    const b = Buffer.alloc(28)
    b[0] = 0x80
    b[1] = 200
    b.writeUInt16BE(6, 2)
    b.writeUInt32BE(2_208_988_800 + 100, 8)
    b.writeUInt32BE(0x80000000, 12)
    b.writeUInt32BE(77, 16)
    expect(readSenderReport(b, 0, 28)).toEqual({ ntpMs: 100_500, rtpTimestamp: 77 })
    expect(readSenderReport(b, 0, 12)).toBeNull()
  })
})

describe('the watchdog', () => {
  const live: Liveness = { startedMs: 0, lastPacketMs: 0, lastFrameMs: 0, packets: 0, hasInit: false }
  it.each<[string, Partial<Liveness>, number, string | null]>([
    ['is patient at first', {}, 4999, null],
    ['sees silence', { hasInit: true, lastPacketMs: 1000, lastFrameMs: 1000 }, 6000, 'stream_stalled'],
    ['waits for parameter sets', { lastPacketMs: 9900, packets: 9 }, 9999, null],
    ['gives up on parameter sets', { lastPacketMs: 9900, packets: 9 }, 10_000, 'no_parameter_sets'],
    ['lets a long key-frame interval be', { hasInit: true, lastPacketMs: 15_000, packets: 9 }, 15_000, null],
    ['but not for ever', { hasInit: true, lastPacketMs: 20_000, packets: 9 }, 20_000, 'stream_stalled']
  ])('%s', (_name, more, now, code) => {
    expect(stallOf({ ...live, ...more }, now)?.code ?? null).toBe(code)
  })
})
