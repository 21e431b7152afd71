import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { newId } from '../../lib/ids.js'
import type { PlanDevice } from '../contract/agent-link.js'
import { startAgentProcess, startTestServer, type TestServer } from './test-link.js'

const cleanUps: (() => unknown)[] = []
// After all of them: the stories run side by side, each with a server and a folder of its own.
afterAll(async () => { for (const clean of cleanUps.splice(0).reverse()) await clean() })

function dataDir () {
  const folder = mkdtempSync(join(tmpdir(), 'agent-'))
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
async function server (o: Parameters<typeof startTestServer>[0] = {}) {
  const s = await startTestServer(o)
  cleanUps.push(() => s.stop())
  return s
}
function agent (args: string[], env: Record<string, string> = {}) {
  const a = startAgentProcess(args, env)
  cleanUps.push(() => a.kill())
  return a
}
/** Listens and accepts: what a host check finds in order. */
async function openPort () {
  const listener = createServer(s => s.end())
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
  cleanUps.push(() => listener.close())
  return (listener.address() as AddressInfo).port
}
const host = (port: number, intervalS = 5): PlanDevice => ({ id: newId(), kind: 'host', name: 'h', address: '127.0.0.1', credential: null, host: { check: { method: 'tcp', port }, intervalS } })
const observed = (s: TestServer) => s.ledger.batches.flatMap(b => b.observations)
const until = <T>(check: () => T) => vi.waitFor(check, { timeout: 60_000, interval: 20 })
const spooled = (data: string) => readdirSync(join(data, 'spool')).filter(f => f.endsWith('.spool')).reduce((n, f) => n + statSync(join(data, 'spool', f)).size, 0)
const rises = (seqs: number[]) => seqs.every((n, i) => i === 0 || n > seqs[i - 1]!)

describe.concurrent('the link', () => {
  it('from a token to observations: enrols, gets its plan, reports, answers commands, and comes back without a token', async () => {
    const device = host(await openPort())
    const s = await server({ plan: [device] })
    const data = dataDir()
    const first = agent(['--server', s.url, '--data', data], { KALANCHA_AGENT_TOKEN: await s.token() })
    await until(() => expect(observed(s)).toContainEqual(expect.objectContaining({ kind: 'reachability', deviceId: device.id, ok: true })))
    expect(statSync(join(data, 'agent.key')).mode & 0o777).toBe(0o600)
    const [row] = await s.store.read.select().from(s.store.read.t.agents)
    expect(row).toMatchObject({ name: 'North', revokedAt: null })
    expect(row!.publicKey).not.toContain(readFileSync(join(data, 'agent.key'), 'utf8').split('\n')[1])
    expect(s.events.map(e => e.event.change)).toContainEqual({ kind: 'agent', agentId: row!.id, name: 'North', status: 'online' })

    const report = await s.link.run(row!.id, { name: 'test_connection', device }, { timeoutMs: 10_000 })
    expect(report.steps.map(x => [x.step, x.status])).toEqual([['address', 'ok'], ['check', 'ok']])
    await expect(s.link.run(row!.id, { name: 'poll_now', deviceId: newId() }, { timeoutMs: 5000 })).rejects.toMatchObject({ code: 'not_in_plan' })
    await expect(s.link.run(newId(), { name: 'poll_now', deviceId: device.id }, { timeoutMs: 5000 })).rejects.toMatchObject({ code: 'agent_offline' })

    const another = host(await openPort())
    s.state.plan = [device, another]
    s.link.planChanged([row!.id])
    await until(() => expect(observed(s).some(o => o.deviceId === another.id)).toBe(true))

    await first.kill('SIGTERM')
    await until(() => expect(s.link.isOnline(row!.id)).toBe(false))
    agent(['--server', s.url, '--data', data])
    await until(() => expect(s.link.isOnline(row!.id)).toBe(true))
  })

  it('killing the agent between batches loses and repeats nothing', async () => {
    const devices = [host(await openPort()), host(await openPort()), host(await openPort())]
    const s = await server({ plan: devices })
    const data = dataDir()
    let running = agent(['--server', s.url, '--data', data, '--token', await s.token()])
    await until(() => expect(s.ledger.seqs.length).toBeGreaterThan(0))
    for (let round = 0; round < 3; round++) {
      await running.kill('SIGKILL')
      const before = s.ledger.seqs.length
      running = agent(['--server', s.url, '--data', data])
      await until(() => expect(s.ledger.seqs.length).toBeGreaterThan(before))
    }
    expect(rises(s.ledger.seqs)).toBe(true)
    // Numbers jump only where a start after a crash begins a new block: no batch that had a number is missing.
    expect(s.ledger.seqs.filter((n, i) => n !== (s.ledger.seqs[i - 1] ?? 0) + 1 && n % 1000 !== 1)).toEqual([])
  })

  it('killing the server between batches loses and repeats nothing: the agent spools meanwhile', async () => {
    const device = host(await openPort())
    const s1 = await startTestServer({ plan: [device] })
    const data = dataDir()
    agent(['--server', s1.url, '--data', data, '--token', await s1.token()])
    await until(() => expect(s1.ledger.seqs.length).toBeGreaterThan(0))
    const [{ id } = { id: '' }] = await s1.store.read.select().from(s1.store.read.t.agents)
    const last = s1.ledger.seqs.at(-1)!
    await s1.stop({ keep: true })
    // The agent goes on polling: what it sees is on its disk before the server is back.
    await until(() => expect(spooled(data)).toBeGreaterThan(0))
    const s2 = await server({ folder: s1.folder, port: s1.port, plan: [device] })
    await until(() => expect(s2.ledger.seqs.length).toBeGreaterThan(0))
    const all = [...s1.ledger.seqs, ...s2.ledger.seqs]
    expect(s2.ledger.seqs[0]).toBe(last + 1)
    expect(rises(all)).toBe(true)
    expect(all).toEqual(Array.from({ length: all.length }, (_, i) => i + 1))
    const [row] = await s2.store.read.select().from(s2.store.read.t.agents).where(eq(s2.store.read.t.agents.id, id))
    expect(row!.committedSeq).toBe(all.at(-1))
  })

  it('an agent that starts while the server is away works on by the plan it kept, until the server has another', async () => {
    const device: PlanDevice = { ...host(await openPort()), credential: { kind: 'password', username: 'viewer', password: 'sunflower-river' } }
    const s1 = await startTestServer({ plan: [device] })
    const data = dataDir()
    const first = agent(['--server', s1.url, '--data', data, '--token', await s1.token()])
    await until(() => expect(s1.ledger.seqs.length).toBeGreaterThan(0))
    await until(() => expect(existsSync(join(data, 'plan.sealed'))).toBe(true))
    expect(readFileSync(join(data, 'plan.sealed')).includes('sunflower-river')).toBe(false)
    await first.kill('SIGKILL')
    await s1.stop({ keep: true })
    const lastAck = s1.ledger.seqs.at(-1)!

    const left = spooled(data)
    const alone = agent(['--server', s1.url, '--data', data])
    await until(() => expect(spooled(data)).toBeGreaterThan(left))
    await alone.kill('SIGKILL')
    const awayUntil = Date.now()
    const again = agent(['--server', s1.url, '--data', data])
    await until(() => expect(again.output()).toContain('new plan'))

    const another = host(await openPort())
    const s2 = await server({ folder: s1.folder, port: s1.port, plan: [another] })
    await until(() => expect(observed(s2).some(o => o.deviceId === another.id)).toBe(true))
    expect(observed(s2)).toContainEqual(expect.objectContaining({ kind: 'reachability', deviceId: device.id, ok: true }))
    expect(s2.ledger.batches.some(b => b.seq > lastAck && b.sentAt < awayUntil && b.observations.some(o => o.deviceId === device.id))).toBe(true)
    expect(rises([...s1.ledger.seqs, ...s2.ledger.seqs])).toBe(true)
    const [{ id } = { id: '' }] = await s2.store.read.select().from(s2.store.read.t.agents)
    await expect(s2.link.run(id, { name: 'poll_now', deviceId: device.id }, { timeoutMs: 5000 })).rejects.toMatchObject({ code: 'not_in_plan' })
  })

  it('a store that fails for a while delays batches, in order', async () => {
    const device = host(await openPort())
    const s = await server({ plan: [device] })
    s.state.failIngest = 3
    agent(['--server', s.url, '--data', dataDir(), '--token', await s.token()])
    await until(() => expect(s.ledger.seqs.length).toBeGreaterThan(1))
    expect(s.ledger.seqs).toEqual(s.ledger.seqs.map((_, i) => i + 1))
  })

  it('an agent that is revoked is cut at once, says so and stays away', async () => {
    const s = await server()
    const data = dataDir()
    const a = agent(['--server', s.url, '--data', data, '--token', await s.token()])
    const id = await until(async () => {
      const [row] = await s.store.read.select().from(s.store.read.t.agents)
      expect(s.link.isOnline(row!.id)).toBe(true)
      return row!.id
    })
    await until(() => expect(existsSync(join(data, 'plan.sealed'))).toBe(true))
    await s.store.transaction(tx => tx.update(tx.t.agents).set({ revokedAt: 1 }).where(eq(tx.t.agents.id, id)).returning())
    s.link.cut(id)
    expect(await a.exited).toBe(11)
    expect(a.output()).toContain('revoked')
    expect(s.media.cut).toEqual([id])
    expect(existsSync(join(data, 'plan.sealed'))).toBe(false)
    expect(await agent(['--server', s.url, '--data', data]).exited).toBe(11)
  })

  it('a wrong, used or missing token, and a folder in use, end with a clear message', async () => {
    const s = await server()
    const wrong = agent(['--server', s.url, '--data', dataDir(), '--token', 'x'.repeat(43)])
    expect(await wrong.exited).toBe(10)
    expect(wrong.output()).toContain('ask an administrator')
    expect(await agent(['--server', s.url, '--data', dataDir()]).exited).toBe(2)
    const token = await s.token()
    const data = dataDir()
    agent(['--server', s.url, '--data', data, '--token', token])
    await until(async () => expect(await s.store.read.select().from(s.store.read.t.agents)).toHaveLength(1))
    expect(await agent(['--server', s.url, '--data', dataDir(), '--token', token]).exited).toBe(10)
    expect(await agent(['--server', s.url, '--data', data]).exited).toBe(13)
  })
})
