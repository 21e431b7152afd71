/** Camera groups limit which cameras a person sees. */
import { asc, count, eq } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import { newId } from '../../lib/ids.js'
import type { CameraGroup, CameraGroupWrite } from '../contract/people.js'
import { notFound, ServiceProblem } from '../problems.js'
import type { Reader, Store } from '../store/store.js'
import { serializeChanges } from '../store/wall-events.js'
import { type Actor, demand } from './actor.js'
import { recordAudit } from './audit.js'

export interface CameraGroups {
  /** Those that the actor may see cameras of; an administrator and an auditor get all. */
  list (actor: Actor): Promise<CameraGroup[]>
  create (actor: Actor, write: CameraGroupWrite): Promise<CameraGroup>
  update (actor: Actor, id: string, write: CameraGroupWrite): Promise<CameraGroup>
  /** Refused while cameras are in the group: they would become invisible to those who watch them. */
  remove (actor: Actor, id: string): Promise<void>
}

const taken = () => new ServiceProblem('conflict', 'camera_group_name_taken', 'Another camera group has this name.', [{ field: '/name', message: 'is taken' }])
const seesEveryGroup = (actor: Actor) => actor.allGroups || actor.roles.some(role => role === 'administrator' || role === 'auditor')

async function cameraCount (db: Reader, id: string) {
  const { devices } = db.t
  const [row] = await db.select({ n: count() }).from(devices).where(eq(devices.groupId, id))
  return row!.n
}

export function createCameraGroups ({ store, clock }: { store: Store, clock: Clock }): CameraGroups {
  return {
    async list (actor) {
      demand(actor, 'group.read')
      const { cameraGroups, devices } = store.read.t
      const groups = await store.read.select({ id: cameraGroups.id, name: cameraGroups.name, note: cameraGroups.note, cameraCount: count(devices.id) })
        .from(cameraGroups).leftJoin(devices, eq(devices.groupId, cameraGroups.id)).groupBy(cameraGroups.id).orderBy(asc(cameraGroups.name))
      return seesEveryGroup(actor) ? groups : groups.filter(group => actor.groupIds.includes(group.id))
    },

    async create (actor, write) {
      demand(actor, 'group.write')
      return store.transaction(async tx => {
        const { cameraGroups } = tx.t
        const [row] = await tx.insert(cameraGroups).values({ id: newId(), name: write.name.trim(), note: write.note ?? '' }).onConflictDoNothing().returning()
        if (!row) throw taken()
        await recordAudit(tx, clock.now(), actor, 'camera_group.create', { kind: 'camera_group', id: row.id }, { name: row.name })
        return { ...row, cameraCount: 0 }
      })
    },

    async update (actor, id, write) {
      demand(actor, 'group.write')
      return store.transaction(async tx => {
        const { cameraGroups } = tx.t
        await serializeChanges(tx)
        const [before] = await tx.select().from(cameraGroups).where(eq(cameraGroups.id, id))
        if (!before) throw notFound('camera_group')
        const name = write.name.trim()
        const [other] = await tx.select({ id: cameraGroups.id }).from(cameraGroups).where(eq(cameraGroups.name, name))
        if (other && other.id !== id) throw taken()
        const [row] = await tx.update(cameraGroups).set({ name, note: write.note ?? before.note }).where(eq(cameraGroups.id, id)).returning()
        await recordAudit(tx, clock.now(), actor, 'camera_group.update', { kind: 'camera_group', id }, { before: before.name, after: name })
        return { ...row!, cameraCount: await cameraCount(tx, id) }
      })
    },

    async remove (actor, id) {
      demand(actor, 'group.write')
      await store.transaction(async tx => {
        const { cameraGroups } = tx.t
        // Inventory queues here too: no camera enters the group between the count and the removal.
        await serializeChanges(tx)
        const cameras = await cameraCount(tx, id)
        if (cameras > 0) throw new ServiceProblem('conflict', 'camera_group_in_use', `Move its ${cameras} cameras to another group first.`)
        const [row] = await tx.delete(cameraGroups).where(eq(cameraGroups.id, id)).returning()
        if (!row) throw notFound('camera_group')
        await recordAudit(tx, clock.now(), actor, 'camera_group.remove', { kind: 'camera_group', id }, { name: row.name })
      })
    }
  }
}
