/** The six column kinds both dialects can hold with the same JavaScript value. */
import { bigint, boolean, customType, doublePrecision, jsonb, index as pgIndex, pgTable, text as pgText, uniqueIndex as pgUnique, primaryKey as pgPrimaryKey } from 'drizzle-orm/pg-core'
import { blob, integer, primaryKey, real, index as sqliteIndex, sqliteTable, uniqueIndex as sqliteUnique, text } from 'drizzle-orm/sqlite-core'

export const sqliteColumns = {
  table: sqliteTable,
  index: sqliteIndex,
  unique: sqliteUnique,
  primaryKey,
  text: (name: string) => text(name),
  int: (name: string) => integer(name, { mode: 'number' }),
  real: (name: string) => real(name),
  bool: (name: string) => integer(name, { mode: 'boolean' }),
  json: <T>(name: string) => text(name, { mode: 'json' }).$type<T>(),
  bytes: (name: string) => blob(name, { mode: 'buffer' })
}

/** SQLite is the canonical type; the cast is the one place the dialects are claimed equal. */
export type Columns = typeof sqliteColumns

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })

export const pgColumns = {
  table: pgTable,
  index: pgIndex,
  unique: pgUnique,
  primaryKey: pgPrimaryKey,
  text: (name: string) => pgText(name),
  int: (name: string) => bigint(name, { mode: 'number' }),
  real: (name: string) => doublePrecision(name),
  bool: (name: string) => boolean(name),
  json: <T>(name: string) => jsonb(name).$type<T>(),
  bytes: (name: string) => bytea(name)
} as unknown as Columns
