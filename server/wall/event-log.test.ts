import fc from 'fast-check'
import { expect, test } from 'vitest'
import { forEveryWall, type ScopedWallEvent } from '../store/wall-events.js'
import { EventLog } from './event-log.js'
import { filtered, visibilityKey } from './visibility.js'

const event = (seq: number): ScopedWallEvent => ({ event: { seq, at: 1, change: { kind: 'layout', layoutId: 'x' } }, scope: forEveryWall })
const seqs = (list: ScopedWallEvent[] | null) => list?.map(e => e.event.seq)

test('announced in any order, cut in any pieces, twice or thrice: told once, in order', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 100 }), order => {
    const log = new EventLog(0)
    const told = order.flatMap(seq => seqs(log.take([event(seq)]))!)
    const expected: number[] = []
    while (order.includes(expected.length + 1)) expected.push(expected.length + 1)
    expect(told).toEqual(expected)
    expect(log.lastSeq).toBe(expected.length)
    expect(log.missing).toBe(order.some(seq => seq > expected.length) ? expected.length + 1 : null)
  }))
})

test('what was missed is given back exactly; too far back or in the future is for a snapshot', () => {
  const log = new EventLog(5, [event(4), event(5)])
  log.take([event(6), event(7)])
  expect([seqs(log.after(3)), seqs(log.after(6)), seqs(log.after(7))]).toEqual([[4, 5, 6, 7], [7], []])
  expect([log.after(2), log.after(8), new EventLog(9).after(3)]).toEqual([null, null, null])
})

test('at most about ten thousand are kept', () => {
  const log = new EventLog(0)
  for (let i = 0; i < 13; i++) log.take(Array.from({ length: 1000 }, (_, k) => event(i * 1000 + k + 1)))
  expect([log.after(1000), log.after(4000)?.length]).toEqual([null, 9000])
})

test('a camera outside the reader\'s groups is `none`; without a group only those who see all see it', () => {
  const camera = (groupId: string | null): ScopedWallEvent => ({ ...event(1), scope: { isCamera: true, groupId } })
  const kinds = (list: ScopedWallEvent[], groupIds: string[], allGroups = false) => filtered(list, { allGroups, groupIds }).map(e => e.change.kind)
  const list = [camera('a'), camera('b'), camera(null), event(2)]
  expect(kinds(list, ['a'])).toEqual(['layout', 'none', 'none', 'layout'])
  expect(kinds(list, [])).toEqual(['none', 'none', 'none', 'layout'])
  expect(kinds(list, [], true)).toEqual(['layout', 'layout', 'layout', 'layout'])
  expect(visibilityKey({ allGroups: false, groupIds: ['b', 'a'] })).toBe(visibilityKey({ allGroups: false, groupIds: ['a', 'b', 'a'] }))
})
