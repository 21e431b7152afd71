/** The only file that knows every room. Reads top to bottom: store, rooms, server, sockets, listening; stop() goes back up. */
import { mkdirSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Clock, systemClock } from '../lib/clock.js'
import { type Log, makeLog } from '../lib/log.js'
import { projectRoot } from '../lib/project-root.js'
import type { Config } from './config.js'
import { createMetrics, operationsRoutes } from './http/metrics.js'
import { auditRoutes, cameraGroupRoutes, linkUrl, settingsRoutes, userRoutes } from './http/people.js'
import { type App as HttpApp, publicApi } from './http/route.js'
import { buildServer } from './http/server.js'
import { cookieRules } from './http/session-cookie.js'
import { sessionRoutes } from './http/sessions.js'
import { createUpgrades } from './http/upgrades.js'
import { serveWeb } from './http/web.js'
import { createIdentity, type Identity } from './identity/identity.js'
import { openPostgres } from './store/postgres.js'
import { openSqlite } from './store/sqlite.js'
import type { Store } from './store/store.js'

export interface AppOptions {
  clock?: Clock
  log?: Log
  /** Told the one-time setup address while nobody exists; prints it by default. */
  onSetup?: (url: string) => void
  /** For tests: no limits on signing in, answers held to their schemas. */
  testing?: boolean
}

export interface RunningApp {
  /** Where people reach it. */
  url: string
  http: HttpApp
  store: Store
  identity: Identity
}

export interface App {
  /** On failure everything that had started is stopped again, and the error thrown. */
  start (): Promise<RunningApp>
  stop (): Promise<void>
}

const VERSION = (JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8')) as { version: string }).version
/** Addresses that mean "every interface" and that nobody can type. */
const WILDCARDS = new Set(['0.0.0.0', '::', ''])

const openStore = async (config: Config, log: Log): Promise<Store> => config.databaseUrl
  ? openPostgres(config.databaseUrl, err => log.warn({ err }, 'A database connection broke; the pool replaces it'))
  : openSqlite(join(config.dataDir, 'facts.db'))

function urlOf (config: Config, http: HttpApp) {
  if (config.publicUrl) return config.publicUrl
  const { port } = http.server.address() as AddressInfo
  const host = WILDCARDS.has(config.host) ? 'localhost' : config.host.includes(':') ? `[${config.host}]` : config.host
  return `${config.tls ? 'https' : 'http'}://${host}:${port}`
}

export function createApp (config: Config, options: AppOptions = {}): App {
  const clock = options.clock ?? systemClock
  const log = options.log ?? makeLog('server', config.logLevel)
  const cookie = cookieRules(config.tls !== null || (config.publicUrl?.startsWith('https:') ?? false))
  /** What has started, with how to stop it; the last one first. */
  const started: { name: string, stop: () => Promise<void> | void }[] = []
  let phase: 'starting' | 'ok' | 'stopping' = 'starting'

  async function stop () {
    phase = 'stopping'
    for (let part = started.pop(); part; part = started.pop()) {
      try {
        await part.stop()
      } catch (err) {
        log.error({ err, part: part.name }, 'A part did not stop cleanly')
      }
    }
  }

  const readiness = (store: Store) => async () => ({
    server: phase,
    store: await store.ping().then(() => 'ok', (err: Error) => { log.warn({ err }, 'The database does not answer'); return 'failed' })
  })

  async function run (): Promise<RunningApp> {
    mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
    const store = await openStore(config, log)
    started.push({ name: 'store', stop: () => store.close() })

    const identity = createIdentity({ store, clock })

    const metrics = createMetrics({ ofProcess: true })
    started.push({ name: 'metrics', stop: () => metrics.registry.clear() })
    const upgrades = createUpgrades()
    const http = await buildServer(
      { publicUrl: config.publicUrl, tls: config.tls, proxies: config.proxies, rateLimits: !options.testing, checkAnswers: options.testing ?? false, version: VERSION },
      { log, gate: identity.sessions, cookie, metrics, upgrades }
    )
    started.push({ name: 'http', stop: () => http.close() })

    operationsRoutes(http, { metrics, metricsToken: config.metricsToken, ready: readiness(store) })
    await publicApi(http, api => {
      sessionRoutes(api, identity, cookie)
      userRoutes(api, identity.users, config.publicUrl)
      cameraGroupRoutes(api, identity.cameraGroups)
      settingsRoutes(api, identity.settings)
      auditRoutes(api, identity.auditLog)
    })
    await serveWeb(http, join(projectRoot(), 'dist/web'))

    await http.listen({ host: config.host, port: config.port })
    const url = urlOf(config, http)
    const link = await identity.setup.offer()
    if (link) (options.onSetup ?? (setup => process.stdout.write(`Setup: ${setup}\n`)))(linkUrl(url, 'setup', link.token))
    phase = 'ok'
    log.info({ url, store: store.dialect, version: VERSION }, 'Kalancha is ready')
    return { url, http, store, identity }
  }

  return {
    async start () {
      try {
        return await run()
      } catch (err) {
        await stop()
        throw err
      }
    },
    stop
  }
}
