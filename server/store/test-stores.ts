/** For tests: every store that the system supports, the PostgreSQL one being a real server started for the test file. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { openPostgres } from './postgres.js'
import { openSqlite } from './sqlite.js'
import type { Store } from './store.js'
import { postgresBin, type PostgresServer, START_WITHIN_MS, startPostgres } from './test-postgres.js'

interface StoreUnderTest {
  readonly dialect: Store['dialect']
  /** A new, empty, migrated store. Closed by the suite. */
  open (): Promise<Store>
  /** Opens the store that `open` made last once more, as a restart does. */
  reopen (): Promise<Store>
  /** Throws on SQLite. */
  postgres (): PostgresServer
}

/**
 * Runs `suite` over SQLite and over PostgreSQL. Without PostgreSQL's programs its half is skipped with a reason,
 * unless KALANCHA_TEST_POSTGRES=required.
 */
export function forEachStore (name: string, suite: (stores: StoreUnderTest) => void) {
  const opened: Store[] = []
  const keep = (store: Store) => { opened.push(store); return store }
  const closeAll = async () => { for (let store = opened.pop(); store; store = opened.pop()) await store.close() }

  describe(`${name} [sqlite]`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'kalancha-store-'))
    let made = 0
    afterAll(async () => { await closeAll(); rmSync(folder, { recursive: true, force: true }) })
    const openFile = (n: number) => keep(openSqlite(join(folder, `facts-${n}.db`)))
    suite({
      dialect: 'sqlite',
      open: async () => openFile(++made),
      reopen: async () => openFile(made),
      postgres () { throw new Error('This is SQLite') }
    })
  })

  const bin = postgresBin()
  const required = process.env.KALANCHA_TEST_POSTGRES === 'required'
  if (!bin && !required) console.warn(`${name}: PostgreSQL is not installed (apt-get install postgresql), its half is skipped`)
  describe.skipIf(!bin && !required)(`${name} [postgres]`, () => {
    let server: PostgresServer
    let url = ''
    beforeAll(async () => {
      if (!bin) throw new Error('PostgreSQL is required and not installed: apt-get install postgresql')
      server = await startPostgres(bin)
    }, START_WITHIN_MS)
    afterAll(async () => { await closeAll(); await server?.stop() }, START_WITHIN_MS)
    const openUrl = async () => keep(await openPostgres(url, () => {}))
    suite({
      dialect: 'postgres',
      async open () { url = await server.freshDatabase(); return openUrl() },
      reopen: openUrl,
      postgres: () => server
    })
  })
}
