import { describe, expect, test } from 'vitest'
import { alone, failure, T, upCamera } from './test-bench.js'

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
