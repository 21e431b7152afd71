/** Cables and their strands. */
import { and, eq, inArray, sql } from 'drizzle-orm'
import { newId } from '../../../lib/ids.js'
import type { Cable, CableRow, CableWrite } from '../../contract/plant.js'
import { type Actor, demand } from '../../identity/actor.js'
import { invalidField, notFound, ServiceProblem } from '../../problems.js'
import type { Reader, Writer } from '../../store/store.js'
import { coloursOf } from './colours.js'
import { routeMetres } from './geometry.js'
import { slackMetres } from './model.js'
import { audit, change, cleanNote, type PlantRoom } from './room.js'
import { namedPoint, readCables, readDevices, readModel, type StoredCable } from './rows.js'

export interface Cables {
  list (actor: Actor): Promise<CableRow[]>
  get (actor: Actor, id: string): Promise<Cable>
  create (actor: Actor, wanted: CableWrite): Promise<Cable>
  update (actor: Actor, id: string, wanted: CableWrite): Promise<Cable>
  /** Refused while strands are joined or traces are kept of it. */
  remove (actor: Actor, id: string): Promise<void>
}

/** A cable is longer than its route, but not twice: beyond that a number is mistyped. */
const RATIO_FROM = 0.98
const RATIO_TO = 2

/** A centimetre; files carry no more. */
const short = (degrees: number) => Number(degrees.toFixed(7))

/** What must hold of a cable by itself. */
export function checkedCable (wanted: CableWrite): CableWrite & { note: string } {
  if (wanted.aNodeId === wanted.bNodeId) throw invalidField('/bNodeId', 'cable_ends_same', 'A cable has two different ends.')
  const slack = [...wanted.slack].sort((a, b) => a.atM - b.atM)
  const coiled = slackMetres({ slack })
  if (wanted.lengthM !== null && slack.some(s => s.atM + s.lengthM > wanted.lengthM!)) throw invalidField('/slack', 'slack_beyond_cable', 'Slack lies behind the end of the cable.')
  if (wanted.lengthM !== null && wanted.route) {
    const ratio = (wanted.lengthM - coiled) / Math.max(1, routeMetres(wanted.route))
    if (ratio < RATIO_FROM || ratio > RATIO_TO) throw invalidField('/lengthM', 'length_unlike_route', `The cable without its slack is ${ratio.toFixed(2)} times as long as its route: one of the two is wrong.`)
  }
  return { ...wanted, name: wanted.name.trim(), slack, route: wanted.route?.map(([lng, lat]) => [short(lng), short(lat)]) ?? null, note: cleanNote(wanted.note) }
}

const nameTaken = (name: string) => {
  const message = `There is a cable named ${JSON.stringify(name)} already.`
  return new ServiceProblem('conflict', 'plant_name_taken', message, [{ field: '/name', message, code: 'plant_name_taken' }])
}

async function demandNodes (tx: Reader, wanted: CableWrite) {
  const { plantNodes } = tx.t
  const ids = [...new Set([wanted.aNodeId, wanted.bNodeId, ...wanted.slack.flatMap(s => s.nodeId ?? [])])]
  const there = new Set((await tx.select({ id: plantNodes.id }).from(plantNodes).where(inArray(plantNodes.id, ids))).map(n => n.id))
  const missing = (field: string, id: string | null) => { if (id !== null && !there.has(id)) throw invalidField(field, 'plant_node_not_found', 'There is no such closure or panel.') }
  missing('/aNodeId', wanted.aNodeId)
  missing('/bNodeId', wanted.bNodeId)
  wanted.slack.forEach((s, i) => { missing(`/slack/${i}/nodeId`, s.nodeId) })
}

/** What is joined must stay where it is; `joined` are the points of the cable, in their parts. */
export function checkStill (joined: readonly string[][], before: Pick<StoredCable, 'aNodeId' | 'bNodeId'>, wanted: CableWrite) {
  if (joined.some(p => Number(p[2]) > wanted.strands)) throw invalidField('/strands', 'strands_joined', 'Strands above that number are joined: take them off first.')
  for (const end of ['a', 'b'] as const) {
    const moved = end === 'a' ? wanted.aNodeId !== before.aNodeId : wanted.bNodeId !== before.bNodeId
    if (moved && joined.some(p => p[3] === end)) throw invalidField(`/${end}NodeId`, 'cable_end_joined', 'Strands are joined at this end: take them off before it moves.')
  }
}

const valuesOf = (cable: CableWrite & { note: string }, now: number, login: string) => ({ ...cable, updatedAt: now, updatedBy: login })

