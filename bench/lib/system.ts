/** The real thing for a benchmark: a town, the server with its embedded agent, the town entered over the API. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askTown, type FaultRequest } from '../../fixtures/town/control.js'
import type { TownPlan } from '../../fixtures/town/plan.js'
import { childModule } from '../../lib/child-module.js'
import { projectRoot } from '../../lib/project-root.js'
import type { Agent } from '../../server/contract/agent-link.js'
import type { Device } from '../../server/contract/inventory.js'
import { DemoClient } from '../../tools/demo/client.js'
import { townCsv } from '../../tools/demo/town-csv.js'
import { benchPlan } from './bench-plan.js'
import { type Program, startProgram, until } from './processes.js'

export interface SystemOptions {
  /** First two numbers of the devices' addresses, so that several towns fit one machine. */
  net: string
  cameras: number
}
export interface System {
  readonly port: number
  readonly login: { login: string, password: string }
  readonly client: DemoClient
  readonly plan: TownPlan
  /** Ids in the server of the plan's cameras, in its order. */
  readonly cameraIds: string[]
  readonly pids: { server: number, town: number }
  fault (request: FaultRequest): Promise<void>
  stop (): Promise<void>
}

/** Stops what was started, last first, whatever happens. */
export class Started {
  private stops: (() => Promise<void> | void)[] = []
  add (stop: () => Promise<void> | void) { this.stops.push(stop) }
  async stop () {
    for (let stop = this.stops.pop(); stop; stop = this.stops.pop()) {
      try { await stop() } catch (err) { process.stderr.write(`${(err as Error).message}\n`) }
    }
  }
}

/** A port that nobody has right now; the server prints its own only in its log. */
export const freePort = () => new Promise<number>((resolve, reject) => {
  const probe = createServer()
  probe.once('error', reject)
  probe.listen(0, '127.0.0.1', () => {
    const { port } = probe.address() as { port: number }
    probe.close(() => resolve(port))
  })
})

const serverModule = () => join(projectRoot(), 'dist/server/main.js')

export interface RunningServer { program: Program, port: number, origin: string, setupToken: () => string | null }
/** The server on a data folder, loopback only. */
export async function startServer (dataDir: string, env: Record<string, string> = {}): Promise<RunningServer> {
  const port = await freePort()
  let token: string | null = null
  const program = startProgram(serverModule(), [], {
    env: { KALANCHA_DATA: dataDir, KALANCHA_PORT: String(port), KALANCHA_HOST: '127.0.0.1', KALANCHA_LOG_LEVEL: 'warn', ...env },
    onLine: line => { token ??= /^Setup: .*#token=([\w-]+)/.exec(line)?.[1] ?? null }
  })
  return { program, port, origin: `http://127.0.0.1:${port}`, setupToken: () => token }
}

const login = { login: 'bench', password: 'measures many pictures a second' }
/** Signed in as the first administrator of an empty server. */
export async function setUp ({ program, origin, setupToken }: RunningServer): Promise<DemoClient> {
  await until('the server', 30_000, async () => (await fetch(`${origin}/readyz`)).ok || null, program)
  const token = await until('the setup link', 5000, setupToken, program)
  const client = new DemoClient(origin)
  await client.call('POST', '/setup', { token, ...login, displayName: 'Bench', language: 'uk' })
  await client.call('POST', '/session', login)
  return client
}

/** Signed in at a server that `setUp` has seen before. */
export async function signIn ({ origin }: Pick<RunningServer, 'origin'>): Promise<DemoClient> {
  const client = new DemoClient(origin)
  await client.call('POST', '/session', login)
  return client
}

async function enter (client: DemoClient, plan: TownPlan): Promise<string[]> {
  const agent = await until('the embedded agent', 30_000, async () => (await client.call<Agent[]>('GET', '/agents')).find(a => a.embedded && a.status === 'online') ?? null)
  await client.call('POST', '/devices/import', { csv: townCsv(plan, { 1: agent.name, 2: agent.name }), createMissing: true })
  const { items } = await client.call<{ items: Device[] }>('GET', '/devices?kind=camera&limit=100')
  const byAddress = new Map(items.map(d => [d.address, d.id]))
  return plan.cameras.map(c => byAddress.get(c.address)!)
}

export async function startSystem ({ net, cameras }: SystemOptions): Promise<System> {
  const started = new Started()
  try {
    const dataDir = mkdtempSync(join(tmpdir(), 'kalancha-bench-'))
    started.add(() => rmSync(dataDir, { recursive: true, force: true }))
    const seed = 'bench'
    const plan = benchPlan(seed, net, cameras)
    let controlPort: number | null = null
    const town = startProgram(childModule(import.meta.url, './town-process').path, [JSON.stringify({ net, cameras })], {
      env: { KALANCHA_TOWN_SEED: seed }, onLine: line => { if (line.startsWith('{')) controlPort = (JSON.parse(line) as { controlPort: number }).controlPort }
    })
    started.add(() => town.stop())
    const server = await startServer(dataDir)
    started.add(() => server.program.stop())
    const client = await setUp(server)
    // The first time its pictures are rendered.
    const control = await until('the town', 120_000, () => controlPort, town)
    const cameraIds = await enter(client, plan)
    await until('the devices', 60_000, async () => {
      const { total } = await client.call<{ total?: number }>('GET', '/devices?state=up&limit=1')
      return total === plan.cameras.length + plan.switches.length ? true : null
    }, server.program, 500)
    return {
      port: server.port, login, client, plan, cameraIds, pids: { server: server.program.pid, town: town.pid },
      fault: async request => { await askTown(control, request) },
      stop: () => started.stop()
    }
  } catch (err) {
    await started.stop()
    throw err
  }
}
