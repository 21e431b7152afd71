/** Devices as they are read: one joined row, turned into what a person sees and into what the wall needs. */
import { and, eq, inArray, ne, or, type SQL } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import type { DeviceStateView } from '../contract/health.js'
import type { Device } from '../contract/inventory.js'
import type { WallDevice } from '../contract/wall.js'
import type { Actor } from '../identity/actor.js'
import type { Reader, Writer } from '../store/store.js'
import { appendWallEvents, type WallScope } from '../store/wall-events.js'
import { chunks, type Told } from './room.js'
import { type Vault, VaultProblem } from './vault.js'

export function selectDevices (db: Reader) {
  const { devices, sites, cameraGroups, agents, deviceStates, credentials } = db.t
  const parents = alias(devices, 'parents')
  return db.select({
    device: devices, siteName: sites.name, groupName: cameraGroups.name, agentName: agents.name, parentName: parents.name,
    state: deviceStates, sealed: credentials.sealed, credentialUser: credentials.username
  }).from(devices)
    .leftJoin(sites, eq(sites.id, devices.siteId))
    .leftJoin(cameraGroups, eq(cameraGroups.id, devices.groupId))
    .leftJoin(agents, eq(agents.id, devices.agentId))
    .leftJoin(parents, eq(parents.id, devices.parentId))
    .leftJoin(deviceStates, eq(deviceStates.deviceId, devices.id))
    .leftJoin(credentials, eq(credentials.deviceId, devices.id))
}
export type DeviceRow = Awaited<ReturnType<typeof selectDevices>>[number]

export async function readDevice (db: Reader, id: string): Promise<DeviceRow | null> {
  const [row] = await selectDevices(db).where(eq(db.t.devices.id, id))
  return row ?? null
}
export async function readDevices (db: Reader, ids: readonly string[]) {
  const rows: DeviceRow[] = []
  for (const some of chunks(ids)) rows.push(...await selectDevices(db).where(inArray(db.t.devices.id, some)))
  return rows
}

/** Condition that leaves out the cameras that the actor must not know of. */
export function visibleTo (db: Reader, actor: Pick<Actor, 'allGroups' | 'groupIds'>): SQL | undefined {
  const { devices } = db.t
  if (actor.allGroups) return undefined
  const notACamera = ne(devices.kind, 'camera')
  return actor.groupIds.length === 0 ? notACamera : or(notACamera, and(eq(devices.kind, 'camera'), inArray(devices.groupId, [...actor.groupIds])))
}

/** A device of which nobody has reported yet is unknown since it was entered. */
function stateOf ({ device, state }: Pick<DeviceRow, 'device' | 'state'>): DeviceStateView {
  if (!state) return { state: 'unknown', since: device.createdAt, observedAt: null, reason: null, causeDeviceId: null, rttMs: null, clockOffsetMs: null, streams: [] }
  const { since, observedAt, reason, causeDeviceId, rttMs, clockOffsetMs, streams } = state
  return { state: state.state as DeviceStateView['state'], since, observedAt, reason, causeDeviceId, rttMs, clockOffsetMs, streams }
}

/** Without a vault, nobody looks whether the credential can be opened: enough for an export. */
export function toDevice (row: DeviceRow, vault: Vault | null): Device {
  const { searchText: _search, identityKey: _key, settings, ...own } = row.device
  const problem = row.sealed === null || vault === null ? null : sealProblem(vault, own.id, row.sealed)
  return {
    ...own, ...settings,
    siteName: row.siteName, groupName: row.groupName, agentName: row.agentName, parentName: row.parentName,
    hasCredential: row.sealed !== null, credentialUser: row.credentialUser, ...(problem ? { credentialProblem: problem } : {}),
    state: stateOf(row)
  }
}

function sealProblem (vault: Vault, deviceId: string, sealed: string) {
  try {
    vault.open(deviceId, sealed)
    return null
  } catch (err) {
    if (err instanceof VaultProblem) return err.fault
    throw err
  }
}

function toWallDevice (row: Pick<DeviceRow, 'device' | 'siteName' | 'groupName' | 'state'>): WallDevice {
  const { id, kind, name, groupId, address, enabled } = row.device
  const { state, since, reason, causeDeviceId, streams } = stateOf(row)
  return {
    id, kind, name, siteName: row.siteName, groupId, groupName: row.groupName, address, enabled,
    state, since, reasonCode: reason?.code ?? null, causeDeviceId, codec: streams.find(s => s.profile === 'sub')?.codec ?? null
  }
}

const scopeOf = (device: { kind: string, groupId: string | null }): WallScope =>
  ({ isCamera: device.kind === 'camera', groupId: device.kind === 'camera' ? device.groupId : null })

/** Writes `device_changed` for each; the rows must be read after the change, in its transaction. */
export async function tellChanged (tx: Writer, told: Told, rows: readonly Pick<DeviceRow, 'device' | 'siteName' | 'groupName' | 'state'>[]) {
  for (const { device } of rows) told.deviceIds.add(device.id)
  told.events.push(...await appendWallEvents(tx, rows.map(row => ({ at: told.at, change: { kind: 'device_changed', device: toWallDevice(row) }, scope: scopeOf(row.device) }))))
}
/** Also for those who lose sight of a camera that left their group. */
export async function tellRemoved (tx: Writer, told: Told, devices: readonly { id: string, kind: string, groupId: string | null }[]) {
  for (const { id } of devices) told.deviceIds.add(id)
  told.events.push(...await appendWallEvents(tx, devices.map(device => ({ at: told.at, change: { kind: 'device_removed', deviceId: device.id }, scope: scopeOf(device) }))))
}
