/** One-time links. Whoever holds the token acts once; only its hash is kept. */
import { and, eq, gt, isNull } from 'drizzle-orm'
import { hashToken, newToken } from '../../lib/ids.js'
import { ServiceProblem } from '../problems.js'
import type { Writer } from '../store/store.js'

/** `setup` makes the first administrator; `invitation` sets a first password; `reset` sets a new one. */
export type LinkPurpose = 'setup' | 'invitation' | 'reset'
export interface IssuedLink { token: string, expiresAt: number }

const LIFE_MS: Record<LinkPurpose, number> = { setup: 24 * 3_600_000, invitation: 3 * 86_400_000, reset: 3_600_000 }

/** A new link voids the unused ones of the same person (for setup: all of them). */
export async function issueLink (tx: Writer, now: number, purpose: LinkPurpose, userId: string | null): Promise<IssuedLink> {
  const { links } = tx.t
  await tx.delete(links).where(and(isNull(links.usedAt), userId === null ? eq(links.purpose, purpose) : eq(links.userId, userId)))
  const token = newToken()
  const expiresAt = now + LIFE_MS[purpose]
  await tx.insert(links).values({ tokenHash: hashToken(token), purpose, userId, createdAt: now, expiresAt, usedAt: null })
  return { token, expiresAt }
}

const spent = () => new ServiceProblem('gone', 'link_spent', 'This link was used, replaced by a newer one, or has expired. Ask for a new one.')

/** Marks the link used; of two at once only one gets through. */
export async function spendLink (tx: Writer, now: number, token: string, purposes: readonly LinkPurpose[]) {
  const { links } = tx.t
  const [link] = await tx.update(links).set({ usedAt: now })
    .where(and(eq(links.tokenHash, hashToken(token)), isNull(links.usedAt), gt(links.expiresAt, now))).returning()
  if (!link || !purposes.includes(link.purpose as LinkPurpose)) throw spent()
  return { purpose: link.purpose as LinkPurpose, userId: link.userId }
}
