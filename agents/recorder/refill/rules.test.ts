/** What is fetched from a card, and what is left: the rules alone. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultPolicy, type Gap, type GapCause } from '../../../server/contract/recording.js'
import { stretchesFrom } from '../../onvif/card.js'
import type { MediaFragment } from '../../rtsp/pull.js'
import { rangeStart, readReplayMark } from '../../rtsp/replay.js'
import { offsetFrom } from './align.js'
import { afterTry, againAfterMs, common, isDue, newRefill, refusal, restsOf, type Stretch, without } from './rules.js'
import { TrimmingSink } from './trim.js'

const NOW = Date.UTC(2026, 5, 15, 12)
const MINUTE = 60_000
const gap = (change: Partial<Gap> = {}): Gap => ({ id: 'g', deviceId: 'd', from: NOW - 10 * MINUTE, to: NOW - 5 * MINUTE, cause: 'camera_unreachable', detail: '', ...change })
const usual = { now: NOW, policy: defaultPolicy, playing: true, onvif: true }

describe('is it fetched', () => {
  it.each<[GapCause, boolean]>([['camera_unreachable', true], ['link_down', true], ['agent_down', true], ['stream_failed', true], ['disk_full', true], ['unknown', true], ['not_scheduled', false], ['recording_off', false], ['disabled', false], ['no_event', false], ['deleted', false], ['authentication_failed', false], ['clock_stepped', false]])(
    'after %s: %s', (cause, due) => expect(isDue(gap({ cause }), usual)).toBe(due))
  it('only when it is over, the camera is back for a while, and records', () => {
    expect(isDue(gap({ to: null }), usual)).toBe(false)
    expect(isDue(gap({ to: NOW - 3000 }), usual)).toBe(false)
    expect(isDue(gap({ to: NOW - 9000 }), usual)).toBe(true)
    expect(isDue(gap(), { ...usual, playing: false })).toBe(false)
    expect(isDue(gap(), { ...usual, onvif: false })).toBe(false)
    expect(isDue(gap({ from: NOW - 6500, to: NOW - 5000 }), usual)).toBe(false)
  })
  it('not by itself where it is turned off or long ago; for a person all the same', () => {
    const asked = gap({ refill: newRefill({ from: NOW - 10 * MINUTE, to: NOW - 5 * MINUTE }, NOW, true) })
    const off = { ...usual, policy: { ...defaultPolicy, refill: false } }
    expect([isDue(gap(), off), isDue(asked, off)]).toEqual([false, true])
    const old = { from: NOW - 50 * 3_600_000, to: NOW - 49 * 3_600_000 }
    expect([isDue(gap(old), usual), isDue(gap({ ...old, refill: newRefill(old, NOW, true) }), usual)]).toEqual([false, true])
    expect(refusal(gap({ from: NOW - 40 * 86_400_000, to: NOW - 39 * 86_400_000 }), usual)).toBe('too_old')
    expect(refusal(gap(), { ...usual, policy: { ...defaultPolicy, mode: 'off' } })).toBe('not_recorded')
  })
  it('waits for its next try', () => {
    const refill = { ...newRefill({ from: NOW, to: NOW }, NOW, false), nextAt: NOW + 1000 }
    expect(isDue(gap({ refill }), usual)).toBe(false)
    expect(isDue(gap({ refill }), { ...usual, now: NOW + 1000 })).toBe(true)
    expect(isDue(gap({ refill: { ...refill, status: 'done' } }), { ...usual, now: NOW + 1000 })).toBe(false)
  })
})

const span = fc.tuple(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 1, max: 40_000 })).map(([from, ms]): Stretch => ({ from, to: from + ms }))
describe('what is missing', () => {
  it('covers with what came exactly the whole, without an overlap', () => fc.assert(fc.property(span, fc.array(span, { maxLength: 8 }), (whole, covered) => {
    const rests = without(whole, covered)
    for (const [i, r] of rests.entries()) {
      expect(r.from).toBeLessThan(r.to)
      expect(r.from >= whole.from && r.to <= whole.to).toBe(true)
      if (i > 0) expect(r.from).toBeGreaterThan(rests[i - 1]!.to)
      expect(covered.some(c => c.from < r.to && c.to > r.from)).toBe(false)
    }
    for (let at = whole.from; at < whole.to; at += 997) expect(rests.some(r => r.from <= at && at < r.to)).toBe(!covered.some(c => c.from <= at && at < c.to))
  })))
  it('forgets rests shorter than a second', () => expect(restsOf({ from: 0, to: 10_000 }, [{ from: 500, to: 4000 }, { from: 5200, to: 9100 }])).toEqual([{ from: 4000, to: 5200 }]))
  it('asks for what the card has, a little widened, and never beyond the absence', () => {
    expect(common([{ from: 10_000, to: 60_000 }], [{ from: 0, to: 20_000 }, { from: 21_000, to: 30_000 }, { from: 50_000, to: 90_000 }])).toEqual([{ from: 10_000, to: 32_000 }, { from: 48_000, to: 60_000 }])
    expect(common([{ from: 10_000, to: 60_000 }], [{ from: 70_000, to: 80_000 }])).toEqual([])
  })
})

describe('another try', () => {
  const asked = { from: NOW - 10 * MINUTE, to: NOW - 5 * MINUTE, refill: newRefill({ from: NOW - 10 * MINUTE, to: NOW - 5 * MINUTE }, NOW, false) }
  it('comes later and later, and ends', () => {
    expect([1, 2, 3, 4, 5].map(n => againAfterMs(n, 'unreachable'))).toEqual([60_000, 300_000, 1_800_000, 7_200_000, null])
    expect(['no_card', 'codec', 'wrong_times', 'too_slow', 'ambiguous'].map(r => againAfterMs(1, r as 'codec'))).toEqual([null, null, null, null, null])
    expect([againAfterMs(1, 'authentication_failed'), againAfterMs(2, 'authentication_failed')]).toEqual([1_800_000, null])
  })
  it('is made once for what a card does not have yet', () => {
    const first = afterTry(asked, NOW, { reason: 'card_empty', detail: '' })
    expect(first).toMatchObject({ status: 'waiting', reason: 'card_empty', nextAt: NOW + 15 * MINUTE })
    expect(afterTry({ ...asked, refill: first }, NOW + 15 * MINUTE, { reason: 'card_empty', detail: '' })).toMatchObject({ status: 'done', reason: 'card_empty', nextAt: null, tries: 2 })
    expect(afterTry({ ...asked, to: NOW - 20 * MINUTE }, NOW, { reason: 'card_empty', detail: '' }).status).toBe('done')
  })
})

describe('what is used of the card\'s pictures', () => {
  const play = (times: [number, boolean?][], part: Stretch = { from: NOW, to: NOW + 10_000 }) => {
    const used: number[] = []
    const said: string[] = []
    const trim = new TrimmingSink(part, { init () {}, fragment: f => { used.push(f.atMs - NOW) } }, { reached: () => said.push('reached'), strange: (_d, later) => said.push(later ? 'later' : 'strange') })
    for (const [ms, key = false] of times) trim.fragment({ bytes: Buffer.alloc(0), key, audio: false, atMs: NOW + ms } satisfies MediaFragment)
    return { used, said }
  }
  it('begins with a key frame in the absence and ends where we recorded again', () => expect(play([[-500, true], [0], [500, true], [600], [9900], [10_000], [10_100]])).toEqual({ used: [500, 600, 9900], said: ['reached'] }))
  it('takes the key frame that the absence began with, whatever the jitter', () => expect(play([[-40, true], [60]])).toEqual({ used: [0, 60], said: [] }))
  it('keeps pictures that come in the order of decoding, in rising time', () => expect(play([[0, true], [120], [40], [80], [240]]).used).toEqual([0, 120, 121, 122, 240]))
  it('gives up a recording that runs back for ever, or is of another day', () => {
    expect(play([[5000, true], ...Array.from({ length: 300 }, (): [number] => [100])]).said).toEqual(['strange'])
    expect(play(Array.from({ length: 300 }, (_, i): [number, boolean] => [-86_400_000 + i * 40, i === 0])).said).toEqual(['strange'])
    expect(play(Array.from({ length: 300 }, (_, i): [number, boolean] => [86_400_000 + i * 40, i === 0])).said).toEqual(['later'])
  })
})

describe('times', () => {
  it('of the replay extension', () => {
    const packet = Buffer.from(`${'9060000100000000000000000abac0003'.slice(0, 24)}abac0003${(2_208_988_800 + 1000).toString(16).padStart(8, '0')}80000000f0070000`, 'hex')
    expect(readReplayMark(packet, 0, packet.length)).toEqual({ atMs: 1_000_500, ends: true, terminal: true })
    expect(readReplayMark(packet.subarray(0, 20), 0, 20)).toBeNull()
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), bytes => { readReplayMark(Buffer.from(bytes), 0, bytes.length) }))
  })
  it('of ranges, in both ways of writing', () => expect([rangeStart('clock=20260615T120000.5Z-'), rangeStart('clock=2026-06-15T12:00:00Z-2026-06-15T12:01:00Z'), rangeStart('npt=0-')]).toEqual([NOW + 500, NOW, null]))
  it('between two clocks, from pictures that both know, and not from a scene that repeats itself', () => {
    const known = [0, 1000, 2000].map(ms => ({ hash: `p${ms}`, atMs: NOW + ms }))
    expect(offsetFrom(known, [0, 1000, 2000].map(ms => ({ hash: `p${ms}`, cardMs: NOW + ms + 5230 + ms / 100 })), 5000)).toBe(5240)
    expect(offsetFrom(known, [{ hash: 'p0', cardMs: NOW + 13_000 }], 5000)).toBeNull()
    expect(offsetFrom(known, [{ hash: 'other', cardMs: NOW }], 0)).toBeNull()
  })
  it('of a history of events: what began and never ended goes on, tracks are not mixed', () => {
    const change = (at: number, present: boolean, track = 'v') => ({ at, present, track })
    expect(stretchesFrom([change(0, false), change(10_000, true), change(20_000, false), change(20_500, true), change(30_000, false), change(10_000, true, 'a')], 0, 60_000)).toEqual([{ from: 10_000, to: 60_000 }])
    expect(stretchesFrom([change(10_000, true), change(20_000, false), change(20_500, true), change(50_000, false)], 0, 60_000)).toEqual([{ from: 10_000, to: 50_000 }])
    expect(stretchesFrom([change(0, false)], 0, 60_000)).toEqual([])
    expect(stretchesFrom([], 0, 60_000)).toBeNull()
  })
})
