import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aheadUntil, mediaAt, nextRate, shuttled, steered, wayOf } from './clock.js'
import { FrameQueue } from './frame-queue.js'
import { clockStep, laterThan } from './mse-step.js'
import { heldAt, pace, type Standing } from './pace.js'
import { measureSkew, noSkew } from './skew.js'

describe('the common clock', () => {
  const start = { mediaMs: 1000, anchoredAt: 50, rate: 1, running: false }
  it('stands until it runs, then goes at its rate', () => {
    expect(mediaAt(start, 5000)).toBe(1000)
    const running = steered(start, 100, { running: true, rate: 4 })
    expect(mediaAt(running, 350)).toBe(2000)
    expect(mediaAt(steered(running, 350, { rate: -2 }), 450)).toBe(1800)
  })
  it('never jumps when it is steered', () => {
    fc.assert(fc.property(fc.array(fc.record({ after: fc.nat(1000), rate: fc.constantFrom(0.25, 1, 16, -1, -8), running: fc.boolean() })), steps => {
      let clock = start
      let now = 50
      for (const { after, ...change } of steps) {
        now += after
        const before = mediaAt(clock, now)
        clock = steered(clock, now, change)
        expect(mediaAt(clock, now)).toBe(before)
      }
    }))
  })
  it('takes key frames above 4x and backward', () => {
    expect([0.25, 4, 8, 16, -1].map(r => wayOf(r))).toEqual([{ mode: 'all', direction: 'forward' }, { mode: 'all', direction: 'forward' }, { mode: 'keyframes', direction: 'forward' }, { mode: 'keyframes', direction: 'forward' }, { mode: 'keyframes', direction: 'backward' }])
  })
  it('goes faster and slower within its limits, J and L double', () => {
    expect([nextRate(1, 1), nextRate(16, 1), nextRate(0.25, -1), nextRate(-4, 1), nextRate(0.5, 1)]).toEqual([2, 16, 0.25, -8, 1])
    expect([shuttled(1, false, 1), shuttled(1, true, 1), shuttled(16, true, 1), shuttled(8, true, -1), shuttled(-1, true, -1), shuttled(-4, true, 1)]).toEqual([1, 2, 16, -1, -2, 1])
  })
  it('fetches two seconds of watching ahead', () => {
    expect([aheadUntil(10_000, 1), aheadUntil(10_000, 0.25), aheadUntil(10_000, 16), aheadUntil(10_000, -1)]).toEqual([12_000, 12_000, 42_000, 8000])
  })
})

describe('whether the clock runs', () => {
  const ready: Standing = { is: 'ready' }
  const waiting: Standing = { is: 'waiting' }
  const gap = (from: number, to: number | null): Standing => ({ is: 'gap', gap: { from, to, cause: 'link_down' } })
  it('runs when every camera is ready, or in a gap beside one that is', () => {
    expect(pace([ready, ready, gap(0, 5000)], true, 0)).toEqual({ hold: false, skipTo: null, over: false })
  })
  it('waits for the slow one, but not for ever while another goes on', () => {
    expect(pace([ready, waiting], true, 100).hold).toBe(true)
    expect(pace([ready, waiting], true, 4001).hold).toBe(false)
    expect(pace([waiting, gap(0, 9)], true, 60_000).hold).toBe(true)
  })
  it('skips what no camera has, to the first that goes on', () => {
    expect(pace([gap(0, 9000), gap(0, 5000)], true, 0).skipTo).toBe(5000)
    expect(pace([gap(1000, 9000), gap(3000, 5000)], false, 0).skipTo).toBe(2999)
    expect(pace([gap(0, 9000), { is: 'ended' }], true, 0).skipTo).toBe(9000)
  })
  it('stops where the slowest still is right, however late that is seen, and never goes against its direction', () => {
    expect(heldAt(1500, 1000, true, [1100, 1300])).toBe(1100)
    expect(heldAt(1500, 1000, true, [700])).toBe(1000)
    expect(heldAt(1500, 1000, true, [1100, null])).toBe(1000)
    expect(heldAt(1050, 1000, true, [1100])).toBe(1050)
    expect(heldAt(500, 1000, false, [900, 700])).toBe(900)
    expect(heldAt(500, 1000, false, [1400])).toBe(1000)
  })
  it('is over when nobody has anything more', () => {
    expect(pace([{ is: 'ended' }, gap(0, null)], true, 0)).toEqual({ hold: true, skipTo: null, over: true })
    expect(pace([], true, 0).over).toBe(false)
  })
})

