/** Splices, pigtails, patch cords: what joins two points, and what may not be joined. */
import { and, eq } from 'drizzle-orm'
import { newId } from '../../../lib/ids.js'
import type { Joint, JointWrite, PlantPoint, StrandTrace, TraceElement } from '../../contract/plant.js'
import { type Actor, demand } from '../../identity/actor.js'
import { invalidField, notFound, ServiceProblem } from '../../problems.js'
import type { Reader, Writer } from '../../store/store.js'
import { coloursOf } from './colours.js'
import { keyOf, lengthOf, nodeAt, otherEnd, type PlantModel } from './model.js'
import { ridersOf } from './riders.js'
import { audit, change, cleanNote, type PlantRoom } from './room.js'
import { type DeviceName, namedPoint, readDevices, readModel } from './rows.js'
import { budgetOf, closesLoop, pathThrough, type Step } from './trace.js'

export interface Joints {
  join (actor: Actor, wanted: JointWrite): Promise<Joint>
  take (actor: Actor, id: string): Promise<void>
  /** What is joined in a closure or at a panel. */
  at (actor: Actor, nodeId: string): Promise<Joint[]>
  /** The whole light path that a strand is a part of. */
  trace (actor: Actor, cableId: string, strand: number): Promise<StrandTrace>
}

type Field = '/a' | '/b'
function demandPoint (model: PlantModel, devices: ReadonlyMap<string, DeviceName>, field: Field, point: PlantPoint) {
  if (point.kind === 'strand') {
    const cable = model.cables.get(point.cableId)
    if (!cable) throw invalidField(field, 'cable_not_found', 'There is no such cable.')
    if (point.strand > cable.strands) throw invalidField(field, 'strand_not_found', `${cable.name} has ${cable.strands} strands.`)
  } else if (point.kind === 'port') {
    if (!devices.get(point.deviceId)?.visible) throw invalidField(field, 'device_not_found', 'There is no such device.')
  } else {
    const panel = model.nodes.get(point.panelId)
    if (panel?.kind !== 'panel') throw invalidField(field, 'panel_not_found', 'There is no such patch panel.')
    if (point.position > panel.positions) throw invalidField(field, 'position_not_found', `${panel.name} has ${panel.positions} positions.`)
  }
}

const placeOf = (model: PlantModel, point: PlantPoint) => point.kind === 'strand' ? nodeAt(model.cables.get(point.cableId)!, point.end) : point.kind === 'port' ? null : point.panelId

/** Pairs that meet in the world: strand and strand, strand and the back of a panel, fronts by a cord, a port with a front or a pigtail. */
function demandPair (model: PlantModel, a: PlantPoint, b: PlantPoint) {
  const kinds = [a.kind, b.kind].sort().join(' ')
  if (!['strand strand', 'back strand', 'front front', 'front port', 'port strand'].includes(kinds)) throw invalidField('/b', 'points_do_not_join', 'These two cannot be joined: a strand goes to a strand, to the back of a panel or to a port; the front of a panel to another front or to a port.')
  if ((kinds === 'strand strand' || kinds === 'back strand') && placeOf(model, a) !== placeOf(model, b)) throw invalidField('/b', 'ends_apart', 'These two ends are not in the same place.')
  if (keyOf(a) === keyOf(b) || closesLoop(model, a, b)) throw invalidField('/b', 'joint_loop', 'This would lead the light in a circle.')
}

function partsOf (point: PlantPoint, model: PlantModel) {
  return { cableId: point.kind === 'strand' ? point.cableId : null, nodeId: placeOf(model, point), deviceId: point.kind === 'port' ? point.deviceId : null }
}

/** Throws unless these two points may be joined. */
export function demandJoint (model: PlantModel, devices: ReadonlyMap<string, DeviceName>, a: PlantPoint, b: PlantPoint) {
  for (const [field, point] of [['/a', a], ['/b', b]] as const) {
    demandPoint(model, devices, field, point)
    if ((model.joints.get(keyOf(point))?.points.length ?? 0) < 2) continue
    const { name, detail } = namedPoint(model, devices, keyOf(point))
    const message = `${name} ${detail} is joined to something already.`
    throw new ServiceProblem('conflict', 'point_taken', message, [{ field, message, code: 'point_taken' }])
  }
  demandPair(model, a, b)
}

/** After `demandJoint`, with the model of the same transaction. */
export async function insertJoint (tx: Writer, model: PlantModel, { a, b, lossDb, note }: JointWrite) {
  const { joints, jointPoints } = tx.t
  for (const point of [a, b]) {
    // The device at its other side is gone.
    const alone = model.joints.get(keyOf(point))
    if (alone) await tx.delete(joints).where(eq(joints.id, alone.id))
  }
  const joint = { id: newId(), kind: a.kind === 'strand' && b.kind === 'strand' ? 'splice' as const : 'connector' as const, lossDb, note: cleanNote(note) }
  await tx.insert(joints).values(joint)
  await tx.insert(jointPoints).values([a, b].map(point => ({ point: keyOf(point), jointId: joint.id, ...partsOf(point, model) })))
  return joint
}

