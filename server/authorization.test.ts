/** Walks every registered route with every role and with nobody: what is let in is exactly what the authorization table says. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify from 'fastify'
import { pino } from 'pino'
import { afterAll, describe, expect, it } from 'vitest'
import { newId } from '../lib/ids.js'
import { createApp } from './app.js'
import { readConfig } from './config.js'
import { type Role, roles } from './contract/people.js'
import { type Access, type App, demandDeclaredAccess, type RouteEntry } from './http/route.js'
import { cookieRules } from './http/session-cookie.js'
import { openAccount } from './http/test-app.js'
import { allowed } from './identity/permissions.js'

const folder = mkdtempSync(join(tmpdir(), 'kalancha-walk-'))
const config = { ...readConfig({ KALANCHA_DATA: folder, KALANCHA_HOST: '127.0.0.1', KALANCHA_EMBEDDED_AGENT: 'false' }), port: 0 }
const app = createApp(config, { log: pino({ level: 'silent' }), onSetup: () => {}, testing: true })
const { http, store } = await app.start()
afterAll(async () => {
  await app.stop()
  rmSync(folder, { recursive: true, force: true })
})

type Person = Role | 'nobody'
const people: readonly Person[] = ['nobody', ...roles]
const ours = { host: 'kalancha.test', origin: 'http://kalancha.test' }
const cookieName = cookieRules(false).name

async function headersOf (person: Person): Promise<Record<string, string>> {
  if (person === 'nobody') return ours
  const { token } = await openAccount(store, Date.now(), { roles: [person], allGroups: true })
  return { ...ours, cookie: `${cookieName}=${token}` }
}

/** No route gets a body, so that one which lets its caller in answers "faulty request" or "not found" and changes nothing. */
async function ask (route: RouteEntry, headers: Record<string, string>) {
  const url = route.url.replaceAll(/:[A-Za-z]+/g, newId()).replace('*', '')
  const answer = await http.inject({ method: route.method as 'GET', url, headers, remoteAddress: '192.0.2.10' })
  return { status: answer.statusCode, body: answer.body }
}

function expected (access: Access, person: Person): 401 | 403 | 'let in' {
  if (access === 'public' || access === 'agent') return 'let in'
  if (person === 'nobody') return 401
  return access === 'signed_in' || allowed([person], access.permission) ? 'let in' : 403
}

const nameOf = (access: Access) => typeof access === 'string' ? access : access.permission
const routes = http.routeTable.map(route => [`${route.method} ${route.url} (${nameOf(route.access)})`, route] as const)
const changing = routes.filter(([, route]) => route.method !== 'GET' && route.access !== 'agent')

it('there are routes to walk', () => {
  expect(routes.length).toBeGreaterThan(25)
  expect(new Set(routes.map(([name]) => name)).size).toBe(routes.length)
})

describe('every route lets in whom its permission names', () => {
  it.each(routes)('%s', async (_name, route) => {
    const answers: Record<string, unknown> = {}
    for (const person of people) {
      const { status } = await ask(route, await headersOf(person))
      answers[person] = status === 401 || status === 403 ? status : status >= 500 ? `failed with ${status}` : 'let in'
    }
    expect(answers).toEqual(Object.fromEntries(people.map(person => [person, expected(route.access, person)])))
  })
})

describe('what changes something comes from our own pages', () => {
  it.each(changing)('%s', async (_name, route) => {
    const own = await headersOf('administrator')
    const { origin: _, ...silent } = own
    const foreign = [{ ...own, origin: 'https://elsewhere.example' }, { ...own, origin: 'null' }, { ...own, 'sec-fetch-site': 'cross-site' }, { ...own, 'sec-fetch-site': 'same-site' }, silent]
    for (const headers of foreign) {
      const { status, body } = await ask(route, headers)
      expect([status, (JSON.parse(body) as { kind: string }).kind]).toEqual([403, 'cross_origin'])
    }
  })
})

it('a route that declares no access cannot be registered', () => {
  const bare = Fastify() as unknown as App
  demandDeclaredAccess(bare)
  expect(() => bare.get('/open', async () => 'anything')).toThrow(/declares no access/)
})
