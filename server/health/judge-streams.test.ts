import { describe, expect, test } from 'vitest'
import { failure, T, upCamera } from './test-bench.js'

describe('7. stream down', () => {
  test('degraded at once; the alarm after 3 s if the device proved alive since', () => {
    const b = upCamera().stream(1, 'playing').stream(20, 'stalled')
    expect([b.state, b.subject.view.reason?.code, b.log]).toEqual(['degraded', 'stream_stalled', []])
    expect(b.stream(20.5, 'failed').asked).toEqual(['parent 20', 'self 20'])
    expect(b.ok(21).tick(22.9).log).toEqual([])
    expect(b.tick(23).log).toEqual(['raise stream_down sub'])
    expect([b.stream(30, 'connecting').state, b.stream(31, 'playing').state, b.open.length]).toEqual(['degraded', 'up', 0])
  })
  test('a camera that dies raises device_down only', () => {
    const b = upCamera().stream(1, 'playing').stream(20, 'stalled').fail(24).tick(30).fail(34)
    expect([b.state, b.log]).toEqual(['down', ['raise device_down']])
  })
  test('without proof either way the alarm comes after 15 s; nobody watching is no fault', () => {
    expect(upCamera().stream(20, 'failed').tick(34.9).log).toEqual([])
    const b = upCamera().stream(20, 'failed').tick(35)
    expect(b.log).toEqual(['raise stream_down sub'])
    expect([b.stream(40, 'stopped').state, b.open.length]).toEqual(['up', 0])
  })
})

describe('8. poor streams', () => {
  test('under half of the usual frame rate twice in a row, good again from 70 %', () => {
    const b = upCamera().stream(1, 'playing').stream(10, 'playing', { fps: 10 })
    expect(b.state).toBe('up')
    expect(b.stream(20, 'playing', { fps: 10 }).open).toEqual(['stream_degraded|sub'])
    expect(b.stream(30, 'playing', { fps: 15 }).state).toBe('degraded')
    expect(b.stream(40, 'playing', { fps: 20 }).state).toBe('up')
  })
  test('a frame rate low for an hour is the new usual', () => {
    const b = upCamera().stream(1, 'playing')
    for (let s = 10; s <= 3620; s += 10) b.stream(s, 'playing', { fps: 8 })
    expect([b.state, b.open]).toEqual(['up', []])
  })
  test('key frames more than 4 s apart', () => {
    const b = upCamera().stream(1, 'playing', { keyFrameIntervalMs: 4100 })
    expect(b.open).toEqual(['stream_degraded|sub'])
    expect(b.stream(10, 'playing', { keyFrameIntervalMs: 3900 }).state).toBe('degraded')
    expect(b.stream(20, 'playing', { keyFrameIntervalMs: 3400 }).state).toBe('up')
  })
})

test('17. a stream that breaks again and again: one alarm, a state that does not flicker, until it held for a minute', () => {
  const b = upCamera().stream(1, 'playing')
  const broken = { failure: failure('connection_reset') }
  for (const s of [10, 20, 30]) b.stream(s, 'failed', broken).stream(s + 1, 'playing')
  expect([b.state, b.log]).toEqual(['up', []])
  b.stream(40, 'failed', broken).stream(41, 'playing')
  expect([b.state, b.subject.view.reason?.code, b.log, b.wakeAt]).toEqual(['degraded', 'connection_reset', ['raise stream_degraded sub'], T + 100_000])
  for (let s = 50; s < 100; s += 2) b.stream(s, 'failed', broken).stream(s + 1, 'playing')
  expect([b.state, b.log]).toEqual(['degraded', ['raise stream_degraded sub']])
  expect(b.tick(157).state).toBe('degraded')
  expect([b.tick(158).state, b.log]).toEqual(['up', ['raise stream_degraded sub', 'clear stream_degraded sub']])
})
