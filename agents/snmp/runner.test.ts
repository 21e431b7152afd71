/** Outcomes of checks as the runner tells them. Real UDP, real timers of milliseconds; nothing asserts how long. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSwitchModel } from '../../fixtures/snmp/model.js'
import { type SimulatedSwitch, startSwitch } from '../../fixtures/snmp/switch.js'
import { systemClock } from '../../lib/clock.js'
import { makeLog } from '../../lib/log.js'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import { createRunner, type Runner, type RunnerOptions } from './runner.js'
import { type Kept, keep, planSwitch } from './test-kit.js'

const model = createSwitchModel({ name: 'sw', ports: 4, clock: systemClock })
let out: Kept
let runner: Runner
let started: SimulatedSwitch[] = []
const begin = (o: RunnerOptions = {}) => { runner = createRunner({ out, clock: systemClock, log: makeLog('test', 'silent') }, { timeoutMs: 100, ...o }) }
const start = async (o: Partial<Parameters<typeof startSwitch>[0]> = {}) => {
  const device = await startSwitch({ model, ...o })
  started.push(device)
  return device
}
beforeEach(() => { out = keep() })
afterEach(async () => {
  runner.stop()
  for (const device of started.splice(0)) await device.close()
  started = []
})
const lastOf = (device: PlanDevice) => out.of('reachability').filter(o => o.deviceId === device.id).at(-1)
const until = (check: () => void) => vi.waitFor(check, { timeout: 15_000, interval: 20 })
const fast = (device: SimulatedSwitch, change: Partial<PlanDevice> = {}) => planSwitch(device.host, device.port, { switch: { snmpVersion: '2c', port: device.port, statusIntervalS: 1 }, ...change })

test('a closed port, a missing credential and an unknown name are told apart', async () => {
  begin()
  const closed = await start()
  await closed.close()
  const devices = [fast(closed), fast(closed, { credential: null }), fast(closed, { address: 'no-such-host.invalid' })]
  for (const device of devices) runner.set(device)
  await until(() => expect(devices.map(d => lastOf(d)?.failure?.code)).toEqual(['connection_refused', 'authentication_failed', 'address_unresolved']))
})
test('switches that leave before their first check do not make later ones wait', async () => {
  begin()
  const gone = await start()
  for (let i = 0; i < 2000; i++) {
    const left = fast(gone)
    runner.set(left)
    runner.remove(left.id)
  }
  const target = fast(await start())
  runner.set(target)
  await until(() => expect(lastOf(target)?.ok).toBe(true))
})
test('the reason of a silence stays the same while it lasts', async () => {
  begin()
  const closed = await start()
  await closed.close()
  const target = fast(closed)
  runner.set(target)
  await until(() => expect(out.of('reachability').length).toBeGreaterThan(4))
  expect(new Set(out.of('reachability').map(o => o.failure?.code))).toEqual(new Set(['connection_refused']))
})
test('a switch that answers without end is cut off by the deadline', async () => {
  const device = await start()
  begin({ deadlineMs: 150, timeoutMs: 5000 })
  device.faults.silent = true
  const target = fast(device)
  runner.set(target)
  await until(() => expect(lastOf(target)?.failure?.code).toBe('answered_too_slowly'))
})
test('dead switches do not take the places of living ones', async () => {
  begin({ inFlight: 2, timeoutMs: 400 })
  const dead = await start()
  dead.faults.silent = true
  for (let i = 0; i < 12; i++) runner.set(fast(dead))
  const alive = fast(await start({ host: '127.0.0.9' }))
  runner.set(alive)
  await until(() => expect(lastOf(alive)).toMatchObject({ ok: true }))
})
test('a poll now is a whole poll', async () => {
  begin()
  const device = await start()
  const target = fast(device, { switch: { snmpVersion: '2c', port: device.port, intervalS: 3600, statusIntervalS: 3600 } })
  runner.set(target)
  await until(() => expect(out.sets).toHaveLength(1))
  runner.pollNow(target.id)
  await until(() => expect(out.sets).toHaveLength(2))
})
test('a removed switch is asked and told no more', async () => {
  begin()
  const device = await start()
  const target = fast(device)
  runner.set(target)
  runner.remove(target.id)
  const other = fast(device)
  runner.set(other)
  await until(() => expect(lastOf(other)?.ok).toBe(true))
  expect(out.observations.every(o => o.deviceId === other.id)).toBe(true)
})
test('a version 3 switch that was replaced, with another engine and other boots, is read again', async () => {
  begin({ timeoutMs: 1500 })
  const agent = { users: [{ name: 'watch', auth: { protocol: 'sha256' as const, password: 'auth-secret' }, aesPassword: 'priv-secret' }], engineId: Buffer.from('80001f888000aa0001', 'hex'), boots: 40, clock: systemClock, bootedAt: Date.now() - 90_000 }
  const device = await start({ community: '', v3: agent })
  const target = fast(device, {
    credential: { kind: 'snmpv3', user: 'watch', level: 'authPriv', authProtocol: 'sha256', authKey: 'auth-secret', privProtocol: 'aes', privKey: 'priv-secret' },
    switch: { snmpVersion: '3', port: device.port, statusIntervalS: 1 }
  })
  runner.set(target)
  await until(() => expect(lastOf(target)).toMatchObject({ ok: true }))
  Object.assign(agent, { engineId: Buffer.from('80001f888000aa0002', 'hex'), boots: 1, bootedAt: Date.now() })
  const seen = out.observations.length
  await until(() => expect(out.of('reachability').filter(o => out.observations.indexOf(o) >= seen).filter(o => o.ok).length).toBeGreaterThan(1))
})
