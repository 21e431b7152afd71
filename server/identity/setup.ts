/** The first administrator: made by whoever holds the one-time link that the server prints at its first start. */
import { count, sql } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import { newId } from '../../lib/ids.js'
import type { SetupRequest } from '../contract/people.js'
import { ServiceProblem } from '../problems.js'
import type { Reader, Store } from '../store/store.js'
import { loginKey } from './accounts.js'
import { recordAudit, systemWho } from './audit.js'
import { type IssuedLink, issueLink, spendLink } from './links.js'
import { hashPassword, passwordProblem } from './password.js'
import { startSession, type Visitor } from './sessions.js'

export interface Setup {
  needed (): Promise<boolean>
  /** Null when somebody exists already; otherwise a fresh link, the old one being void. */
  offer (): Promise<IssuedLink | null>
  /** Makes the administrator and signs them in. */
  complete (request: SetupRequest, visitor: Visitor): Promise<{ token: string, userId: string, sessionId: string }>
}

async function nobodyYet (db: Reader) {
  const [row] = await db.select({ n: count() }).from(db.t.users)
  return row!.n === 0
}

export function createSetup ({ store, clock }: { store: Store, clock: Clock }): Setup {
  return {
    needed: () => nobodyYet(store.read),

    offer: () => store.transaction(async tx => {
      if (!await nobodyYet(tx)) return null
      const link = await issueLink(tx, clock.now(), 'setup', null)
      await recordAudit(tx, clock.now(), systemWho, 'setup.offer', { kind: 'settings', id: 'setup' }, { expiresAt: link.expiresAt })
      return link
    }),

    async complete ({ token, login, displayName, password, language }, visitor) {
      const problem = passwordProblem(password, { login, displayName }, '/password')
      if (problem) throw problem
      const passwordHash = await hashPassword(password)
      return store.transaction(async tx => {
        const now = clock.now()
        await spendLink(tx, now, token, ['setup'])
        if (!await nobodyYet(tx)) throw new ServiceProblem('gone', 'link_spent', 'The first administrator exists already. Sign in.')
        const [user] = await tx.insert(tx.t.users).values({
          id: newId(), login, loginKey: loginKey(login), displayName: displayName.trim(), roles: ['administrator'], allGroups: true,
          language: language ?? 'uk', passwordHash, disabledAt: null, createdAt: now, lastLoginAt: now, failedLogins: 0, lockedUntil: null
        }).returning()
        const session = await startSession(tx, now, user!.id, visitor)
        await tx.insert(tx.t.settings).values({ key: 'setup_completed_at', value: now }).onConflictDoUpdate({ target: tx.t.settings.key, set: { value: sql`excluded.value` } })
        await recordAudit(tx, now, { userId: user!.id, login, ip: visitor.ip }, 'setup.complete', { kind: 'user', id: user!.id })
        return { token: session.token, userId: user!.id, sessionId: session.id }
      })
    }
  }
}
