/** Closures and patch panels. */
import { eq, sql } from 'drizzle-orm'
import { newId } from '../../../lib/ids.js'
import type { PlantNode, PlantNodeWrite } from '../../contract/plant.js'
import { type Actor, demand } from '../../identity/actor.js'
import { invalidField, notFound, ServiceProblem } from '../../problems.js'
import type { Reader, Writer } from '../../store/store.js'
import { audit, change, cleanNote, type PlantRoom } from './room.js'
import { readNodes } from './rows.js'

export interface Nodes {
  list (actor: Actor): Promise<PlantNode[]>
  create (actor: Actor, wanted: PlantNodeWrite): Promise<PlantNode>
  update (actor: Actor, id: string, wanted: PlantNodeWrite): Promise<PlantNode>
  /** Refused while cables end there or lie there in coils. */
  remove (actor: Actor, id: string): Promise<void>
}

/** What must hold of a closure or panel by itself. */
export function checkedNode (wanted: PlantNodeWrite): PlantNodeWrite & { note: string } {
  if ((wanted.latitude === null) !== (wanted.longitude === null)) throw invalidField(wanted.latitude === null ? '/latitude' : '/longitude', 'coordinates_incomplete', 'Latitude and longitude go together.')
  if (wanted.kind === 'panel' && wanted.positions < 1) throw invalidField('/positions', 'positions_missing', 'A panel has at least one position.')
  if (wanted.kind === 'closure' && wanted.positions !== 0) throw invalidField('/positions', 'positions_of_closure', 'A closure has splices, not positions: enter 0.')
  return { ...wanted, name: wanted.name.trim(), note: cleanNote(wanted.note) }
}

const nameTaken = (name: string) => {
  const message = `There is a closure or panel named ${JSON.stringify(name)} already.`
  return new ServiceProblem('conflict', 'plant_name_taken', message, [{ field: '/name', message, code: 'plant_name_taken' }])
}

async function demandSite (tx: Reader, siteId: string | null) {
  if (siteId === null) return
  const [site] = await tx.select({ id: tx.t.sites.id }).from(tx.t.sites).where(eq(tx.t.sites.id, siteId))
  if (!site) throw invalidField('/siteId', 'site_not_found', 'There is no such site.')
}

/** The highest position of a panel among its joined points. */
export const highestPosition = (points: readonly string[]) => points.filter(p => !p.startsWith('strand/')).reduce((most, p) => Math.max(most, Number(p.split('/')[2])), 0)

async function updateNode (tx: Writer, id: string, wanted: PlantNodeWrite) {
  const { plantNodes, jointPoints } = tx.t
  const values = checkedNode(wanted)
  const [before] = await tx.select().from(plantNodes).where(eq(plantNodes.id, id))
  if (!before) throw notFound('plant_node')
  const [namesake] = await tx.select({ id: plantNodes.id }).from(plantNodes).where(eq(plantNodes.name, values.name))
  if (namesake && namesake.id !== id) throw nameTaken(values.name)
  await demandSite(tx, values.siteId)
  const joined = await tx.select({ point: jointPoints.point }).from(jointPoints).where(eq(jointPoints.nodeId, id))
  if (values.kind !== before.kind && joined.length > 0) throw invalidField('/kind', 'plant_node_in_use', 'Something is joined there: a closure does not become a panel.')
  if (highestPosition(joined.map(p => p.point)) > values.positions) throw invalidField('/positions', 'positions_taken', 'Something is joined to a position above that number: take it off first.')
  await tx.update(plantNodes).set(values).where(eq(plantNodes.id, id))
  return { before, values }
}

export function createNodes (room: PlantRoom): Nodes {
  const one = async (db: Reader, id: string) => {
    const [node] = await readNodes(db, id)
    if (!node) throw notFound('plant_node')
    return node
  }
  return {
    async list (actor) {
      demand(actor, 'plant.read')
      return readNodes(room.store.read)
    },
    async create (actor, wanted) {
      demand(actor, 'plant.write')
      const values = checkedNode(wanted)
      return change(room, async (tx, now) => {
        await demandSite(tx, values.siteId)
        const [node] = await tx.insert(tx.t.plantNodes).values({ id: newId(), ...values }).onConflictDoNothing().returning()
        if (!node) throw nameTaken(values.name)
        await audit(tx, now, actor, 'plant.node_create', { kind: 'plant', id: node.id }, { kind: node.kind, name: node.name })
        return one(tx, node.id)
      })
    },
    async update (actor, id, wanted) {
      demand(actor, 'plant.write')
      return change(room, async (tx, now) => {
        const { before, values } = await updateNode(tx, id, wanted)
        await audit(tx, now, actor, 'plant.node_update', { kind: 'plant', id }, { before, after: values })
        return one(tx, id)
      })
    },
    async remove (actor, id) {
      demand(actor, 'plant.write')
      await change(room, async (tx, now) => {
        const { plantNodes, cables, jointPoints } = tx.t
        const node = await one(tx, id)
        const coiled = (await tx.select({ name: cables.name, slack: cables.slack }).from(cables)).find(c => c.slack.some(s => s.nodeId === id))
        if (node.cableCount > 0) throw new ServiceProblem('conflict', 'plant_node_in_use', `Cables end at ${node.name} (${node.cableCount}): remove or move them first.`)
        if (coiled) throw new ServiceProblem('conflict', 'plant_node_in_use', `Cable ${coiled.name} passes ${node.name}: take it out of its slack first.`)
        const [joined] = await tx.select({ n: sql<number>`count(*)` }).from(jointPoints).where(eq(jointPoints.nodeId, id))
        if (Number(joined!.n) > 0) throw new ServiceProblem('conflict', 'plant_node_in_use', `Something is still joined at ${node.name}.`)
        await tx.delete(plantNodes).where(eq(plantNodes.id, id))
        await audit(tx, now, actor, 'plant.node_remove', { kind: 'plant', id }, { kind: node.kind, name: node.name })
      })
    }
  }
}
