/** Accounts: who exists, what they may do and which cameras they see. */
import { and, asc, eq, inArray, isNotNull, isNull } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import { newId } from '../../lib/ids.js'
import type { Role, User, UserCreate, UserUpdate } from '../contract/people.js'
import { invalidField, notFound, ServiceProblem } from '../problems.js'
import type { Store, Writer } from '../store/store.js'
import { serializeChanges } from '../store/wall-events.js'
import { findUser, groupIdsOf, loginKey, type UserRow, userView } from './accounts.js'
import { type Actor, demand } from './actor.js'
import type { ActorChanges } from './actor-changes.js'
import { recordAudit } from './audit.js'
import { type IssuedLink, issueLink } from './links.js'
import { endSessionsOf } from './sessions.js'

export interface Users {
  list (actor: Actor): Promise<User[]>
  /** The account cannot be signed into until its one-time link is used. */
  create (actor: Actor, write: UserCreate): Promise<{ user: User, link: IssuedLink }>
  update (actor: Actor, id: string, write: UserUpdate): Promise<User>
  /** A new invitation, or a reset link for somebody who has a password already. */
  invite (actor: Actor, id: string): Promise<IssuedLink>
}

async function setGroups (tx: Writer, userId: string, groupIds: readonly string[]) {
  const { cameraGroups, userGroups } = tx.t
  const known = groupIds.length === 0 ? [] : await tx.select({ id: cameraGroups.id }).from(cameraGroups).where(inArray(cameraGroups.id, [...groupIds]))
  const knownIds = new Set(known.map(group => group.id))
  const missing = groupIds.findIndex(id => !knownIds.has(id))
  if (missing >= 0) throw invalidField(`/groupIds/${missing}`, 'camera_group_not_found', 'No such camera group.')
  await tx.delete(userGroups).where(eq(userGroups.userId, userId))
  if (groupIds.length > 0) await tx.insert(userGroups).values(groupIds.map(groupId => ({ userId, groupId })))
}

/**
 * Somebody who can sign in must be able to administer. Call it after serializeChanges(), which makes transactions queue:
 * two administrators who demote each other at once cannot both get through.
 */
async function demandAdministrator (tx: Writer) {
  const { users } = tx.t
  const able = await tx.select({ roles: users.roles }).from(users).where(and(isNull(users.disabledAt), isNotNull(users.passwordHash)))
  if (!able.some(user => user.roles.includes('administrator'))) {
    throw new ServiceProblem('conflict', 'last_administrator', 'This is the last administrator who can sign in. Make another one first.')
  }
}

function changesOf (before: UserRow, groupsBefore: string[], write: UserUpdate) {
  const { displayName, roles, allGroups, language, disabled, groupIds } = write
  const was = { displayName: before.displayName, roles: before.roles, allGroups: before.allGroups, language: before.language, disabled: before.disabledAt !== null, groupIds: groupsBefore }
  const now = Object.fromEntries(Object.entries({ displayName, roles, allGroups, language, disabled, groupIds }).filter(([, value]) => value !== undefined))
  return { before: Object.fromEntries(Object.keys(now).map(key => [key, was[key as keyof typeof was]])), after: now }
}

/** What somebody may do or see changes with these; names and languages do not matter to open sockets. */
const concernsAccess = (write: UserUpdate) => write.roles !== undefined || write.allGroups !== undefined || write.groupIds !== undefined || write.disabled !== undefined

interface Deps { store: Store, clock: Clock, changes: ActorChanges }

export function createUsers ({ store, clock, changes }: Deps): Users {
  return {
    async list (actor) {
      demand(actor, 'user.read')
      const { users, userGroups } = store.read.t
      const rows = await store.read.select().from(users).orderBy(asc(users.loginKey))
      const memberships = await store.read.select().from(userGroups)
      const groups = new Map<string, string[]>()
      for (const { userId, groupId } of memberships) groups.set(userId, [...groups.get(userId) ?? [], groupId])
      return rows.map(row => userView(row, (groups.get(row.id) ?? []).sort()))
    },

    async create (actor, write) {
      demand(actor, 'user.write')
      const roles: Role[] = [...write.roles]
      return store.transaction(async tx => {
        const now = clock.now()
        const [row] = await tx.insert(tx.t.users).values({
          id: newId(), login: write.login, loginKey: loginKey(write.login), displayName: write.displayName.trim(), roles, allGroups: write.allGroups,
          language: write.language ?? 'uk', passwordHash: null, disabledAt: null, createdAt: now, lastLoginAt: null, failedLogins: 0, lockedUntil: null
        }).onConflictDoNothing().returning()
        if (!row) throw new ServiceProblem('conflict', 'login_taken', 'Somebody has this login.', [{ field: '/login', message: 'is taken' }])
        await setGroups(tx, row.id, write.groupIds)
        const link = await issueLink(tx, now, 'invitation', row.id)
        await recordAudit(tx, now, actor, 'user.create', { kind: 'user', id: row.id }, { login: row.login, roles, allGroups: row.allGroups, groupIds: write.groupIds })
        return { user: userView(row, [...write.groupIds].sort()), link }
      })
    },

    async update (actor, id, write) {
      demand(actor, 'user.write')
      const user = await store.transaction(async tx => {
        const now = clock.now()
        // What is read here is written back: another administrator's change must not come between.
        await serializeChanges(tx)
        const before = await findUser(tx, id)
        if (!before) throw notFound('user')
        const diff = changesOf(before, await groupIdsOf(tx, id), write)
        const { displayName, roles, allGroups, language, disabled, groupIds } = write
        const [row] = await tx.update(tx.t.users).set({
          displayName: displayName?.trim() ?? before.displayName, roles: roles ? [...roles] : before.roles, allGroups: allGroups ?? before.allGroups,
          language: language ?? before.language, disabledAt: disabled === undefined ? before.disabledAt : disabled ? before.disabledAt ?? now : null
        }).where(eq(tx.t.users.id, id)).returning()
        if (groupIds) await setGroups(tx, id, groupIds)
        if (disabled) await endSessionsOf(tx, id)
        await recordAudit(tx, now, actor, disabled ? 'user.disable' : 'user.update', { kind: 'user', id }, diff)
        if (concernsAccess(write)) await demandAdministrator(tx)
        return userView(row!, await groupIdsOf(tx, id))
      })
      if (concernsAccess(write)) changes.tell({ userId: id, sessionId: null })
      return user
    },

    async invite (actor, id) {
      demand(actor, 'user.write')
      return store.transaction(async tx => {
        const user = await findUser(tx, id)
        if (!user) throw notFound('user')
        if (user.disabledAt !== null) throw new ServiceProblem('conflict', 'user_disabled', 'Enable the account first.')
        const purpose = user.passwordHash === null ? 'invitation' : 'reset'
        const link = await issueLink(tx, clock.now(), purpose, id)
        await recordAudit(tx, clock.now(), actor, `user.${purpose}_link`, { kind: 'user', id }, { expiresAt: link.expiresAt })
        return link
      })
    }
  }
}
