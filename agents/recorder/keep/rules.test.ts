import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultPolicy, type RecordingPolicy } from '../../../server/contract/recording.js'
import { type Footage, forRoom, overBytes, restFrom, roomWanted, type Space } from './rules.js'
import { inSchedule, LONGEST_EVENT_MS, wallClockOf, wantedNow } from './wanted.js'

const kyiv = 'Europe/Kyiv'
const plan = (policy: Partial<RecordingPolicy>) => ({ policy: { ...defaultPolicy, ...policy }, timeZone: kyiv })
const at = (text: string) => Date.parse(text)

describe('a schedule', () => {
  const night = [{ day: 5, fromMin: 22 * 60, toMin: 1440 }, { day: 6, fromMin: 0, toMin: 6 * 60 }]
  it('is of what the clocks of the centre show', () => {
    expect(wallClockOf(at('2026-01-05T00:30:00+02:00'), kyiv)).toEqual({ day: 0, minute: 30 })
    expect(inSchedule(night, at('2026-06-06T22:00:00+03:00'), kyiv)).toBe(true)
    expect(inSchedule(night, at('2026-06-06T21:59:59+03:00'), kyiv)).toBe(false)
  })
  it('counts both hours when the clocks are set back, and none that is left out', () => {
    // 25 October 2026 is a Sunday: 04:00 summer time becomes 03:00.
    const early = [{ day: 6, fromMin: 3 * 60, toMin: 4 * 60 }]
    expect(inSchedule(early, at('2026-10-25T03:30:00+03:00'), kyiv)).toBe(true)
    expect(inSchedule(early, at('2026-10-25T03:30:00+02:00'), kyiv)).toBe(true)
    // 29 March 2026, also a Sunday: 03:00 becomes 04:00.
    expect(inSchedule(early, at('2026-03-29T02:59:59+02:00'), kyiv)).toBe(false)
    expect(inSchedule(early, at('2026-03-29T04:00:00+03:00'), kyiv)).toBe(false)
  })
})

describe('what is wanted now', () => {
  it('follows the mode', () => {
    expect(wantedNow(plan({ mode: 'off' }), 0, [])).toEqual({ state: 'off', cause: 'recording_off' })
    expect(wantedNow(plan({ mode: 'scheduled', schedule: [{ day: 0, fromMin: 0, toMin: 1 }] }), at('2026-01-06T12:00:00+02:00'), [])).toEqual({ state: 'off', cause: 'not_scheduled' })
  })
  it('on events: from the event to the post-roll after its end, otherwise ready', () => {
    const p = plan({ mode: 'event', postRollS: 30 })
    const event = { from: 1000, to: 5000 }
    expect(wantedNow(p, 500, [event]).state).toBe('ready')
    expect(wantedNow(p, 34_999, [event]).state).toBe('on')
    expect(wantedNow(p, 35_000, [event])).toEqual({ state: 'ready', cause: 'no_event' })
    expect(wantedNow(p, 1000 + LONGEST_EVENT_MS + 30_000, [{ from: 1000, to: null }]).state).toBe('ready')
  })
})

const footage = fc.array(fc.record({ id: fc.uuid(), deviceId: fc.constantFrom('a', 'b', 'c'), startedAt: fc.nat(1_000_000), wallMs: fc.constant(60_000), bytes: fc.integer({ min: 1, max: 1000 }) }), { maxLength: 60 })
const priorityOf = (id: string) => ({ a: 1, b: 3, c: 5 })[id]!

describe('making room', () => {
  it('takes no more than is needed, the least important and oldest first', () => {
    fc.assert(fc.property(footage, fc.nat(20_000), (all, bytes) => {
      const gone = forRoom(all, priorityOf, bytes)
      const sum = (list: readonly Footage[]) => list.reduce((n, f) => n + f.bytes, 0)
      if (gone.length > 0) expect(sum(gone) - gone.at(-1)!.bytes).toBeLessThan(bytes)
      expect(sum(gone) >= bytes || gone.length === all.length).toBe(true)
      const left = all.filter(f => !gone.includes(f))
      for (const g of gone) for (const l of left) expect(priorityOf(g.deviceId) > priorityOf(l.deviceId) || (priorityOf(g.deviceId) === priorityOf(l.deviceId) && g.startedAt <= l.startedAt)).toBe(true)
    }))
  })
  it('keeps a camera within its bytes as far as its unlocked footage goes', () => {
    fc.assert(fc.property(footage, fc.nat(5000), fc.nat(30_000), (all, locked, keep) => {
      const used = all.reduce((n, f) => n + f.bytes, locked)
      const left = used - overBytes(all, used, keep).reduce((n, f) => n + f.bytes, 0)
      expect(left <= keep || left === locked).toBe(true)
    }))
  })
  it('begins above the floor and goes on a little further', () => {
    const s = { totalBytes: 1000, floorBytes: 100 }
    expect(roomWanted({ ...s, freeBytes: 120 })).toBe(0)
    expect(roomWanted({ ...s, freeBytes: 119 })).toBe(21)
  })
})

describe('who rests when nothing may be deleted', () => {
  const short: Space = { totalBytes: 1000, floorBytes: 100, freeBytes: 110 }
  const roomy: Space = { ...short, freeBytes: 500 }
  const full = (space: Space) => [{ space, canDelete: false }]
  const busy = (space: Space) => [{ space, canDelete: true }]
  it('is the least important class, one a step, never the last word before the floor', () => {
    expect(restFrom(6, full(short), [1, 3, 5, 5])).toBe(5)
    expect(restFrom(5, full(short), [1, 3, 5, 5])).toBe(3)
    expect(restFrom(3, full(short), [1, 3, 5])).toBe(1)
    expect(restFrom(1, full(short), [1])).toBe(1)
  })
  it('is nobody while something can be deleted; each comes back with room', () => {
    expect(restFrom(6, busy(short), [5])).toBe(6)
    expect(restFrom(3, busy(short), [5])).toBe(3)
    expect(restFrom(3, busy(roomy), [5])).toBe(4)
    expect(restFrom(6, full(roomy), [5])).toBe(6)
  })
  it('is nobody while another disk has room, and nothing changes while no disk can be seen', () => {
    expect(restFrom(6, [...full(short), ...full(roomy)], [5])).toBe(6)
    expect(restFrom(5, [...full(short), ...full(roomy)], [5])).toBe(6)
    expect(restFrom(5, [], [5])).toBe(5)
  })
  it('does not come and go where the room is just enough', () => {
    // The margin is 20: stops below 120, comes back from 130 on.
    for (const freeBytes of [120, 125, 129]) expect([restFrom(6, full({ ...short, freeBytes }), [5]), restFrom(5, full({ ...short, freeBytes }), [3])]).toEqual([6, 5])
    expect(restFrom(5, full({ ...short, freeBytes: 130 }), [3])).toBe(6)
  })
})
