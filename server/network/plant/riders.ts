/** Who loses the network when a light path is dark. Pure. */
export interface RidingDevice { id: string, kind: 'camera' | 'switch' | 'host', name: string, parentId: string | null, parentPort: string | null }
export interface PathEnd { deviceId: string, port: string }

const samePort = (a: string | null, b: string) => a !== null && a.trim().toLowerCase() === b.trim().toLowerCase()

/**
 * Devices hang under their parents. A path between two devices carries the lower one and all below it; a path of which only one end
 * is known carries what hangs on that end's port.
 */
export function ridersOf (ends: readonly PathEnd[], devices: readonly RidingDevice[]): RidingDevice[] {
  const children = new Map<string, RidingDevice[]>()
  for (const d of devices) if (d.parentId !== null) children.set(d.parentId, [...children.get(d.parentId) ?? [], d])
  const roots: RidingDevice[] = []
  for (const end of ends) {
    const others = ends.filter(e => e !== end)
    for (const child of children.get(end.deviceId) ?? []) {
      const isOther = others.some(o => o.deviceId === child.id)
      // Where nobody entered the port, the path itself says how the two are connected.
      if (isOther ? child.parentPort === null || samePort(child.parentPort, end.port) : samePort(child.parentPort, end.port)) roots.push(child)
    }
  }
  // A camera on a media converter of its own.
  const ownEnd = ends.length === 1 ? devices.find(d => d.id === ends[0]!.deviceId && d.kind !== 'switch') : undefined
  if (ownEnd) roots.push(ownEnd)
  const riding = new Map<string, RidingDevice>()
  for (let at = roots.pop(); at; at = roots.pop()) {
    if (riding.has(at.id)) continue
    riding.set(at.id, at)
    roots.push(...children.get(at.id) ?? [])
  }
  return [...riding.values()]
}
