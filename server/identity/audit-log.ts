/** Reading the audit chain. Writing stands in audit.ts. */
import { and, desc, eq, gte, lt, lte, sql } from 'drizzle-orm'
import type { AuditEntry, AuditQuery } from '../contract/people.js'
import { invalidField } from '../problems.js'
import type { Store } from '../store/store.js'
import { type Actor, demand } from './actor.js'
import { verifyAudit } from './audit.js'

export interface AuditLog {
  page (actor: Actor, query: AuditQuery): Promise<{ items: AuditEntry[], next: string | null }>
  /** Walks the whole chain. */
  verify (actor: Actor): Promise<{ ok: boolean, checked: number, brokenAt: number | null }>
}

const PAGE = 100

function before (cursor: string | undefined) {
  if (cursor === undefined) return undefined
  if (!/^[0-9]{1,15}$/.test(cursor)) throw invalidField('/querystring/cursor', 'cursor_invalid', 'The cursor is not one of ours; start again without it.')
  return Number(cursor)
}

export function createAuditLog ({ store }: { store: Store }): AuditLog {
  return {
    async page (actor, query) {
      demand(actor, 'audit.read')
      const { audit } = store.read.t
      const limit = query.limit ?? PAGE
      const cursor = before(query.cursor)
      const rows = await store.read.select().from(audit).where(and(
        cursor === undefined ? undefined : lt(audit.seq, cursor),
        query.action ? sql`substr(${audit.action}, 1, ${query.action.length}) = ${query.action}` : undefined,
        query.userId ? eq(audit.userId, query.userId) : undefined,
        query.from === undefined ? undefined : gte(audit.at, query.from),
        query.to === undefined ? undefined : lte(audit.at, query.to)
      )).orderBy(desc(audit.seq)).limit(limit + 1)
      const items = rows.slice(0, limit).map(({ prevHash: _, ...entry }) => entry)
      return { items, next: rows.length > limit ? String(items.at(-1)!.seq) : null }
    },
    async verify (actor) {
      demand(actor, 'audit.read')
      return verifyAudit(store.read)
    }
  }
}
