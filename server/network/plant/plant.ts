/** The plant room, put together. */
import { isNotNull } from 'drizzle-orm'
import type { PlantMap } from '../../contract/plant.js'
import { type Actor, demand } from '../../identity/actor.js'
import { type Cables, createCables } from './cables.js'
import { createPlantFiles, type PlantFiles } from './import.js'
import { createJoints, type Joints } from './joints.js'
import { createNodes, type Nodes } from './nodes.js'
import type { PlantRoom } from './room.js'

export interface Plant {
  nodes: Nodes
  cables: Cables
  joints: Joints
  files: PlantFiles
  map (actor: Actor): Promise<PlantMap>
}

export function createPlant (room: PlantRoom): Plant {
  return {
    nodes: createNodes(room), cables: createCables(room), joints: createJoints(room), files: createPlantFiles(room),
    async map (actor) {
      demand(actor, 'plant.read')
      const { read } = room.store
      const { cables, plantNodes, sites } = read.t
      const placed = <T extends { latitude: number | null, longitude: number | null }>(rows: T[]) => rows.filter((r): r is T & { latitude: number, longitude: number } => r.latitude !== null && r.longitude !== null)
      return {
        cables: (await read.select({ id: cables.id, name: cables.name, route: cables.route }).from(cables).where(isNotNull(cables.route))).map(c => ({ ...c, route: c.route! })).filter(c => c.route !== null),
        nodes: placed(await read.select({ id: plantNodes.id, kind: plantNodes.kind, name: plantNodes.name, latitude: plantNodes.latitude, longitude: plantNodes.longitude }).from(plantNodes)),
        sites: placed(await read.select({ id: sites.id, name: sites.name, latitude: sites.latitude, longitude: sites.longitude }).from(sites))
      }
    }
  }
}
