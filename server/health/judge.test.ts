import { describe, expect, test } from 'vitest'
import type { Failure, FailureCode, Observation, PortObservation } from '../contract/health.js'
import type { AlarmIntent } from './conditions.js'
import type { KnownPorts } from './evidence.js'
import { type Input, judge } from './judge.js'
import { newMemory, newView, type Subject, type Surroundings } from './memory.js'

const T = 1_700_000_000_000
const alone: Surroundings = { unwatched: null, fault: null, parent: null, portsInUse: new Set() }
const ID = '018f0000-0000-7000-8000-000000000001'
const failure = (code: FailureCode): Failure => ({ code, detail: '' })

/** One device under the judge; times are seconds after T. */
class Bench {
  subject: Subject
  around: Surroundings = alone
  alarms: AlarmIntent[] = []
  wakeAt: number | null = null
  asked: string[] = []
  known: KnownPorts = () => undefined
  constructor (kind: Subject['kind'] = 'camera') { this.subject = { kind, view: newView(T), memory: newMemory(T) } }

  private take (input: Input, s: number) {
    const verdict = judge(this.subject, input, this.around, T + s * 1000)
    this.subject = verdict.subject
    this.alarms.push(...verdict.alarms)
    this.wakeAt = verdict.wakeAt
    if (verdict.suspectsParent) this.asked.push(`parent ${s}`)
    if (verdict.asksSelf) this.asked.push(`self ${s}`)
    return this
  }
  see (s: number, o: Record<string, unknown> & { kind: Observation['kind'] }) {
    return this.take({ observation: { deviceId: ID, at: T + s * 1000, ...o } as unknown as Observation, agentOffsetMs: 0, knownPorts: this.known }, s)
  }
  ok (s: number, method = 'rtsp') { return this.see(s, { kind: 'reachability', ok: true, method, rttMs: 3, failure: null }) }
  fail (s: number, code: FailureCode = 'timeout', method = 'rtsp') { return this.see(s, { kind: 'reachability', ok: false, method, rttMs: null, failure: failure(code) }) }
  stream (s: number, status: string, more: Record<string, unknown> = {}) {
    return this.see(s, { kind: 'stream', profile: 'sub', status, client: 'own', failure: null, codec: 'h264', width: 640, height: 360, fps: 25, bitrateBps: 1e6,
      keyFrameIntervalMs: 1000, audioCodec: null, packetsLost: 0, reconnects: 0, ...more })
  }
  tick (s: number) { return this.take('tick', s) }
  get state () { return this.subject.view.state }
  get open () { return Object.keys(this.subject.memory.open).sort() }
  get log () { return this.alarms.map(a => `${a.kind} ${a.condition}${a.subject && ` ${a.subject}`}`) }
}
const upCamera = () => new Bench().ok(0)

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

