import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { makeLog } from './log.js'
import { backoffMs, superviseChild } from './supervise.js'

const folder = mkdtempSync(join(tmpdir(), 'supervise-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const log = makeLog('test', 'silent')
const backoff = { firstMs: 1, maxMs: 5, stableMs: 60_000 }
const script = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return { path, execArgv: [] }
}

describe('a supervised child', () => {
  it('is started again when it dies, and told again what it needs', async () => {
    const module = script('dies.mjs', "process.on('message', m => { if (m === 'die') process.kill(process.pid, 'SIGKILL'); else process.send(m) }); process.on('disconnect', () => process.exit())")
    const heard: unknown[] = []
    const child = superviseChild({ name: 'dies', module, log, backoff, onMessage: m => heard.push(m), onStart: () => setImmediate(() => child.send('plan')) })
    await vi.waitFor(() => expect(heard).toEqual(['plan']), 10_000)
    child.send('die')
    await vi.waitFor(() => expect(heard).toEqual(['plan', 'plan']), 10_000)
    expect(child.restarts).toBe(1)
    expect(child.alive).toBe(true)
    await child.stop()
    expect(child.alive).toBe(false)
    expect(child.send('late')).toBe(false)
  })

  it('that ignores SIGTERM is killed', async () => {
    const module = script('stubborn.mjs', "process.on('SIGTERM', () => {}); process.send('up'); setInterval(() => {}, 1000)")
    let ready = () => {}
    const up = new Promise<void>(resolve => { ready = resolve })
    const child = superviseChild({ name: 'stubborn', module, log, backoff, onMessage: () => ready() })
    await up
    await child.stop()
    expect(child.alive).toBe(false)
  })

  it('does not inherit our secrets', async () => {
    process.env.KALANCHA_CREDENTIAL_KEY = 'secret'
    const module = script('env.mjs', "process.send(Object.keys(process.env).filter(k => k.startsWith('KALANCHA_')))")
    const heard: unknown[] = []
    const child = superviseChild({ name: 'env', module, log, env: { KALANCHA_AGENT_TOKEN: 'x' }, onMessage: m => heard.push(m), onExit: () => false })
    await vi.waitFor(() => expect(heard).toEqual([['KALANCHA_AGENT_TOKEN']]), 10_000)
    delete process.env.KALANCHA_CREDENTIAL_KEY
    await child.stop()
  })

  it('waits longer each time, up to the bound, with jitter', () => {
    const b = { firstMs: 100, maxMs: 1000 }
    expect([0, 1, 2, 3, 4, 50].map(n => backoffMs(n, b, 1))).toEqual([100, 200, 400, 800, 1000, 1000])
    expect(backoffMs(0, b, 0)).toBe(50)
  })
})
