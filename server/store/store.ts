import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core'
import type { Schema } from './schema.js'

type Database = BaseSQLiteDatabase<'async', unknown, Schema>

/** What both dialects can be asked. Always `await` it. */
export type Reader = Pick<Database, 'select' | 'selectDistinct' | '$count'> & { readonly t: Schema }

/** What both dialects can be told, only inside a transaction. Read rows back with `.returning()`. */
export type Writer = Reader & Pick<Database, 'insert' | 'update' | 'delete'>

export interface Store {
  readonly dialect: 'sqlite' | 'postgres'
  readonly read: Reader
  /**
   * Runs `work` atomically. Await nothing but `tx` inside it: no network, no disk, no timers. It may run again from the
   * start after a deadlock (PostgreSQL), so it changes nothing outside the database; what it returns is from the run that committed.
   */
  transaction<T> (work: (tx: Writer) => Promise<T>): Promise<T>
  /** Resolves if the database answers; rejects with why not. For /readyz. */
  ping (): Promise<void>
  close (): Promise<void>
}
