import { afterEach, describe, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import { createMasks, type Masks } from '../cameras/masks.js'
import { createAims } from '../cameras/ptz/aims.js'
import type { MaskRegion } from '../contract/footage.js'
import type { Role } from '../contract/people.js'
import { maskRoutes } from './masks.js'
import { openTestApp } from './test-app.js'

const cleanUps: (() => unknown)[] = []
afterEach(async () => { for (const clean of cleanUps.splice(0).reverse()) await clean() })
const triangle: MaskRegion = [[0, 0], [0.5, 0], [0, 0.5]]

async function open () {
  let masks!: Masks
  const test = await openTestApp({ routes (api, { store }) {
    masks = createMasks({ store, clock: { now: () => 77 }, aims: createAims({ clock: { now: () => 77 }, turns: async () => false, look: async () => ({ turns: false, position: null, moving: false }) }) })
    maskRoutes(api, masks)
  } })
  cleanUps.push(() => test.close())
  const cameraId = newId()
  await test.store.transaction(async tx => {
    await tx.insert(tx.t.devices).values({ id: cameraId, kind: 'camera', name: 'Yard', searchText: '', address: '192.0.2.1', identityKey: cameraId, note: '', enabled: true, settings: {} as never, createdAt: 0, updatedAt: 0 })
  })
  const actor = (role: Role) => ({ userId: newId(), login: role, roles: [role], allGroups: true, groupIds: [], sessionId: newId(), ip: '' })
  return { ...test, masks, cameraId, actor, url: `/api/v1/devices/${cameraId}/masks` }
}

describe('masks of a camera', () => {
  it('are none until somebody sets them; a change is told, recorded with before and after, and read back', async () => {
    const { signIn, masks, store, cameraId, url } = await open()
    const admin = await signIn({ roles: ['administrator'] })
    const told: string[] = []
    masks.onChanged(id => told.push(id))
    expect((await admin.call('GET', url)).body).toEqual({ deviceId: cameraId, regions: [], updatedAt: null, updatedBy: null })
    expect((await admin.call('PUT', url, { regions: [triangle] })).status).toBe(200)
    expect((await admin.call('PUT', url, { regions: [triangle, [[0.5, 0.5], [1, 0.5], [1, 1], [0.5, 1]]] })).status).toBe(200)
    expect((await admin.call('GET', url)).body).toMatchObject({ regions: [triangle, expect.anything()], updatedAt: 77 })
    expect(told).toEqual([cameraId, cameraId])
    expect((await store.read.select().from(store.read.t.audit)).filter(a => a.action === 'device.masks').map(a => a.details)).toMatchObject([{ before: [], after: [triangle] }, { before: [triangle] }])
  })

  it('hide from those who may not see through them, and only from those', async () => {
    const { masks, cameraId, actor } = await open()
    await masks.set(actor('administrator'), cameraId, { regions: [triangle] })
    const hidden = Object.fromEntries(await Promise.all((['administrator', 'shift_lead', 'operator', 'technician', 'footage_registrar', 'footage_approver', 'auditor'] as const).map(async role => [role, (await masks.masksFor(actor(role), cameraId)).length])))
    expect(hidden).toEqual({ administrator: 0, shift_lead: 0, operator: 1, technician: 1, footage_registrar: 0, footage_approver: 0, auditor: 1 })
    expect(await masks.masksFor(actor('operator'), newId())).toEqual([])
  })

  it('must cover something inside of the picture, of a camera that is there', async () => {
    const { signIn, url } = await open()
    const admin = await signIn({ roles: ['administrator'] })
    for (const region of [[[0, 0], [1, 0]], [[0, 0], [1.2, 0], [0, 1]], [[0.1, 0.1], [0.2, 0.2], [0.3, 0.3]]]) expect((await admin.call('PUT', url, { regions: [region] })).status).toBe(400)
    expect((await admin.call('PUT', `/api/v1/devices/${newId()}/masks`, { regions: [] })).status).toBe(404)
    expect((await (await signIn({ roles: ['operator'] })).call('PUT', url, { regions: [] })).status).toBe(403)
  })
})
