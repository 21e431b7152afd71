import { afterEach, expect, test } from 'vitest'
import { createSwitchModel } from '../../fixtures/snmp/model.js'
import { type SimulatedSwitch, startSwitch } from '../../fixtures/snmp/switch.js'
import { systemClock } from '../../lib/clock.js'
import { makeLog } from '../../lib/log.js'
import type { PlanDevice, TestStep } from '../../server/contract/agent-link.js'
import { planSwitch } from './test-kit.js'
import { runTestSteps } from './test-steps.js'
import { testSwitch } from './test-switch.js'

let device: SimulatedSwitch
const model = createSwitchModel({ name: 'sw', ports: 10, clock: systemClock })
afterEach(() => device.close())
const users = [{ name: 'watch', auth: { protocol: 'sha256' as const, password: 'auth-secret' }, aesPassword: 'priv-secret' }]
const v3 = { kind: 'snmpv3', user: 'watch', level: 'authPriv', authProtocol: 'sha256', authKey: 'auth-secret', privProtocol: 'aes', privKey: 'priv-secret' } as const
const startV3 = async () => {
  device = await startSwitch({ model, community: '', v3: { users, engineId: Buffer.from('80001f888000112233', 'hex'), boots: 2, clock: systemClock, bootedAt: Date.now() - 9000 } })
}
const v3Switch = (credential: PlanDevice['credential']) => planSwitch(device.host, device.port, { credential, switch: { snmpVersion: '3', port: device.port } })
const failureOf = async (target: PlanDevice, timeoutMs = 150) => {
  const report = await runTestSteps(target, () => {}, timeoutMs)
  return report.steps.find(step => step.status === 'failed')
}

test('a sound switch passes every step, in a process of its own', async () => {
  device = await startSwitch({ model })
  const seen: TestStep[] = []
  const report = await testSwitch(planSwitch(device.host, device.port), { onStep: step => seen.push(step), signal: new AbortController().signal, log: makeLog('test', 'silent') })
  expect(report.ok).toBe(true)
  expect(report.steps.map(s => [s.step, s.status])).toEqual([['address', 'ok'], ['authentication', 'ok'], ['snmp_version', 'ok'], ['system', 'ok'], ['ports', 'ok']])
  expect(report.steps.at(-1)!.facts).toMatchObject({ ports: 10, up: 10, counters: '64 bit' })
  expect(seen.filter(s => s.status === 'running')).toHaveLength(5)
})
test('a cancelled test ends', async () => {
  device = await startSwitch({ model })
  const report = await testSwitch(planSwitch(device.host, device.port), { onStep: () => {}, signal: AbortSignal.abort(), log: makeLog('test', 'silent') })
  expect(report.ok).toBe(false)
})
test('a closed port is told from silence', async () => {
  device = await startSwitch({ model })
  await device.close()
  expect(await failureOf(planSwitch(device.host, device.port))).toMatchObject({ step: 'address', failure: { code: 'connection_refused' } })
})
test('a wrong community is silence, and the report says so', async () => {
  device = await startSwitch({ model })
  const failed = await failureOf(planSwitch(device.host, device.port, { credential: { kind: 'community', community: 'private' } }))
  expect(failed).toMatchObject({ step: 'authentication', failure: { code: 'timeout', detail: expect.stringContaining('community is wrong') } })
  expect(JSON.stringify(failed)).not.toContain('private')
})
test('version 3: unknown user, wrong digest and wrong privacy key are told apart', async () => {
  await startV3()
  expect((await runTestSteps(v3Switch(v3), () => {})).ok).toBe(true)
  expect((await failureOf(v3Switch({ ...v3, user: 'nobody' }), 1000))?.failure).toMatchObject({ code: 'authentication_failed', detail: expect.stringContaining('no SNMPv3 user') })
  expect((await failureOf(v3Switch({ ...v3, authKey: 'not-the-key' }), 1000))?.failure).toMatchObject({ code: 'authentication_failed', detail: expect.stringContaining('authentication key') })
  expect((await failureOf(v3Switch({ ...v3, privKey: 'not-the-key' }), 400))?.failure).toMatchObject({ code: 'authentication_failed', detail: expect.stringContaining('privacy key') })
})
test('a credential that does not fit the version never leaves', async () => {
  device = await startSwitch({ model })
  const failed = await failureOf(planSwitch(device.host, device.port, { credential: null }))
  expect(failed?.failure).toMatchObject({ code: 'authentication_failed', detail: expect.stringContaining('needs a community') })
  expect(device.requests()).toBeLessThanOrEqual(1)
})
