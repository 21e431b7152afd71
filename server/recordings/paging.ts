/** Lists of this room are newest first, in pages; `<time>.<id>` of the last row is where the next one goes on. */
import { and, eq, lt, or, type SQL, sql } from 'drizzle-orm'
import { invalidField } from '../problems.js'
import type { Schema } from '../store/schema.js'

type Timed = Schema['bookmarks']['at'] | Schema['locks']['createdAt']
type Ids = Schema['bookmarks']['id'] | Schema['locks']['id']

export function afterCursor (time: Timed, id: Ids, cursor: string | undefined): SQL | undefined {
  if (cursor === undefined) return undefined
  const match = /^(\d{1,16})\.([0-9a-f-]{36})$/.exec(cursor)
  if (!match) throw invalidField('/querystring/cursor', 'cursor_invalid', 'The cursor is not one of ours; start again without it.')
  return or(lt(time, Number(match[1])), and(eq(time, Number(match[1])), lt(id, match[2]!)))
}

export const containing = (column: SQL, text: string) => sql`lower(${column}) like ${`%${text.toLowerCase().replaceAll(/[\\%_]/g, c => `\\${c}`)}%`} escape '\\'`

/** One row more than asked for tells whether there is another page. */
export function pageOf<Row extends { id: string }, Item> (rows: Row[], limit: number, timeOf: (row: Row) => number, toItem: (row: Row) => Item) {
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return { items: rows.slice(0, limit).map(toItem), next: last ? `${timeOf(last)}.${last.id}` : null }
}
