import { expect, it } from 'vitest'
import { liveUrl, pauseMs, problemOf } from './transport.js'

it('waits longer after each failure, with jitter, and never more than 12.5 s', () => {
  expect([0, 1, 2, 3].map(n => pauseMs(1006, n, 0.5))).toEqual([400, 800, 1600, 3200])
  expect(pauseMs(1006, 30, 1)).toBe(12_500)
  expect(pauseMs(1006, 0, 0)).toBe(300)
})
it('does not ask again once signed out, and seldom where it is not permitted', () => {
  expect(pauseMs(4401, 0, 0.5)).toBeNull()
  expect(pauseMs(4403, 0, 0.5)).toBe(60_000)
  expect(problemOf(4503)).toBe('agent_away')
  expect(problemOf(1006)).toBe('network')
})
it('follows the page’s scheme', () => expect(liveUrl('d', 'sub', false, { protocol: 'https:', host: 'h:1' })).toBe('wss://h:1/api/v1/devices/d/live?profile=sub&hevc=0'))
