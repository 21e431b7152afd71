/** What was acknowledged outlives any death: of the server, of the database's connections, of the database. Real processes throughout. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { DemoClient } from '../../tools/demo/client.js'
import { Program, until } from '../../web/e2e/program.js'
import type { Agent, EnrolmentToken } from '../contract/agent-link.js'
import type { Alarm, HistoryEntry } from '../contract/health.js'
import type { Device } from '../contract/inventory.js'
import { openPostgres } from '../store/postgres.js'
import { openSqlite } from '../store/sqlite.js'
import type { Store } from '../store/store.js'
import { postgresBin, startPostgres } from '../store/test-postgres.js'

const HOSTS = 12
const INTERVAL_S = 5
const LOGIN = { login: 'admin', password: 'a-town-of-twelve-hosts' }

const cleanUps: (() => unknown)[] = []
// After all of them: the two stories run side by side, each with a server, an agent and hosts of its own.
afterAll(async () => { for (const clean of cleanUps.splice(0).reverse()) await clean() })

/** Hosts on loopback that listen or do not, as the story wants. */
async function startHosts (net: string) {
  const servers: Server[] = []
  const listen = (i: number, port: number) => new Promise<Server>((resolve, reject) => {
    const server = createServer(s => s.end())
    server.once('error', reject).listen(port, `${net}.${i + 1}`, () => resolve(server))
  })
  for (let i = 0; i < HOSTS; i++) servers.push(await listen(i, 0))
  const ports = servers.map(s => (s.address() as { port: number }).port)
  cleanUps.push(() => { for (const s of servers) s.close() })
  return {
    list: ports.map((port, i) => ({ address: `${net}.${i + 1}`, port })),
    close: (i: number) => { servers[i]!.close() },
    async open (i: number) { servers[i] = await listen(i, ports[i]!) }
  }
}

