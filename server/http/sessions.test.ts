import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Me } from '../contract/people.js'
import { openTestApp, type TestApp } from './test-app.js'

let t: TestApp
beforeAll(async () => { t = await openTestApp() })
afterAll(() => t.close())

const good = 'kettle borrows violet maps'

describe('the first administrator', () => {
  it('is made with the printed link, once, and is signed in by it', async () => {
    expect((await t.stranger.call('GET', '/api/v1/setup')).body).toEqual({ needed: true })
    const first = await t.identity.setup.offer()
    const second = await t.identity.setup.offer()
    const request = { login: 'olena', displayName: 'Олена', password: good }
    expect(await t.stranger.call('POST', '/api/v1/setup', { ...request, token: first!.token })).toMatchObject({ status: 410, body: { kind: 'link_spent' } })
    expect(await t.stranger.call('POST', '/api/v1/setup', { ...request, password: 'Password1234!', token: second!.token })).toMatchObject({ status: 400, body: { kind: 'password_too_common', field: '/password' } })
    const made = await t.stranger.call('POST', '/api/v1/setup', { ...request, token: second!.token })
    expect(made).toMatchObject({ status: 201, body: { user: { login: 'olena', roles: ['administrator'] } } })
    expect(String(made.headers['set-cookie'])).toMatch(/^kalancha=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/)
    expect((made.body as Me).permissions).toContain('user.write')
    expect(await t.identity.setup.offer()).toBeNull()
    expect((await t.stranger.call('GET', '/api/v1/setup')).body).toEqual({ needed: false })
  })
})
