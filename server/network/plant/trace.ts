/** Follows light through strands, splices, panels and cords. Pure. */
import { budgetWavelengths, type FibreType, type LossBudget, type PlantPoint } from '../../contract/plant.js'
import { keyOf, lengthOf, type ModelCable, type ModelJoint, type ModelNode, nodeAt, otherEnd, type PlantModel, pointOf } from './model.js'

export type Step =
  | { kind: 'strand', cable: ModelCable, strand: number, from: 'a' | 'b' }
  | { kind: 'joint', joint: ModelJoint, node: ModelNode | null }
  | { kind: 'panel', panel: ModelNode, position: number }
  | { kind: 'port', deviceId: string, port: string }
  | { kind: 'open', node: ModelNode | null, point: PlantPoint }
/** `loop`: the light comes back to where it was; what was followed until then is told all the same. */
export interface LightPath { steps: Step[], loop: boolean }

/** The thing that a point belongs to, and the point on its other side; null where nothing goes on. */
function through (model: PlantModel, point: PlantPoint): { step: Step | null, exit: PlantPoint | null } {
  if (point.kind === 'port') return { step: { kind: 'port', deviceId: point.deviceId, port: point.port }, exit: null }
  if (point.kind === 'strand') {
    const cable = model.cables.get(point.cableId)
    return { step: cable ? { kind: 'strand', cable, strand: point.strand, from: point.end } : null, exit: cable ? { ...point, end: otherEnd(point.end) } : null }
  }
  const panel = model.nodes.get(point.panelId)
  return { step: panel ? { kind: 'panel', panel, position: point.position } : null, exit: { ...point, kind: point.kind === 'back' ? 'front' : 'back' } }
}

function nodeOf (model: PlantModel, point: PlantPoint): ModelNode | null {
  if (point.kind === 'port') return null
  if (point.kind !== 'strand') return model.nodes.get(point.panelId) ?? null
  const cable = model.cables.get(point.cableId)
  return cable ? model.nodes.get(nodeAt(cable, point.end)) ?? null : null
}

/** Onwards from a point through its thing, without the joint behind it. */
function walk (model: PlantModel, start: PlantPoint, seen: Set<string>): { steps: Step[], loop: boolean, last: PlantPoint } {
  const steps: Step[] = []
  let at = start
  for (;;) {
    const key = keyOf(at)
    if (seen.has(key)) return { steps, loop: true, last: at }
    seen.add(key)
    const { step, exit } = through(model, at)
    if (step) steps.push(step)
    if (!exit) return { steps, loop: false, last: at }
    const exitKey = keyOf(exit)
    if (seen.has(exitKey)) return { steps, loop: true, last: exit }
    seen.add(exitKey)
    const joint = model.joints.get(exitKey)
    const next = joint?.points.find(p => p !== exitKey)
    if (!joint || next === undefined) {
      steps.push({ kind: 'open', node: nodeOf(model, exit), point: exit })
      return { steps, loop: false, last: exit }
    }
    at = pointOf(next)
    steps.push({ kind: 'joint', joint, node: nodeOf(model, exit) ?? nodeOf(model, at) })
  }
}

/** From a point outwards: what an instrument plugged into that end would see. */
export function pathFrom (model: PlantModel, start: PlantPoint): LightPath {
  const { steps, loop } = walk(model, start, new Set())
  return { steps, loop }
}

const reversed = (step: Step): Step => step.kind === 'strand' ? { ...step, from: otherEnd(step.from) } : step

/** The whole way that a strand is a part of, from its end A outwards on the left to its end B outwards on the right. */
export function pathThrough (model: PlantModel, cableId: string, strand: number): LightPath {
  const left = walk(model, { kind: 'strand', cableId, strand, end: 'b' }, new Set())
  if (left.loop) return { steps: left.steps, loop: true }
  const right = walk(model, { kind: 'strand', cableId, strand, end: 'a' }, new Set())
  return { steps: [...left.steps.slice(1).reverse().map(reversed), ...right.steps], loop: right.loop }
}

/** Would these two points, joined, lead light in a circle? */
export function closesLoop (model: PlantModel, a: PlantPoint, b: PlantPoint): boolean {
  const { exit } = through(model, a)
  if (!exit) return false
  const walked = new Set<string>()
  walk(model, a, walked)
  return walked.has(keyOf(b))
}

/** dB a km by ITU-T's limits for installed cable. */
const alphas: Record<FibreType, Record<(typeof budgetWavelengths)[number], number>> = {
  g652d: { 1310: 0.35, 1490: 0.24, 1550: 0.22, 1625: 0.25 },
  g655: { 1310: 0.4, 1490: 0.26, 1550: 0.23, 1625: 0.25 },
  g657a: { 1310: 0.35, 1490: 0.24, 1550: 0.22, 1625: 0.25 }
}
const USUAL_LOSS_DB = { splice: 0.1, connector: 0.5 }

/** What the light should lose on its way; gains of a measured joint count as measured. */
export function budgetOf (steps: readonly Step[]): LossBudget {
  const strands = steps.filter(s => s.kind === 'strand')
  const joints = steps.filter(s => s.kind === 'joint').map(s => s.joint)
  const lengths = strands.map(s => lengthOf(s.cable))
  const jointsDb = joints.reduce((sum, j) => sum + (j.lossDb ?? USUAL_LOSS_DB[j.kind]), 0)
  return {
    lengthM: lengths.reduce((sum, l) => sum + (l?.lengthM ?? 0), 0), complete: lengths.every(l => l !== null),
    splices: joints.filter(j => j.kind === 'splice').length, connectors: joints.filter(j => j.kind === 'connector').length,
    byWavelength: budgetWavelengths.map(wavelengthNm => {
      const fibreDb = strands.reduce((sum, s, i) => sum + (lengths[i]?.lengthM ?? 0) / 1000 * alphas[s.cable.fibre][wavelengthNm], 0)
      return { wavelengthNm, fibreDb, jointsDb, totalDb: fibreDb + jointsDb }
    })
  }
}
