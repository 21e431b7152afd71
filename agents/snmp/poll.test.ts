/** A switch over time, on a clock that jumps: rates, restarts, gaps, changes. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSwitchModel, type SwitchModel } from '../../fixtures/snmp/model.js'
import { type SimulatedSwitch, startSwitch } from '../../fixtures/snmp/switch.js'
import { newId } from '../../lib/ids.js'
import { rememberSwitch, type SwitchMemory } from './device.js'
import { openSession, type SnmpSession } from './session.js'
import { type Kept, keep, options } from './test-kit.js'

let now: number
const clock = { now: () => now }
let model: SwitchModel
let device: SimulatedSwitch
let session: SnmpSession
let memory: SwitchMemory
let out: Kept
async function begin (version: '1' | '2c' = '2c') {
  session = openSession(options(device.host, device.port, { version }))
  out = keep()
  memory = rememberSwitch(newId(), true, out, clock)
  await memory.poll(session)
}
beforeEach(async () => {
  now = 1_700_000_000_000
  model = createSwitchModel({ name: 'sw', ports: 12, clock })
  device = await startSwitch({ model })
})
afterEach(async () => {
  session.close()
  await device.close()
})
const later = async (ms: number) => {
  now += ms
  await memory.poll(session)
}

test('the first poll tells who it is and what ports it has, and no rates', async () => {
  await begin()
  expect(out.of('identity')[0]).toMatchObject({ sysName: 'sw', manufacturer: 'Net-SNMP' })
  expect(out.of('ports')).toHaveLength(1)
  expect(out.of('ports')[0]!.ports[0]).toEqual({ ifIndex: 1, name: 'Gi0/1', alias: '', description: 'Gi0/1', type: 6, speedBps: 1e9, admin: 'up', oper: 'up', mac: '02:4b:41:00:00:01' })
  expect(out.last('in_bps.Gi0/1')).toBeNull()
})
test('the second poll gives rates over the switch\'s own time', async () => {
  await begin()
  await later(60_000)
  expect(out.last('in_bps.Gi0/1')).toBeCloseTo(4e6, -2)
  expect(out.last('out_bps.Gi0/3')).toBeCloseTo(2.2e5, -2)
  expect(out.last('in_errors_per_s.Gi0/1')).toBe(0)
})
test('nothing is said twice', async () => {
  await begin()
  const said = out.observations.length
  await later(60_000)
  await later(60_000)
  expect(out.observations).toHaveLength(said)
})
test('a restart is told, and its rates are a gap', async () => {
  await begin()
  await later(60_000)
  model.reboot()
  await later(60_000)
  expect(out.of('restart')).toMatchObject([{ uptimeMs: 60_000 }])
  expect(out.last('in_bps.Gi0/1')).toBeNull()
  await later(60_000)
  expect(out.of('restart')).toHaveLength(1)
  expect(out.last('in_bps.Gi0/1')).toBeCloseTo(4e6, -2)
})
test('one port\'s discontinuity is a gap in that port', async () => {
  await begin()
  model.resetCounters(2)
  await later(60_000)
  expect(out.last('in_bps.Gi0/2')).toBeNull()
  expect(out.last('in_bps.Gi0/1')).not.toBeNull()
})
test('a 32-bit counter that wraps goes on', async () => {
  model.addOctets(1, 2n ** 32n - 10_000_000n, 0n)
  await begin('1')
  await later(60_000)
  expect(out.last('in_bps.Gi0/1')).toBeCloseTo(4e6, -2)
})
test('counters above 2^53 keep their last digits', async () => {
  model.addOctets(1, 2n ** 62n, 0n)
  await begin()
  await later(60_000)
  expect(out.last('in_bps.Gi0/1')).toBeCloseTo(4e6, -2)
})
test('the status look sees a port fall, in one request for all and one for the fallen', async () => {
  await begin()
  const before = session.requests
  await memory.status(session)
  expect(session.requests - before).toBe(1)
  model.setPort('Gi0/5', { operUp: false })
  await memory.status(session)
  expect(out.of('port_status')).toMatchObject([{ ifIndex: 5, name: 'Gi0/5', admin: 'up', oper: 'down' }])
  model.setPort('Gi0/5', { adminUp: false, operUp: true })
  await memory.status(session)
  await later(60_000)
  expect(out.of('port_status').at(-1)).toMatchObject({ ifIndex: 5, admin: 'down', oper: 'down' })
})
test('a whole poll sees a port fall too', async () => {
  await begin()
  model.setPort('Gi0/7', { operUp: false })
  await later(60_000)
  expect(out.of('port_status')).toMatchObject([{ ifIndex: 7, oper: 'down' }])
  expect(out.of('ports')).toHaveLength(1)
})
test('a new speed or alias sends the table again', async () => {
  await begin()
  model.setPort('Gi0/1', { speedBps: 1e8 })
  await later(60_000)
  expect(out.of('ports').at(-1)!.ports[0]!.speedBps).toBe(1e8)
  model.setPort('Gi0/2', { alias: 'to the tower' })
  await later(600_000)
  expect(out.of('ports').at(-1)!.ports[1]!.alias).toBe('to the tower')
  expect(out.of('ports')).toHaveLength(3)
})
test('a status look alone notices a restart', async () => {
  await begin()
  model.reboot()
  now += 5000
  await memory.status(session)
  expect(out.of('restart')).toHaveLength(1)
})
