/** The chain of causes of a device's state: from itself, through the ports and switches before it, to its agent. Pure. */
import type { Port } from '../../../server/contract/health.js'
import type { WallDevice } from '../../../server/contract/wall.js'

export type WhyLink =
  | { kind: 'device', device: WallDevice, isCause: boolean }
  | { kind: 'port', switchId: string, port: string, oper: Port['oper'] | null, admin: Port['admin'] | null, isCause: boolean }
  | { kind: 'agent', name: string, status: string, isCause: boolean }
  | { kind: 'no_agent', isCause: boolean }

export interface WhyFacts {
  device: WallDevice
  /** Parent and port by device, as far as they are known. */
  parents: ReadonlyMap<string, { parentId: string | null, parentPort: string | null }>
  devices: ReadonlyMap<string, WallDevice>
  ports: readonly Port[]
  /** Null: it has none. Undefined: not known yet. */
  agent: { name: string, status: string } | null | undefined
}
/** Parents are followed at most this far, which also ends a ring. */
const MAX_LINKS = 12

export function why ({ device, parents, devices, ports, agent }: WhyFacts): WhyLink[] {
  const chain: WhyLink[] = []
  const seen = new Set<string>()
  let here: WallDevice | undefined = device
  while (here && !seen.has(here.id) && chain.length < MAX_LINKS) {
    seen.add(here.id)
    chain.push({ kind: 'device', device: here, isCause: false })
    const link = parents.get(here.id)
    // The server names the cause even where the way to it is not known here.
    const nextId: string | null = link?.parentId ?? (here.id === device.id ? device.causeDeviceId : null)
    if (nextId && link?.parentPort) {
      const port = here.id === device.id ? ports.find(p => p.name === link.parentPort) : undefined
      chain.push({ kind: 'port', switchId: nextId, port: link.parentPort, oper: port?.oper ?? null, admin: port?.admin ?? null, isCause: false })
    }
    here = nextId ? devices.get(nextId) : undefined
  }
  if (agent) chain.push({ kind: 'agent', name: agent.name, status: agent.status, isCause: false })
  else if (agent === null) chain.push({ kind: 'no_agent', isCause: false })
  return marked(chain, device)
}

/** The furthest link that is itself broken is the cause; what lies behind it only suffers. */
function marked (chain: WhyLink[], device: WallDevice): WhyLink[] {
  if (device.state === 'up') return chain
  const broken = (l: WhyLink) => l.kind === 'no_agent' ? true : l.kind === 'agent' ? l.status !== 'online'
    : l.kind === 'port' ? l.admin === 'down' || (l.oper !== null && l.oper !== 'up')
      : l.device.state === 'down' || l.device.state === 'degraded'
  const named = chain.findLastIndex(l => l.kind === 'device' && l.device.id === device.causeDeviceId)
  const at = named >= 0 ? named : chain.findLastIndex(broken)
  return chain.map((l, i) => i === at ? { ...l, isCause: true } : l)
}
