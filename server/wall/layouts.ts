/** Saved layouts of the wall: one's own, and those shared with everyone. */
import { and, asc, eq, inArray, or } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import { newId } from '../../lib/ids.js'
import type { Layout, LayoutWrite } from '../contract/wall.js'
import { type Actor, demand, seesCamera } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { invalidField, notFound, ServiceProblem } from '../problems.js'
import type { Schema } from '../store/schema.js'
import type { Reader, Store, Writer } from '../store/store.js'
import { type Announce, appendWallEvent, forEveryWall } from '../store/wall-events.js'

type Row = Schema['layouts']['$inferSelect']
const LAYOUTS_A_USER = 200

export interface Layouts {
  /** Own and shared ones; cells with cameras that the actor does not see come as empty. */
  list (actor: Actor): Promise<Layout[]>
  create (actor: Actor, write: LayoutWrite): Promise<Layout>
  update (actor: Actor, id: string, write: LayoutWrite): Promise<Layout>
  remove (actor: Actor, id: string): Promise<void>
}

async function cameraGroupsOf (db: Reader | Writer, ids: string[]): Promise<Map<string, string | null>> {
  if (ids.length === 0) return new Map()
  const { devices } = db.t
  const rows = await db.select({ id: devices.id, groupId: devices.groupId }).from(devices).where(and(inArray(devices.id, ids), eq(devices.kind, 'camera')))
  return new Map(rows.map(r => [r.id, r.groupId]))
}
const camerasIn = (layouts: { cells: (string | null)[] }[]) => [...new Set(layouts.flatMap(l => l.cells.filter(c => c !== null)))]

const layoutOf = (row: Row, actor: Actor, groups: Map<string, string | null>): Layout => ({
  ...row, grid: row.grid as Layout['grid'],
  cells: row.cells.map(id => (id !== null && groups.has(id) && seesCamera(actor, groups.get(id)!) ? id : null))
})

export function createLayouts ({ store, clock, announce }: { store: Store, clock: Clock, announce: Announce }): Layouts {
  /** Fills in what the writer does not see, so that saving a shared layout does not empty the cells of others. */
  async function checkedCells (tx: Writer, actor: Actor, write: LayoutWrite, before: Row | null) {
    if (write.cells.length !== write.grid) throw invalidField('/cells', 'cells_count', `A grid of ${write.grid} has ${write.grid} cells.`)
    const groups = await cameraGroupsOf(tx, camerasIn([write, ...(before ? [before] : [])]))
    return write.cells.map((id, i) => {
      const hidden = before?.cells[i] ?? null
      if (id === null) return hidden !== null && before!.grid === write.grid && groups.has(hidden) && !seesCamera(actor, groups.get(hidden)!) ? hidden : null
      if (!groups.has(id) || !seesCamera(actor, groups.get(id)!)) throw invalidField(`/cells/${i}`, 'camera_unknown', 'There is no such camera.')
      return id
    })
  }

  /** A shared layout belongs to those who may share; another's own one does not exist. */
  async function changeable (tx: Writer, actor: Actor, id: string): Promise<Row> {
    const [row] = await tx.select().from(tx.t.layouts).where(eq(tx.t.layouts.id, id))
    if (!row || (!row.shared && row.ownerId !== actor.userId)) throw notFound('layout')
    if (row.shared) demand(actor, 'layout.share')
    return row
  }

  async function write<T> (actor: Actor, action: string, work: (tx: Writer, now: number) => Promise<{ id: string, name: string, result: T }>): Promise<T> {
    const now = clock.now()
    const done = await store.transaction(async tx => {
      const { id, name, result } = await work(tx, now)
      await recordAudit(tx, now, actor, action, { kind: 'layout', id }, { name })
      return { result, event: await appendWallEvent(tx, now, { kind: 'layout', layoutId: id }, forEveryWall) }
    })
    announce([done.event])
    return done.result
  }
  const answer = async (tx: Writer, actor: Actor, row: Row) => layoutOf(row, actor, await cameraGroupsOf(tx, camerasIn([row])))

  return {
    async list (actor) {
      demand(actor, 'wall.read')
      const t = store.read.t.layouts
      const rows = await store.read.select().from(t).where(or(eq(t.ownerId, actor.userId), eq(t.shared, true))).orderBy(asc(t.name), asc(t.id))
      const groups = await cameraGroupsOf(store.read, camerasIn(rows))
      return rows.map(row => layoutOf(row, actor, groups))
    },

    async create (actor, body) {
      demand(actor, 'layout.write')
      if (body.shared) demand(actor, 'layout.share')
      return write(actor, 'layout.create', async (tx, now) => {
        const t = tx.t.layouts
        if (await tx.$count(t, eq(t.ownerId, actor.userId)) >= LAYOUTS_A_USER) throw new ServiceProblem('conflict', 'too_many_layouts', `You have ${LAYOUTS_A_USER} layouts already; remove one first.`)
        const cells = await checkedCells(tx, actor, body, null)
        const [row] = await tx.insert(t).values({ id: newId(), name: body.name, ownerId: actor.userId, shared: body.shared, grid: body.grid, cells, updatedAt: now }).returning()
        return { id: row!.id, name: row!.name, result: await answer(tx, actor, row!) }
      })
    },

    async update (actor, id, body) {
      demand(actor, 'layout.write')
      if (body.shared) demand(actor, 'layout.share')
      return write(actor, 'layout.update', async (tx, now) => {
        const t = tx.t.layouts
        const before = await changeable(tx, actor, id)
        const cells = await checkedCells(tx, actor, body, before)
        const [row] = await tx.update(t).set({ name: body.name, shared: body.shared, grid: body.grid, cells, updatedAt: now }).where(eq(t.id, id)).returning()
        return { id, name: body.name, result: await answer(tx, actor, row!) }
      })
    },

    async remove (actor, id) {
      demand(actor, 'layout.write')
      await write(actor, 'layout.delete', async tx => {
        const { name } = await changeable(tx, actor, id)
        await tx.delete(tx.t.layouts).where(eq(tx.t.layouts.id, id))
        return { id, name, result: undefined }
      })
    }
  }
}