async function insertCable (tx: Writer, actor: Actor, now: number, wanted: CableWrite) {
  const values = checkedCable(wanted)
  await demandNodes(tx, values)
  const [cable] = await tx.insert(tx.t.cables).values({ id: newId(), ...valuesOf(values, now, actor.login) }).onConflictDoNothing().returning()
  if (!cable) throw nameTaken(values.name)
  return cable
}
async function updateCable (tx: Writer, actor: Actor, now: number, id: string, wanted: CableWrite) {
  const { cables, jointPoints } = tx.t
  const values = checkedCable(wanted)
  const [before] = await tx.select().from(cables).where(eq(cables.id, id))
  if (!before) throw notFound('cable')
  const [namesake] = await tx.select({ id: cables.id }).from(cables).where(eq(cables.name, values.name))
  if (namesake && namesake.id !== id) throw nameTaken(values.name)
  await demandNodes(tx, values)
  const joined = await tx.select({ point: jointPoints.point }).from(jointPoints).where(eq(jointPoints.cableId, id))
  checkStill(joined.map(p => p.point.split('/')), before, values)
  await tx.update(cables).set(valuesOf(values, now, actor.login)).where(eq(cables.id, id))
  return { before, values }
}

async function readCable (db: Reader, actor: Actor, id: string): Promise<Cable> {
  const row = (await readCables(db)).find(c => c.id === id)
  if (!row) throw notFound('cable')
  const model = await readModel(db)
  const devices = await readDevices(db, actor)
  const joinedTo = (strand: number, end: 'a' | 'b') => {
    const key = `strand/${id}/${strand}/${end}`
    const other = model.joints.get(key)?.points.find(p => p !== key)
    return other === undefined ? null : namedPoint(model, devices, other)
  }
  return {
    ...row, slack: row.slack.map(s => ({ ...s, nodeName: s.nodeId === null ? null : model.nodes.get(s.nodeId)?.name ?? null })),
    strandList: Array.from({ length: row.strands }, (_, i) => ({ number: i + 1, colours: coloursOf(row.colourCode, i + 1, row.strandsPerTube), a: joinedTo(i + 1, 'a'), b: joinedTo(i + 1, 'b') }))
  }
}

/** Audited without every point of a route. */
const facts = ({ route, ...rest }: Pick<StoredCable, 'route'>) => ({ ...rest, routePoints: route?.length ?? 0 })

export function createCables (room: PlantRoom): Cables {
  return {
    async list (actor) {
      demand(actor, 'plant.read')
      return (await readCables(room.store.read)).map(({ route: _, slack: __, ...row }) => row)
    },
    async get (actor, id) {
      demand(actor, 'plant.read')
      return readCable(room.store.read, actor, id)
    },
    async create (actor, wanted) {
      demand(actor, 'plant.write')
      return change(room, async (tx, now) => {
        const cable = await insertCable(tx, actor, now, wanted)
        await audit(tx, now, actor, 'plant.cable_create', { kind: 'plant', id: cable.id }, facts(cable))
        return readCable(tx, actor, cable.id)
      })
    },
    async update (actor, id, wanted) {
      demand(actor, 'plant.write')
      return change(room, async (tx, now) => {
        const { before, values } = await updateCable(tx, actor, now, id, wanted)
        await audit(tx, now, actor, 'plant.cable_update', { kind: 'plant', id }, { before: facts(before), after: facts(values) })
        return readCable(tx, actor, id)
      })
    },
    async remove (actor, id) {
      demand(actor, 'plant.write')
      await change(room, async (tx, now) => {
        const { cables, jointPoints, otdrTraces } = tx.t
        const [cable] = await tx.select().from(cables).where(eq(cables.id, id))
        if (!cable) throw notFound('cable')
        const [joined] = await tx.select({ n: sql<number>`count(*)` }).from(jointPoints).where(and(eq(jointPoints.cableId, id)))
        if (Number(joined!.n) > 0) throw new ServiceProblem('conflict', 'cable_joined', `Strands of ${cable.name} are joined: take them off first.`)
        const [traced] = await tx.select({ n: sql<number>`count(*)` }).from(otdrTraces).where(eq(otdrTraces.cableId, id))
        if (Number(traced!.n) > 0) throw new ServiceProblem('conflict', 'cable_has_traces', `OTDR traces of ${cable.name} are kept (${Number(traced!.n)}): delete them first.`)
        await tx.delete(cables).where(eq(cables.id, id))
        await audit(tx, now, actor, 'plant.cable_remove', { kind: 'plant', id }, facts(cable))
      })
    }
  }
}
