import { describe, expect, test } from 'vitest'
import type { PortObservation } from '../contract/health.js'
import { alone, Bench, T } from './test-bench.js'

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
