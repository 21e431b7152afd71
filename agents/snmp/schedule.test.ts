import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newId } from '../../lib/ids.js'
import { nextSlot, periodMs, slotOf } from './schedule.js'

test('slots spread devices over the period', () => {
  const tenths = new Array<number>(10).fill(0)
  for (let i = 0; i < 2000; i++) tenths[Math.floor(slotOf(newId(), 60_000) / 6000)]!++
  for (const count of tenths) expect(count).toBeGreaterThan(100)
})
test('the next slot is ahead, at most a period away, and always at the same place', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 45 }), fc.integer({ min: 1000, max: 3_600_000 }), fc.nat(), (now, period, n) => {
    const slot = n % period
    const next = nextSlot(now, period, slot)
    return next > now && next <= now + period && (next - slot) % period === 0
  }))
})
const timing = { intervalMs: 60_000, statusIntervalMs: 10_000, capMs: 300_000 }
test('a switch that was up a moment ago is asked as often as before', () => {
  expect(periodMs(timing, 0, 0, 0)).toBe(10_000)
  expect(periodMs(timing, 2, 0, 3_600_000)).toBe(10_000)
  expect(periodMs(timing, 50, 0, 599_000)).toBe(10_000)
})
test('a switch long dead is asked ever more seldom, down to the cap', () => {
  expect(periodMs(timing, 60, 0, 600_000)).toBe(20_000)
  expect(periodMs(timing, 60, 0, 1_800_000)).toBe(80_000)
  expect(periodMs(timing, 600, 0, 86_400_000)).toBe(300_000)
})
