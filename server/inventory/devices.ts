/** Cameras, switches and hosts: how they are entered, changed, moved and removed. */
import { eq } from 'drizzle-orm'
import { newId } from '../../lib/ids.js'
import type { Credential, Device, DeviceCreate, DevicePage, DeviceQuery, DeviceUpdate } from '../contract/inventory.js'
import { type Actor, demand, seesDevice } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { notFound, ServiceProblem } from '../problems.js'
import type { Reader, Writer } from '../store/store.js'
import { listDevices } from './device-list.js'
import { checkIdentityFree, referenceFaults } from './device-references.js'
import { credentialFaults, credentialKindFor, faultsOf, identityKeyOf, normalizeAddress, refuse, searchTextOf, knownSettingsOf, type Settings, userOf } from './device-rules.js'
import { type DeviceRow, readDevice, tellChanged, tellRemoved, toDevice } from './device-view.js'
import { commit, type Room, type Told, whoOf } from './room.js'
import { strengthOf } from './strength.js'

export interface Devices {
  list (actor: Actor, query: DeviceQuery): Promise<DevicePage>
  get (actor: Actor, id: string): Promise<Device>
  create (actor: Actor, wanted: DeviceCreate): Promise<Device>
  /** Also moves (site, group, agent, parent), enables and disables. */
  update (actor: Actor, id: string, changes: DeviceUpdate): Promise<Device>
  remove (actor: Actor, id: string): Promise<void>
  replaceCredential (actor: Actor, id: string, credential: Credential): Promise<Device>
  removeCredential (actor: Actor, id: string): Promise<Device>
}

/** A device outside the actor's groups does not exist for it. */
export async function visibleDevice (db: Reader, actor: Actor, id: string): Promise<DeviceRow> {
  const row = await readDevice(db, id)
  if (!row || !seesDevice(actor, row.device)) throw notFound('device')
  return row
}

const tidyNote = (note: string | undefined) => (note ?? '').replace(/\r\n?/g, '\n').trim()

export function createDevices (room: Room): Devices {
  const { store, vault } = room
  const shown = async (db: Reader, id: string) => toDevice((await readDevice(db, id))!, vault)

  return {
    async list (actor, query) {
      demand(actor, 'device.read')
      return listDevices(store.read, vault, actor, query)
    },
    async get (actor, id) {
      demand(actor, 'device.read')
      return toDevice(await visibleDevice(store.read, actor, id), vault)
    },
    async create (actor, wanted) {
      demand(actor, 'device.write')
      return commit(room, (tx, told) => createDevice(room, tx, told, actor, wanted))
    },
    async update (actor, id, changes) {
      demand(actor, 'device.write')
      return commit(room, async (tx, told) => {
        await updateDevice(tx, told, actor, id, changes)
        return shown(tx, id)
      })
    },
    async remove (actor, id) {
      demand(actor, 'device.write')
      await commit(room, (tx, told) => removeDevice(tx, told, actor, id))
    },
    async replaceCredential (actor, id, credential) {
      demand(actor, 'device.credential.write')
      return commit(room, async (tx, told) => {
        const { device } = await visibleDevice(tx, actor, id)
        refuse(credentialFaults({ kind: device.kind, ...device.settings }, credential))
        await storeCredential(room, tx, told, id, credential)
        await recordAudit(tx, told.at, whoOf(actor), 'device.credential.replace', { kind: 'device', id }, { name: device.name, user: userOf(credential) })
        if (device.agentId && device.enabled) told.agentIds.add(device.agentId)
        return shown(tx, id)
      })
    },
    async removeCredential (actor, id) {
      demand(actor, 'device.credential.write')
      return commit(room, async (tx, told) => {
        const { device } = await visibleDevice(tx, actor, id)
        await tx.delete(tx.t.credentials).where(eq(tx.t.credentials.deviceId, id))
        await recordAudit(tx, told.at, whoOf(actor), 'device.credential.remove', { kind: 'device', id }, { name: device.name })
        if (device.agentId && device.enabled) told.agentIds.add(device.agentId)
        return shown(tx, id)
      })
    }
  }
}

async function storeCredential ({ vault }: Room, tx: Writer, told: Told, deviceId: string, credential: Credential) {
  const values = { sealed: vault.seal(deviceId, credential), username: userOf(credential), updatedAt: told.at, strength: strengthOf(credential) }
  await tx.insert(tx.t.credentials).values({ deviceId, ...values }).onConflictDoUpdate({ target: tx.t.credentials.deviceId, set: values })
}

