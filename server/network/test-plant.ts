/** For tests: a small plant. Panel ODF-1, cable K-1 past closure М-7 to closure М-8, cable K-2 on to panel ODF-2, and devices at both ends. */
import { newId } from '../../lib/ids.js'
import type { CableWrite, PlantPoint } from '../contract/plant.js'
import type { Role } from '../contract/people.js'
import type { Actor } from '../identity/actor.js'
import type { Store } from '../store/store.js'
import { createPlant, type Plant } from './plant/plant.js'

export const actorOf = (role: Role = 'technician', rest: Partial<Actor> = {}): Actor => ({ userId: newId(), login: role, roles: [role], allGroups: true, groupIds: [], sessionId: newId(), ip: '192.0.2.10', ...rest })

/** East along a parallel: about 1,000 m in each degree step of 0.01369 at this latitude. */
export const straight = (metres: number, from = 24.7, points = 11): [number, number][] => Array.from({ length: points }, (_, i) => [from + metres / 73_090 * i / (points - 1), 48.92])

export interface TestPlant { plant: Plant, actor: Actor, ids: Record<'odf1' | 'odf2' | 'm7' | 'm8' | 'k1' | 'k2' | 'core' | 'edge' | 'camera' | 'hidden' | 'group', string> }

export const strand = (cableId: string, number: number, end: 'a' | 'b'): PlantPoint => ({ kind: 'strand', cableId, strand: number, end })
export const side = (kind: 'back' | 'front', panelId: string, position: number): PlantPoint => ({ kind, panelId, position })
export const port = (deviceId: string, name: string): PlantPoint => ({ kind: 'port', deviceId, port: name })

export const cableOf = (name: string, aNodeId: string, bNodeId: string, rest: Partial<CableWrite> = {}): CableWrite => ({ name, aNodeId, bNodeId, strands: 24, strandsPerTube: 12, colourCode: 'iec', fibre: 'g652d', lengthM: null, routeRatio: null, route: null, slack: [], ...rest })

export async function openPlant (store: Store): Promise<TestPlant> {
  const plant = createPlant({ store, clock: { now: () => 1_790_000_000_000 } })
  const actor = actorOf()
  const [core, edge, camera, hidden, group] = [newId(), newId(), newId(), newId(), newId()]
  await store.transaction(async tx => {
    await tx.insert(tx.t.cameraGroups).values({ id: group, name: 'Окрема', note: '' })
    const device = (id: string, kind: 'camera' | 'switch', name: string, parentId: string | null, parentPort: string | null, groupId: string | null = null) =>
      tx.insert(tx.t.devices).values({ id, kind, name, searchText: name.toLowerCase(), address: '192.0.2.1', identityKey: id, parentId, parentPort, groupId, note: '', enabled: true, settings: {} as never, createdAt: 0, updatedAt: 0 })
    await device(core, 'switch', 'Ядро', null, null)
    await device(edge, 'switch', 'Вокзал', core, 'gi1/0/1')
    await device(camera, 'camera', 'Перон', edge, '5')
    await device(hidden, 'camera', 'Каса', edge, '6', group)
  })
  const node = async (kind: 'closure' | 'panel', name: string, longitude: number, positions = 0) => (await plant.nodes.create(actor, { kind, name, siteId: null, latitude: 48.92, longitude, positions })).id
  const [odf1, odf2, m7, m8] = [await node('panel', 'ODF-1', 24.7, 24), await node('panel', 'ODF-2', 24.8, 12), await node('closure', 'М-7', 24.72), await node('closure', 'М-8', 24.74)]
  const k1 = (await plant.cables.create(actor, cableOf('K-1', odf1, m8, { lengthM: 4100, route: straight(4000), slack: [{ atM: 2000, lengthM: 20, nodeId: m7 }] }))).id
  const k2 = (await plant.cables.create(actor, cableOf('K-2', m8, odf2, { strands: 12, route: straight(2000, 24.7 + 4000 / 73_090) }))).id
  for (const [a, b, lossDb] of [
    [port(core, 'gi1/0/1'), side('front', odf1, 1), null], [side('back', odf1, 1), strand(k1, 1, 'a'), null], [strand(k1, 1, 'b'), strand(k2, 3, 'a'), 0.07],
    [strand(k2, 3, 'b'), side('back', odf2, 1), null], [side('front', odf2, 1), port(edge, 'gi0/24'), null]
  ] as const) await plant.joints.join(actor, { a, b, lossDb })
  return { plant, actor, ids: { odf1, odf2, m7, m8, k1, k2, core, edge, camera, hidden, group } }
}
