/** What a device refers to must exist, and nobody may enter the same device of one agent twice. Inside the transaction of the change. */
import { and, eq, isNull, ne } from 'drizzle-orm'
import type { DeviceCreate } from '../contract/inventory.js'
import { type Actor, seesCamera, seesDevice } from '../identity/actor.js'
import { ServiceProblem } from '../problems.js'
import type { Reader } from '../store/store.js'
import { type Fault, standsBehindItself } from './device-rules.js'

interface References { id: string, siteId: string | null, groupId: string | null, agentId: string | null, parentId: string | null }

/** Of a change, only what changes is looked up: an agent that was revoked since must not block a new name. */
export async function referenceFaults (db: Reader, actor: Actor, wanted: DeviceCreate, before?: References): Promise<Fault[]> {
  const { sites, cameraGroups, agents } = db.t
  const faults: Fault[] = []
  const { siteId, groupId, agentId, parentId } = wanted
  if (siteId !== null && siteId !== before?.siteId) {
    const [site] = await db.select({ id: sites.id }).from(sites).where(eq(sites.id, siteId))
    if (!site) faults.push({ field: '/siteId', code: 'site_not_found', message: 'No such site.' })
  }
  if (wanted.kind === 'camera' && groupId !== before?.groupId) {
    if (groupId === null) {
      if (!seesCamera(actor, null)) faults.push({ field: '/groupId', code: 'group_required', message: 'Choose one of your camera groups: you would not see a camera without one.' })
    } else {
      const [group] = await db.select({ id: cameraGroups.id }).from(cameraGroups).where(eq(cameraGroups.id, groupId))
      if (!group || !seesCamera(actor, groupId)) faults.push({ field: '/groupId', code: 'group_not_found', message: 'No such camera group.' })
    }
  }
  if (agentId !== null && agentId !== before?.agentId) {
    const [agent] = await db.select({ revokedAt: agents.revokedAt }).from(agents).where(eq(agents.id, agentId))
    if (!agent) faults.push({ field: '/agentId', code: 'agent_not_found', message: 'No such agent.' })
    else if (agent.revokedAt !== null) faults.push({ field: '/agentId', code: 'agent_revoked', message: 'This agent was revoked: choose another.' })
  }
  if (parentId !== null && parentId !== before?.parentId) faults.push(...await parentFaults(db, before?.id ?? null, parentId))
  return faults
}

async function parentFaults (db: Reader, id: string | null, parentId: string): Promise<Fault[]> {
  const { devices } = db.t
  const field = '/parentId'
  const [parent] = await db.select({ kind: devices.kind }).from(devices).where(eq(devices.id, parentId))
  if (!parent) return [{ field, code: 'parent_not_found', message: 'No such device.' }]
  if (parent.kind === 'camera') return [{ field, code: 'parent_kind', message: 'Only a switch or a host can stand in front of another device.' }]
  if (id === null) return []
  // Only switches and hosts can be in the chain: few, so they are read at once.
  const links = new Map((await db.select({ id: devices.id, parentId: devices.parentId }).from(devices).where(ne(devices.kind, 'camera'))).map(d => [d.id, d.parentId]))
  if (!standsBehindItself(id, parentId, at => links.get(at) ?? null)) return []
  return [{ field, code: 'parent_loop', message: 'That device stands behind this one already: a device cannot be behind itself.' }]
}

/** Throws `conflict` that names the device of this agent which has this identity, unless the actor must not know of it. */
export async function checkIdentityFree (db: Reader, actor: Actor, { identityKey, agentId }: { identityKey: string, agentId: string | null }, ownId: string) {
  const { devices } = db.t
  const [other] = await db.select().from(devices).where(and(eq(devices.identityKey, identityKey), agentId === null ? isNull(devices.agentId) : eq(devices.agentId, agentId), ne(devices.id, ownId)))
  if (!other) return
  const message = seesDevice(actor, other) ? `${JSON.stringify(other.name)} is already entered with this address.` : 'Another device is already entered with this address.'
  throw new ServiceProblem('conflict', 'device_exists', message, [{ field: '/address', message }])
}
