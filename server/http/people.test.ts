import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import type { AuditEntry, CameraGroup, User } from '../contract/people.js'
import type { ActorChange } from '../identity/actor-changes.js'
import { forEachStore } from '../store/test-stores.js'
import { type Client, openTestApp, type TestApp } from './test-app.js'

const nobody = '019b0000-0000-7000-8000-000000000000'

forEachStore('people', stores => {
  let now = 0
  let t: TestApp
  let administrator: Client
  let changes: ActorChange[]
  beforeEach(async () => {
    now = Date.UTC(2026, 4, 1)
    t = await openTestApp({ store: await stores.open(), clock: { now: () => now } })
    administrator = await t.signIn({ login: 'chief', roles: ['administrator'] })
    changes = []
    t.identity.onActorChanged(change => changes.push(change))
    return () => t.close()
  })
  const makeGroup = async (name: string) => (await administrator.call('POST', '/api/v1/camera-groups', { name })).body as CameraGroup
  const account = (login: string, more: object = {}) => ({ login, displayName: login, roles: ['operator'], allGroups: false, groupIds: [] as string[], ...more })
  const make = (login: string, more: object = {}) => administrator.call('POST', '/api/v1/users', account(login, more))
  const patch = (id: string, write: object, by = administrator) => by.call('PATCH', `/api/v1/users/${id}`, write)
  const lastAudit = async () => ((await administrator.call('GET', '/api/v1/audit?limit=1')).body as { items: AuditEntry[] }).items[0]!

  describe('accounts', () => {
    it('are made, listed and told apart without regard to case', async () => {
      const group = await makeGroup('Північ')
      expect(await make('Ira', { groupIds: [group.id] })).toMatchObject({ status: 201, body: { user: { login: 'Ira', groupIds: [group.id], disabledAt: null, lastLoginAt: null } } })
      expect(await make('iRA')).toMatchObject({ status: 409, body: { kind: 'login_taken', field: '/login' } })
      expect(((await administrator.call('GET', '/api/v1/users')).body as User[]).map(u => u.login)).toEqual(['chief', 'Ira'])
      expect(await make('bad', { groupIds: [group.id, nobody] })).toMatchObject({ status: 400, body: { kind: 'camera_group_not_found', field: '/groupIds/1' } })
      expect(((await administrator.call('GET', '/api/v1/users')).body as User[])).toHaveLength(2)
    })

    it.each([
      ['a login with a space', { login: 'two words' }, '/login'], ['no role', { roles: [] }, '/roles'], ['a role that does not exist', { roles: ['king'] }, '/roles/0'],
      ['a blank name', { displayName: '  ' }, '/displayName'], ['a group that is no id', { groupIds: ['x'] }, '/groupIds/0']
    ])('are refused with %s', async (_what, more, field) => {
      const answer = await make('valid', more)
      expect(answer.status).toBe(400)
      expect((answer.body as { errors: { field: string }[] }).errors.map(e => e.field)).toContain(field)
    })

    it('that are disabled lose their sessions at once and cannot come back until enabled', async () => {
      const operator = await t.signIn({ login: 'op', roles: ['operator'] })
      expect(await patch(operator.userId, { disabled: true })).toMatchObject({ status: 200, body: { disabledAt: now } })
      expect(changes).toEqual([{ userId: operator.userId, sessionId: null }])
      expect((await operator.call('GET', '/api/v1/session')).status).toBe(401)
      expect(await lastAudit()).toMatchObject({ action: 'user.disable', login: 'chief', subjectId: operator.userId, details: { before: { disabled: false }, after: { disabled: true } } })
      expect(await administrator.call('POST', `/api/v1/users/${operator.userId}/invitation`)).toMatchObject({ status: 409, body: { kind: 'user_disabled' } })
      expect(await patch(operator.userId, { disabled: false })).toMatchObject({ status: 200, body: { disabledAt: null } })
      expect((await operator.call('GET', '/api/v1/session')).status).toBe(401)
    })

    it('have what their new roles and groups allow from the next request on, and open sockets hear of it', async () => {
      const group = await makeGroup('Південь')
      const operator = await t.signIn({ login: 'op', roles: ['operator'], allGroups: false })
      expect((await operator.call('GET', '/api/v1/audit')).status).toBe(403)
      await patch(operator.userId, { roles: ['operator', 'auditor'] })
      expect((await operator.call('GET', '/api/v1/audit')).status).toBe(200)
      expect((await t.identity.sessions.actorOf(operator.token, ''))?.groupIds).toEqual([])
      await patch(operator.userId, { groupIds: [group.id] })
      expect((await t.identity.sessions.actorOf(operator.token, ''))?.groupIds).toEqual([group.id])
      expect(changes).toHaveLength(2)
      await patch(operator.userId, { displayName: 'Only a name' })
      expect(changes).toHaveLength(2)
    })

    it('that do not exist', async () => {
      expect((await patch(nobody, { language: 'en' })).status).toBe(404)
      expect((await administrator.call('POST', `/api/v1/users/${nobody}/invitation`)).status).toBe(404)
      expect((await patch(administrator.userId, {})).status).toBe(400)
      expect((await patch(administrator.userId, { passwordHash: 'x' })).status).toBe(400)
    })
  })

  describe('the last administrator who can sign in', () => {
    it('can be neither demoted nor disabled, an invited one not counting', async () => {
      await make('invited', { roles: ['administrator'] })
      for (const write of [{ roles: ['operator'] }, { disabled: true }]) {
        expect(await patch(administrator.userId, write)).toMatchObject({ status: 409, body: { kind: 'last_administrator' } })
      }
      expect((await administrator.call('GET', '/api/v1/users')).status).toBe(200)
      expect(changes).toEqual([])
    })

    it('stays, when two administrators demote each other at once', async () => {
      const other = await t.signIn({ login: 'deputy', roles: ['administrator'] })
      const answers = await Promise.all([patch(other.userId, { roles: ['operator'] }), patch(administrator.userId, { disabled: true }, other)])
      expect(answers.filter(a => a.status === 200)).toHaveLength(1)
      const { users } = t.store.read.t
      const left = (await t.store.read.select().from(users)).filter(u => u.disabledAt === null && u.roles.includes('administrator'))
      expect(left).toHaveLength(1)
    })
  })

  describe('camera groups', () => {
    const camera = (groupId: string) => t.store.transaction(async tx => {
      const id = newId()
      const settings = { camera: { onvif: null, rtsp: { port: 554, mainPath: '/1', subPath: null }, pull: 'always' as const } }
      await tx.insert(tx.t.devices).values({ id, kind: 'camera', name: id, searchText: id, groupId, address: '192.0.2.1', identityKey: id, note: '', enabled: true, settings, createdAt: 1, updatedAt: 1 })
    })

    it('count their cameras, are renamed, and removed once empty', async () => {
      const group = await makeGroup(' Центр ')
      expect(group).toEqual({ id: group.id, name: 'Центр', note: '', cameraCount: 0 })
      await camera(group.id)
      await camera(group.id)
      expect((await administrator.call('GET', '/api/v1/camera-groups')).body).toEqual([{ ...group, cameraCount: 2 }])
      expect(await administrator.call('DELETE', `/api/v1/camera-groups/${group.id}`)).toMatchObject({ status: 409, body: { kind: 'camera_group_in_use' } })
      const other = await makeGroup('Схід')
      expect(await administrator.call('PATCH', `/api/v1/camera-groups/${other.id}`, { name: 'Центр' })).toMatchObject({ status: 409, body: { kind: 'camera_group_name_taken' } })
      expect(await administrator.call('PATCH', `/api/v1/camera-groups/${group.id}`, { name: 'Середмістя', note: 'n' })).toMatchObject({ status: 200, body: { name: 'Середмістя', note: 'n', cameraCount: 2 } })
      expect((await administrator.call('DELETE', `/api/v1/camera-groups/${other.id}`)).status).toBe(204)
      expect((await administrator.call('DELETE', `/api/v1/camera-groups/${other.id}`)).status).toBe(404)
    })

    it('outside one\'s own do not exist', async () => {
      const [mine] = [await makeGroup('mine'), await makeGroup('not mine')]
      const operator = await t.signIn({ roles: ['operator'], allGroups: false, groupIds: [mine.id] })
      expect(((await operator.call('GET', '/api/v1/camera-groups')).body as CameraGroup[]).map(g => g.name)).toEqual(['mine'])
      const auditor = await t.signIn({ roles: ['auditor'], allGroups: false })
      expect(await (await auditor.call('GET', '/api/v1/camera-groups')).body).toHaveLength(2)
    })
  })

  it('settings of the centre', async () => {
    expect((await administrator.call('GET', '/api/v1/settings')).body).toEqual({ centre: { name: 'Kalancha', timeZone: 'Europe/Kyiv' } })
    expect((await administrator.call('PATCH', '/api/v1/settings', { centre: { name: 'Львів' } })).body).toEqual({ centre: { name: 'Львів', timeZone: 'Europe/Kyiv' } })
    expect((await administrator.call('PATCH', '/api/v1/settings', { centre: { timeZone: 'Europe/Berlin' } })).body).toEqual({ centre: { name: 'Львів', timeZone: 'Europe/Berlin' } })
    expect(await administrator.call('PATCH', '/api/v1/settings', { centre: { timeZone: 'Mars/Olympus' } })).toMatchObject({ status: 400, body: { kind: 'time_zone_unknown', field: '/centre/timeZone' } })
    expect((await administrator.call('PATCH', '/api/v1/settings', { centre: {} })).status).toBe(400)
    expect((await administrator.call('GET', '/api/v1/session')).body).toMatchObject({ centre: { name: 'Львів' } })
    expect(await lastAudit()).toMatchObject({ action: 'settings.update', details: { before: { timeZone: 'Europe/Kyiv' }, after: { timeZone: 'Europe/Berlin' } } })
  })

  describe('the audit log', () => {
    it('is paged, newest first, by action, person and time', async () => {
      for (let n = 0; n < 5; n++) {
        now += 1000
        await makeGroup(`group ${n}`)
      }
      await make('ira')
      const auditor = await t.signIn({ login: 'aud', roles: ['auditor'] })
      const page = async (query: string) => (await auditor.call('GET', `/api/v1/audit?${query}`)).body as { items: AuditEntry[], next: string | null }
      const first = await page('action=camera_group.&limit=3')
      expect(first.items.map(e => (e.details as { name: string }).name)).toEqual(['group 4', 'group 3', 'group 2'])
      const second = await page(`action=camera_group.&limit=3&cursor=${first.next}`)
      expect(second.items.map(e => (e.details as { name: string }).name)).toEqual(['group 1', 'group 0'])
      expect(second.next).toBeNull()
      expect((await page(`userId=${administrator.userId}`)).items).toHaveLength(6)
      expect((await page(`userId=${nobody}`)).items).toEqual([])
      const at = Date.UTC(2026, 4, 1) + 2000
      expect((await page(`from=${at}&to=${at}`)).items).toHaveLength(1)
      expect((await page('action=cameraXgroup')).items).toEqual([])
      expect((await auditor.call('GET', '/api/v1/audit?cursor=1%20or%201')).status).toBe(400)
    })

    it('is verified, and says where it was tampered with', async () => {
      await makeGroup('one')
      await makeGroup('two')
      expect((await administrator.call('GET', '/api/v1/audit/verify')).body).toEqual({ ok: true, checked: 2, brokenAt: null })
      await t.store.transaction(async tx => { await tx.update(tx.t.audit).set({ login: 'x' }).where(eq(tx.t.audit.seq, 1)) })
      expect((await administrator.call('GET', '/api/v1/audit/verify')).body).toMatchObject({ ok: false, brokenAt: 1 })
    })
  })
})
