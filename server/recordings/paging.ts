/** The list of locks is newest first, in pages; `<time>.<id>` of the last row is where the next one goes on. */
import { and, eq, lt, or, type SQL } from 'drizzle-orm'
import { invalidField } from '../problems.js'
import type { Schema } from '../store/schema.js'

export function afterCursor (time: Schema['locks']['createdAt'], id: Schema['locks']['id'], cursor: string | undefined): SQL | undefined {
  if (cursor === undefined) return undefined
  const match = /^(\d{1,16})\.([0-9a-f-]{36})$/.exec(cursor)
  if (!match) throw invalidField('/querystring/cursor', 'cursor_invalid', 'The cursor is not one of ours; start again without it.')
  return or(lt(time, Number(match[1])), and(eq(time, Number(match[1])), lt(id, match[2]!)))
}

/** For search in any alphabet. */
export const folded = (text: string) => text.toLocaleLowerCase('uk')

/** One row more than asked for tells whether there is another page. */
export function pageOf<Row extends { id: string }> (rows: Row[], limit: number, timeOf: (row: Row) => number) {
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return { items: rows.slice(0, limit), next: last ? `${timeOf(last)}.${last.id}` : null }
}
