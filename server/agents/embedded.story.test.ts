import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../lib/clock.js'
import { createEmbeddedAgent } from './embedded.js'
import { quiet, startTestServer } from './test-link.js'

const cleanUps: (() => unknown)[] = []
afterEach(async () => { for (const clean of cleanUps.splice(0).reverse()) await clean() })
const until = <T>(check: () => T) => vi.waitFor(check, { timeout: 60_000, interval: 20 })

async function setUp () {
  const server = await startTestServer()
  cleanUps.push(() => server.stop())
  const folder = mkdtempSync(join(tmpdir(), 'embedded-'))
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }))
  const make = () => {
    const agent = createEmbeddedAgent({ store: server.store, clock: systemClock, log: quiet, folder, serverUrl: server.url, certFile: null, backoff: { firstMs: 10, maxMs: 50 } })
    cleanUps.push(() => agent.stop())
    return agent
  }
  const rows = () => server.store.read.select().from(server.store.read.t.agents)
  const onlineId = () => until(async () => {
    const row = (await rows()).find(r => server.link.isOnline(r.id))
    expect(row).toBeDefined()
    return row!.id
  })
  return { server, folder, make, rows, onlineId }
}

describe('the embedded agent', () => {
  it('enrols itself, keeps its token out of the process list, comes back when killed and goes with the server', async () => {
    const { server, make, rows, onlineId } = await setUp()
    const agent = make()
    await agent.start()
    const id = await onlineId()
    expect(await rows()).toMatchObject([{ embedded: true, name: 'Embedded agent' }])
    const pid = agent.pid!
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain('--token')
    process.kill(pid, 'SIGKILL')
    await until(() => { expect(agent.pid).toBeDefined(); expect(agent.pid).not.toBe(pid); expect(server.link.isOnline(id)).toBe(true) })
    await agent.stop()
    expect(agent.alive).toBe(false)
    await until(() => expect(server.link.isOnline(id)).toBe(false))
  })

  it('with a lost folder gets a new key and keeps its identity, and with it its devices', async () => {
    const { folder, make, rows, onlineId } = await setUp()
    const first = make()
    await first.start()
    const id = await onlineId()
    const [{ publicKey } = { publicKey: '' }] = await rows()
    await first.stop()
    rmSync(folder, { recursive: true, force: true })
    await make().start()
    expect(await onlineId()).toBe(id)
    const after = await rows()
    expect(after).toHaveLength(1)
    expect(after[0]!.publicKey).not.toBe(publicKey)
  })

  it('ends when its parent dies', async () => {
    const { folder } = await setUp()
    const parent = `
      import { childModule } from ${JSON.stringify(new URL('../../lib/child-module.ts', import.meta.url).pathname)}
      import { superviseChild } from ${JSON.stringify(new URL('../../lib/supervise.ts', import.meta.url).pathname)}
      const log = { warn () {}, error () {} }
      const child = superviseChild({ name: 'x', module: childModule(${JSON.stringify(import.meta.url)}, '../../agents/main'), args: ['--server', 'http://127.0.0.1:1', '--data', ${JSON.stringify(folder)}], env: { KALANCHA_AGENT_TOKEN: 'x'.repeat(43) , KALANCHA_LOG_LEVEL: 'silent' }, onMessage () {}, log })
      console.log(child.pid)
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), 4000)`
    const pid = Number.parseInt(execFileSync('sh', ['-c', `"${process.execPath}" --import tsx --input-type=module -e "$SCRIPT" || true`], { env: { ...process.env, SCRIPT: parent }, encoding: 'utf8' }), 10)
    expect(pid).toBeGreaterThan(0)
    await until(() => expect(() => process.kill(pid, 0)).toThrow())
  })
})