function toElement (model: PlantModel, devices: ReadonlyMap<string, DeviceName>, step: Step): TraceElement {
  const nodeName = (id: string) => model.nodes.get(id)?.name ?? ''
  if (step.kind === 'strand') {
    const { cable, strand, from } = step
    const length = lengthOf(cable)
    return { kind: 'strand', cableId: cable.id, cableName: cable.name, strand, colours: coloursOf(cable.colourCode, strand, cable.strandsPerTube), from, fromNode: nodeName(nodeAt(cable, from)), toNode: nodeName(nodeAt(cable, otherEnd(from))), lengthM: length?.lengthM ?? null, measured: length?.measured ?? false }
  }
  if (step.kind === 'joint') return { kind: 'joint', jointId: step.joint.id, joint: step.joint.kind, lossDb: step.joint.lossDb, place: step.node?.name ?? '' }
  if (step.kind === 'panel') return { kind: 'panel', panelId: step.panel.id, panelName: step.panel.name, position: step.position }
  if (step.kind === 'open') return { kind: 'open', place: step.node?.name ?? '', point: step.point }
  const device = devices.get(step.deviceId)
  return device?.visible ? { kind: 'port', deviceId: device.id, deviceName: device.name, port: step.port } : { kind: 'port', deviceId: null, deviceName: '', port: '' }
}

async function readTrace (db: Reader, actor: Actor, cableId: string, strand: number): Promise<StrandTrace> {
  const model = await readModel(db)
  const cable = model.cables.get(cableId)
  if (!cable || strand > cable.strands) throw notFound('strand')
  const devices = await readDevices(db, actor)
  const { steps, loop } = pathThrough(model, cableId, strand)
  if (loop) throw new ServiceProblem('conflict', 'joint_loop', `Strand ${strand} of ${cable.name} is documented as a circle: take one of its joints off.`)
  const ends = steps.filter(s => s.kind === 'port')
  const riders = ridersOf(ends, [...devices.values()]).filter(d => devices.get(d.id)!.visible)
  return { elements: steps.map(step => toElement(model, devices, step)), budget: budgetOf(steps), riders: riders.map(({ id, kind, name }) => ({ id, kind, name })).sort((a, b) => a.kind === b.kind ? a.name.localeCompare(b.name, 'uk', { numeric: true }) : a.kind < b.kind ? -1 : 1) }
}

async function readAt (db: Reader, actor: Actor, nodeId: string): Promise<Joint[]> {
  const model = await readModel(db)
  if (!model.nodes.has(nodeId)) throw notFound('plant_node')
  const devices = await readDevices(db, actor)
  const { joints, jointPoints } = db.t
  const here = new Set((await db.select({ id: jointPoints.jointId }).from(jointPoints).where(eq(jointPoints.nodeId, nodeId))).map(p => p.id))
  const notes = new Map((await db.select({ id: joints.id, note: joints.note }).from(joints)).map(j => [j.id, j.note]))
  return [...new Set(model.joints.values())].filter(j => here.has(j.id)).map(j => ({ id: j.id, kind: j.kind, lossDb: j.lossDb, note: notes.get(j.id) ?? '', points: j.points.map(p => namedPoint(model, devices, p)) }))
}

export function createJoints (room: PlantRoom): Joints {
  return {
    async join (actor, wanted) {
      demand(actor, 'plant.write')
      return change(room, async (tx, now) => {
        const [model, devices] = [await readModel(tx), await readDevices(tx, actor)]
        demandJoint(model, devices, wanted.a, wanted.b)
        const joint = await insertJoint(tx, model, wanted)
        const points = [wanted.a, wanted.b].map(p => namedPoint(model, devices, keyOf(p)))
        await audit(tx, now, actor, 'plant.join', { kind: 'plant', id: joint.id }, { ...joint, points: points.map(p => `${p.point.kind} ${p.name} ${p.detail}`) })
        return { ...joint, points }
      })
    },
    async take (actor, id) {
      demand(actor, 'plant.write')
      await change(room, async (tx, now) => {
        const { joints, jointPoints } = tx.t
        const points = await tx.select({ point: jointPoints.point }).from(jointPoints).where(eq(jointPoints.jointId, id))
        const [joint] = await tx.delete(joints).where(and(eq(joints.id, id))).returning()
        if (!joint) throw notFound('joint')
        await audit(tx, now, actor, 'plant.unjoin', { kind: 'plant', id }, { ...joint, points: points.map(p => p.point) })
      })
    },
    async at (actor, nodeId) {
      demand(actor, 'plant.read')
      return readAt(room.store.read, actor, nodeId)
    },
    async trace (actor, cableId, strand) {
      demand(actor, 'plant.read')
      return readTrace(room.store.read, actor, cableId, strand)
    }
  }
}
