import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { projectRoot } from '../../lib/project-root.js'
import { pgColumns } from './columns.js'
import { defineSchema } from './schema.js'
import type { Reader, Store, Writer } from './store.js'

const t = defineSchema(pgColumns)

/** A server that vanished without a word must not hold anything up for TCP's quarter of an hour. */
const PATIENCE = { connectionTimeoutMillis: 5000, statement_timeout: 30_000, idle_in_transaction_session_timeout: 30_000, query_timeout: 35_000, keepAlive: true }

const PING_WITHIN_MS = 3000

/** 40P01: two transactions waited for each other and PostgreSQL ended this one. */
const DEADLOCK = '40P01'
const MAX_TRIES = 4

function isDeadlock (err: unknown): boolean {
  if (!(err instanceof Error)) return false
  return (err as { code?: string }).code === DEADLOCK || isDeadlock(err.cause)
}

/** `onError` hears of connections that broke; the pool replaces them by itself. */
export async function openPostgres (url: string, onError: (err: Error) => void): Promise<Store> {
  const pool = new pg.Pool({ connectionString: url, max: 10, ...PATIENCE })
  pool.on('error', onError)
  // The pool listens to idle connections only: one cut in the middle of a transaction would otherwise end the process.
  pool.on('connect', client => client.on('error', onError))
  const db = drizzle(pool)
  try {
    await migrate(db, { migrationsFolder: join(projectRoot(), 'migrations/postgres') })
  } catch (err) {
    await pool.end()
    throw err
  }
  async function transaction<T> (work: (tx: Writer) => Promise<T>) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await db.transaction(tx => work(Object.assign(tx, { t }) as unknown as Writer))
      } catch (err) {
        if (attempt === MAX_TRIES || !isDeadlock(err)) throw err
      }
    }
  }

  return {
    dialect: 'postgres',
    read: Object.assign(db, { t }) as unknown as Reader,
    transaction,
    async ping () {
      const late = setTimeout(PING_WITHIN_MS, undefined, { ref: false }).then(() => { throw new Error(`The database did not answer within ${PING_WITHIN_MS} ms`) })
      await Promise.race([pool.query('select 1'), late])
    },
    close: () => pool.end()
  }
}
