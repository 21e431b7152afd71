/** Where agents keep footage: folders that an administrator chose, each known by the mark in it. An agent without one records into its own folder. */
import { and, asc, eq } from 'drizzle-orm'
import { newId } from '../../lib/ids.js'
import type { AgentCommands } from '../agents/commands.js'
import type { Volume, VolumeCreate, VolumePlan, VolumeState, VolumeUpdate } from '../contract/recording.js'
import { type Actor, demand } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import type { Clock } from '../../lib/clock.js'
import { notFound, ServiceProblem } from '../problems.js'
import type { Schema } from '../store/schema.js'
import type { Store, Writer } from '../store/store.js'

type Row = Schema['volumes']['$inferSelect']
const INIT_MS = 15_000

export interface VolumesDeps { store: Store, clock: Clock, commands: AgentCommands, planChangedOf: (agentIds: string[]) => void }
export interface Volumes {
  list (actor: Actor): Promise<Volume[]>
  /** Puts the mark into the folder first; refused where something else lies there. */
  create (actor: Actor, wanted: VolumeCreate): Promise<Volume>
  update (actor: Actor, id: string, change: VolumeUpdate): Promise<Volume>
  /** Only when no footage is known there any more. The mark and the folder stay. */
  remove (actor: Actor, id: string): Promise<void>
  planFor (agentId: string): Promise<VolumePlan[]>
  /** In the transaction of a page of an agent's index. */
  note (tx: Writer, agentId: string, states: readonly VolumeState[]): Promise<void>
}

/** The agent's own folder has no path here: only the agent knows it. */
const isOwn = (row: Row) => row.path === ''
const planOf = (row: Row): VolumePlan => ({ id: row.id, tier: row.tier as VolumePlan['tier'], place: { type: 'folder', path: row.path }, floorBytes: row.floorBytes, enabled: row.enabled })

export function createVolumes ({ store, clock, commands, planChangedOf }: VolumesDeps): Volumes {
  async function shown (id: string): Promise<Volume> {
    const all = await rows()
    return all.find(v => v.id === id)!
  }
  async function rows (): Promise<Volume[]> {
    const { volumes: t, agents } = store.read.t
    const found = await store.read.select({ row: t, agentName: agents.name }).from(t).leftJoin(agents, eq(agents.id, t.agentId)).orderBy(asc(agents.name), asc(t.name))
    return found.map(({ row, agentName }) => ({ id: row.id, agentId: row.agentId, agentName: agentName ?? '', name: row.name, tier: row.tier as Volume['tier'], location: row.path, own: isOwn(row), floorBytes: row.floorBytes, enabled: row.enabled, state: row.state }))
  }
  async function known (tx: Writer, id: string): Promise<Row> {
    const t = tx.t.volumes
    const [row] = await tx.select().from(t).where(eq(t.id, id))
    if (!row) throw notFound('volume')
    return row
  }
  return {
    async list (actor) {
      demand(actor, 'recording.read')
      return rows()
    },
    async create (actor, { agentId, name, tier, path, floorBytes }) {
      demand(actor, 'recording.write')
      const { agents } = store.read.t
      const [agent] = await store.read.select({ id: agents.id, revokedAt: agents.revokedAt }).from(agents).where(eq(agents.id, agentId))
      if (!agent || agent.revokedAt !== null) throw notFound('agent')
      const plan: VolumePlan = { id: newId(), tier, place: { type: 'folder', path }, floorBytes, enabled: true }
      await commands.run<'volume_init'>(agentId, { name: 'volume_init', volume: plan }, { timeoutMs: INIT_MS })
      await store.transaction(async tx => {
        await tx.insert(tx.t.volumes).values({ id: plan.id, agentId, name, tier, path, floorBytes, enabled: true, state: null })
        await recordAudit(tx, clock.now(), actor, 'volume.create', { kind: 'volume', id: plan.id }, { agentId, name, tier, path, floorBytes })
      })
      planChangedOf([agentId])
      return shown(plan.id)
    },
    async update (actor, id, change) {
      demand(actor, 'recording.write')
      const agentId = await store.transaction(async tx => {
        const before = await known(tx, id)
        if (isOwn(before)) throw new ServiceProblem('conflict', 'volume_own', 'The agent\'s own folder cannot be changed; add a volume, and it is no longer used.')
        await tx.update(tx.t.volumes).set(change).where(eq(tx.t.volumes.id, id))
        await recordAudit(tx, clock.now(), actor, 'volume.update', { kind: 'volume', id }, { name: before.name, before: { name: before.name, floorBytes: before.floorBytes, enabled: before.enabled }, after: change })
        return before.agentId
      })
      planChangedOf([agentId])
      return shown(id)
    },
    async remove (actor, id) {
      demand(actor, 'recording.write')
      const agentId = await store.transaction(async tx => {
        const before = await known(tx, id)
        const { segments: s } = tx.t
        const [left] = await tx.select({ id: s.id }).from(s).where(and(eq(s.volumeId, id), eq(s.agentId, before.agentId), eq(s.status, 'closed'))).limit(1)
        const [archived] = left ? [left] : await tx.select({ id: s.id }).from(s).where(and(eq(s.volumeId, id), eq(s.status, 'archived'))).limit(1)
        if (left || archived) throw new ServiceProblem('conflict', 'volume_in_use', 'Footage lies on this volume: disable it, and remove it when its footage has gone.')
        await tx.delete(tx.t.volumes).where(eq(tx.t.volumes.id, id))
        await recordAudit(tx, clock.now(), actor, 'volume.remove', { kind: 'volume', id }, { name: before.name, path: before.path })
        return before.agentId
      })
      planChangedOf([agentId])
    },
    async planFor (agentId) {
      const t = store.read.t.volumes
      return (await store.read.select().from(t).where(eq(t.agentId, agentId))).filter(row => !isOwn(row)).map(planOf)
    },
    async note (tx, agentId, states) {
      const t = tx.t.volumes
      for (const state of states) {
        await tx.insert(t).values({ id: state.id, agentId, name: '', tier: 'primary', path: '', floorBytes: 0, enabled: true, state }).onConflictDoUpdate({ target: t.id, set: { state }, setWhere: eq(t.agentId, agentId) })
      }
    }
  }
}
