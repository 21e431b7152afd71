/** Over real UDP: hardware is read beside the status checks and never in their way. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { hardwareTables, type HardwareModel } from '../../../fixtures/snmp/hardware.js'
import { createSwitchModel } from '../../../fixtures/snmp/model.js'
import { type SimulatedSwitch, startSwitch } from '../../../fixtures/snmp/switch.js'
import { systemClock } from '../../../lib/clock.js'
import { makeLog } from '../../../lib/log.js'
import type { PlanDevice } from '../../../server/contract/agent-link.js'
import { createRunner, type Runner } from '../runner.js'
import { type Kept, keep, planSwitch } from '../test-kit.js'

let out: Kept
let runner: Runner
let device: SimulatedSwitch
let rx = -9
const model: HardwareModel = {
  form: 'mikrotik', temperatureC: () => 36, fanRpm: () => 4200, cpuPercent: () => 12, poeBudgetW: 0, poe: [],
  modules: [{ ifIndex: 2, port: 'Gi0/2', vendor: 'SNR', part: 'LX', serial: 'A1', wavelengthNm: 1310, txPowerDbm: () => -5, rxPowerDbm: () => rx }]
}
beforeEach(async () => {
  out = keep()
  rx = -9
  device = await startSwitch({ model: createSwitchModel({ name: 'sw', ports: 4, clock: systemClock, sysObjectId: '1.3.6.1.4.1.14988.1', tables: hardwareTables(model) }) })
  runner = createRunner({ out, clock: systemClock, log: makeLog('test', 'silent') }, { timeoutMs: 300, hardware: { firstWithinMs: 1000, confirmMs: 300 } })
})
afterEach(async () => {
  runner.stop()
  await device.close()
})
const plan = (change: Partial<PlanDevice> = {}) => planSwitch(device.host, device.port, { switch: { snmpVersion: '2c', port: device.port, statusIntervalS: 1, hardwareIntervalS: 600 }, ...change })
const until = (check: () => void) => vi.waitFor(check, { timeout: 40_000, interval: 50 })

test('modules and their numbers come by themselves; they are read again soon when a port changed, and once more when their light jumped', async () => {
  runner.set(plan())
  await until(() => expect(out.of('hardware')[0]?.modules).toMatchObject([{ port: 'Gi0/2', rxPowerDbm: -9 }]))
  expect([out.slow.get('rx_power_dbm.Gi0/2'), out.slow.get('cpu_percent.CPU')]).toEqual([-9, 12])
  rx = -12
  device.model!.setPort(4, { operUp: false })
  await until(() => expect(out.of('hardware').map(o => o.modules[0]!.rxPowerDbm)).toEqual([-9, -12, -12]))
  expect(out.of('reachability').every(o => o.ok)).toBe(true)
}, 60_000)

test('a switch whose tables of modules are slow goes on telling its port statuses, and stays well', async () => {
  const target = plan()
  runner.set(target)
  await until(() => expect(out.of('ports')).toHaveLength(1))
  // Anything beyond the interface tables gets no answer, as from a switch that is busy with its modules.
  device.faults.mutate = answer => answer.includes(Buffer.from([0x2b, 6, 1, 4, 1])) ? null : answer
  await until(() => expect(out.of('reachability').length).toBeGreaterThan(6))
  device.model!.setPort(3, { operUp: false })
  await until(() => expect(out.of('port_status')).toMatchObject([{ name: 'Gi0/3', oper: 'down' }]))
  expect(out.of('reachability').every(o => o.ok)).toBe(true)
  device.faults.mutate = null
  await until(() => expect(out.of('hardware').at(-1)?.modules).toHaveLength(1))
}, 90_000)
