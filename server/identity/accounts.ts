/** Reading accounts: one row and its camera groups as the contract shows it. No rules here. */
import { eq } from 'drizzle-orm'
import type { Language } from '../contract/common.js'
import type { User } from '../contract/people.js'
import type { Reader } from '../store/store.js'

export type UserRow = Reader['t']['users']['$inferSelect']

/** Logins are told apart without regard to case. */
export const loginKey = (login: string) => login.normalize('NFKC').toLowerCase()

export const userView = (row: UserRow, groupIds: string[]): User => ({
  id: row.id, login: row.login, displayName: row.displayName, roles: row.roles, allGroups: row.allGroups, groupIds,
  language: row.language as Language, disabledAt: row.disabledAt, createdAt: row.createdAt, lastLoginAt: row.lastLoginAt
})

export async function groupIdsOf (db: Reader, userId: string) {
  const { userGroups } = db.t
  const rows = await db.select({ id: userGroups.groupId }).from(userGroups).where(eq(userGroups.userId, userId))
  return rows.map(row => row.id).sort()
}

export async function findUser (db: Reader, id: string): Promise<UserRow | null> {
  const [row] = await db.select().from(db.t.users).where(eq(db.t.users.id, id))
  return row ?? null
}
