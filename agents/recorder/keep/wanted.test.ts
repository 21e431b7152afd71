/** Schedules against the clocks of many zones, by another road than the code's own. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { WeekSpan } from '../../../server/contract/recording.js'
import { inSchedule, wallClockOf } from './wanted.js'

const MINUTE = 60_000
/** Two of them are off by a part of an hour; Lord Howe's clocks move by half of one; Apia has no summer time any more. */
const zones = ['Europe/Kyiv', 'UTC', 'America/St_Johns', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia', 'America/New_York'] as const
const moment = fc.integer({ min: Date.UTC(2024, 0, 1) / MINUTE, max: Date.UTC(2032, 0, 1) / MINUTE }).map(m => m * MINUTE)
const zone = fc.constantFrom(...zones)

/** What a clock on the wall shows, read off its offset from UTC. */
function shown (at: number, timeZone: string) {
  const name = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).formatToParts(at).find(p => p.type === 'timeZoneName')!.value
  const [, sign, hours, minutes] = /GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name)!
  const local = new Date(at + (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * MINUTE)
  return { day: (local.getUTCDay() + 6) % 7, minute: local.getUTCHours() * 60 + local.getUTCMinutes() }
}

it('reads the clock of every zone, in summer and in winter', () => {
  fc.assert(fc.property(moment, zone, (at, z) => { expect(wallClockOf(at, z)).toEqual(shown(at, z)) }), { numRuns: 2000 })
})

it('a week in spans without a hole is always on, a span and the rest of the week are never on together', () => {
  const whole: WeekSpan[] = [0, 1, 2, 3, 4, 5, 6].map(day => ({ day, fromMin: 0, toMin: 1440 }))
  fc.assert(fc.property(moment, zone, fc.integer({ min: 0, max: 6 }), fc.integer({ min: 1, max: 1439 }), (at, z, day, cut) => {
    expect(inSchedule(whole, at, z)).toBe(true)
    const one: WeekSpan[] = [{ day, fromMin: 0, toMin: cut }]
    const rest: WeekSpan[] = [...whole.filter(s => s.day !== day), { day, fromMin: cut, toMin: 1440 }]
    expect(inSchedule(one, at, z)).toBe(!inSchedule(rest, at, z))
  }))
})

it('minute by minute over both nights that the clocks of Kyiv are moved', () => {
  const span: WeekSpan[] = [{ day: 6, fromMin: 2 * 60 + 30, toMin: 4 * 60 + 30 }]
  const minutes = (day: string) => {
    const from = Date.parse(`${day}T00:00:00Z`) - 6 * 3_600_000
    return Array.from({ length: 24 * 60 }, (_, i) => from + i * MINUTE).filter(at => inSchedule(span, at, 'Europe/Kyiv')).length
  }
  expect(minutes('2026-03-29'), 'an hour of the two is left out').toBe(60)
  expect(minutes('2026-10-25'), 'an hour of the two comes twice').toBe(180)
  expect(minutes('2026-06-07')).toBe(120)
})
