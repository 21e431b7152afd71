/** What the parts of this room share: its surroundings, and the shape of every change. */
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { Actor } from '../identity/actor.js'
import type { AuditWho } from '../identity/audit.js'
import type { Store, Writer } from '../store/store.js'
import { type Announce, type ScopedWallEvent, serializeChanges } from '../store/wall-events.js'
import type { Vault } from './vault.js'

/** What a committed change sets off elsewhere. */
interface InventoryEffects {
  /** Tells the walls; after the commit. */
  announce: Announce
  /** The plans of these agents changed; after the commit. */
  planChanged (agentIds: string[]): void
  /** These devices were made, edited, moved, disabled or removed: health judges them anew; after the commit. */
  devicesChanged (deviceIds: string[]): void
}
export interface Room { store: Store, clock: Clock, log: Log, vault: Vault, effects: InventoryEffects }

/** Gathers, during one transaction, what will be told once it has committed. */
export interface Told { readonly at: number, readonly events: ScopedWallEvent[], readonly agentIds: Set<string>, readonly deviceIds: Set<string> }

/** One transaction, one fact; nobody hears of what did not commit. Changes of the inventory happen one after another. */
export async function commit<T> (room: Room, work: (tx: Writer, told: Told) => Promise<T>): Promise<T> {
  let told!: Told
  const value = await room.store.transaction(async tx => {
    told = { at: room.clock.now(), events: [], agentIds: new Set(), deviceIds: new Set() }
    await serializeChanges(tx)
    return work(tx, told)
  })
  if (told.events.length > 0) room.effects.announce(told.events)
  if (told.deviceIds.size > 0) room.effects.devicesChanged([...told.deviceIds])
  if (told.agentIds.size > 0) room.effects.planChanged([...told.agentIds])
  return value
}

export const whoOf = (actor: Actor): AuditWho => ({ userId: actor.userId, login: actor.login, ip: actor.ip })

/** Rows a statement: SQLite takes 32,766 parameters, PostgreSQL 65,535. */
export function* chunks<T> (items: readonly T[], size = 500) {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size)
}
