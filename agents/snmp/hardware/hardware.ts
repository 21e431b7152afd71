/** What is known of one switch's modules, sensors and power between two readings. Knows nothing of when. */
import type { OpticalModule, Poe, Sensor } from '../../../server/contract/hardware.js'
import type { PortObservation } from '../messages.js'
import { interfaces } from '../oids.js'
import { operOf } from '../ports.js'
import type { SnmpSession } from '../session.js'
import { numberOf } from '../values.js'
import { getSome, type WalkLimits } from '../walk.js'
import { type Entities, readEntities } from './entities.js'
import { type EntitySensorFacts, readEntitySensors, readSensorFacts as readEntitySensorFacts } from './entity-sensors.js'
import { type PortMap, readModuleFacts, readModules, type TableFacts } from './optics.js'
import type { Profile } from './profile.js'
import { readPoe, readSensorFacts, readSensors, type SensorFacts } from './sensors.js'

export interface Reading { modules: OpticalModule[], sensors: Sensor[], poe: Poe | null }
/** What seldom changes. `portsText` is what it was read for. */
interface Inventory { at: number, portsText: string, optics: TableFacts[], sensors: SensorFacts[], entities: Entities, entitySensors: EntitySensorFacts | null, hasPoe: boolean }

const MOST_MODULES = 4096
const MOST_SENSORS = 1000

function portMap (ports: readonly PortObservation[], entities: Entities | null): PortMap {
  return { byIfIndex: new Map(ports.map(p => [p.ifIndex, p])), byName: new Map(ports.map(p => [p.name, p])), entityPort: index => entities?.portOf(index) }
}

/** In the order of the ports. The same port may stand in the vendor's table and in the general one: the vendor's own says more. */
function merged (lists: OpticalModule[][], ports: readonly PortObservation[]): OpticalModule[] {
  const places = new Map(ports.map((p, i) => [p.name, i]))
  const byPort = new Map<string, OpticalModule>()
  for (const module of lists.flat()) if (!byPort.has(`${module.kind} ${module.port}`)) byPort.set(`${module.kind} ${module.port}`, module)
  const place = (m: OpticalModule) => places.get(m.port) ?? places.size
  return [...byPort.values()].sort((a, b) => place(a) - place(b)).slice(0, MOST_MODULES)
}

/** The statuses are as old as the last check: a port that lost its link since is dark for that reason. */
async function gated (session: SnmpSession, modules: OpticalModule[], map: PortMap): Promise<OpticalModule[]> {
  const open = modules.flatMap(m => { const port = m.kind === 'port' && m.gate === 'up' ? map.byName.get(m.port) : undefined; return port ? [port] : [] })
  const down = new Set<string>()
  for (let i = 0; i < open.length; i += 30) {
    const part = open.slice(i, i + 30)
    const values = await getSome(session, part.map(port => `${interfaces.ifOperStatus}.${port.ifIndex}`))
    for (const [n, port] of part.entries()) if (numberOf(values[n]) !== null && !['up', 'dormant', 'unknown'].includes(operOf(values[n]))) down.add(port.name)
  }
  return down.size === 0 ? modules : modules.map(m => m.kind === 'port' && down.has(m.port) ? { ...m, gate: 'down' } : m)
}

/** Two sensors of a name are told apart, as ports are. */
function told (sensors: Sensor[]): Sensor[] {
  const taken = new Set<string>()
  return sensors.slice(0, MOST_SENSORS).map(sensor => {
    let { name } = sensor
    for (let n = 2; taken.has(`${sensor.kind} ${name}`); n++) name = `${sensor.name.slice(0, 110)} #${n}`
    taken.add(`${sensor.kind} ${name}`)
    return name === sensor.name ? sensor : { ...sensor, name }
  })
}

/** Indexes as they are numbered now: when they move, the inventory's rows mean other ports. */
const textOfPorts = (ports: readonly PortObservation[]) => ports.map(p => `${p.ifIndex} ${p.name}`).join('\n')

export interface HardwareMemory {
  /** @param inventoryEveryMs older facts are read anew */
  read (session: SnmpSession, profile: Profile, ports: readonly PortObservation[], now: number, inventoryEveryMs: number): Promise<Reading>
  /** A module may have been changed: the next reading finds out anew what there is. */
  forget (): void
}

/** `limits` are this reading's own: a table that chokes the device must not slow its counters down. */
export function rememberHardware (limits: WalkLimits): HardwareMemory {
  let inventory: Inventory | null = null

  async function takeInventory (session: SnmpSession, profile: Profile, ports: readonly PortObservation[], now: number): Promise<Inventory> {
    const needsEntities = profile.entitySensors !== undefined || profile.optics?.some(t => t.index === 'entity')
    const entitySensors = profile.entitySensors ? await readEntitySensorFacts(session, limits, profile.entitySensors) : null
    const wanted = needsEntities && (profile.optics?.some(t => t.index === 'entity') || (entitySensors?.rows.length ?? 0) > 0)
    const entities = wanted ? await readEntities(session, limits, ports) : noEntities
    const map = portMap(ports, entities)
    const optics: TableFacts[] = []
    for (const table of profile.optics ?? []) optics.push(await readModuleFacts(session, limits, table, map))
    const sensors: SensorFacts[] = []
    for (const table of profile.sensors ?? []) {
      const facts = await readSensorFacts(session, limits, table)
      // What it does not have now is not asked for until the next inventory.
      if ((await readSensors(session, limits, facts)).length > 0) sensors.push(facts)
    }
    const hasPoe = profile.poe !== undefined && await readPoe(session, limits, profile.poe, map) !== null
    return { at: now, portsText: textOfPorts(ports), optics: optics.filter(t => t.rows.size > 0), sensors, entities, entitySensors, hasPoe }
  }

  return {
    async read (session, profile, ports, now, inventoryEveryMs) {
      if (!inventory || now - inventory.at >= inventoryEveryMs || inventory.portsText !== textOfPorts(ports)) inventory = await takeInventory(session, profile, ports, now)
      const known = inventory
      const map = portMap(ports, known.entities)
      const modules: OpticalModule[][] = []
      for (const table of known.optics) modules.push(await readModules(session, limits, table, map))
      const sensors: Sensor[] = []
      for (const facts of known.sensors) sensors.push(...await readSensors(session, limits, facts))
      if (profile.entitySensors && known.entitySensors) {
        const general = await readEntitySensors(session, limits, profile.entitySensors, known.entitySensors, known.entities, map)
        modules.push(general.modules)
        sensors.push(...general.sensors)
      }
      const poe = known.hasPoe && profile.poe ? await readPoe(session, limits, profile.poe, map) : null
      return { modules: await gated(session, merged(modules, ports), map), sensors: told(sensors), poe }
    },
    forget () { inventory = null }
  }
}

const noEntities: Entities = { of: () => undefined, portOf: () => undefined, holders: () => [] }
