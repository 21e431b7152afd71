/** Filter, sort and pages over the table in memory. Pure. */
import Type from 'typebox'
import Value from 'typebox/value'
import { type ComplianceCheck, type ComplianceCounts, type ComplianceFilter, type CompliancePage, type ComplianceRow, complianceChecks, type ComplianceStatus, complianceStatuses } from '../../contract/compliance.js'
import { invalidField } from '../../problems.js'
import type { TableRow } from './table.js'

/** Names as people read them: Ukrainian letters in their order, numbers by value. */
const collator = new Intl.Collator('uk', { numeric: true, sensitivity: 'base' })
const worstFirst: Record<ComplianceStatus, number> = { fail: 0, unknown: 1, pass: 2, unjudged: 3 }

/** Sorted once; every other order falls back on this one. */
export const byName = (a: TableRow, b: TableRow) => collator.compare(a.camera.name, b.camera.name) || (a.camera.id < b.camera.id ? -1 : a.camera.id > b.camera.id ? 1 : 0)

type Sort = NonNullable<ComplianceFilter['sort']>
type Key = number | string
const isCheck = (sort: Sort): sort is ComplianceCheck => (complianceChecks as readonly string[]).includes(sort)
function keyOf (row: TableRow, sort: Sort): Key {
  if (isCheck(sort)) return worstFirst[row.checks[sort].status]
  switch (sort) {
    case 'failed': return -row.failed
    case 'name': return 0
    case 'site': return row.camera.siteName ?? '\uffff'
    case 'model': return row.identity ? `${row.identity.manufacturer} ${row.identity.model}` : '\uffff'
  }
}
const compareKeys = (a: Key, b: Key) => typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b))

/** Everything but `check` and `status`. */
export function scoped (rows: readonly TableRow[], { siteId, groupId, q }: ComplianceFilter): TableRow[] {
  const words = (q ?? '').toLowerCase().split(/\s+/).filter(Boolean).slice(0, 8)
  return rows.filter(({ camera, text }) => (siteId === undefined || camera.siteId === siteId) && (groupId === undefined || camera.groupId === groupId) && words.every(w => text.includes(w)))
}

export function chosen (rows: readonly TableRow[], { check, status }: ComplianceFilter): TableRow[] {
  if (check === undefined && status === undefined) return [...rows]
  const wanted = status ?? 'fail'
  return rows.filter(({ checks }) => check ? checks[check].status === wanted : complianceChecks.some(c => checks[c].status === wanted))
}

export function countsOf (rows: readonly TableRow[]): CompliancePage['counts'] {
  const counts = Object.fromEntries(complianceChecks.map(c => [c, Object.fromEntries(complianceStatuses.map(s => [s, 0]))])) as Record<ComplianceCheck, ComplianceCounts>
  for (const { checks } of rows) for (const check of complianceChecks) counts[check][checks[check].status]++
  return counts
}

const Cursor = Type.Object({ s: Type.String(), d: Type.Boolean(), k: Type.Union([Type.Number(), Type.String()]), n: Type.String(), i: Type.String() })
function readCursor (text: string, sort: Sort, descending: boolean) {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch { /* refused below */ }
  if (!Value.Check(Cursor, value) || value.s !== sort || value.d !== descending) throw invalidField('/querystring/cursor', 'cursor_invalid', 'This cursor belongs to another list: start from the first page.')
  return value
}

/** `rows` in the order of `byName`, which a sort that is stable keeps. */
export function sorted (rows: readonly TableRow[], { sort = 'failed', descending = false }: ComplianceFilter): TableRow[] {
  const keyed = rows.map(row => ({ row, key: keyOf(row, sort) }))
  if (sort === 'name') return descending ? rows.toReversed() : [...rows]
  return keyed.sort((a, b) => descending ? compareKeys(b.key, a.key) : compareKeys(a.key, b.key)).map(k => k.row)
}

/** Goes on behind the last row shown, wherever it would stand now, so that no row is told twice while others change. */
export function pageOf (rows: readonly TableRow[], { sort = 'failed', descending = false, cursor, limit = 100 }: ComplianceFilter & { cursor?: string, limit?: number }) {
  const all = sorted(rows, { sort, descending })
  let from = 0
  if (cursor !== undefined) {
    const { k, n, i } = readCursor(cursor, sort, descending)
    const behind = (row: TableRow) => {
      const key = compareKeys(keyOf(row, sort), k)
      const name = collator.compare(row.camera.name, n) || (row.camera.id < i ? -1 : row.camera.id > i ? 1 : 0)
      return (descending ? -key : key) || (sort === 'name' && descending ? -name : name)
    }
    let to = all.length
    while (from < to) {
      const middle = (from + to) >> 1
      if (behind(all[middle]!) > 0) to = middle
      else from = middle + 1
    }
  }
  const page = all.slice(from, from + limit)
  const last = page.at(-1)
  const more = from + limit < all.length && last
  return { page, next: more ? Buffer.from(JSON.stringify({ s: sort, d: descending, k: keyOf(last, sort), n: last.camera.name, i: last.camera.id })).toString('base64url') : null, total: all.length }
}

export const shownRow = ({ camera, identity, state, failed, checks }: TableRow): ComplianceRow => ({
  id: camera.id, name: camera.name, siteName: camera.siteName, groupName: camera.groupName, address: camera.address, state,
  manufacturer: identity?.manufacturer ?? null, model: identity?.model ?? null, firmware: identity?.firmware ?? null, failed, checks
})
