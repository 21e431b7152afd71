import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Invitation, Me, Session } from '../contract/people.js'
import type { ActorChange } from '../identity/actor-changes.js'
import { forEachStore } from '../store/test-stores.js'
import { type Client, openTestApp, type TestApp } from './test-app.js'

const good = 'kettle borrows violet maps'
const better = 'seven quiet lanterns drift'
const HOUR = 3_600_000
const DAY = 24 * HOUR

forEachStore('sessions', stores => {
  let now = 0
  let t: TestApp
  let changes: ActorChange[]
  beforeEach(async () => {
    now = Date.UTC(2026, 4, 1)
    t = await openTestApp({ store: await stores.open(), clock: { now: () => now } })
    changes = []
    t.identity.onActorChanged(change => changes.push(change))
    return () => t.close()
  })

  /** The one-time link's token from the address that people get. */
  const tokenOf = (url: string) => new URL(url).hash.slice('#token='.length)
  const login = (name: string, password: string) => t.stranger.call('POST', '/api/v1/session', { login: name, password })
  const audited = async (action: string) => (await t.identity.auditLog.page({ ...auditor }, { action })).items
  const auditor = { userId: '', login: 'x', roles: ['auditor'], allGroups: true, groupIds: [], sessionId: '', ip: '' } as const

  /** The browser that a set-cookie makes. */
  function browser (answer: { headers: Record<string, unknown>, body: unknown }): Client {
    const cookie = String(answer.headers['set-cookie']).split(';')[0]!
    const headers = { ...t.stranger.headers, cookie }
    return {
      ...t.stranger, headers, sessionId: (answer.body as Me).sessionId,
      async call (method, url, payload) {
        const reply = await t.app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) })
        return { status: reply.statusCode, body: reply.body === '' ? null : reply.json() as unknown, headers: reply.headers }
      }
    }
  }

  /** An account made by an administrator and taken up by its invitation. */
  async function somebody (name: string) {
    const administrator = await t.signIn({ roles: ['administrator'] })
    const made = await administrator.call('POST', '/api/v1/users', { login: name, displayName: name, roles: ['operator'], allGroups: true, groupIds: [] })
    const { user, invitation } = made.body as { user: { id: string }, invitation: Invitation }
    expect(await t.stranger.call('POST', '/api/v1/invitations/accept', { token: tokenOf(invitation.url), password: good })).toMatchObject({ status: 200, body: { login: name } })
    return { id: user.id, administrator }
  }

  it('the first administrator is made with the printed link, once, and is signed in by it', async () => {
    expect((await t.stranger.call('GET', '/api/v1/setup')).body).toEqual({ needed: true })
    const first = await t.identity.setup.offer()
    const second = await t.identity.setup.offer()
    const request = { login: 'olena', displayName: 'Олена', password: good }
    const set = (more: object) => t.stranger.call('POST', '/api/v1/setup', { ...request, ...more })
    expect(await set({ token: first!.token })).toMatchObject({ status: 410, body: { kind: 'link_spent' } })
    expect(await set({ token: second!.token, password: 'Password1234!' })).toMatchObject({ status: 400, body: { kind: 'password_too_common', field: '/password' } })
    const both = await Promise.all([set({ token: second!.token }), set({ token: second!.token, login: 'another' })])
    expect(both.map(b => b.status).sort()).toEqual([201, 410])
    const made = both.find(b => b.status === 201)!
    expect(String(made.headers['set-cookie'])).toMatch(/^kalancha=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/)
    expect((made.body as Me).permissions).toContain('user.write')
    expect((await browser(made).call('GET', '/api/v1/session')).status).toBe(200)
    expect(await t.identity.setup.offer()).toBeNull()
    expect((await t.stranger.call('GET', '/api/v1/setup')).body).toEqual({ needed: false })
  })

  it('a setup link is void after a day', async () => {
    const link = await t.identity.setup.offer()
    now += DAY
    expect((await t.stranger.call('POST', '/api/v1/setup', { token: link!.token, login: 'late', displayName: 'Late', password: good })).status).toBe(410)
  })

  it('signing in without regard to the case of the login, and out again', async () => {
    await somebody('Taras')
    const answer = await login('tARAS', good)
    expect(answer).toMatchObject({ status: 200, body: { user: { login: 'Taras', lastLoginAt: now }, centre: { timeZone: 'Europe/Kyiv' } } })
    const me = browser(answer)
    expect((await me.call('GET', '/api/v1/session')).status).toBe(200)
    const out = await me.call('DELETE', '/api/v1/session')
    expect(out.status).toBe(204)
    expect(String(out.headers['set-cookie'])).toMatch(/^kalancha=; .*Expires=Thu, 01 Jan 1970/)
    expect((await me.call('GET', '/api/v1/session')).status).toBe(401)
    expect((await audited('session.')).map(e => [e.action, e.login])).toEqual([['session.logout', 'Taras'], ['session.login', 'Taras']])
  })

  it('a wrong password and an unknown login get the same answer, and pause alike', async () => {
    await somebody('taras')
    const tries = async (name: string) => {
      const answers = []
      for (let n = 0; n < 7; n++) answers.push(await login(name, 'wrong wrong wrong'))
      return answers.map(a => ({ status: a.status, body: a.body }))
    }
    const known = await tries('taras')
    expect(known.map(a => a.status)).toEqual([401, 401, 401, 401, 401, 429, 429])
    expect(await tries('nobody')).toEqual(known)
    // During the pause the right password is not even looked at; after it, it clears the count.
    expect((await login('taras', good)).status).toBe(429)
    now += 30_000
    expect((await login('taras', good)).status).toBe(200)
    expect((await login('taras', 'wrong wrong wrong')).status).toBe(401)
    expect((await audited('session.login_failed')).map(e => e.login).filter(Boolean)).toHaveLength(6)
  })

  it('a burst of guesses gets no more tries than guesses one by one', async () => {
    await somebody('taras')
    const answers = await Promise.all(Array.from({ length: 12 }, () => login('taras', 'wrong wrong wrong')))
    expect(answers.filter(a => a.status === 401)).toHaveLength(5)
    expect(answers.filter(a => a.status === 429)).toHaveLength(7)
  })

  it('an invitation works once, for a good password, for three days', async () => {
    const administrator = await t.signIn({ roles: ['administrator'] })
    const made = await administrator.call('POST', '/api/v1/users', { login: 'ira', displayName: 'Ira', roles: ['technician'], allGroups: true, groupIds: [] })
    const { user, invitation } = made.body as { user: { id: string }, invitation: Invitation }
    expect(invitation).toEqual({ url: expect.stringMatching(/^http:\/\/kalancha\.test\/invitation#token=[\w-]{43}$/) as string, expiresAt: now + 3 * DAY })
    const accept = (url: string, password: string) => t.stranger.call('POST', '/api/v1/invitations/accept', { token: tokenOf(url), password })
    expect((await login('ira', '')).status).toBe(400)
    expect((await login('ira', 'none')).status).toBe(401)
    expect(await accept(invitation.url, 'ira ira ira ira')).toMatchObject({ status: 400, body: { kind: 'password_contains_login' } })
    expect((await accept(invitation.url, good)).status).toBe(200)
    expect((await accept(invitation.url, better)).status).toBe(410)
    const again = await administrator.call('POST', `/api/v1/users/${user.id}/invitation`)
    expect(again).toMatchObject({ status: 201, body: { expiresAt: now + HOUR } })
    now += HOUR
    expect((await accept((again.body as Invitation).url, better)).status).toBe(410)
    expect((await login('ira', good)).status).toBe(200)
  })

  it('a reset link ends the sessions and the pause', async () => {
    const { id, administrator } = await somebody('taras')
    const old = browser(await login('taras', good))
    for (let n = 0; n < 6; n++) await login('taras', 'wrong wrong wrong')
    const { url } = (await administrator.call('POST', `/api/v1/users/${id}/invitation`)).body as Invitation
    changes.length = 0
    await t.stranger.call('POST', '/api/v1/invitations/accept', { token: tokenOf(url), password: better })
    expect(changes).toEqual([{ userId: id, sessionId: null }])
    expect((await old.call('GET', '/api/v1/session')).status).toBe(401)
    expect((await login('taras', better)).status).toBe(200)
  })

  it('changing the password ends the other sessions and no link or old password works', async () => {
    const { id } = await somebody('taras')
    const [here, there] = [browser(await login('taras', good)), browser(await login('taras', good))]
    const change = (current: string, next: string) => here.call('PUT', '/api/v1/me/password', { current, next })
    expect(await change('wrong', better)).toMatchObject({ status: 400, body: { kind: 'wrong_password', field: '/current' } })
    expect(await change(good, 'short')).toMatchObject({ status: 400, body: { kind: 'password_too_short', field: '/next' } })
    changes.length = 0
    expect((await change(good, better)).status).toBe(204)
    expect(changes).toEqual([{ userId: id, sessionId: null, exceptSessionId: here.sessionId }])
    expect((await here.call('GET', '/api/v1/session')).status).toBe(200)
    expect((await there.call('GET', '/api/v1/session')).status).toBe(401)
    expect((await login('taras', good)).status).toBe(401)
    expect((await login('taras', better)).status).toBe(200)
  })

  it('a stolen session cannot be used to guess the password', async () => {
    await somebody('taras')
    const thief = browser(await login('taras', good))
    const statuses = []
    for (let n = 0; n < 6; n++) statuses.push((await thief.call('PUT', '/api/v1/me/password', { current: `guess ${n}`, next: better })).status)
    expect(statuses).toEqual([400, 400, 400, 400, 400, 429])
  })

  describe('a session', () => {
    it('ends after 12 hours of rest, not while it is used, and after 7 days in any case', async () => {
      const me = await t.signIn({ roles: ['operator'] })
      const begun = now
      while (now < begun + 7 * DAY - 12 * HOUR) {
        now += 12 * HOUR - 1
        expect((await me.call('GET', '/api/v1/session')).status).toBe(200)
      }
      now = begun + 7 * DAY - 1
      expect((await me.call('GET', '/api/v1/session')).status).toBe(200)
      now = begun + 7 * DAY
      expect((await me.call('GET', '/api/v1/session')).status).toBe(401)
      const resting = await t.signIn({ roles: ['operator'] })
      now += 12 * HOUR
      expect((await resting.call('GET', '/api/v1/session')).status).toBe(401)
    })

    it('of a socket is asked for without its token', async () => {
      const me = await t.signIn({ roles: ['operator'] })
      expect(await t.identity.sessions.stillOpen(me.sessionId)).toBe(true)
      now += 12 * HOUR
      expect(await t.identity.sessions.stillOpen(me.sessionId)).toBe(false)
    })

    it('is listed to its owner, all of them to an administrator, and ended by either', async () => {
      const [one, two, administrator] = [await t.signIn({ login: 'one', roles: ['operator'] }), await t.signIn({ login: 'two', roles: ['auditor'] }), await t.signIn({ roles: ['administrator'] })]
      expect((await one.call('GET', '/api/v1/sessions')).body).toMatchObject([{ id: one.sessionId, login: 'one', current: true, ip: '192.0.2.10' }])
      expect((await one.call('GET', '/api/v1/sessions?all=true')).status).toBe(403)
      expect(((await administrator.call('GET', '/api/v1/sessions?all=true')).body as Session[]).map(s => s.login)).toContain('two')
      expect((await one.call('DELETE', `/api/v1/sessions/${two.sessionId}`)).status).toBe(404)
      expect((await two.call('GET', '/api/v1/session')).status).toBe(200)
      changes.length = 0
      expect((await administrator.call('DELETE', `/api/v1/sessions/${two.sessionId}`)).status).toBe(204)
      expect(changes).toEqual([{ userId: two.userId, sessionId: two.sessionId }])
      expect((await two.call('GET', '/api/v1/session')).status).toBe(401)
    })

    it('leaves only hashes in the database', async () => {
      const me = await t.signIn({ roles: ['operator'] })
      const { sessions, links } = t.store.read.t
      const stored = JSON.stringify([await t.store.read.select().from(sessions), await t.store.read.select().from(links)])
      expect(stored).not.toContain(me.token)
      const link = await t.identity.setup.offer()
      expect(link).toBeNull()
    })
  })

  it('a language of one\'s own', async () => {
    const me = await t.signIn({ roles: ['operator'] })
    expect(await me.call('PUT', '/api/v1/me/preferences', { language: 'en' })).toMatchObject({ status: 200, body: { user: { language: 'en' } } })
    expect((await me.call('PUT', '/api/v1/me/preferences', { language: 'ru' })).status).toBe(400)
  })
})

it('guessing is limited by address', async () => {
  const limited = await openTestApp({ rateLimits: true })
  vi.useFakeTimers({ toFake: ['Date'] })
  const statuses = new Set<number>()
  for (let n = 0; n < 25; n++) statuses.add((await limited.stranger.call('POST', '/api/v1/invitations/accept', { token: 'x'.repeat(20), password: 'y' })).status)
  expect([...statuses]).toEqual([410, 429])
  const answer = await limited.stranger.call('POST', '/api/v1/invitations/accept', { token: 'x'.repeat(20), password: 'y' })
  expect(answer).toMatchObject({ status: 429, body: { kind: 'too_many' }, headers: { 'retry-after': expect.anything() as string } })
  vi.useRealTimers()
  await limited.close()
})
