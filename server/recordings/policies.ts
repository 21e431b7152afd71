/** How cameras are recorded: policies of the centre, of camera groups and of single cameras; the narrowest one counts, whole. */
import { and, eq, inArray } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import { defaultPolicy, type RecordingPlan, type RecordingPolicy, type StoredPolicy } from '../contract/recording.js'
import { type Actor, demand, seesCamera } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { readCentre } from '../identity/settings.js'
import { invalidField, notFound } from '../problems.js'
import type { Reader, Store, Writer } from '../store/store.js'

type Scope = StoredPolicy['scope']
interface EffectivePolicy { policy: RecordingPolicy, /** Where it comes from; `default` when nobody ever chose one. */ from: Scope | 'default' }
export interface Policies {
  list (actor: Actor): Promise<StoredPolicy[]>
  put (actor: Actor, scope: Scope, scopeId: string, policy: RecordingPolicy): Promise<StoredPolicy>
  remove (actor: Actor, scope: Scope, scopeId: string): Promise<void>
  effective (actor: Actor, deviceId: string): Promise<EffectivePolicy>
  /** For an agent's plan, by camera. */
  planFor (deviceIds: readonly string[]): Promise<Map<string, RecordingPlan>>
}

/** What a schema cannot say. */
function checkPolicy (policy: RecordingPolicy) {
  if (policy.mode === 'scheduled' && policy.schedule.length === 0) throw invalidField('/schedule', 'schedule_empty', 'A schedule needs at least one span of the week.')
  const bad = policy.schedule.findIndex(s => s.toMin <= s.fromMin)
  if (bad >= 0) throw invalidField(`/schedule/${bad}/toMin`, 'span_reversed', 'A span ends after it begins.')
  if (policy.keepDays !== null && policy.archiveAfterDays !== null && policy.archiveAfterDays >= policy.keepDays) throw invalidField('/archiveAfterDays', 'archive_after_end', 'Footage would be deleted before it is moved to the archive.')
}

async function nameOf (db: Reader, actor: Actor, scope: Scope, scopeId: string): Promise<string> {
  if (scope === 'centre') {
    if (scopeId !== '') throw invalidField('/params/scopeId', 'scope_id', 'The centre has no id.')
    return ''
  }
  const { cameraGroups, devices } = db.t
  if (scope === 'group') {
    const [group] = await db.select({ name: cameraGroups.name }).from(cameraGroups).where(eq(cameraGroups.id, scopeId))
    if (!group || !seesCamera(actor, scopeId)) throw notFound('group')
    return group.name
  }
  const [camera] = await db.select({ name: devices.name, groupId: devices.groupId }).from(devices).where(and(eq(devices.id, scopeId), eq(devices.kind, 'camera')))
  if (!camera || !seesCamera(actor, camera.groupId)) throw notFound('camera')
  return camera.name
}

/** Cameras that a change of this policy may concern. */
async function camerasOf (db: Reader, scope: Scope, scopeId: string): Promise<string[]> {
  const { devices } = db.t
  const rows = await db.select({ id: devices.id }).from(devices).where(and(eq(devices.kind, 'camera'), scope === 'centre' ? undefined : scope === 'group' ? eq(devices.groupId, scopeId) : eq(devices.id, scopeId)))
  return rows.map(r => r.id)
}

