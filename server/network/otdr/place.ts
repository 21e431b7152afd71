/** Where on the ground a distance along the fibre is, and how sure that is. Pure. */
import type { Placement, SorFile } from '../../contract/otdr.js'
import { partOfRoute, placeOnRoute, routeMetres } from '../plant/geometry.js'
import { lengthOf, type ModelCable, nodeAt, otherEnd, type PlantModel, slackMetres } from '../plant/model.js'
import type { Step } from '../plant/trace.js'
import { pulseMetres } from './compare.js'

/** Shares of the distance that may be wrong: index of refraction; a measured length; a length by a ratio that somebody entered; by the usual one. */
const ERROR = { index: 0.0005, measured: 0.002, ratio: 0.01, usual: 0.02 }

const uncertaintyOf = (cable: ModelCable) => cable.lengthM !== null ? ERROR.measured : cable.routeRatio !== null ? ERROR.ratio : ERROR.usual

/** Metres of route from end A for metres of cable from end A: the coils before it lie in one place. */
function routeAt (cable: ModelCable, cableM: number, lengthM: number, routeM: number) {
  const coiled = cable.slack.reduce((sum, s) => sum + Math.min(s.lengthM, Math.max(0, cableM - s.atM)), 0)
  const stretched = lengthM - slackMetres(cable)
  return stretched <= 0 ? 0 : Math.min(routeM, Math.max(0, (cableM - coiled) * routeM / stretched))
}

/** The named places of a cable on both sides of a point on it; twice the same where one lies within the error. */
function neighbours (model: PlantModel, cable: ModelCable, cableM: number, lengthM: number, errorM: number): [string, string] {
  const name = (id: string | null) => id === null ? undefined : model.nodes.get(id)?.name
  const stops = [{ from: 0, to: 0, name: name(cable.aNodeId) }, ...cable.slack.map(s => ({ from: s.atM, to: s.atM + s.lengthM, name: name(s.nodeId) })), { from: lengthM, to: lengthM, name: name(cable.bNodeId) }]
    .filter((s): s is typeof s & { name: string } => s.name !== undefined).sort((a, b) => a.from - b.from)
  const away = (s: { from: number, to: number }) => Math.max(0, s.from - cableM, cableM - s.to)
  const inside = stops.filter(s => away(s) <= errorM).sort((a, b) => away(a) - away(b))[0]
  if (inside) return [inside.name, inside.name]
  return [stops.findLast(s => s.to <= cableM)?.name ?? '', stops.find(s => s.from >= cableM)?.name ?? '']
}

/**
 * `steps` begin at the strand that the instrument was plugged into (`pathFrom`), `distanceM` at its beginning. Null: a cable on the
 * way has neither a length nor a route, so nobody can tell.
 */
export function placeFault (model: PlantModel, steps: readonly Step[], distanceM: number, fixed: Pick<SorFile['fixed'], 'pulses' | 'refractiveIndex'>): Placement | null {
  const strands = steps.filter(s => s.kind === 'strand')
  let before = 0
  let doubt = pulseMetres(fixed) / 2 + Math.max(...fixed.pulses.map(p => p.spacingM))
  for (const [i, { cable, from }] of strands.entries()) {
    const length = lengthOf(cable)
    if (!length) return null
    const { lengthM } = length
    const within = distanceM - before
    const last = i === strands.length - 1
    if (within > lengthM && !last) {
      before += lengthM
      doubt += lengthM * uncertaintyOf(cable)
      continue
    }
    const along = Math.min(lengthM, Math.max(0, within))
    const errorM = doubt + distanceM * ERROR.index + along * uncertaintyOf(cable)
    const fromA = (m: number) => from === 'a' ? m : lengthM - m
    const [near, far] = neighbours(model, cable, fromA(along), lengthM, errorM)
    const [left, right] = from === 'a' ? [near, far] : [far, near]
    const routeM = cable.route && routeMetres(cable.route)
    const onRoute = (m: number) => routeAt(cable, Math.min(lengthM, Math.max(0, fromA(m))), lengthM, routeM ?? 0)
    const [low, high] = [onRoute(along - errorM), onRoute(along + errorM)].sort((a, b) => a - b) as [number, number]
    return {
      cableId: cable.id, cableName: cable.name, cableM: along, fromNode: model.nodes.get(nodeAt(cable, from))?.name ?? '', toNode: model.nodes.get(nodeAt(cable, otherEnd(from)))?.name ?? '',
      between: [left, right], errorM, beyond: within > lengthM + errorM,
      point: cable.route ? placeOnRoute(cable.route, onRoute(along)) : null, band: cable.route ? partOfRoute(cable.route, low, high) : null
    }
  }
  return null
}
