import { describe, expect, it } from 'vitest'
import { MAX_MUTE_MS, nextSound, REPEAT_MS, shiftEnd, silentMemory, type Sounding, validMute } from './sound-rules.js'

const a = (id: string, severity: Sounding['severity'], acknowledgedAt: number | null = null): Sounding => ({ id, severity, acknowledgedAt })
const primed = nextSound(silentMemory, [], 0, 0).memory

describe('the alarm sound', () => {
  it('is silent about what stood before, unless critical and unacknowledged', () => {
    expect(nextSound(silentMemory, [a('1', 'major')], 0, 0).play).toBeNull()
    expect(nextSound(silentMemory, [a('1', 'critical')], 0, 0).play).toBe('critical')
    expect(nextSound(silentMemory, [a('1', 'critical', 5)], 0, 0).play).toBeNull()
  })
  it('plays the worst of the new alarms once', () => {
    const first = nextSound(primed, [a('1', 'warning'), a('2', 'major')], 1000, 0)
    expect(first.play).toBe('major')
    expect(nextSound(first.memory, [a('1', 'warning'), a('2', 'major')], 2000, 0).play).toBeNull()
  })
  it('repeats a critical alarm until it is acknowledged', () => {
    const first = nextSound(primed, [a('1', 'critical')], 1000, 0)
    expect(nextSound(first.memory, [a('1', 'critical')], 1000 + REPEAT_MS - 1, 0).play).toBeNull()
    expect(nextSound(first.memory, [a('1', 'critical')], 1000 + REPEAT_MS, 0).play).toBe('critical')
    expect(nextSound(first.memory, [a('1', 'critical', 7)], 1000 + REPEAT_MS, 0).play).toBeNull()
  })
  it('is silent while muted and speaks of a critical alarm at once when the mute ends', () => {
    const muted = nextSound(primed, [a('1', 'critical'), a('2', 'minor')], 1000, 5000)
    expect(muted.play).toBeNull()
    expect(nextSound(muted.memory, [a('1', 'critical'), a('2', 'minor')], 5000, 5000).play).toBe('critical')
  })
})
describe('a mute', () => {
  it('lasts to the end of the shift', () => {
    const at = (h: number, m: number) => shiftEnd(0, h, m) / 60_000
    expect(at(7, 30)).toBe(30)
    expect(at(8, 0)).toBe(12 * 60)
    expect(at(19, 59)).toBe(1)
    expect(at(23, 0)).toBe(9 * 60)
  })
  it('is never for ever', () => {
    expect(validMute(1000 + MAX_MUTE_MS, 1000)).toBe(1000 + MAX_MUTE_MS)
    expect(validMute(1001 + MAX_MUTE_MS, 1000)).toBe(0)
    expect(validMute(Number.NaN, 1000)).toBe(0)
    expect(validMute(999, 1000)).toBe(0)
  })
})