describe('9. ports', () => {
  const port = (oper: PortObservation['oper'], admin: PortObservation['admin'] = 'up') => ({ ifIndex: 3, name: 'ge3', admin, oper })
  const upSwitch = (upSince: number) => {
    const b = new Bench('switch').ok(0, 'snmp')
    b.known = () => ({ oper: 'up', since: T + upSince * 1000 })
    return b
  }
  test('a port that had been up for 60 s raises at once and clears at once; the switch stays up', () => {
    const b = upSwitch(0).see(60, { kind: 'port_status', ...port('down') })
    expect([b.log, b.state]).toEqual([['raise port_down ge3'], 'up'])
    expect(b.see(70, { kind: 'port_status', ...port('up') }).open).toEqual([])
  })
  test('a port that carried nothing raises nothing, unless a device hangs on it', () => {
    expect(upSwitch(30).see(60, { kind: 'port_status', ...port('down') }).log).toEqual([])
    const b = upSwitch(30)
    b.around = { ...alone, portsInUse: new Set(['ge3']) }
    expect(b.see(60, { kind: 'port_status', ...port('down') }).log).toEqual(['raise port_down ge3'])
  })
  test('shut by hand is no alarm, and ends one', () => {
    expect(upSwitch(0).see(99, { kind: 'port_status', ...port('down', 'down') }).log).toEqual([])
    expect(upSwitch(0).see(99, { kind: 'port_status', ...port('down') }).see(120, { kind: 'port_status', ...port('down', 'down') }).open).toEqual([])
  })
  test('a port that vanished from the table ends its alarm', () => {
    expect(upSwitch(0).see(99, { kind: 'port_status', ...port('down') }).see(120, { kind: 'ports', ports: [] }).open).toEqual([])
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

test('12. flapping: the third raising within 10 min clears only after a quiet minute', () => {
  const b = new Bench('switch').ok(0, 'snmp')
  b.around = { ...alone, portsInUse: new Set(['ge3']) }
  const flap = (s: number, oper: string) => b.see(s, { kind: 'port_status', ifIndex: 3, name: 'ge3', admin: 'up', oper })
  for (const s of [10, 20, 30]) flap(s, 'down').see(s + 5, { kind: 'port_status', ifIndex: 3, name: 'ge3', admin: 'up', oper: 'up' })
  expect(b.log.filter(l => l.startsWith('raise')).length).toBe(3)
  expect([b.open, b.wakeAt]).toEqual([['port_down|ge3'], T + 95_000])
  flap(40, 'down')
  flap(45, 'up')
  expect(b.log.filter(l => l.startsWith('raise')).length).toBe(3)
  expect(b.tick(104).open).toEqual(['port_down|ge3'])
  expect(b.tick(105).open).toEqual([])
})

describe('13 to 16. behind something that is down', () => {
  const fault = (s: number) => ({ deviceId: 'parent', port: null, since: T + s * 1000 })
  const parent = { lastGoodAt: null, doubtful: false }

  test('13. unreachable at once, with the cause, and no alarm', () => {
    const b = upCamera()
    b.around = { ...alone, fault: fault(10) }
    b.tick(12).fail(20).fail(30)
    expect(b.asked).toEqual(['self 20'])
    expect([b.state, b.subject.view.causeDeviceId, b.subject.view.reason?.code, b.log]).toEqual(['unreachable', 'parent', 'parent_down', []])
  })
  test('13. not if it answered after the fault began; a stream proves nothing for its last 10 s', () => {
    const b = upCamera()
    b.around = { ...alone, fault: fault(10) }
    expect(b.stream(15, 'playing').state).toBe('unreachable')
    expect(b.ok(16).state).toBe('up')
  })
  test('13. what failed minutes before its parent has a fault of its own', () => {
    const b = upCamera().fail(10).fail(20)
    b.around = { ...alone, fault: fault(300) }
    expect([b.tick(310).state, b.open]).toEqual(['down', ['device_down|']])
  })
  test('14. a child waits 3 s for its parent, and asks for it', () => {
    const b = upCamera()
    b.around = { ...alone, parent }
    b.fail(10).fail(20)
    expect([b.state, b.wakeAt, b.asked]).toEqual(['up', T + 23_000, ['parent 20']])
    b.around = { ...alone, fault: fault(15) }
    expect([b.tick(22).state, b.tick(25).log]).toEqual(['unreachable', []])
  })
  test('14. the wait ends after 3 s, or 10 s while the parent is in doubt, or when the parent answers', () => {
    const held = () => {
      const b = upCamera()
      b.around = { ...alone, parent }
      return b.fail(10).fail(20)
    }
    expect(held().tick(22.9).state).toBe('up')
    expect(held().tick(23).state).toBe('down')
    const doubtful = held()
    doubtful.around = { ...alone, parent: { lastGoodAt: null, doubtful: true } }
    expect([doubtful.tick(22).tick(29.9).state, doubtful.tick(30).state]).toEqual(['up', 'down'])
    const excused = held()
    excused.around = { ...alone, parent: { lastGoodAt: T + 21_000, doubtful: false } }
    expect(excused.tick(21).state).toBe('down')
  })
  test('15. after the parent recovers it waits for its own evidence: one good is up', () => {
    const b = upCamera()
    b.around = { ...alone, fault: fault(10) }
    b.tick(12).fail(20).fail(30)
    b.around = { ...alone, parent }
    b.asked = []
    expect([b.tick(40).state, b.asked]).toEqual(['unreachable', ['self 40']])
    expect(b.ok(41).state).toBe('up')
    expect(b.log).toEqual([])
  })
  const freed = (port: string | null) => {
    const b = upCamera().stream(1, 'playing')
    b.around = { ...alone, fault: { ...fault(10), port } }
    b.tick(12).stream(15, 'stalled').fail(20)
    b.around = alone
    b.asked = []
    return b.tick(40)
  }
  test('15. failures in the 30 s after do not count, for their attempts may have begun before; then it is asked again, and two are down', () => {
    const b = freed('ge1')
    for (const s of [42, 45, 60, 69]) b.fail(s).stream(s + 0.5, 'failed', { failure: failure('timeout') })
    expect([b.state, b.log]).toEqual(['unreachable', []])
    b.tick(70)
    expect([b.state, b.asked]).toEqual(['unreachable', ['self 40', 'self 70']])
    expect([b.fail(72).fail(77).state, b.log]).toEqual(['down', ['raise device_down']])
  })
  test('15. after a fault of the whole parent it is 90 s: what that feeds with power starts anew', () => {
    const b = freed(null)
    for (const s of [42, 80, 129]) b.fail(s)
    expect(b.state).toBe('unreachable')
    expect(b.tick(130).fail(131).fail(136).state).toBe('down')
  })
  test('15. who says nothing for another minute is unknown', () => {
    expect([freed('ge1').tick(70).tick(129).state, freed('ge1').tick(70).tick(130).state]).toEqual(['unreachable', 'unknown'])
  })
  test('15. a stream that is not back yet degrades quietly; after the 30 s it counts', () => {
    const b = freed('ge1').ok(41, 'onvif')
    expect([b.state, b.tick(69).log]).toEqual(['degraded', []])
    expect([b.ok(69.5, 'onvif').tick(70).state, b.log]).toEqual(['degraded', ['raise stream_down sub']])
    expect([freed('ge1').ok(41, 'onvif').stream(43, 'playing').tick(80).state]).toEqual(['up'])
  })
  test('15. the first measure of a stream after the break covers the break too', () => {
    expect(freed('ge1').stream(43, 'playing', { fps: 3 }).stream(53, 'playing', { fps: 3 }).stream(63, 'playing').log).toEqual([])
  })
  test('15. its own word may come before its parent says anything: the parent is asked, and old failures do not bring it down', () => {
    const b = upCamera().stream(1, 'playing')
    b.around = { ...alone, fault: { ...fault(10), port: 'ge1' }, parent }
    b.tick(12).stream(15, 'stalled').fail(20)
    b.asked = []
    b.ok(40, 'onvif')
    expect([b.state, b.asked]).toEqual(['degraded', ['parent 40', 'self 40']])
    b.fail(41).fail(43).stream(44, 'failed', { failure: failure('timeout') }).tick(50)
    expect([b.state, b.log]).toEqual(['degraded', []])
    expect([b.stream(51, 'playing').state, b.log]).toEqual(['up', []])
  })
  test('15. down again under the next fault, it is waited for anew', () => {
    const b = freed('ge1')
    b.around = { ...alone, fault: { ...fault(50), port: 'ge1' } }
    expect(b.tick(51).subject.memory.settleUntil).toBe(null)
    b.around = alone
    expect(b.tick(60).subject.memory.settleUntil).toBe(T + 90_000)
  })
  test('16. an alarm raised too early is folded into the cause; others are held', () => {
    const b = upCamera().see(1, { kind: 'clock', offsetMs: 9000 }).fail(10).fail(20)
    b.around = { ...alone, fault: fault(30) }
    expect([b.tick(40).state, b.open]).toEqual(['unreachable', ['clock_offset|']])
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
