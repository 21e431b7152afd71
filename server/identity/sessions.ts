/** Sessions: a random token in the browser's cookie, its hash here. They end after 12 h of rest or 7 days, whichever is first. */
import { and, desc, eq, gt, lte, ne } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import { hashToken, newId, newToken } from '../../lib/ids.js'
import type { Session } from '../contract/people.js'
import { notFound, ServiceProblem } from '../problems.js'
import type { Reader, Store, Writer } from '../store/store.js'
import { groupIdsOf } from './accounts.js'
import type { Actor } from './actor.js'
import type { ActorChanges } from './actor-changes.js'
import { recordAudit } from './audit.js'
import { allowed } from './permissions.js'

const IDLE_MS = 12 * 3_600_000
export const ABSOLUTE_MS = 7 * 86_400_000
/** A session in use is written back at most this often. */
const TOUCH_MS = 60_000
const MAX_USER_AGENT = 300

const expiryOf = (createdAt: number, seenAt: number) => Math.min(seenAt + IDLE_MS, createdAt + ABSOLUTE_MS)

export interface Visitor { ip: string, userAgent: string }

/** In the transaction that found the person to be who they say. Also clears away what expired. */
export async function startSession (tx: Writer, now: number, userId: string, visitor: Visitor) {
  const { sessions } = tx.t
  await tx.delete(sessions).where(lte(sessions.expiresAt, now))
  const token = newToken()
  const id = newId()
  await tx.insert(sessions).values({
    id, tokenHash: hashToken(token), userId, createdAt: now, lastSeenAt: now, expiresAt: expiryOf(now, now),
    ip: visitor.ip, userAgent: visitor.userAgent.slice(0, MAX_USER_AGENT)
  })
  return { id, token }
}

/** In the transaction of what makes them end; tell ActorChanges after its commit. */
export async function endSessionsOf (tx: Writer, userId: string, except?: string) {
  const { sessions } = tx.t
  await tx.delete(sessions).where(and(eq(sessions.userId, userId), except === undefined ? undefined : ne(sessions.id, except)))
}

export interface Sessions {
  /** Null for an unknown, expired or ended session and for a disabled user. Counts as use. */
  actorOf (token: string, ip: string): Promise<Actor | null>
  /** For a socket that outlives its request: false once the session is over. Counts as use. */
  stillOpen (sessionId: string): Promise<boolean>
  /** Own sessions; an administrator may ask for everybody's. */
  list (actor: Actor, all: boolean): Promise<Session[]>
  /** Own, or anybody's for an administrator. */
  end (actor: Actor, id: string): Promise<void>
}

type Row = Reader['t']['sessions']['$inferSelect']
interface Deps { store: Store, clock: Clock, changes: ActorChanges }

export function createSessions ({ store, clock, changes }: Deps): Sessions {
  async function touch (session: Row) {
    const now = clock.now()
    if (now - session.lastSeenAt < TOUCH_MS) return
    await store.transaction(async tx => {
      await tx.update(tx.t.sessions).set({ lastSeenAt: now, expiresAt: expiryOf(session.createdAt, now) }).where(eq(tx.t.sessions.id, session.id))
    })
  }

  async function open (by: { tokenHash: string } | { id: string }) {
    const { sessions, users } = store.read.t
    const [found] = await store.read.select({ session: sessions, user: users }).from(sessions).innerJoin(users, eq(users.id, sessions.userId))
      .where(and('id' in by ? eq(sessions.id, by.id) : eq(sessions.tokenHash, by.tokenHash), gt(sessions.expiresAt, clock.now())))
    if (!found || found.user.disabledAt !== null) return null
    await touch(found.session)
    return found
  }

  return {
    async actorOf (token, ip) {
      const found = await open({ tokenHash: hashToken(token) })
      if (!found) return null
      const { user, session } = found
      return {
        userId: user.id, login: user.login, roles: user.roles, allGroups: user.allGroups,
        groupIds: user.allGroups ? [] : await groupIdsOf(store.read, user.id), sessionId: session.id, ip
      }
    },

    stillOpen: async sessionId => (await open({ id: sessionId })) !== null,

    async list (actor, all) {
      if (all && !allowed(actor.roles, 'session.manage_any')) throw new ServiceProblem('forbidden', 'forbidden', 'Only an administrator sees the sessions of others.')
      const { sessions, users } = store.read.t
      const rows = await store.read.select({ session: sessions, login: users.login }).from(sessions).innerJoin(users, eq(users.id, sessions.userId))
        .where(and(gt(sessions.expiresAt, clock.now()), all ? undefined : eq(sessions.userId, actor.userId))).orderBy(desc(sessions.lastSeenAt)).limit(1000)
      return rows.map(({ session: { id, userId, createdAt, lastSeenAt, expiresAt, ip, userAgent }, login }) =>
        ({ id, userId, login, createdAt, lastSeenAt, expiresAt, ip, userAgent, current: id === actor.sessionId }))
    },

    async end (actor, id) {
      const userId = await store.transaction(async tx => {
        const { sessions } = tx.t
        const [row] = await tx.delete(sessions).where(eq(sessions.id, id)).returning()
        // Another's session does not exist for somebody who may not end it.
        if (!row || (row.userId !== actor.userId && !allowed(actor.roles, 'session.manage_any'))) throw notFound('session')
        await recordAudit(tx, clock.now(), actor, id === actor.sessionId ? 'session.logout' : 'session.end', { kind: 'session', id }, { userId: row.userId })
        return row.userId
      })
      changes.tell({ userId, sessionId: id })
    }
  }
}
