import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type App, createApp } from './app.js'
import { type Config, readConfig } from './config.js'
import { openSqlite } from './store/sqlite.js'

const log = pino({ level: 'silent' })
let folder = ''
let running: App[] = []
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'kalancha-app-')) })
afterEach(async () => {
  await Promise.all(running.map(app => app.stop()))
  running = []
  rmSync(folder, { recursive: true, force: true })
})

const configOf = (more: Partial<Config> = {}): Config =>
  ({ ...readConfig({ KALANCHA_DATA: join(folder, 'data'), KALANCHA_HOST: '127.0.0.1', KALANCHA_EMBEDDED_AGENT: 'false' }), port: 0, ...more })

function app (config: Config, setups: string[] = []) {
  const made = createApp(config, { log, onSetup: url => setups.push(url), testing: true })
  running.push(made)
  return made
}
const ask = async (url: string, init?: RequestInit) => (await fetch(url, init)).status

describe('the first start', () => {
  it('offers a setup link, the next one another, and none once somebody exists', async () => {
    const setups: string[] = []
    const use = async (base: string, link: string, login: string) => ask(`${base}/api/v1/setup`, {
      method: 'POST', headers: { 'content-type': 'application/json', origin: base },
      body: JSON.stringify({ token: new URL(link).hash.slice('#token='.length), login, displayName: login, password: 'kettle borrows violet maps' })
    })
    const first = app(configOf(), setups)
    const { url } = await first.start()
    expect(setups[0]).toMatch(new RegExp(`^${url}/setup#token=[\\w-]{43}$`))
    await first.stop()

    const second = app(configOf(), setups)
    const { url: again } = await second.start()
    expect(setups).toHaveLength(2)
    expect(await use(again, setups[0]!, 'early')).toBe(410)
    expect(await use(again, setups[1]!, 'olena')).toBe(201)
    await second.stop()

    await app(configOf(), setups).start()
    expect(setups).toHaveLength(2)
  })

  it('names the public address where one is configured', async () => {
    const setups: string[] = []
    expect(await app(configOf({ publicUrl: 'https://wall.example' }), setups).start()).toMatchObject({ url: 'https://wall.example' })
    expect(setups[0]).toMatch(/^https:\/\/wall\.example\/setup#token=/)
  })
})

describe('starting and stopping', () => {
  it('answers while it runs and not afterwards; stopping twice is harmless', async () => {
    const one = app(configOf())
    const { url } = await one.start()
    expect(await ask(`${url}/readyz`)).toBe(200)
    await one.stop()
    await one.stop()
    await expect(fetch(`${url}/readyz`)).rejects.toThrow()
  })

  it('takes back what it had started when a later part cannot start', async () => {
    const squatter = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => squatter.once('listening', resolve))
    const { port } = squatter.address() as { port: number }
    const blocked = app(configOf({ port }))
    await expect(blocked.start()).rejects.toMatchObject({ code: 'EADDRINUSE' })
    // The database is free again: nothing holds a transaction or a handle that would keep this one from writing.
    const store = openSqlite(join(folder, 'data/facts.db'))
    await store.transaction(async tx => { await tx.insert(tx.t.settings).values({ key: 'free', value: true }) })
    await store.close()
    await new Promise(resolve => squatter.close(resolve))
    await expect(app(configOf({ port })).start()).resolves.toMatchObject({ url: `http://127.0.0.1:${port}` })
  })

  it('leaves nothing behind when it is stopped while it starts', async () => {
    const hasty = app(configOf())
    const starting = hasty.start()
    await hasty.stop()
    await expect(starting).rejects.toThrow('Stopped before it had started')
    await expect(app(configOf()).start()).resolves.toBeDefined()
  })

  it('is not ready when the database stops answering', async () => {
    const { url, store } = await app(configOf()).start()
    await store.close()
    const answer = await fetch(`${url}/readyz`)
    expect([answer.status, await answer.json()]).toEqual([503, { status: 'not_ready', checks: { server: 'ok', store: 'failed' } }])
    expect(await ask(`${url}/healthz`)).toBe(200)
  })
})

it('speaks HTTPS itself with a certificate and key, and then binds the cookie to it', async () => {
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile, '-out', certFile, '-days', '1', '-subj', '/CN=127.0.0.1'])
  expect(made.status, String(made.stderr)).toBe(0)
  const setups: string[] = []
  const { url } = await app(configOf({ tls: { certFile, keyFile } }), setups).start()
  expect(url).toMatch(/^https:\/\/127\.0\.0\.1:/)
  const payload = JSON.stringify({ token: setups[0]!.split('=')[1], login: 'olena', displayName: 'Олена', password: 'kettle borrows violet maps' })
  const answer = await new Promise<{ status: number | undefined, cookie: string, hsts: unknown }>((resolve, reject) => {
    const asking = request(`${url}/api/v1/setup`, { method: 'POST', rejectUnauthorized: false, headers: { origin: url, 'content-type': 'application/json' } }, response => {
      response.resume()
      resolve({ status: response.statusCode, cookie: String(response.headers['set-cookie']), hsts: response.headers['strict-transport-security'] })
    })
    asking.once('error', reject)
    asking.end(payload)
  })
  expect(answer).toMatchObject({ status: 201, cookie: expect.stringMatching(/^__Host-kalancha=.*; Path=\/; HttpOnly; Secure; SameSite=Strict$/) as string, hsts: expect.stringContaining('max-age=') as string })
})
