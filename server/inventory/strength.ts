/** How guessable a device's password is: told when it is sealed, and kept as one word, since the password itself is never read again for it. */
import { and, eq, isNull } from 'drizzle-orm'
import { isFactoryPassword } from '../contract/factory-logins.js'
import type { Credential } from '../contract/inventory.js'
import { guessScore, MIN_SCORE, normalise } from '../identity/password.js'
import type { Room } from './room.js'

export type Strength = 'good' | 'weak' | 'factory' | 'empty' | 'same' | 'no_password'

export function strengthOf (credential: Credential): Strength {
  if (credential.kind !== 'password') return 'no_password'
  const { username, password } = credential
  if (isFactoryPassword(username, password)) return 'factory'
  if (password === '') return 'empty'
  const text = normalise(password)
  const user = username.toLowerCase()
  if (user !== '' && text.toLowerCase() === user) return 'same'
  return guessScore(text, [user, 'camera', 'admin'].filter(word => word.length > 2)) < MIN_SCORE ? 'weak' : 'good'
}

const AT_ONCE = 200

/** Those that came by the thousand, or before this was asked: some of them now. Answers how many. */
export async function judgeStrengths ({ store, vault, log }: Pick<Room, 'store' | 'vault' | 'log'>): Promise<number> {
  const { credentials: t } = store.read.t
  const rows = await store.read.select({ deviceId: t.deviceId, sealed: t.sealed }).from(t).where(isNull(t.strength)).limit(AT_ONCE)
  /** Whole towns share a password. */
  const known = new Map<string, Strength>()
  for (const { deviceId, sealed } of rows) {
    let strength: Strength = 'no_password'
    try {
      const credential = vault.open(deviceId, sealed)
      const key = JSON.stringify(credential)
      strength = known.get(key) ?? strengthOf(credential)
      known.set(key, strength)
    } catch (err) {
      log.debug({ deviceId, err: (err as Error).message }, 'a credential that cannot be opened was not judged')
    }
    await store.transaction(tx => tx.update(tx.t.credentials).set({ strength }).where(and(eq(tx.t.credentials.deviceId, deviceId), eq(tx.t.credentials.sealed, sealed))))
    // Each costs some milliseconds: others come between.
    await new Promise(resolve => { setImmediate(resolve) })
  }
  return rows.length
}
