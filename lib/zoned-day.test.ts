import { describe, expect, it } from 'vitest'
import { localText, momentOf, startOfDay } from './zoned-day.js'

const iso = (day: string, zone: string, days?: number) => new Date(startOfDay(day, zone, days)!).toISOString()

describe('a day of the centre', () => {
  it('begins at its own midnight, in winter and in summer', () => {
    expect(iso('2026-01-15', 'Europe/Kyiv')).toBe('2026-01-14T22:00:00.000Z')
    expect(iso('2026-07-15', 'Europe/Kyiv')).toBe('2026-07-14T21:00:00.000Z')
    expect(iso('2026-07-15', 'UTC')).toBe('2026-07-15T00:00:00.000Z')
  })
  it('may have 23 or 25 hours', () => {
    const hours = (day: string) => (startOfDay(day, 'Europe/Kyiv', 1)! - startOfDay(day, 'Europe/Kyiv')!) / 3_600_000
    expect([hours('2026-03-29'), hours('2026-10-25'), hours('2026-10-26')]).toEqual([23, 25, 24])
  })
  it('is none where nothing was chosen', () => {
    expect([startOfDay('', 'UTC'), startOfDay('2026-13-01', 'UTC')]).toEqual([undefined, undefined])
  })
})

it('reads and writes minutes as the centre\'s clocks show them, also when they change', () => {
  expect(momentOf('2026-07-01T14:05', 'Europe/Kyiv')).toBe(Date.UTC(2026, 6, 1, 11, 5))
  expect(momentOf('2026-03-29T00:30', 'Europe/Kyiv')).toBe(Date.UTC(2026, 2, 28, 22, 30))
  expect(momentOf('2026-03-29T04:30', 'Europe/Kyiv')).toBe(Date.UTC(2026, 2, 29, 1, 30))
  expect(localText(Date.UTC(2026, 2, 29, 1, 30), 'Europe/Kyiv')).toBe('2026-03-29T04:30')
  expect(['', '2026-07-01', 'yesterday'].map(text => momentOf(text, 'UTC'))).toEqual([undefined, undefined, undefined])
})
