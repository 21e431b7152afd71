/** Each fault that was seen in devices or in the library, and the guard against it. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../lib/clock.js'
import { createSwitchModel, type SwitchModel } from '../../fixtures/snmp/model.js'
import { type SimulatedSwitch, startSwitch } from '../../fixtures/snmp/switch.js'
import { SnmpFailure, toSnmpFailure } from './failures.js'
import { interfaces, system } from './oids.js'
import { openSession, type SessionOptions, type SnmpSession } from './session.js'
import { options, pollOnce } from './test-kit.js'
import { follows, initialLimits, walk } from './walk.js'

let device: SimulatedSwitch
let model: SwitchModel
const sessions: SnmpSession[] = []
beforeEach(async () => {
  model = createSwitchModel({ name: 'sw', ports: 24, clock: systemClock })
  device = await startSwitch({ model })
})
afterEach(async () => {
  for (const session of sessions.splice(0)) session.close()
  await device.close()
})
const open = (change: Partial<SessionOptions> = {}) => {
  const session = openSession(options(device.host, device.port, { timeoutMs: 300, ...change }))
  sessions.push(session)
  return session
}
const failureOf = async (work: Promise<unknown>): Promise<SnmpFailure> => work.then(() => { throw new Error('it did not fail') }, toSnmpFailure)
const walkPorts = (session: SnmpSession, limits = initialLimits(true)) => walk(session, limits, { columns: [interfaces.ifDescr, interfaces.ifOperStatus], once: [system.sysUpTime] })

test('a sound switch gives every row of every column', async () => {
  const { columns, once } = await walkPorts(open())
  expect(columns.map(c => c.indexes.length)).toEqual([24, 24])
  expect(once[0]!.oid).toBe(system.sysUpTime)
})
test('silence is a timeout', async () => {
  device.faults.silent = true
  expect(await failureOf(walkPorts(open()))).toMatchObject({ code: 'timeout' })
})
test('a lost datagram is asked for again', async () => {
  device.faults.dropEvery = 2
  const { columns } = await walkPorts(open({ retries: 1 }))
  expect(columns[1]!.indexes).toHaveLength(24)
})
test('another community\'s answer is another identity', async () => {
  device.faults.answerCommunity = 'other'
  const failure = await failureOf(walkPorts(open()))
  expect(failure).toMatchObject({ code: 'wrong_identity' })
  expect(failure.message).not.toContain('other\'')
  expect(failure.message).not.toContain('public')
})
test('an answer from another address or port is not taken', async () => {
  device.faults.otherSource = true
  expect(await failureOf(walkPorts(open()))).toMatchObject({ code: 'wrong_identity', message: expect.stringContaining('127.0.0.1:') })
})
test('garbage is a protocol error and ends nothing', async () => {
  for (const garbage of [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), Buffer.alloc(0), Buffer.from([0x30, 0x06, 0x02, 0x01, 0x01, 0x04, 0x84, 0xff]), Buffer.alloc(3000, 0x30)]) {
    device.faults.garbage = garbage
    const failure = await failureOf(walkPorts(open()))
    expect(['protocol_error', 'answer_too_large']).toContain(failure.code)
  }
})
test('an agent that answers tooBig is asked for less, and that is remembered', async () => {
  device.faults.tooBigOver = 12
  const limits = initialLimits(true)
  const { columns } = await walkPorts(open(), limits)
  expect(columns[0]!.indexes).toHaveLength(24)
  expect(limits.maxVarbinds).toBeLessThanOrEqual(12)
  const before = device.requests()
  await walkPorts(open(), limits)
  expect(device.requests() - before).toBeLessThanOrEqual(10)
})
test('a datagram cut short is not a short answer', async () => {
  device.faults.mutate = answer => answer.length > 500 ? answer.subarray(0, 500) : answer
  const { columns } = await walkPorts(open())
  expect(columns.map(c => c.indexes.length)).toEqual([24, 24])
})
test('an agent that sends few varbinds at a time is walked to the end', async () => {
  device.faults.atMost = 5
  const { columns } = await walkPorts(open())
  expect(columns.map(c => c.indexes.length)).toEqual([24, 24])
})
test('an agent stuck on one object is left', async () => {
  device.faults.stuck = true
  expect(await failureOf(walkPorts(open()))).toMatchObject({ code: 'protocol_error' })
})
test('objects out of order end a walk', async () => {
  device.faults.backwards = true
  expect(await failureOf(walkPorts(open()))).toMatchObject({ code: 'protocol_error' })
})
test('an endless table ends at the row cap', async () => {
  device.faults.endless = true
  expect(await failureOf(walk(open(), initialLimits(true), { columns: [interfaces.ifDescr], maxRows: 500 }))).toMatchObject({ code: 'answer_too_large' })
})
test('other objects than asked for are no answer to GET', async () => {
  device.faults.wrongOid = true
  expect(await failureOf(open().get([system.sysUpTime]))).toMatchObject({ code: 'protocol_error' })
})
test('values of a wrong type are unknown, not wrong', async () => {
  device.faults.wrongTypes = true
  const { out } = await pollOnce(options(device.host, device.port))
  expect(out.of('ports')[0]!.ports[0]).toMatchObject({ oper: 'unknown', speedBps: null, mac: null })
  expect(out.last('in_bps.?')).toBeNull()
})
test('a poll that never ends is aborted from outside', async () => {
  device.faults.silent = true
  const session = open({ timeoutMs: 60_000 })
  const waiting = failureOf(walkPorts(session))
  session.abort(new SnmpFailure('answered_too_slowly', 'deadline'))
  expect(await waiting).toMatchObject({ code: 'answered_too_slowly' })
  expect(await failureOf(session.get([system.sysUpTime]))).toMatchObject({ code: 'answered_too_slowly' })
})
test('version 1 reads the same ports with 32-bit counters', async () => {
  const { out } = await pollOnce(options(device.host, device.port, { version: '1' }))
  expect(out.of('ports')[0]!.ports).toHaveLength(24)
  expect(out.of('ports')[0]!.ports[3]).toMatchObject({ name: 'Gi0/4', oper: 'up', speedBps: 1e9 })
})
test('a switch without ifXTable is read from ifTable', async () => {
  await device.close()
  device = await startSwitch({ model: createSwitchModel({ name: 'small', ports: 8, clock: systemClock, noIfX: true }) })
  const { out } = await pollOnce(options(device.host, device.port))
  expect(out.of('ports')[0]!.ports[7]).toMatchObject({ name: 'Gi0/8', speedBps: 1e9 })
  expect(out.names).toContain('in_bps.Gi0/8')
})

test('indexes follow each other by number, part by part', () => {
  expect(follows('9', '10')).toBe(true)
  expect(follows('10', '9')).toBe(false)
  expect(follows('7', '7')).toBe(false)
  expect(follows('0.2.1', '0.10.1')).toBe(true)
  expect(follows('0.2', '0.2.1')).toBe(true)
  expect(follows('0.2.1', '0.2')).toBe(false)
})

const v3 = { kind: 'snmpv3', user: 'watch', level: 'authPriv', authProtocol: 'sha256', authKey: 'auth-secret', privProtocol: 'aes', privKey: 'priv-secret' } as const
async function startV3 () {
  await device.close()
  const agent = { users: [{ name: 'watch', auth: { protocol: 'sha256' as const, password: 'auth-secret' }, aesPassword: 'priv-secret' }], engineId: Buffer.from('80001f8880aabbccdd', 'hex'), boots: 7, clock: systemClock, bootedAt: Date.now() - 60_000 }
  device = await startSwitch({ model, community: '', v3: agent })
  return agent
}
test('version 3 reads with SHA-256 and AES-128', async () => {
  await startV3()
  const { out } = await pollOnce(options(device.host, device.port, { version: '3', credential: v3, timeoutMs: 2000 }))
  expect(out.of('ports')[0]!.ports).toHaveLength(24)
})
test('version 3 names an unknown user and a wrong authentication key', async () => {
  await startV3()
  expect(await failureOf(open({ version: '3', credential: { ...v3, user: 'nobody' }, timeoutMs: 2000 }).get([system.sysUpTime]))).toMatchObject({ code: 'authentication_failed', kind: 'unknownUser' })
  expect(await failureOf(open({ version: '3', credential: { ...v3, authKey: 'wrong-secret' }, timeoutMs: 2000 }).get([system.sysUpTime]))).toMatchObject({ code: 'authentication_failed', kind: 'wrongDigest' })
})
test('a version 3 answer without protection is not believed', async () => {
  await startV3()
  const session = open({ version: '3', credential: v3, timeoutMs: 2000 })
  await session.get([system.sysUpTime])
  // The reply claims no authentication: its flags byte is cleared.
  device.faults.mutate = answer => {
    const at = answer.indexOf(Buffer.from([0x04, 0x01, 0x03, 0x02, 0x01, 0x03]))
    if (at > 0) answer[at + 2] = 0
    return answer
  }
  const short = open({ version: '3', credential: v3, timeoutMs: 300 })
  expect(['wrong_identity', 'timeout']).toContain((await failureOf(short.get([system.sysUpTime]))).code)
  expect(short.facts.unprotected).toBeGreaterThan(0)
})
