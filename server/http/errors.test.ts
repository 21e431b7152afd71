import Type from 'typebox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Name } from '../contract/common.js'
import { ServiceProblem } from '../problems.js'
import { type Client, openTestApp, type TestApp } from './test-app.js'

let t: TestApp
let me: Client
beforeAll(async () => {
  t = await openTestApp({
    routes (api) {
      const access = 'signed_in' as const
      api.post('/things', {
        config: { access },
        schema: { body: Type.Object({ name: Name, 'a/b': Type.Integer(), list: Type.Array(Type.Object({ port: Type.Integer({ maximum: 65535 }) })) }, { additionalProperties: false }) }
      }, async () => ({}))
      api.get('/things', { config: { access }, schema: { querystring: Type.Object({ limit: Type.Integer({ minimum: 1 }) }) } }, async request => request.query)
      api.get('/broken', { config: { access } }, async () => { throw new Error('password=hunter2 at /srv/secret.ts') })
      api.get('/wrong', { config: { access }, schema: { response: { 200: Type.Object({ n: Type.Integer() }) } } }, async () => ({ n: 'one' as unknown as number }))
      api.get('/store-away', { config: { access } }, async () => { throw new Error('Failed query: select secret', { cause: Object.assign(new Error('connect ECONNREFUSED 10.0.0.9:5432'), { code: 'ECONNREFUSED' }) }) })
      api.get('/busy', { config: { access } }, async () => { throw new ServiceProblem('unavailable', 'agent_away', 'The agent is away.', [{ field: '/agentId', message: 'is away' }]) })
    }
  })
  me = await t.signIn({ roles: ['operator'] })
})
afterAll(() => t.close())

describe('errors are RFC 9457 problem details', () => {
  it('naming every faulty field by JSON pointer', async () => {
    const answer = await me.call('POST', '/api/v1/things', { name: ' ', list: [{ port: 1 }, { port: 70_000 }, {}], extra: 1 })
    expect(answer.status).toBe(400)
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(answer.body).toMatchObject({ type: 'about:blank', title: 'Bad Request', status: 400, kind: 'invalid_request' })
    const fields = (answer.body as { errors: { field: string }[] }).errors.map(e => e.field)
    expect(fields.sort()).toEqual(['/a~1b', '/extra', '/list/1/port', '/list/2/port', '/name'])
  })

  it('naming a database that is away as what it is, without its address', async () => {
    const answer = await me.call('GET', '/api/v1/store-away')
    expect(answer).toMatchObject({ status: 503, body: { kind: 'unavailable' }, headers: { 'retry-after': '5' } })
    expect(JSON.stringify(answer.body)).not.toMatch(/10\.0\.0\.9|select/)
  })

  it('also in the query', async () => {
    expect(await me.call('GET', '/api/v1/things?limit=0')).toMatchObject({ status: 400, body: { field: '/querystring/limit' } })
    expect(await me.call('GET', '/api/v1/things?limit=7')).toMatchObject({ status: 200, body: { limit: 7 } })
  })

  it.each([
    ['a body that is no JSON', { payload: '{"name":', type: 'application/json' }, 400, 'malformed_request'],
    ['a body of another kind', { payload: 'name=x', type: 'application/x-www-form-urlencoded' }, 415, 'unsupported_media_type'],
    ['plain text, which a form of another site could send', { payload: '{}', type: 'text/plain' }, 415, 'unsupported_media_type'],
    ['a body over 1 MB', { payload: `"${'x'.repeat(1_100_000)}"`, type: 'application/json' }, 413, 'too_large'],
    ['a poisoned prototype', { payload: '{"__proto__":{"admin":true}}', type: 'application/json' }, 400, 'malformed_request']
  ])('%s', async (_what, { payload, type }, status, kind) => {
    const answer = await t.app.inject({ method: 'POST', url: '/api/v1/things', headers: { ...me.headers, 'content-type': type }, payload })
    expect([answer.statusCode, answer.json().kind]).toEqual([status, kind])
  })

  it('an unexpected one says nothing of itself but its number', async () => {
    const answer = await me.call('GET', '/api/v1/broken')
    expect(answer).toMatchObject({ status: 500, body: { kind: 'internal' } })
    expect(JSON.stringify(answer.body)).not.toMatch(/hunter2|secret\.ts/)
    expect((answer.body as { instance: string }).instance).toMatch(/^urn:uuid:[0-9a-f-]{36}$/)
  })

  it('an answer that breaks its schema is one, in tests', async () => {
    expect((await me.call('GET', '/api/v1/wrong')).status).toBe(500)
  })

  it('a service says its kind, code and field', async () => {
    expect(await me.call('GET', '/api/v1/busy')).toMatchObject({ status: 503, body: { kind: 'agent_away', detail: 'The agent is away.', field: '/agentId' } })
  })

  it('an address that does not exist', async () => {
    expect(await me.call('GET', '/api/v1/no-such')).toMatchObject({ status: 404, body: { kind: 'not_found' } })
    expect(await me.call('DELETE', '/')).toMatchObject({ status: 404, body: { kind: 'not_found' } })
  })
})
