import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY_MS, following, MAX_SPAN_MS, MIN_SPAN_MS, nextTick, panned, spanOf, ticks, timeAt, windowFor, within, xOf, zoomed } from './view.js'
import { dateText, localMs, timeText } from './zone.js'

const KYIV = 'Europe/Kyiv'
const NOW = Date.UTC(2026, 10, 26, 12)
const HOUR = 3_600_000
const day = { from: NOW - DAY_MS, to: NOW }
const named = (local: number) => new Date(local).toISOString().slice(5, 10)
const labels = (from: number, to: number, width: number) => ticks({ from, to }, width, KYIV, named).map(t => t.label)

describe('the part of time that is shown', () => {
  it('keeps the moment under the pointer there while it zooms', () => {
    fc.assert(fc.property(fc.double({ min: 0.05, max: 0.8, noNaN: true }), fc.double({ min: 0.2, max: 0.9, noNaN: true }), (share, factor) => {
      const about = day.from + share * DAY_MS
      const next = zoomed(day, about, factor, NOW)
      expect(xOf(next, 1000, about)).toBeCloseTo(xOf(day, 1000, about), 3)
    }))
  })
  it('goes from a month to two seconds, and no further', () => {
    let view = day
    for (let i = 0; i < 100; i++) view = zoomed(view, NOW - HOUR, 0.5, NOW)
    expect(spanOf(view)).toBe(MIN_SPAN_MS)
    for (let i = 0; i < 100; i++) view = zoomed(view, NOW - HOUR, 2, NOW)
    expect(spanOf(view)).toBe(MAX_SPAN_MS)
  })
  it('does not run into the future', () => {
    expect(panned(day, 40 * DAY_MS, NOW).to).toBeLessThanOrEqual(NOW + DAY_MS / 10)
    expect(spanOf(within({ from: NOW, to: NOW + 5 * DAY_MS }, NOW))).toBe(5 * DAY_MS)
  })
  it('turns its page when the playhead leaves it, and rests otherwise', () => {
    expect(following(day, NOW - HOUR, true, NOW)).toBe(day)
    const view = { from: NOW - 3 * HOUR, to: NOW - 2 * HOUR }
    const next = following(view, NOW - 2 * HOUR, true, NOW)
    expect(xOf(next, 100, NOW - 2 * HOUR)).toBeCloseTo(10)
    const back = following(view, view.from - 1, false, NOW)
    expect(xOf(back, 100, view.from - 1)).toBeCloseTo(90)
  })
  it('x and time are each other’s inverse', () => {
    expect(timeAt(day, 800, xOf(day, 800, NOW - 5 * HOUR))).toBeCloseTo(NOW - 5 * HOUR)
  })
})

describe('ticks', () => {
  it('stand at whole hours of the centre’s clocks, not of UTC', () => {
    const from = Date.UTC(2026, 10, 25, 22)
    expect(labels(from, from + DAY_MS, 1000)).toEqual(['11-26', '02:00', '04:00', '06:00', '08:00', '10:00', '12:00', '14:00', '16:00', '18:00', '20:00', '22:00', '11-27'])
  })
  it('leave out the hour that the clocks skip in spring', () => {
    const from = Date.UTC(2026, 2, 28, 23, 30)
    expect(labels(from, from + 5 * HOUR, 600)).toEqual(['02:00', '04:00', '05:00', '06:00', '07:00'])
  })
  it('show the hour twice that the clocks repeat in autumn', () => {
    const from = Date.UTC(2026, 9, 24, 22, 30)
    expect(labels(from, from + 5 * HOUR, 600)).toEqual(['02:00', '03:00', '03:00', '04:00', '05:00'])
  })
  it('name days over months, each at its own midnight across the change of clocks', () => {
    const at = nextTick(Date.UTC(2026, 9, 25, 12), DAY_MS, KYIV)
    expect(new Date(at).toISOString()).toBe('2026-10-25T22:00:00.000Z')
    expect(labels(Date.UTC(2026, 9, 20), Date.UTC(2026, 9, 28), 800)).toEqual(['10-21', '10-22', '10-23', '10-24', '10-25', '10-26', '10-27', '10-28'])
  })
  it('always go forward and never crowd', () => {
    fc.assert(fc.property(fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2027, 0, 1) }), fc.integer({ min: MIN_SPAN_MS, max: MAX_SPAN_MS }), fc.integer({ min: 300, max: 3000 }), (from, span, width) => {
      const found = ticks({ from, to: from + span }, width, KYIV, named)
      for (let i = 1; i < found.length; i++) expect(found[i]!.at).toBeGreaterThan(found[i - 1]!.at)
      expect(found.length).toBeLessThanOrEqual(width / 74 + 3)
    }))
  })
})

describe('what is asked of the server', () => {
  it('holds the view, and stays the same over small moves', () => {
    fc.assert(fc.property(fc.integer({ min: NOW - 300 * DAY_MS, max: NOW }), fc.integer({ min: MIN_SPAN_MS, max: MAX_SPAN_MS }), (from, span) => {
      const asked = windowFor({ from, to: from + span }, 1200)
      expect(asked.from).toBeLessThanOrEqual(from)
      expect(asked.to).toBeGreaterThanOrEqual(from + span)
      expect(asked.to - asked.from).toBeLessThanOrEqual(3.5 * span + 2000)
      expect(asked.points).toBeLessThanOrEqual(5000)
    }))
    const at = (shift: number) => windowFor({ from: NOW - DAY_MS + shift, to: NOW + shift }, 1200)
    expect(new Set([0, 60_000, 120_000, 180_000].map(s => at(s).from)).size).toBeLessThanOrEqual(2)
  })
})

describe('times on pictures', () => {
  it('are the centre’s, to a tenth of a second', () => {
    const at = Date.UTC(2026, 6, 1, 9, 5, 7, 480)
    expect([timeText(at, KYIV, { tenths: true }), timeText(at, KYIV, { seconds: false }), dateText(at, KYIV)]).toEqual(['12:05:07.4', '12:05', '01.07.2026'])
    expect(localMs(at, KYIV) - at).toBe(3 * HOUR)
  })
})