export function createPolicies ({ store, clock, changed }: { store: Store, clock: Clock, changed: (deviceIds: string[]) => void }): Policies {
  async function change<T> (actor: Actor, scope: Scope, scopeId: string, work: (tx: Writer, name: string) => Promise<T>): Promise<T> {
    demand(actor, 'recording.write')
    const done = await store.transaction(async tx => ({ value: await work(tx, await nameOf(tx, actor, scope, scopeId)), cameras: await camerasOf(tx, scope, scopeId) }))
    changed(done.cameras)
    return done.value
  }

  async function stored (db: Reader) {
    const t = db.t.recordingPolicies
    return new Map((await db.select().from(t)).map(row => [`${row.scope} ${row.scopeId}`, row]))
  }
  const choose = (rows: Awaited<ReturnType<typeof stored>>, device: { id: string, groupId: string | null }): EffectivePolicy => {
    for (const [scope, id] of [['camera', device.id], ['group', device.groupId], ['centre', '']] as const) {
      const row = id === null ? undefined : rows.get(`${scope} ${id}`)
      if (row) return { policy: row.policy, from: scope }
    }
    return { policy: defaultPolicy, from: 'default' }
  }

  return {
    async list (actor) {
      demand(actor, 'recording.read')
      const { recordingPolicies: t, cameraGroups, devices } = store.read.t
      const rows = await store.read.select().from(t)
      const groups = new Map((await store.read.select({ id: cameraGroups.id, name: cameraGroups.name }).from(cameraGroups)).map(g => [g.id, g.name]))
      const ids = rows.filter(r => r.scope === 'camera').map(r => r.scopeId)
      const cameras = new Map(ids.length === 0 ? [] : (await store.read.select({ id: devices.id, name: devices.name, groupId: devices.groupId }).from(devices).where(inArray(devices.id, ids))).map(d => [d.id, d]))
      return rows.flatMap(row => {
        const camera = cameras.get(row.scopeId)
        const seen = row.scope === 'centre' || (row.scope === 'group' ? groups.has(row.scopeId) && seesCamera(actor, row.scopeId) : camera !== undefined && seesCamera(actor, camera.groupId))
        return seen ? [{ ...row, scope: row.scope as Scope, scopeName: camera?.name ?? groups.get(row.scopeId) ?? '' }] : []
      })
    },

    put: (actor, scope, scopeId, policy) => {
      checkPolicy(policy)
      return change(actor, scope, scopeId, async (tx, scopeName) => {
        const t = tx.t.recordingPolicies
        const row = { scope, scopeId, policy, updatedAt: clock.now(), updatedBy: actor.login }
        const [before] = await tx.select({ policy: t.policy }).from(t).where(and(eq(t.scope, scope), eq(t.scopeId, scopeId)))
        await tx.insert(t).values(row).onConflictDoUpdate({ target: [t.scope, t.scopeId], set: { policy, updatedAt: row.updatedAt, updatedBy: row.updatedBy } })
        await recordAudit(tx, row.updatedAt, actor, 'recording.policy.set', { kind: scope, id: scopeId }, { name: scopeName, before: before?.policy ?? null, after: policy })
        return { ...row, scopeName }
      })
    },

    remove: (actor, scope, scopeId) => change(actor, scope, scopeId, async (tx, scopeName) => {
      const t = tx.t.recordingPolicies
      const [gone] = await tx.delete(t).where(and(eq(t.scope, scope), eq(t.scopeId, scopeId))).returning()
      if (!gone) throw notFound('policy')
      await recordAudit(tx, clock.now(), actor, 'recording.policy.remove', { kind: scope, id: scopeId }, { name: scopeName, before: gone.policy })
    }),

    async effective (actor, deviceId) {
      demand(actor, 'recording.read')
      const { devices } = store.read.t
      const [camera] = await store.read.select({ id: devices.id, groupId: devices.groupId }).from(devices).where(and(eq(devices.id, deviceId), eq(devices.kind, 'camera')))
      if (!camera || !seesCamera(actor, camera.groupId)) throw notFound('camera')
      return choose(await stored(store.read), camera)
    },

    async planFor (deviceIds) {
      if (deviceIds.length === 0) return new Map()
      const { devices } = store.read.t
      const wanted = new Set(deviceIds)
      const [rows, { timeZone }, cameras] = [await stored(store.read), await readCentre(store.read), await store.read.select({ id: devices.id, groupId: devices.groupId }).from(devices).where(eq(devices.kind, 'camera'))]
      return new Map(cameras.filter(c => wanted.has(c.id)).map(camera => [camera.id, { policy: choose(rows, camera).policy, timeZone }]))
    }
  }
}
