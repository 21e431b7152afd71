import { describe, expect, it } from 'vitest'
import { heardClock } from './server-clock.js'

/** An answer over a line with these delays, when the server's clock is ahead by so much. */
const answer = (askedAt: number, there: number, back: number, aheadMs = 3000) => ({ askedAt, heardAt: askedAt + there + back, serverTime: askedAt + there + aheadMs })

describe('the clock of the server', () => {
  it('is known to half of the way there and back', () => expect(heardClock(null, answer(1000, 10, 10)).offsetMs).toBe(3000))

  it('is not moved by answers that waited in a slow line', () => {
    let clock = heardClock(null, answer(1000, 10, 10))
    for (let at = 5000; at < 60_000; at += 8000) clock = heardClock(clock, answer(at, 10, 6000))
    expect(clock.offsetMs).toBe(3000)
  })

  it('becomes better with a quicker answer', () => {
    const first = heardClock(null, answer(1000, 10, 4000))
    expect(Math.abs(first.offsetMs - 3000)).toBeGreaterThan(1900)
    expect(heardClock(first, answer(9000, 10, 10)).offsetMs).toBe(3000)
  })

  it('follows when a clock was set', () => {
    const first = heardClock(null, answer(1000, 10, 10))
    expect(heardClock(first, answer(5000, 10, 40, 60_000)).offsetMs).toBe(59_985)
  })
})
