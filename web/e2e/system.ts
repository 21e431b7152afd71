/**
 * The whole system as processes, for stories: town, server with its embedded agent, a second agent. The town is entered over the API,
 * by the demonstration's own code. Everything lies in a temporary folder, on free ports and on a loopback network of its own.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askTown, type FaultRequest } from '../../fixtures/town/control.js'
import { planTown, type TownPlan, townPassword } from '../../fixtures/town/plan.js'
import { projectRoot } from '../../lib/project-root.js'
import type { Alarm, HistoryEntry } from '../../server/contract/health.js'
import type { Device } from '../../server/contract/inventory.js'
import type { WallDevice } from '../../server/contract/wall.js'
import { DemoClient } from '../../tools/demo/client.js'
import { enterTown } from '../../tools/demo/enter-town.js'
import { Program, until } from './program.js'

const LOGIN = 'admin'
const PASSWORD = 'a-town-of-sixteen-cameras'
const SEED = '00112233445566778899aabbccddeeff'

export interface SystemOptions {
  /** PostgreSQL instead of SQLite. */
  databaseUrl?: string
  /** First two numbers of the town's addresses; by default one that nobody listens on. */
  net?: string
}

const freePort = () => new Promise<number>((resolve, reject) => {
  const probe = createServer()
  probe.once('error', reject)
  probe.listen(0, '127.0.0.1', () => {
    const { port } = probe.address() as { port: number }
    probe.close(() => resolve(port))
  })
})

const isFree = (host: string, port: number) => new Promise<boolean>(resolve => {
  const probe = createServer()
  probe.once('error', () => resolve(false))
  probe.listen(port, host, () => probe.close(() => resolve(true)))
})

/** Other towns may run on this machine: one that takes its first camera's address has the whole network. */
async function freeNet (): Promise<string> {
  for (let i = 0; i < 50; i++) {
    const net = `127.${50 + (process.pid + i) % 50}`
    if (await isFree(`${net}.1.1`, 8554)) return net
  }
  throw new Error('No free loopback network from 127.50 to 127.99')
}

export class System {
  client: DemoClient
  readonly login = LOGIN
  readonly password = PASSWORD
  /** By the town's id: C03, S5, H1. */
  private ids = new Map<string, string>()

  private constructor (readonly origin: string, readonly dataDir: string, readonly plan: TownPlan,
    readonly town: Program, readonly server: Program, readonly agent: Program, private controlPort = 0) {
    this.client = new DemoClient(origin)
  }

  static async start ({ databaseUrl, net }: SystemOptions = {}): Promise<System> {
    const dataDir = mkdtempSync(join(tmpdir(), 'kalancha-system-'))
    const port = await freePort()
    const origin = `http://localhost:${port}`
    const townNet = net ?? await freeNet()
    const level = { KALANCHA_LOG_LEVEL: process.env.KALANCHA_LOG_LEVEL ?? 'warn' }
    const system = new System(
      origin, dataDir, planTown(townPassword(SEED), townNet),
      new Program('town', 'fixtures/town/cli.js', ['start', '--cache', join(projectRoot(), '.cache/town'), '--control', '0', '--net', townNet], { KALANCHA_TOWN_SEED: SEED }),
      new Program('server', 'server/main.js', [], {
        ...level, KALANCHA_DATA: dataDir, KALANCHA_PORT: String(port), KALANCHA_HOST: '127.0.0.1', KALANCHA_PUBLIC_URL: origin, ...(databaseUrl ? { KALANCHA_DATABASE_URL: databaseUrl } : {})
      }),
      new Program('agent', 'agents/main.js', ['--server', origin, '--data', join(dataDir, 'agent-2')], level)
    )
    try {
      await system.enter()
    } catch (err) {
      const said = [system.town, system.server, system.agent].map(p => `${p.name}:\n${p.said.slice(-15).join('\n')}`).join('\n')
      await system.stop()
      throw new Error(`${(err as Error).message}\n${said}`, { cause: err })
    }
    return system
  }

