import { describe, expect, it } from 'vitest'
import { momentTyped } from './moment-text.js'

const KYIV = 'Europe/Kyiv'
const NOW = Date.UTC(2026, 10, 26, 12)
const typed = (text: string, near = NOW) => { const at = momentTyped(text, KYIV, near, NOW); return at === null ? null : new Date(at).toISOString() }

describe('a moment that is typed', () => {
  it('is read in the centre’s zone, with or without its date', () => {
    expect(typed('26.11.2026 13:05:30')).toBe('2026-11-26T11:05:30.000Z')
    expect(typed('1.7 9:05')).toBe('2026-07-01T06:05:00.000Z')
    expect(typed('2026-07-01 09:05')).toBe('2026-07-01T06:05:00.000Z')
    expect(typed(' 13:59 ')).toBe('2026-11-26T11:59:00.000Z')
    expect(typed('23:10')).toBe('2026-11-25T21:10:00.000Z')
    expect(typed('10:00', Date.UTC(2026, 2, 3, 9))).toBe('2026-03-03T08:00:00.000Z')
  })
  it('is nothing when it is no moment', () => {
    for (const text of ['', 'вчора', '25:00', '12:60', '31.02.2026 10:00', '26.11.2026', '12']) expect(typed(text)).toBeNull()
  })
})
