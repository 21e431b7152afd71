import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeLog } from '../../lib/log.js'
import { createMetrics, operationsRoutes } from './metrics.js'
import { buildServer } from './server.js'
import { cookieRules, tokenFromCookies } from './session-cookie.js'
import { openTestApp, type TestApp } from './test-app.js'
import { createUpgrades } from './upgrades.js'

const web = mkdtempSync(join(tmpdir(), 'kalancha-web-'))
mkdirSync(join(web, 'assets'))
writeFileSync(join(web, 'index.html'), '<!doctype html><title>wall</title>')
writeFileSync(join(web, 'assets/main-abc123.js'), 'export {}')
writeFileSync(join(web, '.secret'), 'x')

let t: TestApp
beforeAll(async () => { t = await openTestApp({ webDir: web }) })
afterAll(async () => {
  await t.close()
  rmSync(web, { recursive: true })
})
const get = (url: string, headers: Record<string, string> = {}) => t.app.inject({ method: 'GET', url, headers, remoteAddress: '192.0.2.10' })

describe('the web application', () => {
  it('is every page that is no file', async () => {
    for (const url of ['/', '/index.html', '/devices/1?tab=ports', '/setup']) {
      const answer = await get(url, { accept: 'text/html' })
      expect([answer.statusCode, answer.headers['cache-control'], answer.body.includes('wall')]).toEqual([200, 'no-cache', true])
      expect(answer.headers['content-type']).toMatch(/text\/html/)
    }
  })

  it('has hashed assets that browsers keep', async () => {
    const answer = await get('/assets/main-abc123.js')
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable'])
  })

  it.each(['/assets/gone-123.js', '/.secret', '/../package.json', '/%2e%2e/package.json', '/api/v1/none', '/agent/none', '/socket.io/'])('%s is nothing', async url => {
    const answer = await get(url)
    expect(answer.statusCode).toBeGreaterThanOrEqual(400)
    expect(answer.headers['content-type']).toMatch(/problem\+json/)
  })
})

describe('every answer', () => {
  it('forbids inline script, frames and what comes from elsewhere', async () => {
    const { headers } = await get('/', { accept: 'text/html' })
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain("default-src 'self'")
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(headers['strict-transport-security']).toBeUndefined()
  })
})

describe('the cookie', () => {
  it('is bound to the host and to TLS where there is TLS', async () => {
    const secure = cookieRules(true)
    expect(secure).toEqual({ name: '__Host-kalancha', options: { httpOnly: true, sameSite: 'strict', secure: true, path: '/' } })
    expect(tokenFromCookies('a=b; __Host-kalancha=token', secure)).toBe('token')
    expect(tokenFromCookies('kalancha=token', secure)).toBeNull()
    expect(tokenFromCookies(undefined, secure)).toBeNull()
  })
})

describe('operations', () => {
  it('tells that it lives and that it is ready', async () => {
    expect((await get('/healthz')).json()).toEqual({ status: 'ok' })
    expect((await get('/readyz')).json()).toEqual({ status: 'ready', checks: { store: 'ok' } })
  })

  it('metrics are for a scraper beside the server and for administrators', async () => {
    const scrape = (remoteAddress: string, headers: Record<string, string> = {}) => t.app.inject({ url: '/metrics', headers, remoteAddress })
    const beside = await scrape('127.0.0.1')
    expect(beside.statusCode).toBe(200)
    expect(beside.body).toContain('http_request_duration_seconds_count{method="GET",route="/healthz",status="200"}')
    expect((await scrape('::ffff:127.0.0.1')).statusCode).toBe(200)
    expect((await scrape('192.0.2.1')).statusCode).toBe(401)
    expect((await scrape('127.0.0.1', { 'x-forwarded-for': '192.0.2.1' })).statusCode).toBe(401)
    expect((await (await t.signIn({ roles: ['operator'] })).call('GET', '/metrics')).status).toBe(403)
    expect((await (await t.signIn({ roles: ['administrator'] })).call('GET', '/metrics')).status).toBe(200)
  })

  it('metrics with a token want the token, also beside the server', async () => {
    const guarded = await openTestApp({ metricsToken: 'sixteen-characters' })
    const scrape = (authorization: string) => guarded.app.inject({ url: '/metrics', headers: { authorization }, remoteAddress: '127.0.0.1' })
    expect((await scrape('Bearer sixteen-characters')).statusCode).toBe(200)
    expect((await scrape('Bearer wrong')).statusCode).toBe(401)
    expect((await scrape('')).statusCode).toBe(401)
    await guarded.close()
  })

  it('OpenAPI describes every route of the API with its access and its errors', async () => {
    const spec = (await get('/api/v1/openapi.json')).json() as { openapi: string, paths: Record<string, Record<string, { summary?: string, security: unknown[], description?: string, responses: Record<string, unknown> }>> }
    expect(spec.openapi).toBe('3.1.0')
    const described = Object.entries(spec.paths).flatMap(([url, methods]) => Object.keys(methods).map(method => `${method.toUpperCase()} ${url}`))
    const registered = t.app.routeTable.filter(r => r.url.startsWith('/api/') && !r.url.endsWith('openapi.json')).map(r => `${r.method} ${r.url.replaceAll(/:([A-Za-z]+)/g, '{$1}')}`)
    expect(described).toEqual(expect.arrayContaining(registered))
    expect(spec.paths['/api/v1/users']!.post).toMatchObject({ security: [{ session: [] }], description: 'Needs the permission `user.write`.' })
    expect(spec.paths['/api/v1/session']!.post!.security).toEqual([])
    expect(spec.paths['/api/v1/users']!.post!.responses).toHaveProperty('default')
  })
})

describe('the log', () => {
  /** A server whose log lines are kept. */
  async function logged () {
    const lines: Record<string, unknown>[] = []
    const sink = new Writable({ write (chunk: Buffer, _encoding, done) { lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>); done() } })
    const metrics = createMetrics({ ofProcess: false })
    const app = await buildServer(
      { publicUrl: null, tls: null, proxies: 1, rateLimits: false, checkAnswers: true, version: 'test' },
      { log: pino({}, sink), gate: { actorOf: async () => null }, cookie: cookieRules(false), metrics, upgrades: createUpgrades() }
    )
    operationsRoutes(app, { metrics, metricsToken: null, ready: async () => { throw new Error('boom') } })
    return { app, lines }
  }

  it('has one line a request, without query, and the cause of an unexpected error under the number that was answered', async () => {
    const { app, lines } = await logged()
    const answer = await app.inject({ url: '/nothing?token=secret', headers: { cookie: 'kalancha=secret', 'x-forwarded-for': '198.51.100.7' } })
    expect(answer.statusCode).toBe(404)
    expect(lines).toEqual([expect.objectContaining({ msg: 'request', path: '/nothing', status: 404, ip: '198.51.100.7' })])
    expect(JSON.stringify(lines)).not.toContain('secret')
    await app.close()
  })

  it('cuts out what is named like a secret, at the top and one level down', () => {
    const redacted = (value: object) => {
      let line = ''
      const log = makeLog('test', 'info', { write: (text: string) => { line = text } })
      log.info(value, 'x')
      return line
    }
    for (const name of ['password', 'token', 'community', 'authKey', 'privKey', 'secret', 'credential', 'cookie', 'authorization', 'signature']) {
      expect(redacted({ [name]: 'hunter2' })).not.toContain('hunter2')
      expect(redacted({ body: { [name]: 'hunter2' } })).not.toContain('hunter2')
    }
    expect(redacted({ login: 'olena' })).toContain('olena')
  })
})
