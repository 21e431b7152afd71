import { describe, expect, test } from 'vitest'
import { alone, Bench, failure, T, upCamera } from './test-bench.js'

describe('1. two in a row', () => {
  test('one failed check changes nothing, the second is down', () => {
    const b = upCamera().fail(10)
    expect(b.state).toBe('up')
    b.fail(20)
    expect([b.state, b.subject.view.reason?.code, b.subject.view.since]).toEqual(['down', 'timeout', T + 20_000])
    expect(b.log).toEqual(['raise device_down'])
  })
  test('a good check between two failures starts the count anew', () => {
    expect(upCamera().fail(10).ok(20).fail(30).state).toBe('up')
  })
  test('from down it takes two good checks, from unknown one', () => {
    const b = upCamera().fail(10).fail(20).ok(30)
    expect(b.state).toBe('down')
    b.ok(40)
    expect([b.state, b.log]).toEqual(['up', ['raise device_down', 'clear device_down']])
    expect(new Bench().state).toBe('unknown')
    expect(new Bench().ok(1).state).toBe('up')
  })
  test('two failures within 0.9 s are one failure seen twice', () => {
    expect(upCamera().fail(10).fail(10.5).state).toBe('up')
  })
})

test('2. the stream is a check: failing to connect twice is down, playing brings it back', () => {
  const b = upCamera().stream(5, 'playing').stream(20, 'failed', { failure: failure('connection_timeout') }).stream(30, 'failed', { failure: failure('connection_timeout') })
  expect(b.state).toBe('down')
  expect(b.stream(40, 'playing').stream(50, 'playing').state).toBe('up')
})

describe('3. definite failure', () => {
  test('an unreachable network is down half a second later, without a second check', () => {
    const b = upCamera().fail(10, 'network_unreachable')
    expect([b.state, b.wakeAt]).toEqual(['up', T + 10_500])
    expect(b.tick(10.4).state).toBe('up')
    expect(b.tick(10.5).state).toBe('down')
  })
  test('anything good within the dwell takes it back', () => {
    expect(upCamera().fail(10, 'network_unreachable').ok(10.3).tick(11).state).toBe('up')
  })
  test('a refused port is definite only if nothing else of the device answered lately', () => {
    expect(upCamera().fail(10, 'connection_refused').tick(11).state).toBe('down')
    expect(upCamera().ok(5, 'onvif').fail(10, 'connection_refused').tick(11).state).toBe('up')
  })
})

describe('4. several methods', () => {
  test('one way refused while another answers is degraded, and stays so', () => {
    const b = upCamera().ok(1, 'onvif').fail(10).ok(15, 'onvif').fail(20)
    expect(b.state).toBe('degraded')
    for (let s = 30; s < 300; s += 10) b.fail(s).ok(s + 5, 'onvif')
    expect([b.state, b.log]).toEqual(['degraded', []])
    expect(b.fail(310, 'timeout', 'onvif').fail(320, 'timeout', 'onvif').state).toBe('down')
  })
})

test('5. a refused password: the device answers, with an alarm of its own instead of stream_down', () => {
  const b = upCamera().fail(10, 'authentication_failed').stream(11, 'failed', { failure: failure('authentication_failed') }).tick(60)
  expect([b.state, b.open]).toEqual(['degraded', ['authentication_failed|']])
  expect(b.stream(70, 'playing').state).toBe('up')
  expect(b.open).toEqual([])
})

describe('6. silence is not a fault', () => {
  test('unknown, and nothing is raised or cleared', () => {
    const b = upCamera().fail(10).fail(20)
    b.around = { ...alone, unwatched: 'agent_silent' }
    b.tick(60)
    expect([b.state, b.subject.view.reason?.code, b.open]).toEqual(['unknown', 'agent_silent', ['device_down|']])
    b.around = alone
    expect(b.tick(70).state).toBe('unknown')
    expect(b.ok(80).state).toBe('up')
    expect(b.open).toEqual([])
  })
  test.each(['no_agent', 'agent_revoked'] as const)('nobody to ask (%s): unknown for that reason, and what was open ends', reason => {
    const b = upCamera().fail(10).fail(20)
    b.around = { ...alone, unwatched: reason }
    b.tick(60)
    expect([b.state, b.subject.view.reason?.code, b.open, b.log]).toEqual(['unknown', reason, [], ['raise device_down', 'clear device_down']])
  })
})

test('10. clock off by over 5 s until under 3 s', () => {
  const b = upCamera().see(1, { kind: 'clock', offsetMs: -5100 })
  expect([b.state, b.open]).toEqual(['degraded', ['clock_offset|']])
  expect(b.see(2, { kind: 'clock', offsetMs: -4000 }).state).toBe('degraded')
  expect(b.see(3, { kind: 'clock', offsetMs: -2900 }).state).toBe('up')
})

test('11. a restart is a warning that clears itself after 10 min', () => {
  const b = upCamera().see(5, { kind: 'restart', uptimeMs: 3000 })
  expect([b.state, b.log, b.wakeAt]).toEqual(['up', ['raise restarted'], T + 605_000])
  expect(b.tick(604).open).toEqual(['restarted|'])
  expect(b.tick(605).open).toEqual([])
})