  private async enter () {
    this.town.start()
    this.server.start()
    const token = await this.server.says(/^Setup: .*#token=([\w-]+)/)
    await this.ready()
    await this.client.call('POST', '/setup', { token, login: LOGIN, displayName: 'Адміністратор', password: PASSWORD, language: 'uk' })
    await this.signIn()
    const second = await enterTown(this.client, this.plan, { entered: false, until })
    this.agent.start({ KALANCHA_AGENT_TOKEN: second.token! })
    this.controlPort = Number(await this.town.says(/faults on port (\d+)/, 90_000))
    await second.finish!()
    const { items } = await this.client.call<{ items: Device[] }>('GET', '/devices?limit=200')
    const known = [...this.plan.cameras, ...this.plan.switches, ...this.plan.hosts]
    this.ids = new Map(known.map(k => [k.id, items.find(d => d.address === k.address)!.id]))
    await this.settled()
  }

  /** Every device up, and no alarm. */
  settled (timeoutMs = 60_000) {
    return until('every device to be up, without an alarm', timeoutMs, async () => {
      const [states, alarms] = [await this.states(), await this.alarms()]
      const notUp = [...states].filter(([, state]) => state !== 'up').map(([id, state]) => `${id} ${state}`)
      if (notUp.length + alarms.length > 0) throw new Error([...notUp, ...alarms.map(a => `${a.condition} ${a.subject} ${a.deviceName}`)].join(', '))
      return true
    })
  }

  async signIn () { await this.client.call('POST', '/session', { login: LOGIN, password: PASSWORD }) }
  ready (timeoutMs = 30_000) { return until('the server to be ready', timeoutMs, async () => (await fetch(`${this.origin}/readyz`)).ok) }

  id (townId: string): string {
    const id = this.ids.get(townId)
    if (!id) throw new Error(`The town has no ${townId}`)
    return id
  }
  private readonly townId = (id: string | null) => [...this.ids].find(([, known]) => known === id)?.[0] ?? id ?? '-'
  fault (fault: FaultRequest['fault'], target: string, seconds?: number, what?: FaultRequest['what']) { return askTown(this.controlPort, { fault, target, seconds, what }) }

  async states (): Promise<Map<string, WallDevice['state']>> {
    const { items } = await this.client.call<{ items: Device[] }>('GET', '/devices?limit=200')
    return new Map(items.map(d => [this.townId(d.id), d.state.state]))
  }
  async state (townId: string) { return (await this.states()).get(townId) }

  /** Open ones, oldest first. */
  async alarms (status: 'open' | 'all' = 'open'): Promise<Alarm[]> {
    const { items } = await this.client.call<{ items: Alarm[] }>('GET', `/alarms?status=${status}&limit=500`)
    return items.sort((a, b) => a.raisedAt - b.raisedAt)
  }

  /** What happened since then, a line each, seconds after it: alarms raised and cleared, states changed. */
  async chronicle (since: number): Promise<string[]> {
    const lines: [at: number, text: string][] = []
    for (const a of await this.alarms('all')) {
      const what = `${this.townId(a.deviceId ?? null)} ${a.condition}${a.subject && ` ${a.subject}`}`
      if (a.raisedAt >= since) lines.push([a.raisedAt, `RAISED  ${what} (${a.severity}, ${a.failure?.code ?? ''}, affected ${a.affectedCount})`])
      if (a.clearedAt !== null && a.clearedAt >= since) lines.push([a.clearedAt, `cleared ${what}`])
    }
    for (const [townId, id] of this.ids) {
      const { items } = await this.client.call<{ items: HistoryEntry[] }>('GET', `/devices/${id}/history?limit=100`)
      for (const h of items) if (h.at >= since) lines.push([h.at, `${townId} ${h.from} -> ${h.to} (${h.reason?.code ?? ''}${h.causeDeviceId ? ` by ${this.townId(h.causeDeviceId)}` : ''})`])
    }
    return lines.sort((a, b) => a[0] - b[0]).map(([at, text]) => `${((at - since) / 1000).toFixed(1).padStart(6)} ${text}`)
  }

  async stop () {
    await Promise.all([this.agent.kill(), this.server.kill()])
    await this.town.kill()
    rmSync(this.dataDir, { recursive: true, force: true })
  }
}
