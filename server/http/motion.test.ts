import { afterEach, describe, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import { createMotion, type Motion } from '../cameras/motion.js'
import type { Command, PlanDevice } from '../contract/agent-link.js'
import { defaultMotion } from '../contract/motion.js'
import { ServiceProblem } from '../problems.js'
import { motionRoutes } from './motion.js'
import { openTestApp } from './test-app.js'

const cleanUps: (() => unknown)[] = []
afterEach(async () => { for (const clean of cleanUps.splice(0).reverse()) await clean() })
const half: [number, number][] = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]
const on = { ...defaultMotion, enabled: true, regions: [half], sensitivity: 70 }

async function open (agentId: string | null = newId()) {
  let motion!: Motion
  const planned: string[][] = []
  const asked: Command[] = []
  const test = await openTestApp({ routes (api, { store }) {
    motion = createMotion({ store, clock: { now: () => 77 }, planChanged: ids => planned.push(ids), commands: {
      run (_, command) {
        asked.push(command)
        return Promise.reject(new ServiceProblem('unavailable', 'agent_offline', 'away'))
      }
    } })
    motionRoutes(api, motion)
  } })
  cleanUps.push(() => test.close())
  const [cameraId, groupId] = [newId(), newId()]
  await test.store.transaction(async tx => {
    await tx.insert(tx.t.cameraGroups).values({ id: groupId, name: 'Yard', note: '' })
    await tx.insert(tx.t.devices).values({ id: cameraId, kind: 'camera', name: 'Yard', searchText: '', address: '192.0.2.1', identityKey: cameraId, note: '', enabled: true, groupId, agentId: null, settings: {} as never, createdAt: 0, updatedAt: 0 })
    if (agentId) {
      await tx.insert(tx.t.agents).values({ id: agentId, name: 'A', embedded: false, publicKey: 'none', version: '1', protocol: 1, enrolledAt: 0, status: null })
      await tx.update(tx.t.devices).set({ agentId })
    }
  })
  return { ...test, motion, cameraId, groupId, agentId, planned, asked, url: `/api/v1/devices/${cameraId}/motion` }
}

describe('motion detection of a camera', () => {
  it('is off until somebody sets it; a change is recorded with before and after, read back, and told to the agent', async () => {
    const { signIn, store, cameraId, agentId, planned, url } = await open()
    const technician = await signIn({ roles: ['technician'] })
    expect((await technician.call('GET', url)).body).toEqual({ deviceId: cameraId, ...defaultMotion, updatedAt: null, updatedBy: null })
    expect((await technician.call('PUT', url, on)).status).toBe(200)
    expect((await technician.call('PUT', url, { ...on, sensitivity: 30 })).status).toBe(200)
    expect((await technician.call('GET', url)).body).toMatchObject({ ...on, sensitivity: 30, updatedAt: 77 })
    expect(planned).toEqual([[agentId], [agentId]])
    expect((await store.read.select().from(store.read.t.audit)).filter(a => a.action === 'device.motion').map(a => a.details)).toMatchObject([{ before: { enabled: false }, after: on }, { before: on, after: { sensitivity: 30 } }])
  })

  it('reaches the agent only where it is on, with the masks that hide motion', async () => {
    const { motion, signIn, url, cameraId, store } = await open()
    const device: PlanDevice = { id: cameraId, kind: 'camera', name: 'Yard', address: '192.0.2.1', credential: null }
    expect(await motion.dress([device])).toEqual([device])
    const admin = await signIn({ roles: ['administrator'] })
    await admin.call('PUT', url, on)
    await store.transaction(tx => tx.insert(tx.t.cameraMasks).values({ deviceId: cameraId, regions: [half], updatedAt: 0, updatedBy: 'x' }))
    expect(await motion.dress([device])).toEqual([{ ...device, motion: { regions: [half], sensitivity: 70, minAreaPercent: on.minAreaPercent, holdS: on.holdS, ignore: [half] } }])
    await admin.call('PUT', url, { ...on, enabled: false })
    expect(await motion.dress([device])).toEqual([device])
  })

  it('belongs to those who may, and of the cameras that they see', async () => {
    const { signIn, url, groupId } = await open()
    for (const role of ['operator', 'shift_lead', 'auditor'] as const) expect((await (await signIn({ roles: [role] })).call('PUT', url, on)).status).toBe(403)
    expect((await (await signIn({ roles: ['technician'], allGroups: false })).call('GET', `${url}/levels`)).status).toBe(404)
    expect((await (await signIn({ roles: ['technician'], allGroups: false, groupIds: [groupId] })).call('PUT', url, on)).status).toBe(200)
    expect((await (await signIn({ roles: ['administrator'] })).call('GET', `/api/v1/devices/${newId()}/motion`)).status).toBe(404)
  })

  it('refuses what cannot be, naming the field', async () => {
    const { signIn, url } = await open()
    const admin = await signIn({ roles: ['administrator'] })
    for (const [part, field] of [[{ sensitivity: 0 }, 'sensitivity'], [{ minAreaPercent: 0 }, 'minAreaPercent'], [{ holdS: 61 }, 'holdS'], [{ regions: [[[0, 0], [1, 1]]] }, 'regions'], [{ regions: [[[0.1, 0.1], [0.2, 0.2], [0.3, 0.3]]] }, 'regions']] as const) {
      const answer = await admin.call('PUT', url, { ...on, ...part })
      expect(answer.status).toBe(400)
      expect(JSON.stringify(answer.body)).toContain(field)
    }
  })

  it('asks the agent for the level of the moment, and says so where there is none', async () => {
    const { signIn, url, asked, cameraId } = await open()
    expect((await (await signIn({ roles: ['technician'] })).call('GET', `${url}/levels`)).status).toBe(503)
    expect(asked).toEqual([{ name: 'motion_levels', deviceId: cameraId }])
    const alone = await open(null)
    expect((await (await alone.signIn({ roles: ['technician'] })).call('GET', `${alone.url}/levels`)).body).toMatchObject({ kind: 'no_agent' })
  })
})