describe('which picture is due', () => {
  const make = (times: number[], forward = true) => {
    const queue = new FrameQueue<{ atMs: number, close: () => void }>()
    queue.clear(forward)
    const closed: number[] = []
    for (const atMs of times) queue.push({ atMs, close: () => closed.push(atMs) })
    return { queue, closed }
  }
  it('is the last one at or before the moment; those on the way from the key frame are not shown', () => {
    const { queue, closed } = make([0, 40, 80])
    expect(queue.take(90)).toBeNull()
    expect(closed).toEqual([0, 40])
    queue.push({ atMs: 120, close: () => {} })
    expect(queue.take(90)!.atMs).toBe(80)
    expect(queue.take(90)).toBeNull()
    expect(queue.take(121)!.atMs).toBe(120)
  })
  it('keeps nothing of the way from the key frame', () => {
    const { queue, closed } = make([])
    queue.clear(true, 85)
    for (const atMs of [0, 40, 80, 120]) queue.push({ atMs, close: () => closed.push(atMs) })
    expect([queue.length, closed]).toEqual([2, [0, 40]])
    expect(queue.take(85)!.atMs).toBe(80)
  })
  it('is shown before a gap too', () => {
    const { queue } = make([0, 40])
    queue.settled = true
    expect(queue.take(5000)!.atMs).toBe(40)
  })
  it('backward begins at once and then takes turns downward', () => {
    const { queue } = make([9000, 8000, 7000], false)
    expect(queue.take(9500)!.atMs).toBe(9000)
    expect(queue.take(8200)).toBeNull()
    expect(queue.take(7900)!.atMs).toBe(8000)
  })
  it('never goes against the direction of playing, and closes every picture once', () => {
    fc.assert(fc.property(fc.array(fc.nat(5000), { maxLength: 60 }), fc.array(fc.nat(200), { maxLength: 40 }), (times, advances) => {
      const { queue, closed } = make(times)
      let at = 0
      let last = -1
      const shown: number[] = []
      for (const by of advances) {
        at += by
        const f = queue.take(at)
        if (!f) continue
        expect(f.atMs).toBeGreaterThanOrEqual(last)
        expect(f.atMs).toBeLessThanOrEqual(at)
        last = f.atMs
        shown.push(f.atMs)
      }
      queue.clear(true)
      expect(closed.length + shown.length).toBe(times.length)
    }))
  })
})

describe('how far cameras are apart', () => {
  it('is the difference in lateness of those that run, the first half second aside', () => {
    let skew = measureSkew(noSkew, 'a', 300, true, 0)
    expect(skew.nowMs).toBeNull()
    skew = measureSkew(skew, 'b', 10, true, 100)
    expect([skew.nowMs, skew.maxMs]).toEqual([290, null])
    skew = measureSkew(measureSkew(skew, 'a', 20, true, 700), 'b', 5, true, 710)
    expect([skew.nowMs, skew.maxMs]).toEqual([15, 15])
    // One that shows nothing any more is not compared.
    skew = measureSkew(skew, 'b', 900, true, 2000)
    expect([skew.nowMs, skew.maxMs]).toEqual([null, 15])
    expect(measureSkew(skew, 'a', 0, false, 2100)).toMatchObject({ nowMs: null, maxMs: 15, runningSince: null })
  })
})

describe('a video element on the common clock', () => {
  const ranges = [{ start: 10, end: 20 }]
  it('is set when it is far off or stands, and led softly when it is near', () => {
    expect(clockStep({ target: 15, time: 10, rate: 1, running: true, ranges })).toMatchObject({ seekTo: 15, inside: true })
    expect(clockStep({ target: 15, time: 14.9, rate: 1, running: true, ranges })).toMatchObject({ seekTo: null, inside: true })
    expect(clockStep({ target: 15, time: 14.9, rate: 1, running: true, ranges }).rate).toBeCloseTo(1.2)
    expect(clockStep({ target: 15, time: 14.9, rate: 1, running: false, ranges }).seekTo).toBe(15)
    expect(clockStep({ target: 15, time: 15, rate: 0.5, running: true, ranges })).toEqual({ seekTo: null, rate: 0.5, inside: true })
  })
  it('goes on over a hole of lost frames, and waits at the end of what is there', () => {
    const holed = [{ start: 10, end: 12 }, { start: 12.4, end: 14 }]
    expect([laterThan(holed, 12.2), laterThan(holed, 13), laterThan(holed, 13.99), laterThan([], 1)]).toEqual([true, true, false, false])
  })
  it('shows nothing where nothing is', () => {
    expect(clockStep({ target: 30, time: 15, rate: 1, running: true, ranges }).inside).toBe(false)
  })
})
