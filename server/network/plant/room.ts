/** What the parts of this room share. */
import type { Clock } from '../../../lib/clock.js'
import type { Actor } from '../../identity/actor.js'
import { recordAudit } from '../../identity/audit.js'
import type { Store, Writer } from '../../store/store.js'
import { serializeChanges } from '../../store/wall-events.js'

export interface PlantRoom { store: Store, clock: Clock }

/** One transaction, one change, one audit entry; changes come one after another, so that what was checked still holds. */
export const change = <T>({ store, clock }: PlantRoom, work: (tx: Writer, now: number) => Promise<T>): Promise<T> =>
  store.transaction(async tx => {
    await serializeChanges(tx)
    return work(tx, clock.now())
  })

export const audit = (tx: Writer, now: number, actor: Actor, action: string, subject: { kind: string, id: string }, details: unknown) =>
  recordAudit(tx, now, { userId: actor.userId, login: actor.login, ip: actor.ip }, action, subject, details)

/** Rows a statement: SQLite takes 32,766 parameters. */
export function* chunks<T> (items: readonly T[], size = 500) {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size)
}
export const cleanNote = (note: string | undefined) => (note ?? '').replace(/\r\n?/g, '\n').trim()
