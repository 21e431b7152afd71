import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TimelineRow } from '../../../../server/contract/recording.js'
import { jump } from './jumps.js'
import { found, GAP_PX, isFault, placed, thingsAt, unknownParts } from './layout.js'
import { DAY_MS, MAX_SPAN_MS, MIN_SPAN_MS } from './view.js'

const T = Date.UTC(2026, 10, 26, 12)
const MIN = 60_000
const empty: TimelineRow = { deviceId: 'a', coverage: [], gaps: [], locks: [], bookmarks: [], events: [], alarms: [] }
const gap = (from: number, to: number, over: Partial<TimelineRow['gaps'][number]> = {}) => ({ id: null, from, to, cause: 'camera_unreachable' as const, detail: '', open: false, ...over })
const row: TimelineRow = {
  ...empty,
  coverage: [{ from: T - DAY_MS, to: T - 60 * MIN, kind: 'recorded' }, { from: T - 59 * MIN, to: T, kind: 'recording' }],
  gaps: [gap(T - 60 * MIN, T - 59 * MIN), gap(T - 30 * MIN, T - 29 * MIN, { cause: 'not_scheduled' })],
  locks: [{ id: 'l', from: T - 50 * MIN, to: T - 40 * MIN, reason: 'ДТП' }],
  bookmarks: [{ id: 'b', at: T - 45 * MIN, note: 'Біле авто' }],
  events: [{ from: T - 20 * MIN, to: T - 19 * MIN, type: 'motion', count: 1, id: null }],
  alarms: [{ id: 'x', from: T - 60 * MIN, to: null, condition: 'stream_down', severity: 'major' }]
}

describe('a row of the timeline', () => {
  it('never loses a gap, at any zoom', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: DAY_MS }), fc.integer({ min: 1, max: DAY_MS }), fc.integer({ min: MIN_SPAN_MS, max: MAX_SPAN_MS }), fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 200, max: 3000 }), (start, length, span, share, width) => {
      const one = gap(T - DAY_MS + start, T - DAY_MS + start + length)
      // The view holds some moment of the gap.
      const moment = one.from + length * share
      const view = { from: moment - span / 3, to: moment + 2 * span / 3 }
      const [shown] = placed({ ...empty, gaps: [one] }, view, width, T)
      expect(shown).toMatchObject({ kind: 'gap', fault: true })
      expect(shown!.width).toBeGreaterThanOrEqual(GAP_PX - 1e-6)
      expect(shown!.x).toBeGreaterThanOrEqual(0)
      expect(shown!.x + shown!.width).toBeLessThanOrEqual(width + 1e-6)
    }))
  })
  it('draws gaps over coverage, faults over what was planned, marks over all', () => {
    expect(placed(row, { from: T - DAY_MS, to: T }, 1000, T).map(p => p.kind)).toEqual(['coverage', 'coverage', 'gap', 'gap', 'lock', 'event', 'alarm', 'bookmark'])
    expect(placed(row, { from: T - DAY_MS, to: T }, 1000, T).filter(p => p.kind === 'gap').map(p => p.fault)).toEqual([false, true])
  })
  it('leaves out what is not in the view', () => {
    expect(placed(row, { from: T - 10 * MIN, to: T }, 1000, T).map(p => p.kind)).toEqual(['coverage'])
  })
  it('lets an open gap reach to now', () => {
    const [open] = placed({ ...empty, gaps: [gap(T - 10 * MIN, T - 9 * MIN, { open: true })] }, { from: T - 20 * MIN, to: T }, 200, T)
    expect(open).toMatchObject({ x: 100, width: 100 })
  })
  it('finds the small before the large under the pointer', () => {
    const things = placed(row, { from: T - DAY_MS, to: T }, 1000, T)
    const x = 1000 - 45 / 1440 * 1000
    expect(found(things, x).map(t => t.kind)).toEqual(['bookmark', 'gap', 'lock', 'coverage'].filter(k => found(things, x).some(t => t.kind === k)))
    expect(found(things, x)[0]!.kind).toBe('bookmark')
    expect(found(things, 20).map(t => t.kind)).toEqual(['coverage'])
  })
  it('tells what was true at a moment', () => {
    expect(thingsAt(row, T - 59.5 * MIN, T)[0]).toMatchObject({ kind: 'gap', gap: { cause: 'camera_unreachable' } })
    expect(thingsAt(row, T - 45 * MIN, T).map(t => t.kind)).toEqual(['bookmark', 'lock', 'coverage'])
  })
  it('takes a disabled camera for no fault, and a full disk for one', () => {
    expect([isFault({ cause: 'disabled' }), isFault({ cause: 'not_scheduled' }), isFault({ cause: 'disk_full' }), isFault({ cause: 'unknown' })]).toEqual([false, false, true, true])
  })
})

describe('what is not known yet', () => {
  it('is the part of the view that was not answered', () => {
    expect(unknownParts({ from: 10, to: 20 }, null)).toEqual([{ from: 10, to: 20 }])
    expect(unknownParts({ from: 10, to: 20 }, { from: 12, to: 18 })).toEqual([{ from: 10, to: 12 }, { from: 18, to: 20 }])
    expect(unknownParts({ from: 10, to: 20 }, { from: 0, to: 30 })).toEqual([])
    expect(unknownParts({ from: 10, to: 20 }, { from: 30, to: 40 })).toEqual([{ from: 10, to: 20 }])
  })
})

describe('next and previous', () => {
  it('go to events, alarms, bookmarks and faults in order of time', () => {
    const visited: number[] = []
    for (let at: number | null = T - DAY_MS; at !== null; at = jump([row], at, 1, 'mark')) visited.push(at)
    expect(visited.slice(1)).toEqual([T - 60 * MIN, T - 45 * MIN, T - 20 * MIN])
    expect(jump([row], T - 20 * MIN + 1000, -1, 'mark')).toBe(T - 45 * MIN)
  })
  it('go to any gap when gaps are asked for', () => {
    expect(jump([row], T - 40 * MIN, 1, 'gap')).toBe(T - 30 * MIN)
    expect(jump([row], T, 1, 'gap')).toBeNull()
  })
})
