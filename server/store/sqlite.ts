import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import { projectRoot } from '../../lib/project-root.js'
import { sqliteColumns } from './columns.js'
import { defineSchema } from './schema.js'
import type { Reader, Store, Writer } from './store.js'

const t = defineSchema(sqliteColumns)

/**
 * One connection writes and a read-only one reads, so a read between two awaits of a transaction never sees half of it.
 * Transactions queue: SQLite has one writer. synchronous=FULL: NORMAL loses acknowledged facts on a power cut (measured).
 */
export function openSqlite (file: string): Store {
  mkdirSync(dirname(file), { recursive: true })
  const writing = new Database(file)
  writing.pragma('journal_mode = WAL')
  writing.pragma('synchronous = FULL')
  writing.pragma('busy_timeout = 5000')
  // Off while migrating: a rebuilt table would otherwise cascade its children away.
  writing.pragma('foreign_keys = OFF')
  migrate(drizzle(writing), { migrationsFolder: join(projectRoot(), 'migrations/sqlite') })
  writing.pragma('foreign_keys = ON')
  const reading = new Database(file, { readonly: true })

  const read = Object.assign(drizzle(reading), { t }) as unknown as Reader
  const tx = Object.assign(drizzle(writing), { t }) as unknown as Writer
  let last: Promise<unknown> = Promise.resolve()

  // db.transaction() of better-sqlite3 refuses a promise, hence BEGIN and COMMIT by hand.
  async function atomically<T> (work: (tx: Writer) => Promise<T>) {
    writing.exec('BEGIN IMMEDIATE')
    try {
      const result = await work(tx)
      writing.exec('COMMIT')
      return result
    } catch (err) {
      if (writing.inTransaction) writing.exec('ROLLBACK')
      throw err
    }
  }

  return {
    dialect: 'sqlite',
    read,
    transaction (work) {
      const done = last.then(() => atomically(work))
      last = done.catch(() => {})
      return done
    },
    async ping () { reading.prepare('select 1').get() },
    async close () {
      await last
      reading.close()
      writing.close()
    }
  }
}
