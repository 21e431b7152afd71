import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../lib/clock.js'
import { Enrolment } from '../agents/enrolment.js'
import { AgentRegistry, TOKEN_LIFE_MS } from '../agents/registry.js'
import { AGENT_PROTOCOL, type Agent, type EnrolmentToken } from '../contract/agent-link.js'
import type { ScopedWallEvent } from '../store/wall-events.js'
import { agentRoutes } from './agents.js'
import { openTestApp, type TestAppOptions } from './test-app.js'

const cleanUps: (() => unknown)[] = []
afterEach(async () => { for (const clean of cleanUps.splice(0).reverse()) await clean() })
const publicKey = () => createPublicKey(generateKeyPairSync('ed25519').privateKey).export({ type: 'spki', format: 'pem' }) as string

async function open (options: TestAppOptions = {}) {
  const cut: string[] = []
  const events: ScopedWallEvent[] = []
  const clock = options.clock ?? systemClock
  const test = await openTestApp({ ...options, routes (api, { store }) {
    const live = { isOnline: () => false, addressOf: () => null, cut: (id: string) => { cut.push(id) } }
    const announce = (e: ScopedWallEvent[]) => { events.push(...e) }
    agentRoutes(api, {
      registry: new AgentRegistry({ store, clock, announce, live, hooks: { status () {} }, serverUrl: () => 'https://centre.example.org' }),
      enrolment: new Enrolment({ store, clock, announce, cut: live.cut })
    })
  } })
  cleanUps.push(() => test.close())
  const admin = await test.signIn({ roles: ['administrator'] })
  const token = async (name = 'North') => (await admin.call('POST', '/api/v1/agents/tokens', { name })).body as EnrolmentToken
  const enrol = (t: string, key = publicKey()) => test.stranger.call('POST', '/api/v1/agents/enrol', { token: t, publicKey: key, version: '1', protocol: AGENT_PROTOCOL })
  const list = async () => (await admin.call('GET', '/api/v1/agents')).body as Agent[]
  return { ...test, admin, token, enrol, list, cut, events }
}

describe('agents over HTTP', () => {
  it('a token makes one agent, which stands in the list and in the audit log', async () => {
    const { token, enrol, list, admin } = await open()
    const made = await token()
    expect(made.command).toBe(`npm run agent -- --server https://centre.example.org --token ${made.token}`)
    expect(await enrol(made.token)).toMatchObject({ status: 200, body: { name: 'North' } })
    expect(await enrol(made.token)).toMatchObject({ status: 403, body: { kind: 'token_refused' } })
    expect(await list()).toMatchObject([{ name: 'North', status: 'offline', embedded: false, deviceCount: 0, spoolBatches: null }])
    const audit = JSON.stringify((await admin.call('GET', '/api/v1/audit')).body)
    expect(audit).toContain('agent.enrol')
    expect(audit).not.toContain(made.token)
  })
  it('a token older than a day is refused', async () => {
    let now = Date.now()
    const { token, enrol } = await open({ clock: { now: () => now } })
    const made = await token()
    now += TOKEN_LIFE_MS
    expect((await enrol(made.token)).status).toBe(403)
  })
  it('names are unique, also when two tokens bear the same', async () => {
    const { token, enrol, list, admin } = await open()
    const [one, two] = [await token(), await token()]
    await enrol(one.token)
    await enrol(two.token)
    const agents = await list()
    expect(agents.map(a => a.name)).toEqual(['North', 'North 2'])
    expect(await admin.call('POST', '/api/v1/agents/tokens', { name: 'North' })).toMatchObject({ status: 409, body: { kind: 'name_taken' } })
    expect(await admin.call('PATCH', `/api/v1/agents/${agents[1]!.id}`, { name: 'North' })).toMatchObject({ status: 409 })
    expect(await admin.call('PATCH', `/api/v1/agents/${agents[1]!.id}`, { name: 'South' })).toMatchObject({ status: 200, body: { name: 'South' } })
  })
  it('a revoked agent is cut, and stays revoked', async () => {
    const { token, enrol, list, admin, cut, events } = await open()
    await enrol((await token()).token)
    const [agent] = await list()
    expect(await admin.call('POST', `/api/v1/agents/${agent!.id}/revoke`)).toMatchObject({ status: 200, body: { status: 'revoked' } })
    expect(cut).toEqual([agent!.id])
    expect(events.at(-1)!.event.change).toMatchObject({ kind: 'agent', status: 'revoked' })
    await admin.call('POST', `/api/v1/agents/${agent!.id}/revoke`)
    expect(events.filter(e => e.event.change.kind === 'agent' && e.event.change.status === 'revoked')).toHaveLength(1)
  })
  it('enrolment is open to strangers but not to guessing', async () => {
    const { enrol } = await open({ rateLimits: true })
    const statuses = []
    for (let i = 0; i < 25; i++) statuses.push((await enrol('x'.repeat(43))).status)
    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(403))
    expect(statuses.at(-1)).toBe(429)
  })
})
