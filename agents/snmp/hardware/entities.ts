/** ENTITY-MIB (RFC 6933): what the parts of a device are called, what holds what, and which of them are ports. */
import type { PortObservation } from '../messages.js'
import type { SnmpSession } from '../session.js'
import { numberOf, oidTextOf } from '../values.js'
import type { WalkLimits } from '../walk.js'
import { plainText } from './numbers.js'
import { readTables } from './read-tables.js'

const entry = '1.3.6.1.2.1.47.1.1.1.1'
const columns = { descr: `${entry}.2`, within: `${entry}.4`, class: `${entry}.5`, name: `${entry}.7`, serial: `${entry}.11`, maker: `${entry}.12`, model: `${entry}.13` } as const
/** entAliasMappingIdentifier: rows `<entity>.<logical>`, values `ifIndex.<n>`. */
const alias = '1.3.6.1.2.1.47.1.3.2.1.2'
const ifIndexPrefix = '1.3.6.1.2.1.2.2.1.1.'

interface Entity { name: string, descr: string, within: string, class: number, serial: string, maker: string, model: string }
export interface Entities {
  of (index: string): Entity | undefined
  /** The port that this is, is part of, or holds. */
  portOf (index: string): PortObservation | undefined
  /** What holds it, nearest first. */
  holders (index: string): Entity[]
}
/** Deeper than any chassis; it also ends a circle. */
const DEEPEST = 12
const MODULE = 9

export async function readEntities (session: SnmpSession, limits: WalkLimits, ports: readonly PortObservation[]): Promise<Entities> {
  const tables = await readTables(session, limits, [...Object.values(columns), alias], { weight: 2, maxRows: 20_000 })
  const entities = new Map<string, Entity>()
  for (const [index, v] of tables.column(columns.class)) {
    const text = (oid: string) => plainText({}, tables.column(oid).get(index), 120)
    entities.set(index, {
      class: numberOf(v) ?? 0, within: String(numberOf(tables.column(columns.within).get(index)) ?? 0), name: text(columns.name), descr: text(columns.descr),
      serial: text(columns.serial), maker: text(columns.maker), model: text(columns.model)
    })
  }
  const byIfIndex = new Map(ports.map(p => [p.ifIndex, p]))
  const byName = new Map(ports.flatMap(p => [[p.description, p], [p.name, p]] as const))
  const mapped = new Map<string, PortObservation>()
  for (const [row, v] of tables.column(alias)) {
    const target = oidTextOf(v)
    const port = target.startsWith(ifIndexPrefix) ? byIfIndex.get(Number(target.slice(ifIndexPrefix.length))) : undefined
    const entity = row.slice(0, row.lastIndexOf('.'))
    if (port && !mapped.has(entity)) mapped.set(entity, port)
  }
  for (const [index, entity] of entities) {
    const port = mapped.has(index) ? undefined : byName.get(entity.name) ?? byName.get(entity.descr)
    if (port && entity.name !== '') mapped.set(index, port)
  }
  function above (index: string): string[] {
    const way: string[] = []
    for (let here = entities.get(index)?.within; here && here !== '0' && way.length < DEEPEST && !way.includes(here); here = entities.get(here)?.within) way.push(here)
    return way
  }
  /** Ports by what holds them: many makers hang the sensors on the module and the port beside them. */
  const held = new Map<string, PortObservation[]>()
  for (const [index, port] of mapped) {
    const holder = entities.get(index)?.within
    if (holder) held.set(holder, [...held.get(holder) ?? [], port])
  }
  return {
    of: index => entities.get(index),
    portOf (index) {
      for (const part of [index, ...above(index)]) {
        const port = mapped.get(part)
        if (port) return port
        // A module of one port is that port's; a card of many is nobody's.
        const inside = held.get(part)
        if (inside?.length === 1 && entities.get(part)?.class === MODULE) return inside[0]
      }
      const name = entities.get(index)?.name ?? ''
      // `Te1/0/1 Receive Power Sensor`
      return [...byName].find(([port]) => port !== '' && (name === port || name.startsWith(`${port} `)))?.[1]
    },
    holders: index => above(index).flatMap(i => entities.get(i) ?? [])
  }
}
