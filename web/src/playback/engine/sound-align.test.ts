import { expect, it } from 'vitest'
import { alignedStart } from './sound-align.js'

it('joins the piece before where it nearly touches it, in both directions', () => {
  expect(alignedStart(10.02, 10, 9.8)).toBe(10)
  expect(alignedStart(9.97, 10, 9.8)).toBe(10)
})
it('takes its own place after a hole, and at the beginning', () => {
  expect(alignedStart(10.5, 10, 9.8)).toBe(10.5)
  expect(alignedStart(10.5, 0, 10.3)).toBe(10.5)
})
it('is left out when its time is over, or when it would be played over another', () => {
  expect(alignedStart(9, 0, 10)).toBeNull()
  expect(alignedStart(9.9, 10.2, 9.8)).toBeNull()
})
it('begins at once when it is a little late', () => {
  expect(alignedStart(9.97, 0, 10)).toBe(10)
})
it('never begins in the past nor before the end of the one before', () => {
  for (let now = 0, endsAt = 0; now < 5; now += 0.017) {
    const start = alignedStart(now + 0.3 + Math.sin(now * 7) * 0.08, endsAt, now)
    if (start === null) continue
    expect(start).toBeGreaterThanOrEqual(Math.max(now, Math.min(endsAt, start)))
    endsAt = start + 0.02
  }
})
