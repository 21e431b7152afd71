/** The plant as it is read. */
import { eq, sql } from 'drizzle-orm'
import type { CableRow, NamedPoint, PlantNode, PlantPoint } from '../../contract/plant.js'
import { type Actor, seesDevice } from '../../identity/actor.js'
import type { Reader } from '../../store/store.js'
import { routeMetres } from './geometry.js'
import { lengthOf, type ModelCable, type ModelJoint, type PlantModel, pointOf } from './model.js'

export type NodeRow = Reader['t']['plantNodes']['$inferSelect']
export type StoredCable = Reader['t']['cables']['$inferSelect']

export async function readModel (db: Reader): Promise<PlantModel> {
  const { plantNodes, cables, joints, jointPoints } = db.t
  const byPoint = new Map<string, ModelJoint>()
  const byId = new Map<string, ModelJoint>((await db.select().from(joints)).map(j => [j.id, { id: j.id, kind: j.kind, lossDb: j.lossDb, points: [] }]))
  for (const { point, jointId } of await db.select({ point: jointPoints.point, jointId: jointPoints.jointId }).from(jointPoints).orderBy(jointPoints.point)) {
    const joint = byId.get(jointId)
    if (!joint) continue
    joint.points.push(point)
    byPoint.set(point, joint)
  }
  return {
    nodes: new Map((await db.select().from(plantNodes)).map(n => [n.id, n])),
    cables: new Map((await db.select().from(cables)).map(c => [c.id, c as ModelCable])),
    joints: byPoint
  }
}

export async function readNodes (db: Reader, id?: string): Promise<PlantNode[]> {
  const { plantNodes, sites, cables, jointPoints, joints } = db.t
  const rows = await db.select({ node: plantNodes, siteName: sites.name }).from(plantNodes).leftJoin(sites, eq(sites.id, plantNodes.siteId))
    .where(id === undefined ? undefined : eq(plantNodes.id, id)).orderBy(plantNodes.name)
  const count = new Map<string, number>()
  const ends = await db.select({ a: cables.aNodeId, b: cables.bNodeId }).from(cables)
  for (const { a, b } of ends) for (const end of new Set([a, b])) count.set(end, (count.get(end) ?? 0) + 1)
  const splices = new Map((await db.select({ id: jointPoints.nodeId, n: sql<number>`count(distinct ${joints.id})` }).from(jointPoints)
    .innerJoin(joints, eq(joints.id, jointPoints.jointId)).where(eq(joints.kind, 'splice')).groupBy(jointPoints.nodeId)).map(r => [r.id, Number(r.n)]))
  return rows.map(({ node, siteName }) => ({ ...node, siteName, cableCount: count.get(node.id) ?? 0, spliceCount: splices.get(node.id) ?? 0 }))
}

export async function readCables (db: Reader): Promise<(CableRow & Pick<StoredCable, 'route' | 'slack'>)[]> {
  const { cables, plantNodes, jointPoints } = db.t
  const names = new Map((await db.select({ id: plantNodes.id, name: plantNodes.name }).from(plantNodes)).map(n => [n.id, n.name]))
  const joined = new Map<string, Set<string>>()
  for (const { id, point } of await db.select({ id: jointPoints.cableId, point: jointPoints.point }).from(jointPoints)) {
    if (id !== null) joined.set(id, (joined.get(id) ?? new Set()).add(point.split('/')[2]!))
  }
  return (await db.select().from(cables).orderBy(cables.name)).map(cable => ({
    ...cable, colourCode: cable.colourCode as CableRow['colourCode'], fibre: cable.fibre as CableRow['fibre'],
    aNodeName: names.get(cable.aNodeId) ?? '', bNodeName: names.get(cable.bNodeId) ?? '', routeLengthM: cable.route && routeMetres(cable.route), knownLengthM: lengthOf(cable)?.lengthM ?? null, joinedStrands: joined.get(cable.id)?.size ?? 0
  }))
}

export interface DeviceName { id: string, kind: 'camera' | 'switch' | 'host', name: string, groupId: string | null, parentId: string | null, parentPort: string | null, visible: boolean }
export async function readDevices (db: Reader, actor: Actor): Promise<Map<string, DeviceName>> {
  const { devices } = db.t
  const rows = await db.select({ id: devices.id, kind: devices.kind, name: devices.name, groupId: devices.groupId, parentId: devices.parentId, parentPort: devices.parentPort }).from(devices)
  return new Map(rows.map(d => [d.id, { ...d, visible: seesDevice(actor, d) }]))
}

/** A device that the reader may not see is told as one without a name. */
export function namedPoint (model: PlantModel, devices: ReadonlyMap<string, DeviceName>, key: string): NamedPoint {
  const point: PlantPoint = pointOf(key)
  if (point.kind === 'strand') return { point, name: model.cables.get(point.cableId)?.name ?? '', detail: String(point.strand) }
  if (point.kind !== 'port') return { point, name: model.nodes.get(point.panelId)?.name ?? '', detail: String(point.position) }
  const device = devices.get(point.deviceId)
  return device?.visible ? { point, name: device.name, detail: point.port } : { point: { ...point, deviceId: HIDDEN_DEVICE, port: '-' }, name: '', detail: '' }
}
/** Stands for a device that the reader may not know of. */
const HIDDEN_DEVICE = '00000000-0000-7000-8000-000000000000'
