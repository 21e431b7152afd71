/** The collector with its real poller process: plan, polls, a poller that dies, a switch that falls silent. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { createSwitchModel } from '../../fixtures/snmp/model.js'
import { type SimulatedSwitch, startSwitch } from '../../fixtures/snmp/switch.js'
import { systemClock } from '../../lib/clock.js'
import { makeLog } from '../../lib/log.js'
import type { Observation, ObservationOf, SampleSet } from '../../server/contract/health.js'
import type { Collector } from '../collector.js'
import { createSnmpCollector } from './collector.js'
import { planSwitch } from './test-kit.js'

let device: SimulatedSwitch
let collector: Collector | null = null
let observations: Observation[] = []
let sets: SampleSet[] = []
const model = createSwitchModel({ name: 'sw', ports: 6, clock: systemClock })
beforeAll(async () => { device = await startSwitch({ model }) })
afterAll(() => device.close())
afterEach(async () => {
  await collector?.stop()
  collector = null
  device.faults.silent = false
})
function begin () {
  observations = []
  sets = []
  collector = createSnmpCollector({ emit: { observation: o => { observations.push(o) }, samples: s => { sets.push(s) } }, log: makeLog('test', 'silent'), clock: systemClock })
  return collector
}
const of = <K extends Observation['kind']>(kind: K) => observations.filter((o): o is ObservationOf<K> => o.kind === kind)
const until = (condition: () => void) => vi.waitFor(condition, { timeout: 30_000, interval: 25 })
const quick = () => planSwitch(device.host, device.port, { switch: { snmpVersion: '2c', port: device.port, intervalS: 5, statusIntervalS: 1 } })

test('a planned switch is polled: identity, ports, reachability, samples; a fallen port is told', async () => {
  const target = quick()
  begin().plan([target])
  await until(() => expect(of('ports')).toHaveLength(1))
  await until(() => expect(of('reachability')[0]).toMatchObject({ ok: true, method: 'snmp', failure: null }))
  expect(of('identity')[0]).toMatchObject({ deviceId: target.id, sysName: 'sw' })
  model.setPort('Gi0/2', { operUp: false })
  await until(() => expect(of('port_status').at(-1)).toMatchObject({ ifIndex: 2, name: 'Gi0/2', oper: 'down' }))
  model.setPort('Gi0/2', { operUp: true })
  await until(() => expect(of('port_status').at(-1)).toMatchObject({ ifIndex: 2, oper: 'up' }))
  collector!.pollNow(target.id)
  await until(() => expect(sets.at(-1)!.values[sets.at(-1)!.series.indexOf('in_bps.Gi0/1')]).toBeGreaterThan(1e6))
})
test('a poller that is killed comes back and polls the same plan', async () => {
  const target = quick()
  begin().plan([target])
  await until(() => expect(of('ports')).toHaveLength(1))
  const { execFileSync } = await import('node:child_process')
  const pid = Number(execFileSync('pgrep', ['-P', String(process.pid), '-f', 'snmp/poller']).toString().trim().split('\n').at(-1))
  process.kill(pid, 'SIGKILL')
  await until(() => expect(collector!.processes()[0]).toEqual({ name: 'snmp-poller', alive: true, restarts: 1 }))
  await until(() => expect(of('ports')).toHaveLength(2))
})
test('a switch that falls silent is told with its cause and told again when it is back', async () => {
  begin().plan([quick()])
  await until(() => expect(of('reachability').at(-1)).toMatchObject({ ok: true }))
  device.faults.silent = true
  await until(() => expect(of('reachability').at(-1)).toMatchObject({ ok: false, failure: { code: 'timeout' } }))
  device.faults.silent = false
  await until(() => expect(of('reachability').at(-1)).toMatchObject({ ok: true }))
})
test('an unchanged switch is not disturbed by a new plan, a removed one is left', async () => {
  const target = quick()
  begin().plan([target])
  await until(() => expect(of('ports')).toHaveLength(1))
  collector!.plan([{ ...target, name: 'another name' }, planSwitch(device.host, device.port)])
  await until(() => expect(of('ports')).toHaveLength(2))
  expect(of('ports').map(o => o.deviceId).filter(id => id === target.id)).toHaveLength(1)
  collector!.plan([])
  observations = []
  const asked = device.requests()
  const pulse = planSwitch(device.host, device.port, { switch: { snmpVersion: '2c', port: device.port, intervalS: 5, statusIntervalS: 1 } })
  collector!.plan([pulse])
  await until(() => expect(of('reachability').length).toBeGreaterThanOrEqual(3))
  expect(observations.every(o => o.deviceId === pulse.id)).toBe(true)
  expect(device.requests()).toBeGreaterThan(asked)
})
