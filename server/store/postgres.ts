import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { projectRoot } from '../../lib/project-root.js'
import { pgColumns } from './columns.js'
import { defineSchema } from './schema.js'
import type { Reader, Store, Writer } from './store.js'

const t = defineSchema(pgColumns)

/** `onError` hears of idle connections that broke; the pool replaces them by itself. */
export async function openPostgres (url: string, onError: (err: Error) => void): Promise<Store> {
  const pool = new pg.Pool({ connectionString: url, max: 10, connectionTimeoutMillis: 5000, statement_timeout: 30_000 })
  pool.on('error', onError)
  const db = drizzle(pool)
  try {
    await migrate(db, { migrationsFolder: join(projectRoot(), 'migrations/postgres') })
  } catch (err) {
    await pool.end()
    throw err
  }
  return {
    dialect: 'postgres',
    read: Object.assign(db, { t }) as unknown as Reader,
    transaction: work => db.transaction(tx => work(Object.assign(tx, { t }) as unknown as Writer)),
    async ping () { await pool.query('select 1') },
    close: () => pool.end()
  }
}
