/** Centre-wide settings. */
import { eq } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import type { Centre, Settings, SettingsWrite } from '../contract/people.js'
import { invalidField } from '../problems.js'
import type { Reader, Store } from '../store/store.js'
import { type Actor, demand } from './actor.js'
import { recordAudit } from './audit.js'

const defaultCentre: Centre = { name: 'Kalancha', timeZone: 'Europe/Kyiv' }

export async function readCentre (db: Reader): Promise<Centre> {
  const [row] = await db.select().from(db.t.settings).where(eq(db.t.settings.key, 'centre'))
  return { ...defaultCentre, ...(row?.value as Partial<Centre> | undefined) }
}

function isTimeZone (name: string) {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}

export interface CentreSettings {
  get (actor: Actor): Promise<Settings>
  update (actor: Actor, write: SettingsWrite): Promise<Settings>
}

export function createSettings ({ store, clock }: { store: Store, clock: Clock }): CentreSettings {
  return {
    async get (actor) {
      demand(actor, 'settings.read')
      return { centre: await readCentre(store.read) }
    },
    async update (actor, write) {
      demand(actor, 'settings.write')
      if (write.centre.timeZone !== undefined && !isTimeZone(write.centre.timeZone)) throw invalidField('/centre/timeZone', 'time_zone_unknown', 'Not a name of the IANA time zone database, for example Europe/Kyiv.')
      return store.transaction(async tx => {
        const before = await readCentre(tx)
        const centre = { ...before, ...write.centre }
        await tx.insert(tx.t.settings).values({ key: 'centre', value: centre }).onConflictDoUpdate({ target: tx.t.settings.key, set: { value: centre } })
        await recordAudit(tx, clock.now(), actor, 'settings.update', { kind: 'settings', id: 'centre' }, { before, after: centre })
        return { centre }
      })
    }
  }
}
