/** Thousands of mutated answers: the poller goes on, and another switch beside it notices nothing. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSwitchModel } from '../../fixtures/snmp/model.js'
import { startSwitch } from '../../fixtures/snmp/switch.js'
import { systemClock } from '../../lib/clock.js'
import { SnmpFailure } from './failures.js'
import { openSession, type SessionOptions } from './session.js'
import { interfaces, system } from './oids.js'
import { options, pollOnce } from './test-kit.js'
import { initialLimits, walk } from './walk.js'

const model = createSwitchModel({ name: 'sw', ports: 12, clock: systemClock })
/** Small numbers that repeat, so that a failure can be repeated. */
function random (seed: number) {
  let state = seed
  return (below: number) => {
    state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x9e3779b9 >>> 0
    return (state >>> 8) % below
  }
}
function mutate (answer: Buffer, pick: (below: number) => number): Buffer {
  const bytes = Buffer.from(answer)
  const changes = 1 + pick(4)
  for (let i = 0; i < changes; i++) {
    const at = pick(3) === 0 ? pick(Math.min(60, bytes.length)) : pick(bytes.length)
    bytes[at] = [0, 0x7f, 0x80, 0x84, 0xff, pick(256)][pick(6)]!
  }
  return pick(10) === 0 ? bytes.subarray(0, pick(bytes.length)) : bytes
}

async function storm (sick: { host: string, port: number }, change: Partial<SessionOptions>, rounds: number) {
  const outcomes = { answered: 0, failed: 0 }
  for (let i = 0; i < rounds; i++) {
    const session = openSession(options(sick.host, sick.port, { timeoutMs: 5, ...change }))
    try {
      await walk(session, initialLimits(true), { columns: [interfaces.ifDescr, interfaces.ifHCInOctets, interfaces.ifOperStatus], once: [system.sysUpTime], maxRows: 200 })
      outcomes.answered++
    } catch (error) {
      expect(error).toBeInstanceOf(SnmpFailure)
      outcomes.failed++
    } finally {
      session.close()
    }
  }
  return outcomes
}

test('4,000 mutated answers leave the process and the other switch alone', { timeout: 60_000 }, async () => {
  const sick = await startSwitch({ model, host: '127.0.0.2' })
  const well = await startSwitch({ model, host: '127.0.0.3' })
  const pick = random(7)
  let mutated = 0
  sick.faults.mutate = answer => {
    mutated++
    return mutate(answer, pick)
  }
  let polls = 0
  while (mutated < 4000) {
    const outcomes = await storm(sick, {}, 100)
    expect(outcomes.answered + outcomes.failed).toBe(100)
    const { out } = await pollOnce(options(well.host, well.port))
    expect(out.of('ports')[0]!.ports.map(port => port.oper)).toEqual(new Array(12).fill('up'))
    polls++
  }
  expect(polls).toBeGreaterThan(5)
  sick.faults.mutate = null
  const { out } = await pollOnce(options(sick.host, sick.port))
  expect(out.of('ports')[0]!.ports).toHaveLength(12)
  await sick.close()
  await well.close()
})
test('300 mutated version 3 answers are failures with names', { timeout: 60_000 }, async () => {
  const users = [{ name: 'watch', auth: { protocol: 'sha256' as const, password: 'auth-secret' }, aesPassword: 'priv-secret' }]
  const sick = await startSwitch({ model, community: '', v3: { users, engineId: Buffer.from('80001f888000112244', 'hex'), boots: 2, clock: systemClock, bootedAt: Date.now() - 9000 } })
  const credential = { kind: 'snmpv3', user: 'watch', level: 'authPriv', authProtocol: 'sha256', authKey: 'auth-secret', privProtocol: 'aes', privKey: 'priv-secret' } as const
  // The key is derived once for an engine; after that an answer takes microseconds.
  await pollOnce(options(sick.host, sick.port, { version: '3', credential, timeoutMs: 2000 }))
  const pick = random(11)
  sick.faults.mutate = answer => pick(2) === 0 ? answer : mutate(answer, pick)
  const outcomes = await storm(sick, { version: '3', credential, timeoutMs: 10 }, 300)
  expect(outcomes.answered + outcomes.failed).toBe(300)
  await sick.close()
})
test('any bytes at all are survived', async () => {
  const sick = await startSwitch({ model, host: '127.0.0.4' })
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async bytes => {
    sick.faults.garbage = Buffer.from(bytes)
    const outcomes = await storm(sick, { timeoutMs: 3 }, 1)
    return outcomes.failed === 1
  }), { numRuns: 200 })
  await sick.close()
})
