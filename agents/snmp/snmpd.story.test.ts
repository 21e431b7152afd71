/** Against a real agent that is not ours: Debian's snmpd, v2c and v3 authPriv with SHA-256 and AES-128. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import { probeSnmp } from './probe.js'
import { options, planSwitch, pollOnce } from './test-kit.js'
import { runTestSteps } from './test-steps.js'

const installed = spawnSync('snmpd', ['-v']).status === 0
if (!installed) console.log('snmpd.story: skipped, there is no snmpd (Debian package snmpd)')
const host = '127.0.0.1'
let port = 0
let snmpd: ChildProcess
let folder = ''

async function freePort () {
  const socket = createSocket('udp4').bind(0, host)
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}
beforeAll(async () => {
  if (!installed) return
  port = await freePort()
  folder = mkdtempSync(join(tmpdir(), 'kalancha-snmpd-'))
  writeFileSync(join(folder, 'snmpd.conf'), ['rocommunity story 127.0.0.1', 'sysName story-host', 'createUser watch SHA-256 "auth-secret" AES "priv-secret"',
    'createUser signed SHA "auth-secret"', 'rouser watch priv', 'rouser signed auth', 'master no'].join('\n'))
  snmpd = spawn('snmpd', ['-f', '-Lo', '-C', '-c', join(folder, 'snmpd.conf'), '-p', join(folder, 'pid'), `udp:${host}:${port}`],
    { env: { ...process.env, SNMP_PERSISTENT_DIR: folder }, stdio: 'ignore' })
  await vi.waitFor(async () => { if (!await probeSnmp(host, port, ['story'], 300)) throw new Error('snmpd is not up yet') }, { timeout: 20_000 })
})
afterAll(async () => {
  if (!installed) return
  snmpd.kill()
  await once(snmpd, 'exit')
  rmSync(folder, { recursive: true, force: true })
})
const story = { kind: 'community', community: 'story' } as const
const v3 = { kind: 'snmpv3', user: 'watch', level: 'authPriv', authProtocol: 'sha256', authKey: 'auth-secret', privProtocol: 'aes', privKey: 'priv-secret' } as const

test.skipIf(!installed)('v2c, v1 and GETNEXT see the same interfaces', async () => {
  const bulk = await pollOnce(options(host, port, { credential: story }))
  const names = bulk.out.of('ports')[0]!.ports.map(p => p.name)
  expect(names).toContain('lo')
  expect(bulk.out.of('identity')[0]).toMatchObject({ sysName: 'story-host', manufacturer: 'Net-SNMP' })
  for (const [version, useBulk] of [['1', true], ['2c', false]] as const) {
    const { out } = await pollOnce(options(host, port, { credential: story, version }), useBulk)
    expect(out.of('ports')[0]!.ports.map(p => p.name)).toEqual(names)
  }
})
test.skipIf(!installed)('v3 authPriv with SHA-256 and AES-128, and authNoPriv with SHA', async () => {
  const { out } = await pollOnce(options(host, port, { version: '3', credential: v3, timeoutMs: 3000 }))
  expect(out.of('ports')[0]!.ports.map(p => p.name)).toContain('lo')
  const signed = await pollOnce(options(host, port, { version: '3', credential: { ...v3, user: 'signed', level: 'authNoPriv', authProtocol: 'sha' }, timeoutMs: 3000 }))
  expect(signed.out.of('ports')[0]!.ports.map(p => p.name)).toContain('lo')
})
const failureWith = async (credential: PlanDevice['credential'], timeoutMs = 1500) => {
  const report = await runTestSteps(planSwitch(host, port, { credential, switch: { snmpVersion: credential?.kind === 'snmpv3' ? '3' : '2c', port } }), () => {}, timeoutMs)
  return report.steps.find(s => s.status === 'failed')?.failure
}
test.skipIf(!installed)('the connection test names what is wrong', async () => {
  expect(await failureWith(story)).toBeUndefined()
  expect(await failureWith(v3)).toBeUndefined()
  expect(await failureWith({ kind: 'community', community: 'wrong' }, 300)).toMatchObject({ code: 'timeout', detail: expect.stringContaining('community') })
  expect(await failureWith({ ...v3, user: 'nobody' })).toMatchObject({ code: 'authentication_failed', detail: expect.stringContaining('no SNMPv3 user') })
  expect(await failureWith({ ...v3, authKey: 'wrong-secret' })).toMatchObject({ code: 'authentication_failed', detail: expect.stringContaining('authentication key') })
  expect(await failureWith({ ...v3, privKey: 'wrong-secret' })).toMatchObject({ code: 'authentication_failed', detail: expect.stringContaining('privacy key') })
})
