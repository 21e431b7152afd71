/** Signing in, changing the own password and accepting one-time links: everything that looks at a password. */
import { eq, sql } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import type { InvitationAccept, LoginRequest, Me, PasswordChange } from '../contract/people.js'
import { invalidField, ServiceProblem } from '../problems.js'
import type { Store, Writer } from '../store/store.js'
import { findUser, groupIdsOf, loginKey, type UserRow, userView } from './accounts.js'
import type { Actor } from './actor.js'
import type { ActorChanges } from './actor-changes.js'
import { type AuditWho, recordAudit } from './audit.js'
import { spendLink } from './links.js'
import { countAttempt, createUnknownLogins } from './lockout.js'
import { hashPassword, passwordFits, passwordProblem } from './password.js'
import { permissionsOf } from './permissions.js'
import { endSessionsOf, startSession, type Visitor } from './sessions.js'
import { readCentre } from './settings.js'

export interface SignIn {
  /** `token` goes into the cookie and nowhere else. */
  login (request: LoginRequest, visitor: Visitor): Promise<{ token: string, me: Me }>
  me (actor: Pick<Actor, 'userId' | 'sessionId'>): Promise<Me>
  changePassword (actor: Actor, change: PasswordChange): Promise<void>
  setLanguage (actor: Actor, language: 'uk' | 'en'): Promise<Me>
  /** Sets the password of an invited person, or of one whom an administrator gave a reset link. */
  acceptInvitation (request: InvitationAccept, visitor: Visitor): Promise<{ login: string }>
}

const wrong = () => new ServiceProblem('unauthenticated', 'wrong_credentials', 'Login or password is wrong.')
const pausing = () => new ServiceProblem('too_many', 'login_paused', 'Too many wrong passwords. Wait a while, or ask an administrator for a reset link.')
const byUser = (user: UserRow, ip: string): AuditWho => ({ userId: user.id, login: user.login, ip })

interface Deps { store: Store, clock: Clock, changes: ActorChanges }

