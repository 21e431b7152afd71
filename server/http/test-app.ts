/** For tests: the real HTTP server over a real store, and a signed-in client for each role. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { InjectOptions } from 'fastify'
import { pino } from 'pino'
import { type Clock, systemClock } from '../../lib/clock.js'
import { newId } from '../../lib/ids.js'
import { type Role, roles } from '../contract/people.js'
import { createIdentity, type Identity } from '../identity/identity.js'
import { startSession } from '../identity/sessions.js'
import { openSqlite } from '../store/sqlite.js'
import type { Store } from '../store/store.js'
import { createMetrics, operationsRoutes } from './metrics.js'
import { auditRoutes, cameraGroupRoutes, settingsRoutes, userRoutes } from './people.js'
import { type App, publicApi } from './route.js'
import { buildServer } from './server.js'
import { cookieRules } from './session-cookie.js'
import { sessionRoutes } from './sessions.js'
import { createUpgrades, type Upgrades } from './upgrades.js'
import { serveWeb } from './web.js'

/** A client as the browser is one: cookie, same origin. `body` is the parsed answer. */
export interface Client {
  userId: string
  sessionId: string
  token: string
  headers: Record<string, string>
  call (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, payload?: InjectOptions['payload']): Promise<{ status: number, body: unknown, headers: Record<string, unknown> }>
}

const cookie = cookieRules(false)

async function call (app: App, headers: Record<string, string>, method: InjectOptions['method'], url: string, payload: InjectOptions['payload']) {
  const answer = await app.inject({ method, url, headers, remoteAddress: '192.0.2.10', ...(payload === undefined ? {} : { payload }) })
  return { status: answer.statusCode, body: answer.body === '' ? null : /json/.test(String(answer.headers['content-type'])) ? answer.json() as unknown : answer.body, headers: answer.headers }
}

export interface Account { login?: string, roles: Role[], allGroups?: boolean, groupIds?: string[] }

/** An account and its open session, written straight into the store: no password is hashed. */
export async function openAccount (store: Store, now: number, { login, roles, allGroups = true, groupIds = [] }: Account) {
  return store.transaction(async tx => {
    const id = newId()
    const name = login ?? `${roles[0]}-${id.slice(-8)}`
    await tx.insert(tx.t.users).values({ id, login: name, loginKey: name, displayName: name, roles, allGroups, language: 'uk', passwordHash: 'none', createdAt: now })
    if (groupIds.length > 0) await tx.insert(tx.t.userGroups).values(groupIds.map(groupId => ({ userId: id, groupId })))
    return { userId: id, ...await startSession(tx, now, id, { ip: '192.0.2.10', userAgent: 'test' }) }
  })
}

export interface TestApp {
  app: App
  store: Store
  identity: Identity
  upgrades: Upgrades
  /** Nobody signed in; same origin. */
  stranger: Client
  /** A new account with these roles, signed in. */
  signIn (account: Account): Promise<Client>
  /** One client a role. */
  everyRole (): Promise<Record<Role, Client>>
  close (): Promise<void>
}

export interface TestAppOptions {
  clock?: Clock
  /** Without one: SQLite in a temporary folder. */
  store?: Store
  rateLimits?: boolean
  publicUrl?: string
  webDir?: string
  metricsToken?: string
  /** Registers the routes under test; `api` carries the prefix /api/v1. */
  routes?: (api: App, made: { store: Store, identity: Identity, upgrades: Upgrades }) => void
}

export async function openTestApp (options: TestAppOptions = {}): Promise<TestApp> {
  const clock = options.clock ?? systemClock
  const folder = options.store ? null : mkdtempSync(join(tmpdir(), 'kalancha-test-'))
  const store = options.store ?? openSqlite(join(folder!, 'facts.db'))
  const identity = createIdentity({ store, clock })
  const metrics = createMetrics({ ofProcess: false })
  const upgrades = createUpgrades()
  const publicUrl = options.publicUrl ?? null
  const app = await buildServer(
    { publicUrl, tls: null, proxies: 0, rateLimits: options.rateLimits ?? false, checkAnswers: true, version: 'test' },
    { log: pino({ level: 'silent' }), gate: identity.sessions, cookie, metrics, upgrades }
  )
  operationsRoutes(app, { metrics, metricsToken: options.metricsToken ?? null, ready: async () => ({ store: await store.ping().then(() => 'ok') }) })
  await publicApi(app, api => {
    sessionRoutes(api, identity, cookie)
    userRoutes(api, identity.users, publicUrl)
    cameraGroupRoutes(api, identity.cameraGroups)
    settingsRoutes(api, identity.settings)
    auditRoutes(api, identity.auditLog)
    options.routes?.(api, { store, identity, upgrades })
  })
  await serveWeb(app, options.webDir ?? null)
  await app.ready()

  const client = (session: { userId: string, id: string, token: string } | null): Client => {
    const headers = { host: 'kalancha.test', origin: 'http://kalancha.test', ...(session ? { cookie: `${cookie.name}=${session.token}` } : {}) }
    return {
      userId: session?.userId ?? '', sessionId: session?.id ?? '', token: session?.token ?? '', headers,
      call: (method, url, payload) => call(app, headers, method, url, payload)
    }
  }
  const signIn = async (account: Account) => client(await openAccount(store, clock.now(), account))
  return {
    app, store, identity, upgrades, stranger: client(null), signIn,
    everyRole: async () => Object.fromEntries(await Promise.all(roles.map(async role => [role, await signIn({ roles: [role] })] as const))) as Record<Role, Client>,
    async close () {
      await app.close()
      if (options.store) return
      await store.close()
      rmSync(folder!, { recursive: true, force: true })
    }
  }
}
