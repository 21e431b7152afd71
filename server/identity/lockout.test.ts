import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Attempts, countAttempt, createUnknownLogins, pauseAfterMs } from './lockout.js'

const fresh: Attempts = { failures: 0, lockedUntil: null }
const attemptsOf = (times: number[]) => times.reduce<Attempts>((state, now) => countAttempt(state, now) ?? state, fresh)

describe('pauses after wrong passwords', () => {
  it('begin at the fifth and double up to a quarter of an hour', () => {
    expect([1, 4, 5, 6, 7, 9, 10, 1000].map(pauseAfterMs)).toEqual([0, 0, 30_000, 60_000, 120_000, 480_000, 900_000, 900_000])
  })

  it('are not lengthened by tries during the pause', () => {
    const paused = attemptsOf([1, 2, 3, 4, 5])
    expect(paused).toEqual({ failures: 5, lockedUntil: 30_005 })
    expect(countAttempt(paused, 30_004)).toBeNull()
    expect(countAttempt(paused, 30_005)).toEqual({ failures: 6, lockedUntil: 90_005 })
  })

  it('leave at most a hundred guesses a day, whenever they come', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 86_400_000 }), { maxLength: 3000 }), times => {
      const sorted = times.sort((a, b) => a - b)
      let state = fresh
      const admitted = sorted.filter(now => {
        const next = countAttempt(state, now)
        state = next ?? state
        return next !== null
      })
      expect(admitted.length).toBeLessThanOrEqual(110)
    }), { numRuns: 30 })
  })
})

describe('unknown logins', () => {
  it('pause like real ones, each for itself', () => {
    const unknown = createUnknownLogins()
    expect([1, 2, 3, 4, 5].map(now => unknown.attempt('nobody', now))).toEqual([true, true, true, true, true])
    expect(unknown.attempt('nobody', 6)).toBe(false)
    expect(unknown.attempt('another', 6)).toBe(true)
    expect(unknown.attempt('nobody', 30_005)).toBe(true)
  })

  it('are remembered in a bounded number', () => {
    const unknown = createUnknownLogins()
    for (let n = 0; n < 5; n++) unknown.attempt('first', 1)
    for (let n = 0; n < 10_000; n++) unknown.attempt(`flood ${n}`, 1)
    expect(unknown.attempt('first', 2)).toBe(true)
  })
})
