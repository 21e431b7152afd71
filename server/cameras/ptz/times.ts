/** How long things last, as the centre set them. */
import { eq } from 'drizzle-orm'
import type { Clock } from '../../../lib/clock.js'
import type { PtzSettings, PtzSettingsWrite } from '../../contract/ptz.js'
import { type Actor, demand } from '../../identity/actor.js'
import { recordAudit } from '../../identity/audit.js'
import type { Reader, Store } from '../../store/store.js'
import type { PtzTimes } from './desk.js'

export interface Times {
  readonly now: PtzTimes
  get (actor: Actor): Promise<PtzSettings>
  set (actor: Actor, write: PtzSettingsWrite): Promise<PtzSettings>
  load (): Promise<void>
}

const usual: PtzSettings = { idleS: 30, resumeS: 60 }
const KEY = 'ptz'

async function read (db: Reader): Promise<PtzSettings> {
  const [row] = await db.select().from(db.t.settings).where(eq(db.t.settings.key, KEY))
  return { ...usual, ...(row?.value as Partial<PtzSettings> | undefined) }
}

export function createTimes ({ store, clock }: { store: Store, clock: Clock }): Times {
  let current = usual
  return {
    get now () { return { idleMs: current.idleS * 1000, resumeMs: current.resumeS * 1000 } },
    async get (actor) {
      demand(actor, 'settings.read')
      return read(store.read)
    },
    async set (actor, write) {
      demand(actor, 'settings.write')
      current = await store.transaction(async tx => {
        const before = await read(tx)
        const value = { ...before, ...write }
        await tx.insert(tx.t.settings).values({ key: KEY, value }).onConflictDoUpdate({ target: tx.t.settings.key, set: { value } })
        await recordAudit(tx, clock.now(), actor, 'settings.update', { kind: 'settings', id: KEY }, { before, after: value })
        return value
      })
      return current
    },
    async load () { current = await read(store.read) }
  }
}
