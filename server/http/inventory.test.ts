import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Task } from '../contract/agent-link.js'
import type { Problem } from '../contract/common.js'
import type { Device, DevicePage, ImportPreview, Site } from '../contract/inventory.js'
import { addAgent, aHost, aSwitch, camera, openInventory, type TestInventory } from '../inventory/inventory-fixture.js'
import { discoveryRoutes } from './discovery.js'
import { inventoryRoutes } from './inventory.js'
import { type Client, openTestApp, type TestApp } from './test-app.js'

/** Answers are held to their schemas by the test app. */
describe('the inventory over HTTP', () => {
  let made: TestInventory
  let test: TestApp
  let admin: Client
  let agentId: string
  beforeAll(async () => {
    test = await openTestApp({ routes: (api, { store }) => {
      made = openInventory(store)
      inventoryRoutes(api, made.inventory)
      discoveryRoutes(api, made.inventory.discovery)
    } })
    admin = await test.signIn({ roles: ['administrator'] })
    agentId = await addAgent(test.store, 'north')
  })
  afterAll(() => test?.close())
  const fieldsOf = (body: unknown) => (body as Problem).errors?.map(e => e.field)

  it('carries a device from its form to its removal', async () => {
    const site = await admin.call('POST', '/api/v1/sites', { name: 'Ратуша', latitude: 50, longitude: 30 })
    expect(site.status).toBe(201)
    const { id: siteId } = site.body as Site
    const created = await admin.call('POST', '/api/v1/devices', camera('c', '10.0.0.1', { siteId, agentId, credential: { kind: 'password', username: 'u', password: 'hush' } }))
    expect(created.status).toBe(201)
    const { id } = created.body as Device
    expect((await admin.call('PATCH', `/api/v1/devices/${id}`, { enabled: false })).body).toMatchObject({ enabled: false, credentialUser: 'u' })
    expect((await admin.call('PUT', `/api/v1/devices/${id}/credential`, { kind: 'password', username: 'new', password: 'hush' })).body).toMatchObject({ credentialUser: 'new' })
    const list = await admin.call('GET', `/api/v1/devices?limit=1&kind=camera&enabled=false&sort=state&q=${encodeURIComponent('C 10.0')}&siteId=${siteId}`)
    expect((list.body as DevicePage)).toMatchObject({ total: 1, next: null, items: [{ id, siteName: 'Ратуша' }] })
    expect(JSON.stringify([created, list])).not.toContain('hush')
    expect((await admin.call('DELETE', `/api/v1/sites/${siteId}`)).body).toMatchObject({ status: 409, kind: 'site_not_empty' })
    expect((await admin.call('DELETE', `/api/v1/devices/${id}`)).status).toBe(204)
    expect((await admin.call('DELETE', `/api/v1/sites/${siteId}`)).status).toBe(204)
    expect((await admin.call('GET', `/api/v1/devices/${id}`)).body).toMatchObject({ status: 404, kind: 'device_not_found' })
  })

  it('names the faulty fields of the kind that was meant, and no others', async () => {
    const post = async (body: object) => { const answer = await admin.call('POST', '/api/v1/devices', body); expect(answer.status).toBe(400); return fieldsOf(answer.body) }
    expect(await post({ ...aSwitch('s', '10.0.0.2'), name: '' })).toEqual(expect.arrayContaining(['/name']))
    expect(new Set(await post({ ...aSwitch('s', '10.0.0.2'), name: '', switch: { snmpVersion: '2c', port: 0 } }))).toEqual(new Set(['/name', '/switch/port']))
    expect(await post({ ...aHost('h', '10.0.0.2'), host: { check: { method: 'tcp', port: 70_000 } } })).toEqual(['/host/check/port'])
    expect(await post({ ...aHost('h', '10.0.0.2'), kind: 'tree' })).toEqual(['/kind'])
    expect(await post({ ...aHost('h', '10.0.0.2'), credential: { kind: 'password', username: 'x' } })).toEqual(['/credential/password'])
    expect(await post({ ...camera('c', '10.0.0.2'), siteId: 'here' })).toEqual(expect.arrayContaining(['/siteId']))
    expect(await post(camera('c', '10.0.0.999'))).toEqual(['/address'])
    for (const body of [null, [], 'x', 5, { kind: 'camera' }]) expect((await admin.call('POST', '/api/v1/devices', JSON.stringify(body)).then(a => a.status))).toBeGreaterThanOrEqual(400)
  })

  it('is described by OpenAPI', async () => {
    const spec = (await test.stranger.call('GET', '/api/v1/openapi.json')).body as { paths: Record<string, object> }
    for (const path of ['/sites/{id}', '/devices', '/devices/{id}/credential', '/devices/import/preview', '/devices/export.csv', '/discovery/suggestions/{id}/accept', '/tasks/{id}']) expect(spec.paths).toHaveProperty([`/api/v1${path}`])
  })

  it('does not keep what its schemas do not know', async () => {
    const { body } = await admin.call('POST', '/api/v1/devices', { ...camera('c', '10.0.0.3'), owner: 'me', camera: { onvif: { port: 80, junk: 'x' }, rtsp: { port: 554, mainPath: null, subPath: null, junk: 1 }, pull: 'always' } })
    expect(body).toMatchObject({ camera: { onvif: { port: 80 } } })
    expect(JSON.stringify(body)).not.toMatch(/junk|owner/)
  })

  it('imports and exports', async () => {
    const csv = 'kind;name;address;site\nhost;h1;10.7.0.1;Вежа\nhost;h2;10.7.0.1;Вежа'
    const preview = await admin.call('POST', '/api/v1/devices/import/preview', { csv, createMissing: true })
    expect(preview.body as ImportPreview).toMatchObject({ total: 2, invalid: 1, newSites: ['Вежа'], rows: [{ line: 2, errors: [] }, { line: 3, errors: [{ column: 'address', code: 'duplicate_in_file' }] }] })
    expect((await admin.call('POST', '/api/v1/devices/import', { csv, createMissing: true })).body).toMatchObject({ status: 400, kind: 'import_invalid', errors: [{ field: '/csv/3/address' }] })
    const big = `kind;name;address;note\n${Array.from({ length: 2000 }, (_, i) => `host;big ${i};10.8.${i >> 8}.${i & 255};${'ї'.repeat(500)}`).join('\n')}`
    expect(await admin.call('POST', '/api/v1/devices/import', { csv: big, createMissing: false })).toMatchObject({ status: 201, body: { created: 2000 } })
    const exported = await admin.call('GET', '/api/v1/devices/export.csv')
    expect(exported.headers['content-type']).toContain('text/csv')
    expect(String(exported.body).split('\r\n').length).toBeGreaterThan(2000)
    const first = (await admin.call('GET', '/api/v1/devices?limit=500&sort=createdAt')).body as DevicePage
    const second = (await admin.call('GET', `/api/v1/devices?limit=500&sort=createdAt&cursor=${first.next}`)).body as DevicePage
    expect(new Set([...first.items, ...second.items].map(d => d.id)).size).toBe(1000)
  })

  it('runs tests and searches as tasks that only their starter sees', async () => {
    made.agent.answer = () => new Promise(() => {})
    const started = await admin.call('POST', '/api/v1/devices/test', aHost('h', '10.0.0.5', { agentId }))
    expect(started.status).toBe(202)
    const { id } = started.body as Task
    const technician = await test.signIn({ roles: ['technician'] })
    expect((await technician.call('GET', `/api/v1/tasks/${id}`)).status).toBe(404)
    expect((await admin.call('GET', `/api/v1/tasks/${id}`)).body).toMatchObject({ status: 'running' })
    expect((await admin.call('DELETE', `/api/v1/tasks/${id}`)).body).toMatchObject({ status: 'cancelled' })
    const range = await admin.call('POST', '/api/v1/discovery/ranges', { cidr: '10.5.0.0/24', agentId })
    expect(range).toMatchObject({ status: 201, body: { cidr: '10.5.0.0/24' } })
    expect((await admin.call('POST', '/api/v1/discovery/ranges', { cidr: '10.5.0.128/25', agentId })).body).toMatchObject({ status: 409, kind: 'range_overlaps' })
    made.agent.answer = async () => ({ findings: [{ address: '10.5.0.7', kind: 'host', onvif: null, rtspPort: null, snmp: null, httpPort: 80, icmp: true }] })
    expect((await admin.call('POST', '/api/v1/discovery/runs', { rangeId: (range.body as { id: string }).id })).status).toBe(202)
    await expect.poll(async () => (await admin.call('GET', '/api/v1/discovery/suggestions?status=new')).body).toHaveLength(1)
    const [{ id: suggestion }] = (await admin.call('GET', '/api/v1/discovery/suggestions')).body as [{ id: string }]
    expect((await admin.call('POST', `/api/v1/discovery/suggestions/${suggestion}/dismiss`)).body).toMatchObject({ status: 'dismissed' })
    expect((await admin.call('POST', `/api/v1/discovery/suggestions/${suggestion}/restore`)).body).toMatchObject({ status: 'new' })
    expect((await admin.call('POST', `/api/v1/discovery/suggestions/${suggestion}/accept`, aHost('h7', '10.5.0.7'))).status).toBe(201)
    made.agent.answer = async () => null
    const { items: [polled] } = (await admin.call('GET', '/api/v1/devices?q=h7')).body as DevicePage
    expect((await admin.call('PATCH', `/api/v1/devices/${polled!.id}`, { agentId })).status).toBe(200)
    expect((await admin.call('POST', `/api/v1/devices/${polled!.id}/poll`)).status).toBe(204)
    expect((await admin.call('POST', `/api/v1/devices/${polled!.id}/test`, {})).status).toBe(202)
    expect((await admin.call('POST', `/api/v1/devices/${polled!.id}/test`)).status).toBe(202)
    expect((await admin.call('DELETE', `/api/v1/devices/${polled!.id}/credential`)).status).toBe(200)
    expect((await admin.call('DELETE', `/api/v1/discovery/ranges/${(range.body as { id: string }).id}`)).status).toBe(204)
  })
})
