import { beforeEach, expect, it } from 'vitest'
import { randomBytes } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { newId } from '../../lib/ids.js'
import type { DeviceQuery } from '../contract/inventory.js'
import { verifyAudit } from '../identity/audit.js'
import { ServiceProblem } from '../problems.js'
import type { Store } from '../store/store.js'
import { forEachStore } from '../store/test-stores.js'
import { actorWith, addAgent, addGroup, aHost, aSwitch, camera, openInventory, type TestInventory } from './inventory-fixture.js'
import { vaultWithKey } from './vault.js'

const admin = actorWith(['administrator'])
/** What was refused: code, and the fields that were named. */
async function refusal (work: Promise<unknown>) {
  const err = await work.then(() => null, (e: unknown) => e)
  if (!(err instanceof ServiceProblem)) throw err ?? new Error('nothing was refused')
  return { code: err.code, fields: err.errors.map(e => e.field), message: err.message }
}

forEachStore('devices', stores => {
  let store: Store
  let it0: TestInventory
  beforeEach(async () => {
    store = await stores.open()
    it0 = openInventory(store)
  })
  const auditText = async () => JSON.stringify(await store.read.select().from(store.read.t.audit))

  it('are entered, read, changed and removed, each change audited, told to the walls and to the agents', async () => {
    const { inventory: { devices, sites }, announced, plans, judged, clock } = it0
    const agentId = await addAgent(store, 'a1')
    const site = await sites.create(admin, { name: 'Ратуша', latitude: 50.45, longitude: 30.52 })
    const made = await devices.create(admin, camera(' Площа 1 ', 'CAM-1.Example.', { siteId: site.id, agentId, credential: { kind: 'password', username: 'viewer', password: 'top-secret-1' } }))
    expect(made).toMatchObject({ name: 'Площа 1', address: 'cam-1.example', siteName: 'Ратуша', agentName: 'a1', enabled: true, hasCredential: true, credentialUser: 'viewer', state: { state: 'unknown', since: clock.time, streams: [] } })
    expect(JSON.stringify(made)).not.toContain('top-secret')
    expect(await devices.get(admin, made.id)).toEqual(made)
    expect(announced.at(-1)).toMatchObject({ scope: { isCamera: true, groupId: null }, event: { change: { kind: 'device_changed', device: { id: made.id, siteName: 'Ратуша', state: 'unknown' } } } })
    expect(plans).toEqual([[agentId]])

    clock.time += 1000
    const changed = await devices.update(admin, made.id, { note: 'pole 7\r\nleft', siteId: null })
    expect(changed).toMatchObject({ note: 'pole 7\nleft', siteId: null, siteName: null, updatedAt: clock.time })
    expect(plans).toHaveLength(1)
    expect(await devices.update(admin, made.id, { enabled: false })).toMatchObject({ enabled: false })
    expect(judged).toEqual([[made.id], [made.id], [made.id]])
    expect(plans).toHaveLength(2)

    await devices.remove(admin, made.id)
    expect(announced.at(-1)?.event.change).toEqual({ kind: 'device_removed', deviceId: made.id })
    expect(await refusal(devices.get(admin, made.id))).toMatchObject({ code: 'device_not_found' })
    expect(announced.map(e => e.event.seq)).toEqual(announced.map((_, i) => i + 1))
    expect(await verifyAudit(store.read)).toMatchObject({ ok: true, checked: 5 })
    expect(await auditText()).not.toContain('top-secret')
  })

  it('keep secrets sealed in the database; the plan alone opens them, and a new one is never read back', async () => {
    const { inventory, plans, vault } = it0
    const agentId = await addAgent(store, 'a1')
    const { id } = await inventory.devices.create(admin, aSwitch('s', '192.0.2.1', { agentId, credential: { kind: 'community', community: 'hush-hush' } }))
    const rows = JSON.stringify(await store.read.select().from(store.read.t.credentials))
    expect(rows).not.toContain('hush')
    expect(await inventory.planFor(agentId)).toEqual([{ id, kind: 'switch', name: 's', address: '192.0.2.1', switch: { snmpVersion: '2c', port: 161 }, credential: { kind: 'community', community: 'hush-hush' } }])
    expect(await refusal(inventory.devices.replaceCredential(admin, id, { kind: 'password', username: 'a', password: 'b' }))).toMatchObject({ code: 'credential_kind' })
    const replaced = await inventory.devices.replaceCredential(admin, id, { kind: 'community', community: 'newer' })
    expect(replaced).toMatchObject({ hasCredential: true, credentialUser: null })
    expect(plans.at(-1)).toEqual([agentId])
    expect((await inventory.planFor(agentId))[0]!.credential).toEqual({ kind: 'community', community: 'newer' })
    // Another SNMP version needs another kind of credential.
    expect(await inventory.devices.update(admin, id, { switch: { snmpVersion: '3', port: 161 } })).toMatchObject({ hasCredential: false })
    expect((await inventory.planFor(agentId))[0]!.credential).toBeNull()
    await inventory.devices.update(admin, id, { enabled: false })
    expect(await inventory.planFor(agentId)).toEqual([])
    expect(vault.keyId).toMatch(/^[0-9a-f]{8}$/)
  })

  it('whose secret cannot be opened stay in the plan without it, and people see why', async () => {
    const agentId = await addAgent(store, 'a1')
    const credential = { kind: 'community' as const, community: 'hush-hush' }
    const { id } = await it0.inventory.devices.create(admin, aSwitch('s', '192.0.2.1', { agentId, credential }))
    await it0.inventory.devices.create(admin, aSwitch('t', '192.0.2.2', { agentId }))
    const other = openInventory(store, vaultWithKey(randomBytes(32)))
    expect((await other.inventory.planFor(agentId)).map(d => d.credential)).toEqual([null, null])
    expect(other.logged.join()).toContain(id)
    expect(other.logged.join()).not.toContain('hush')
    expect(await other.inventory.devices.get(admin, id)).toMatchObject({ hasCredential: true, credentialProblem: 'wrong_key' })
    expect(await other.inventory.devices.replaceCredential(admin, id, credential)).not.toHaveProperty('credentialProblem')
    await store.transaction(tx => tx.update(tx.t.credentials).set({ sealed: 'v1.x' }).where(eq(tx.t.credentials.deviceId, id)))
    expect(await other.inventory.devices.get(admin, id)).toMatchObject({ credentialProblem: 'damaged' })
  })

  it('refuse what cannot be right and name the field', async () => {
    const { devices } = it0.inventory
    const gone = await addAgent(store, 'gone', 5)
    const cam = await devices.create(admin, camera('Cam', '192.0.2.1'))
    const of = (device: Parameters<typeof devices.create>[1]) => refusal(devices.create(admin, device))
    expect(await of(camera('x', '192.0.2.2', { camera: { onvif: null, rtsp: { port: 554, mainPath: null, subPath: '/s' }, pull: 'always' } }))).toMatchObject({ code: 'camera_unusable', fields: ['/camera/rtsp/mainPath'] })
    expect(await of(camera('x', '192.0.2.2:554'))).toMatchObject({ fields: ['/address'] })
    expect(await of(camera('x', '224.0.0.1'))).toMatchObject({ fields: ['/address'] })
    expect(await of(camera('x\0', '192.0.2.2'))).toMatchObject({ code: 'control_character', fields: ['/name'] })
    expect(await of(camera('x', '192.0.2.2', { note: '\uD800' }))).toMatchObject({ fields: ['/note'] })
    expect(await of(camera('x', '192.0.2.2', { siteId: newId(), groupId: newId(), agentId: newId(), parentId: newId() }))).toMatchObject({ fields: ['/siteId', '/groupId', '/agentId', '/parentId'] })
    expect(await of(aHost('x', '192.0.2.2', { agentId: gone }))).toMatchObject({ code: 'agent_revoked' })
    expect(await of(aHost('x', '192.0.2.2', { groupId: newId() }))).toMatchObject({ code: 'group_only_for_cameras' })
    expect(await of(aHost('x', '192.0.2.2', { parentId: cam.id }))).toMatchObject({ code: 'parent_kind' })
    expect(await of(aSwitch('x', '192.0.2.2', { credential: { kind: 'snmpv3', user: 'u', level: 'authPriv' } }))).toMatchObject({ code: 'credential_kind' })
    expect(await of(camera('Twin', '192.0.2.1'))).toMatchObject({ code: 'device_exists', fields: ['/address'], message: expect.stringContaining('"Cam"') })
    expect(await refusal(devices.update(admin, cam.id, { switch: { snmpVersion: '1', port: 161 } }))).toMatchObject({ code: 'wrong_settings' })
    const second = await devices.create(admin, camera('Other', '192.0.2.7'))
    expect(await refusal(devices.update(admin, second.id, { address: '192.0.2.1' }))).toMatchObject({ code: 'device_exists' })
    expect((await devices.list(admin, {})).total).toBe(2)
  })

  it('may have one private address each behind two agents, and only one behind one', async () => {
    const { devices } = it0.inventory
    const [north, south] = [await addAgent(store, 'north'), await addAgent(store, 'south')]
    await devices.create(admin, camera('Without', '10.0.0.1'))
    const there = await devices.create(admin, camera('North', '10.0.0.1', { agentId: north }))
    const other = await devices.create(admin, camera('South', '10.0.0.1', { agentId: south }))
    for (const agentId of [north, south, null]) expect(await refusal(devices.create(admin, camera('Twin', '10.0.0.1', { agentId })))).toMatchObject({ code: 'device_exists' })
    for (const agentId of [north, null]) expect(await refusal(devices.update(admin, other.id, { agentId }))).toMatchObject({ code: 'device_exists', fields: ['/address'] })
    const raced = await Promise.allSettled([1, 2].map(n => devices.create(admin, camera(`Raced ${n}`, '10.0.0.2', { agentId: north }))))
    expect(raced.map(r => r.status).sort()).toEqual(['fulfilled', 'rejected'])
    await devices.remove(admin, there.id)
    expect(await devices.update(admin, other.id, { agentId: north })).toMatchObject({ agentId: north })
  })

  it('never stand behind themselves, even when two changes come at once', async () => {
    const { devices } = it0.inventory
    const a = await devices.create(admin, aSwitch('a', '192.0.2.1'))
    const b = await devices.create(admin, aSwitch('b', '192.0.2.2', { parentId: a.id, parentPort: 'ge-0/0/1' }))
    const c = await devices.create(admin, aSwitch('c', '192.0.2.3', { parentId: b.id }))
    expect(await refusal(devices.update(admin, a.id, { parentId: c.id }))).toMatchObject({ code: 'parent_loop', fields: ['/parentId'] })
    expect(await refusal(devices.update(admin, a.id, { parentId: a.id }))).toMatchObject({ code: 'parent_loop' })
    expect(await devices.update(admin, b.id, { parentId: null })).toMatchObject({ parentId: null, parentPort: null })
    await devices.update(admin, c.id, { parentId: null })
    const both = await Promise.allSettled([devices.update(admin, a.id, { parentId: b.id }), devices.update(admin, b.id, { parentId: a.id })])
    expect(both.map(r => r.status).sort()).toEqual(['fulfilled', 'rejected'])
    const pairs = await Promise.allSettled([1, 2, 3].map(n => devices.create(admin, camera(`n${n}`, '192.0.2.50'))))
    expect(pairs.filter(r => r.status === 'fulfilled')).toHaveLength(1)
    // Whatever hung on a removed switch hangs on nothing.
    await devices.remove(admin, b.id)
    await devices.update(admin, c.id, { parentId: a.id, parentPort: 'ge-0/0/2' })
    await devices.remove(admin, a.id)
    expect(it0.judged.at(-1)!.sort()).toEqual([a.id, c.id].sort())
    expect(await devices.get(admin, c.id)).toMatchObject({ parentId: null })
  })

  it('outside the camera groups of a person do not exist for that person', async () => {
    const { inventory: { devices, sites }, announced } = it0
    const [north, south] = [await addGroup(store, 'north'), await addGroup(store, 'south')]
    const site = await sites.create(admin, { name: 'S', latitude: null, longitude: null })
    const seen = await devices.create(admin, camera('n', '192.0.2.1', { groupId: north, siteId: site.id }))
    const hidden = await devices.create(admin, camera('s', '192.0.2.2', { groupId: south, siteId: site.id }))
    await devices.create(admin, camera('none', '192.0.2.3', { siteId: site.id }))
    await devices.create(admin, aSwitch('sw', '192.0.2.4', { siteId: site.id }))
    const operator = actorWith(['operator'], [north])
    const page = await devices.list(operator, {})
    expect(page.items.map(d => d.name)).toEqual(['n', 'sw'])
    expect(page.total).toBe(2)
    expect((await devices.list(actorWith(['operator'], []), {})).items.map(d => d.name)).toEqual(['sw'])
    expect((await sites.list(operator))[0]!.deviceCount).toBe(2)
    expect(await refusal(sites.remove(actorWith(['technician'], [north]), site.id))).toMatchObject({ code: 'site_in_use' })
    expect(await refusal(devices.get(operator, hidden.id))).toMatchObject({ code: 'device_not_found' })
    expect(await refusal(devices.update(operator, seen.id, { note: 'x' }))).toMatchObject({ code: 'forbidden' })
    const limited = actorWith(['administrator'], [north])
    expect(await refusal(devices.remove(limited, hidden.id))).toMatchObject({ code: 'device_not_found' })
    expect(await refusal(devices.update(limited, seen.id, { groupId: south }))).toMatchObject({ code: 'group_not_found' })
    expect(await refusal(devices.update(limited, seen.id, { groupId: null }))).toMatchObject({ code: 'group_required' })
    expect((await refusal(devices.create(limited, camera('x', '192.0.2.2', { groupId: north })))).message).not.toContain('"s"')
    // A camera that moves to another group disappears from the walls of the old one.
    announced.length = 0
    await devices.update(admin, seen.id, { groupId: south })
    expect(announced.map(e => [e.scope.groupId, e.event.change.kind])).toEqual([[north, 'device_removed'], [south, 'device_changed']])
  })

  it('come in pages that hold each device once, in any order and with any filter', async () => {
    const { devices } = it0.inventory
    const csv = `kind,name,address,main_path\n${Array.from({ length: 60 }, (_, i) => `${i % 3 ? 'camera' : 'host'},${i % 2 ? 'Площа' : 'Вулиця'} ${i % 7} 100%_${i},10.0.0.${i},/a`).join('\n')}`
    await it0.inventory.imports.run(admin, { csv, createMissing: false })
    const first = (await devices.list(admin, { q: '100%_1' })).items
    expect(first).toHaveLength(11)
    await store.transaction(tx => tx.insert(tx.t.deviceStates).values(first.map((d, i) => ({ deviceId: d.id, state: ['down', 'up', 'degraded'][i % 3]!, since: 5, observedAt: 6, reason: null, streams: [], identity: null, memory: {}, causeDeviceId: null }))))
    for (const query of [{}, { sort: 'name' }, { sort: 'address' }, { sort: 'state' }, { sort: 'createdAt' }, { kind: 'camera', sort: 'state' }, { state: 'down,unknown' }, { q: 'ПЛОЩА 10.0.0.1' }] as DeviceQuery[]) {
      const all = (await devices.list(admin, { ...query, limit: 500 })).items.map(d => d.id)
      const paged: string[] = []
      let cursor: string | null | undefined
      do {
        const page = await devices.list(admin, { ...query, limit: 7, ...(cursor ? { cursor } : {}) })
        expect(page.total).toBe(all.length)
        paged.push(...page.items.map(d => d.id))
        cursor = page.next
      } while (cursor)
      expect(paged).toEqual(all)
      expect(new Set(paged).size).toBe(all.length)
    }
    expect((await devices.list(admin, { sort: 'state', limit: 6 })).items.map(d => d.state.state)).toEqual(['down', 'down', 'down', 'down', 'degraded', 'degraded', 'degraded', 'unknown'].slice(0, 6))
    expect((await devices.list(admin, { state: 'unknown' })).total).toBe(49)
    expect((await devices.list(admin, { q: 'площа' })).total).toBe(30)
    expect((await devices.list(admin, { q: '%' })).total).toBe(60)
    expect((await devices.list(admin, { q: '_x' })).total).toBe(0)
    const { next } = await devices.list(admin, { limit: 1 })
    expect(await refusal(devices.list(admin, { sort: 'address', cursor: next! }))).toMatchObject({ code: 'cursor_invalid' })
    for (const cursor of ['x', 'e30', Buffer.from('{"s":"name","k":[1,2]}').toString('base64url')]) expect(await refusal(devices.list(admin, { cursor }))).toMatchObject({ code: 'cursor_invalid' })
    expect(await refusal(devices.list(admin, { state: 'dead' }))).toMatchObject({ code: 'state_unknown' })
  })

  it('stand at sites, which are not removed from under them', async () => {
    const { inventory: { devices, sites }, announced } = it0
    const one = await sites.create(admin, { name: 'One', latitude: 1, longitude: 2, note: 'n' })
    const two = await sites.create(admin, { name: 'Two', latitude: null, longitude: null })
    const d = await devices.create(admin, aHost('h', '192.0.2.1', { siteId: one.id }))
    expect(await refusal(sites.create(admin, { name: ' One ', latitude: null, longitude: null }))).toMatchObject({ code: 'site_exists', fields: ['/name'] })
    expect(await refusal(sites.update(admin, two.id, { name: 'One', latitude: null, longitude: null }))).toMatchObject({ code: 'site_exists' })
    expect(await refusal(sites.create(admin, { name: 'X', latitude: 1, longitude: null }))).toMatchObject({ code: 'coordinates_incomplete' })
    announced.length = 0
    expect(await sites.update(admin, one.id, { name: 'Uno', latitude: 1, longitude: 2 })).toMatchObject({ name: 'Uno', deviceCount: 1, note: '' })
    expect(announced.map(e => e.event.change)).toMatchObject([{ kind: 'device_changed', device: { siteName: 'Uno' } }])
    expect(await refusal(sites.remove(admin, one.id))).toMatchObject({ code: 'site_not_empty', message: expect.stringContaining('1') })
    expect(await refusal(sites.remove(admin, one.id, newId()))).toMatchObject({ code: 'site_not_found' })
    await sites.remove(admin, one.id, two.id)
    expect(await devices.get(admin, d.id)).toMatchObject({ siteName: 'Two' })
    expect((await sites.list(admin)).map(s => s.name)).toEqual(['Two'])
  })
})