async function startCentre (databaseUrl: string | null, net: string) {
  const dataDir = mkdtempSync(join(tmpdir(), 'kalancha-kill-'))
  cleanUps.push(() => rmSync(dataDir, { recursive: true, force: true }))
  const probe = createServer()
  await new Promise<void>(resolve => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as { port: number }
  await new Promise(resolve => probe.close(resolve))
  const origin = `http://localhost:${port}`
  const server = new Program('server', 'server/main.js', [], {
    KALANCHA_DATA: dataDir, KALANCHA_PORT: String(port), KALANCHA_HOST: '127.0.0.1', KALANCHA_PUBLIC_URL: origin, KALANCHA_EMBEDDED_AGENT: 'false', KALANCHA_LOG_LEVEL: 'warn',
    ...(databaseUrl ? { KALANCHA_DATABASE_URL: databaseUrl } : {})
  })
  const agent = new Program('agent', 'agents/main.js', ['--server', origin, '--data', join(dataDir, 'agent')], { KALANCHA_LOG_LEVEL: 'warn' })
  cleanUps.push(() => Promise.all([agent.kill(), server.kill()]))
  server.start()
  const client = new DemoClient(origin)
  const ready = async () => (await fetch(`${origin}/readyz`)).status
  const token = await server.says(/^Setup: .*#token=([\w-]+)/)
  await until('the server', 30_000, async () => await ready() === 200)
  await client.call('POST', '/setup', { token, ...LOGIN, displayName: 'A' })
  await client.call('POST', '/session', LOGIN)
  const enrolment = await client.call<EnrolmentToken>('POST', '/agents/tokens', { name: 'north' })
  agent.start({ KALANCHA_AGENT_TOKEN: enrolment.token })
  const agentId = await until('the agent', 30_000, async () => (await client.call<Agent[]>('GET', '/agents')).find(a => a.status === 'online')?.id)
  const hosts = await startHosts(net)
  const ids: string[] = []
  for (const { address, port } of hosts.list) {
    ids.push((await client.call<Device>('POST', '/devices', { kind: 'host', name: address, siteId: null, groupId: null, address, agentId, parentId: null, parentPort: null, note: '', enabled: true, host: { check: { method: 'tcp', port }, intervalS: INTERVAL_S } })).id)
  }
  const states = async () => {
    const { items } = await client.call<{ items: Device[] }>('GET', '/devices?limit=100')
    return ids.map(id => items.find(d => d.id === id)!.state.state)
  }
  const alarms = async (status: 'open' | 'all') => (await client.call<{ items: Alarm[] }>('GET', `/alarms?status=${status}&limit=500`)).items
  const all = (state: Device['state']['state'], which: number[]) => until(`hosts ${which.join(', ')} to be ${state}`, 90_000, async () => {
    const now = await states()
    if (!which.every(i => now[i] === state)) throw new Error(now.join(', '))
    return true
  })
  return { dataDir, origin, server, agent, client, hosts, ids, agentId, ready, alarms, all }
}
type Centre = Awaited<ReturnType<typeof startCentre>>

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

/** Each host's life as the database tells it, and the numbers that must have no gap and no double. */
async function expectWhole ({ client, ids }: Centre, store: Store, lives: (i: number) => string[]) {
  for (const [i, id] of ids.entries()) {
    const { items } = await client.call<{ items: HistoryEntry[] }>('GET', `/devices/${id}/history`)
    expect(items.toReversed().map(h => `${h.from} ${h.to}`), `host ${i}`).toEqual(lives(i))
  }
  const { wallEvents, wallClock } = store.read.t
  const seqs = (await store.read.select({ seq: wallEvents.seq }).from(wallEvents)).map(r => r.seq).sort((a, b) => a - b)
  expect(seqs).toEqual(range(1, seqs.length + 1))
  expect((await store.read.select().from(wallClock)).find(r => r.id === 1)!.seq).toBe(seqs.length)
  await store.close()
}

const ONCE_DOWN = ['unknown up', 'up down', 'down up']

describe.concurrent('PostgreSQL dies under the server', () => {
  it.skipIf(!postgresBin())('connections cut, then the whole database gone and back: nothing acknowledged is lost, nothing counts twice, /readyz tells the truth', async () => {
    const postgres = await startPostgres(postgresBin()!)
    cleanUps.push(() => postgres.stop())
    const url = await postgres.freshDatabase()
    const centre = await startCentre(url, '127.77.1')
    await centre.all('up', range(0, HOSTS))

    // Its connections are cut again and again while hosts go down.
    for (let i = 0; i < HOSTS / 2; i++) {
      centre.hosts.close(i)
      await postgres.admin(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${new URL(url).pathname.slice(1)}' and pid <> pg_backend_pid()`)
      await wait(400)
    }
    await centre.all('down', range(0, HOSTS / 2))
    expect(await centre.ready()).toBe(200)
    const [first] = await centre.alarms('open')
    await centre.client.call('POST', `/alarms/${first!.id}/acknowledge`, { comment: 'Seen' })

    await postgres.down(async () => {
      for (let i = HOSTS / 2; i < HOSTS; i++) centre.hosts.close(i)
      await until('/readyz to say that the database is gone', 15_000, async () => await centre.ready() === 503)
      expect((await fetch(`${centre.origin}/healthz`)).status).toBe(200)
      const asked = performance.now()
      await expect(centre.client.call('GET', '/alarms')).rejects.toThrow(/: 50[03]/)
      expect(performance.now() - asked).toBeLessThan(10_000)
      // Long enough for the agent to see and to send what cannot be committed now.
      await wait(INTERVAL_S * 1000 + 2000)
    })
    await until('/readyz to say that it is back', 30_000, async () => await centre.ready() === 200)
    await centre.all('down', range(0, HOSTS))
    expect(centre.server.running && centre.agent.running).toBe(true)
    const open = await centre.alarms('open')
    expect(open.map(a => a.condition)).toEqual(Array.from({ length: HOSTS }, () => 'device_down'))
    expect(open.find(a => a.id === first!.id)).toMatchObject({ acknowledgeComment: 'Seen' })

    for (let i = 0; i < HOSTS; i++) await centre.hosts.open(i)
    await centre.all('up', range(0, HOSTS))
    expect(await centre.alarms('open')).toEqual([])
    expect((await centre.alarms('all')).length).toBe(HOSTS)
    await expectWhole(centre, await openPostgres(url, () => {}), () => ONCE_DOWN)
  }, 240_000)
})

describe.concurrent('the server is killed in the middle of its work', () => {
  it('three times while batches flow: what it acknowledged is there, what it had not is sent again, nothing counts twice', async () => {
    const centre = await startCentre(null, '127.77.2')
    await centre.all('up', range(0, HOSTS))
    for (let round = 0; round < 3; round++) {
      for (const i of range(round * 4, round * 4 + 4)) centre.hosts.close(i)
      // Somewhere between seen, sent, committed and acknowledged, each time elsewhere.
      await wait(1500 + round * 1300)
      await centre.server.kill('SIGKILL')
      await wait(INTERVAL_S * 1000)
      centre.server.start()
      await until('the server', 30_000, async () => await centre.ready() === 200)
    }
    await centre.all('down', range(0, HOSTS))
    const open = await centre.alarms('open')
    expect(open.map(a => a.condition)).toEqual(Array.from({ length: HOSTS }, () => 'device_down'))
    const [first] = open
    await centre.client.call('POST', `/alarms/${first!.id}/acknowledge`, { comment: 'Seen' })
    await centre.server.kill('SIGKILL')
    centre.server.start()
    await until('the server', 30_000, async () => await centre.ready() === 200)
    expect((await centre.alarms('open')).find(a => a.id === first!.id)).toMatchObject({ acknowledgeComment: 'Seen', acknowledgedBy: expect.anything() })

    for (let i = 0; i < HOSTS; i++) await centre.hosts.open(i)
    await centre.all('up', range(0, HOSTS))
    expect((await centre.alarms('all')).length).toBe(HOSTS)
    await expectWhole(centre, openSqlite(join(centre.dataDir, 'facts.db')), () => ONCE_DOWN)
  }, 240_000)
})
