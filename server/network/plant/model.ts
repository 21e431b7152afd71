/** The plant as the pure functions see it, read once from the store. */
import type { CableEnd, FibreType, PlantPoint, Slack } from '../../contract/plant.js'
import { routeMetres } from './geometry.js'

export interface ModelNode { id: string, kind: 'closure' | 'panel', name: string, positions: number }
export interface ModelCable {
  id: string, name: string, aNodeId: string, bNodeId: string, strands: number, strandsPerTube: number, colourCode: 'tia' | 'iec', fibre: FibreType
  lengthM: number | null, routeRatio: number | null, route: [number, number][] | null, slack: Slack[]
}
export interface ModelJoint { id: string, kind: 'splice' | 'connector', lossDb: number | null, points: string[] }
export interface PlantModel {
  nodes: ReadonlyMap<string, ModelNode>
  cables: ReadonlyMap<string, ModelCable>
  /** By each of their points. */
  joints: ReadonlyMap<string, ModelJoint>
}

/** The one spelling of a point, which is also its key in the store. */
export function keyOf (point: PlantPoint): string {
  if (point.kind === 'strand') return `strand/${point.cableId}/${point.strand}/${point.end}`
  return point.kind === 'port' ? `port/${point.deviceId}/${point.port}` : `${point.kind}/${point.panelId}/${point.position}`
}
export function pointOf (key: string): PlantPoint {
  const [kind, id = '', ...rest] = key.split('/')
  if (kind === 'strand') return { kind, cableId: id, strand: Number(rest[0]), end: rest[1] as CableEnd }
  // The name of a port may hold a slash.
  if (kind === 'port') return { kind, deviceId: id, port: rest.join('/') }
  return { kind: kind as 'back' | 'front', panelId: id, position: Number(rest[0]) }
}
export const otherEnd = (end: CableEnd): CableEnd => end === 'a' ? 'b' : 'a'
export const nodeAt = (cable: Pick<ModelCable, 'aNodeId' | 'bNodeId'>, end: CableEnd) => end === 'a' ? cable.aNodeId : cable.bNodeId

/** Cable per metre of route where nobody said: sag, undulation and the fibre's own helix in the tube. */
const USUAL_RATIO = 1.02
export const slackMetres = (cable: Pick<ModelCable, 'slack'>) => cable.slack.reduce((sum, s) => sum + s.lengthM, 0)
/** As measured, else from the route; null when neither is known. */
export function lengthOf (cable: Pick<ModelCable, 'lengthM' | 'route' | 'routeRatio' | 'slack'>): { lengthM: number, measured: boolean } | null {
  if (cable.lengthM !== null) return { lengthM: cable.lengthM, measured: true }
  return cable.route && { lengthM: routeMetres(cable.route) * (cable.routeRatio ?? USUAL_RATIO) + slackMetres(cable), measured: false }
}
