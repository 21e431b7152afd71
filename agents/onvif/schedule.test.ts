import { describe, expect, it } from 'vitest'
import { checkDeadlineMs, clockIsDue, identityIsDue, nextCheckMs, nextLoginMs, phaseOf } from './schedule.js'

describe('the schedule of a camera', () => {
  it('asks each camera at its own place in the cycle', () => {
    expect(nextCheckMs(0, 0.5, 0)).toBe(10_000)
    expect(nextCheckMs(0, 0.5, 10_000)).toBe(20_000 + 0)
    expect(nextCheckMs(0, 0.5, 10_050)).toBe(19_950)
    expect(nextCheckMs(0, 0.25, 1_700_000_003_000)).toBe(22_000)
    const phases = Array.from({ length: 1000 }, (_, i) => phaseOf(`camera-${i}`))
    const perSecond = Array.from({ length: 20 }, (_, s) => phases.filter(p => Math.floor(p * 20) === s).length)
    expect(Math.max(...perSecond)).toBeLessThan(80)
  })
  it('confirms a failure within 3 s and then backs off to 2 min', () => {
    expect(nextCheckMs(1, 0.5, 0) + checkDeadlineMs(5)).toBeLessThanOrEqual(3000)
    expect([2, 3, 4, 5, 6, 7, 8, 9, 1000].map(failures => nextCheckMs(failures, 0.5, 0))).toEqual([2000, 5000, 10_000, 20_000, 40_000, 80_000, 120_000, 120_000, 120_000])
  })
  it('gives slow cameras more time, within 2 to 5 s', () => {
    expect([null, 1, 700, 60_000].map(checkDeadlineMs)).toEqual([3000, 2000, 2800, 5000])
  })
  it('tells the clock each minute and at once when it jumped', () => {
    expect(clockIsDue(null, 0, 0)).toBe(true)
    expect(clockIsDue({ at: 0, offsetMs: 100 }, 900, 59_000)).toBe(false)
    expect(clockIsDue({ at: 0, offsetMs: 100 }, 100, 60_000)).toBe(true)
    expect(clockIsDue({ at: 0, offsetMs: 100 }, 5000, 1000)).toBe(true)
  })
  it('tells the identity each hour and logs in rarely after refusals', () => {
    expect([identityIsDue(null, 0), identityIsDue(0, 3_599_999), identityIsDue(0, 3_600_000)]).toEqual([true, false, true])
    expect([0, 1, 2, 3, 50].map(nextLoginMs)).toEqual([300_000, 60_000, 300_000, 900_000, 900_000])
  })
})