/** Inside a transaction of the caller, who has demanded `device.write`: accepting a suggestion creates the device in the same one. */
export async function createDevice (room: Room, tx: Writer, told: Told, actor: Actor, wanted: DeviceCreate): Promise<Device> {
  refuse(faultsOf(wanted))
  refuse(await referenceFaults(tx, actor, wanted))
  const id = newId()
  const settings = knownSettingsOf(wanted)
  const address = normalizeAddress(wanted.address)!
  const name = wanted.name.trim()
  const identityKey = identityKeyOf(wanted.kind, address, settings)
  const { kind, siteId, groupId, agentId, parentId, parentPort } = wanted
  await checkIdentityFree(tx, actor, { identityKey, agentId }, id)
  await tx.insert(tx.t.devices).values({
    id, kind, name, searchText: searchTextOf(name, address), siteId, groupId, address, identityKey, agentId, parentId, parentPort,
    note: tidyNote(wanted.note), enabled: true, settings, createdAt: told.at, updatedAt: told.at
  })
  if (wanted.credential) await storeCredential(room, tx, told, id, wanted.credential)
  await recordAudit(tx, told.at, whoOf(actor), 'device.create', { kind: 'device', id }, { kind, name, address, siteId, groupId, agentId, parentId, credential: Boolean(wanted.credential) })
  const row = (await readDevice(tx, id))!
  await tellChanged(tx, told, [row])
  if (agentId) told.agentIds.add(agentId)
  return toDevice(row, room.vault)
}

/** Site, group and parent mean nothing to the agent; these do. */
const planFields: readonly (keyof DeviceUpdate)[] = ['name', 'address', 'agentId', 'enabled', 'camera', 'switch', 'host']

async function updateDevice (tx: Writer, told: Told, actor: Actor, id: string, changes: DeviceUpdate) {
  const { device: before } = await visibleDevice(tx, actor, id)
  const { camera, switch: asSwitch, host, ...plain } = changes
  const next = { ...before, ...plain }
  const given: Settings = { ...(camera ? { camera } : {}), ...(asSwitch ? { switch: asSwitch } : {}), ...(host ? { host } : {}) }
  const strange = Object.keys(given).find(kind => kind !== before.kind)
  if (strange) refuse([{ field: `/${strange}`, code: 'wrong_settings', message: `This device is a ${before.kind}; its kind never changes.` }])
  const settings = knownSettingsOf({ kind: before.kind, ...before.settings, ...given })
  // A device that leaves its parent leaves the port there too.
  if (changes.parentPort === undefined && next.parentId !== before.parentId) next.parentPort = null
  const wanted = { ...next, ...settings } as unknown as DeviceCreate
  refuse(faultsOf(wanted))
  refuse(await referenceFaults(tx, actor, wanted, before))

  const address = normalizeAddress(next.address)!
  const name = next.name.trim()
  const identityKey = identityKeyOf(before.kind, address, settings)
  const { siteId, groupId, agentId, parentId, parentPort, enabled } = next
  await checkIdentityFree(tx, actor, { identityKey, agentId }, id)
  const after = { name, searchText: searchTextOf(name, address), siteId, groupId, address, identityKey, agentId, parentId, parentPort, note: tidyNote(next.note), enabled, settings }
  await tx.update(tx.t.devices).set({ ...after, updatedAt: told.at }).where(eq(tx.t.devices.id, id))
  await dropUnusableCredential(tx, before, settings)
  await recordAudit(tx, told.at, whoOf(actor), 'device.update', { kind: 'device', id }, auditedChange(before, after, Object.keys(given)))

  if (before.kind === 'camera' && before.groupId !== groupId) await tellRemoved(tx, told, [before])
  await tellChanged(tx, told, [(await readDevice(tx, id))!])
  if (planFields.some(field => changes[field] !== undefined)) for (const agent of [before.agentId, agentId]) if (agent) told.agentIds.add(agent)
}

/** An SNMPv3 user is of no use to v2c and the other way round; the form asks for the other kind then. */
async function dropUnusableCredential (tx: Writer, before: DeviceRow['device'], settings: Settings) {
  const { kind } = before
  if (credentialKindFor({ kind, ...before.settings }) !== credentialKindFor({ kind, ...settings })) {
    await tx.delete(tx.t.credentials).where(eq(tx.t.credentials.deviceId, before.id))
  }
}

/** Old and new of what changed. Settings by name only: some cameras carry a password in the stream path. */
function auditedChange (before: DeviceRow['device'], after: Partial<DeviceRow['device']>, settings: string[]) {
  const fields = ['name', 'address', 'siteId', 'groupId', 'agentId', 'parentId', 'parentPort', 'note', 'enabled'] as const
  const changed = fields.filter(field => before[field] !== after[field])
  return { name: before.name, changed: Object.fromEntries(changed.map(field => [field, [before[field], after[field]]])), settings }
}

async function removeDevice (tx: Writer, told: Told, actor: Actor, id: string) {
  const { devices } = tx.t
  const { device } = await visibleDevice(tx, actor, id)
  const children = await tx.update(devices).set({ parentId: null, parentPort: null, updatedAt: told.at }).where(eq(devices.parentId, id)).returning({ id: devices.id })
  const gone = await tx.delete(devices).where(eq(devices.id, id)).returning({ id: devices.id })
  if (gone.length === 0) throw new ServiceProblem('not_found', 'device_not_found', 'No such device.')
  await recordAudit(tx, told.at, whoOf(actor), 'device.remove', { kind: 'device', id }, { kind: device.kind, name: device.name, address: device.address, children: children.length })
  await tellRemoved(tx, told, [device])
  for (const child of children) told.deviceIds.add(child.id)
  if (device.agentId) told.agentIds.add(device.agentId)
}