export function createSignIn ({ store, clock, changes }: Deps): SignIn {
  const unknownLogins = createUnknownLogins()

  /** Counts the attempt against the account in one statement chain; a correct password takes it back. */
  async function takeAttempt (key: string) {
    const { user, admitted } = await store.transaction(tx => countInStore(tx, key))
    // Counted outside: the transaction may run again.
    return { user, admitted: user ? admitted : unknownLogins.attempt(key, clock.now()) }
  }

  async function countInStore (tx: Writer, key: string) {
    const { users } = tx.t
    // Touching the row first makes attempts on one account queue on PostgreSQL too.
    const [user] = await tx.update(users).set({ failedLogins: sql`${users.failedLogins}` }).where(eq(users.loginKey, key)).returning()
    if (!user) {
      // A commit that writes nothing is quicker, which would tell that the login does not exist.
      const value = clock.now()
      await tx.insert(tx.t.settings).values({ key: 'unknown_login_at', value }).onConflictDoUpdate({ target: tx.t.settings.key, set: { value } })
      return { user: null, admitted: false }
    }
    const counted = countAttempt({ failures: user.failedLogins, lockedUntil: user.lockedUntil }, clock.now())
    if (counted) await tx.update(users).set({ failedLogins: counted.failures, lockedUntil: counted.lockedUntil }).where(eq(users.id, user.id))
    return { user, admitted: counted !== null }
  }

  async function reject (user: UserRow | null, visitor: Visitor): Promise<never> {
    // What was typed as a login is not written down: it is now and then a password.
    const who = user ? byUser(user, visitor.ip) : { userId: null, login: '', ip: visitor.ip }
    await store.transaction(tx => recordAudit(tx, clock.now(), who, 'session.login_failed', { kind: 'user', id: user?.id ?? '' }, { knownLogin: user !== null, disabled: user?.disabledAt != null }))
    throw wrong()
  }

  async function me (actor: Pick<Actor, 'userId' | 'sessionId'>): Promise<Me> {
    const user = await findUser(store.read, actor.userId)
    if (!user) throw new ServiceProblem('unauthenticated', 'signed_out', 'Sign in first.')
    return {
      user: userView(user, await groupIdsOf(store.read, user.id)), sessionId: actor.sessionId,
      permissions: permissionsOf(user.roles), centre: await readCentre(store.read)
    }
  }

  return {
    me,

    async login ({ login, password }, visitor) {
      const { user, admitted } = await takeAttempt(loginKey(login))
      if (!admitted) throw pausing()
      const fits = await passwordFits(user?.passwordHash ?? null, password)
      if (!user || !fits || user.disabledAt !== null) return reject(user, visitor)
      const session = await store.transaction(async tx => {
        const { users } = tx.t
        const now = clock.now()
        const [fresh] = await tx.update(users).set({ failedLogins: 0, lockedUntil: null, lastLoginAt: now }).where(eq(users.id, user.id)).returning()
        // Disabled or given another password while this one was being checked.
        if (!fresh || fresh.disabledAt !== null || fresh.passwordHash !== user.passwordHash) throw wrong()
        const started = await startSession(tx, now, user.id, visitor)
        await recordAudit(tx, now, byUser(user, visitor.ip), 'session.login', { kind: 'session', id: started.id })
        return started
      })
      return { token: session.token, me: await me({ userId: user.id, sessionId: session.id }) }
    },

    async changePassword (actor, { current, next }) {
      const user = await findUser(store.read, actor.userId)
      const { admitted } = await takeAttempt(loginKey(actor.login))
      if (!admitted) throw pausing()
      if (!user || !await passwordFits(user.passwordHash, current)) throw invalidField('/current', 'wrong_password', 'The current password is wrong.')
      const problem = passwordProblem(next, user, '/next')
      const passwordHash = problem ? null : await hashPassword(next)
      await store.transaction(async tx => {
        const { users } = tx.t
        await tx.update(users).set({ failedLogins: 0, lockedUntil: null, ...(passwordHash ? { passwordHash } : {}) }).where(eq(users.id, user.id))
        if (!passwordHash) return
        await endSessionsOf(tx, user.id, actor.sessionId)
        await recordAudit(tx, clock.now(), actor, 'user.password_change', { kind: 'user', id: user.id })
      })
      if (problem) throw problem
      changes.tell({ userId: user.id, sessionId: null, exceptSessionId: actor.sessionId })
    },

    async setLanguage (actor, language) {
      await store.transaction(async tx => {
        await tx.update(tx.t.users).set({ language }).where(eq(tx.t.users.id, actor.userId))
        await recordAudit(tx, clock.now(), actor, 'user.preferences', { kind: 'user', id: actor.userId }, { language })
      })
      return me(actor)
    },

    async acceptInvitation ({ token, password }, visitor) {
      const passwordHash = await hashPassword(password)
      const user = await store.transaction(async tx => {
        const { users } = tx.t
        const link = await spendLink(tx, clock.now(), token, ['invitation', 'reset'])
        const [row] = await tx.update(users).set({ passwordHash, failedLogins: 0, lockedUntil: null }).where(eq(users.id, link.userId ?? '')).returning()
        if (!row || row.disabledAt !== null) throw new ServiceProblem('gone', 'link_spent', 'This account is closed. Ask an administrator.')
        // Refused inside the transaction, so that the link stays good for another try.
        const problem = passwordProblem(password, row, '/password')
        if (problem) throw problem
        await endSessionsOf(tx, row.id)
        await recordAudit(tx, clock.now(), byUser(row, visitor.ip), `user.${link.purpose}_accept`, { kind: 'user', id: row.id })
        return row
      })
      changes.tell({ userId: user.id, sessionId: null })
      return { login: user.login }
    }
  }
}
