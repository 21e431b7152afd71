import { createHash } from 'node:crypto'
import { asc, eq, gt } from 'drizzle-orm'
import type { Reader, Writer } from '../store/store.js'
import { nextAuditNumber } from '../store/wall-events.js'

/** Who did it; `system` acts have no user. */
export interface AuditWho { userId: string | null, login: string, ip: string }
export const systemWho: AuditWho = { userId: null, login: 'system', ip: '' }

/** JSON with sorted keys, so that a database that reorders them (jsonb) hashes alike. */
function canonical (value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value && typeof value === 'object') {
    return `{${Object.entries(value).filter(([, v]) => v !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`).join(',')}}`
  }
  return JSON.stringify(value) ?? 'null'
}

type Row = { seq: number, at: number, userId: string | null, login: string, ip: string, action: string, subjectKind: string, subjectId: string, details: unknown }
const hashOf = (prev: string, r: Row) => createHash('sha256').update(prev).update('\n')
  .update(canonical([r.seq, r.at, r.userId, r.login, r.ip, r.action, r.subjectKind, r.subjectId, r.details])).digest('hex')

/** Adds a link to the chain, in the transaction of the act itself. Never put a secret in `details`. */
export async function recordAudit (tx: Writer, at: number, who: AuditWho, action: string, subject: { kind: string, id: string }, details: unknown = {}) {
  const { audit } = tx.t
  const seq = await nextAuditNumber(tx)
  const [last] = await tx.select({ hash: audit.hash }).from(audit).where(eq(audit.seq, seq - 1))
  const row: Row = { seq, at, userId: who.userId, login: who.login, ip: who.ip, action, subjectKind: subject.kind, subjectId: subject.id, details: JSON.parse(JSON.stringify(details)) }
  const prevHash = last?.hash ?? ''
  await tx.insert(audit).values({ ...row, prevHash, hash: hashOf(prevHash, row) })
}

/** Walks the chain in pages; the first entry whose hash or predecessor does not fit is named. */
export async function verifyAudit (db: Reader): Promise<{ ok: boolean, checked: number, brokenAt: number | null }> {
  const { audit } = db.t
  let prev = ''
  let after = 0
  for (;;) {
    const rows = await db.select().from(audit).where(gt(audit.seq, after)).orderBy(asc(audit.seq)).limit(1000)
    if (rows.length === 0) return { ok: true, checked: after, brokenAt: null }
    for (const row of rows) {
      if (row.seq !== after + 1 || row.prevHash !== prev || row.hash !== hashOf(prev, row)) return { ok: false, checked: after, brokenAt: row.seq }
      prev = row.hash
      after = row.seq
    }
  }
}
