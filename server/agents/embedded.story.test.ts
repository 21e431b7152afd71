import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../lib/clock.js'
import type { Store } from '../store/store.js'
import { createEmbeddedAgent, type EmbeddedDeps } from './embedded.js'
import { quiet, startTestServer } from './test-link.js'

// Its agents write where this process writes.
process.env.KALANCHA_LOG_LEVEL ??= 'silent'
const cleanUps: (() => unknown)[] = []
// After all of them: the stories run side by side.
afterAll(async () => { for (const clean of cleanUps.splice(0).reverse()) await clean() })
const until = <T>(check: () => T) => vi.waitFor(check, { timeout: 60_000, interval: 20 })

async function setUp () {
  const server = await startTestServer()
  cleanUps.push(() => server.stop())
  const folder = mkdtempSync(join(tmpdir(), 'embedded-'))
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }))
  const make = (more: Partial<EmbeddedDeps> = {}) => {
    const agent = createEmbeddedAgent({ store: server.store, clock: systemClock, log: quiet, folder, serverUrl: server.url, certFile: null, backoff: { firstMs: 10, maxMs: 50 }, ...more })
    cleanUps.push(() => agent.stop())
    return agent
  }
  const rows = () => server.store.read.select().from(server.store.read.t.agents)
  const onlineId = () => until(async () => {
    const row = (await rows()).find(r => server.link.isOnline(r.id))
    expect(row).toBeDefined()
    return row!.id
  })
  /** As when the database is replaced by another while the server runs: it knows the agent no more. */
  const forget = async (id: string) => {
    await server.store.transaction(tx => tx.delete(tx.t.agents).where(eq(tx.t.agents.id, id)).returning())
    server.link.cut(id)
  }
  return { server, folder, make, rows, onlineId, forget }
}

describe.concurrent('the embedded agent', () => {
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

  it.each(['damaged', 'lost', 'another'])('whose key is %s gets a new one at the next start and keeps its identity', async what => {
    const { folder, make, rows, onlineId } = await setUp()
    const first = make()
    await first.start()
    const id = await onlineId()
    const publicKey = (await rows())[0]!.publicKey
    await first.stop()
    const key = join(folder, 'agent.key')
    if (what === 'lost') rmSync(key)
    else writeFileSync(key, what === 'damaged' ? 'no key' : generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }))
    await make().start()
    expect(await onlineId()).toBe(id)
    expect((await rows())[0]!.publicKey).not.toBe(publicKey)
  })

  it('that the database knows no more is enrolled anew, also when the database is away at first', async () => {
    const { server, make, rows, onlineId, forget } = await setUp()
    let failures = 0
    const store: Store = { ...server.store, ping: () => server.store.ping(), read: server.store.read, transaction: work => failures-- > 0 ? Promise.reject(new Error('the database is away')) : server.store.transaction(work) }
    await make({ store }).start()
    const id = await onlineId()
    failures = 3
    await forget(id)
    expect(await onlineId()).not.toBe(id)
    expect(failures).toBeLessThan(0)
    expect(await rows()).toMatchObject([{ embedded: true, name: 'Embedded agent' }])
  })

  it('that was started by its identity, and killed when that was lost, is enrolled anew', async () => {
    const { folder, make, onlineId, server } = await setUp()
    const first = make()
    await first.start()
    const id = await onlineId()
    await first.stop()
    await until(() => expect(server.link.isOnline(id)).toBe(false))
    const second = make()
    await second.start()
    expect(await onlineId()).toBe(id)
    rmSync(join(folder, 'identity.json'))
    process.kill(second.pid!, 'SIGKILL')
    await until(() => expect(server.link.isOnline(id)).toBe(false))
    expect(await onlineId()).toBe(id)
  })

  it('stopped while it waits to enrol again stays stopped', async () => {
    const { make, onlineId, forget, server } = await setUp()
    const agent = make({ backoff: { firstMs: 600_000, maxMs: 600_000 } })
    await agent.start()
    await forget(await onlineId())
    await until(() => expect(agent.alive).toBe(false))
    await agent.stop()
    expect(agent.alive).toBe(false)
    expect(await server.store.read.select().from(server.store.read.t.agents)).toEqual([])
  })

  // At once, while the child is still being loaded, and when it works.
  it.each(['at once', 'later'])('ends when its parent dies %s', async when => {
    const { folder } = await setUp()
    const parent = `
      import { childModule } from ${JSON.stringify(new URL('../../lib/child-module.ts', import.meta.url).pathname)}
      import { superviseChild } from ${JSON.stringify(new URL('../../lib/supervise.ts', import.meta.url).pathname)}
      const log = { warn () {}, error () {} }
      const child = superviseChild({ name: 'x', module: childModule(${JSON.stringify(import.meta.url)}, '../../agents/main'), args: ['--server', 'http://127.0.0.1:1', '--data', ${JSON.stringify(folder)}], env: { KALANCHA_AGENT_TOKEN: 'x'.repeat(43), KALANCHA_LOG_LEVEL: 'warn' }, onMessage () {}, log })
      console.log('pid', child.pid)`
    const running = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', parent], { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    running.stdout.on('data', (text: Buffer) => { said += text })
    await until(() => expect(said).toMatch(/pid \d+\n/))
    const pid = Number(/pid (\d+)/.exec(said)![1])
    if (when === 'later') await until(() => expect(said).toContain('cannot enrol yet'))
    running.kill('SIGKILL')
    await until(() => expect(() => process.kill(pid, 0)).toThrow())
  })
})
