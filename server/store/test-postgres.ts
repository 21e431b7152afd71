/** For tests and benchmarks: a real PostgreSQL server of their own. */
import { type SpawnSyncOptions, spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'

const DEBIAN = '/usr/lib/postgresql'
export const START_WITHIN_MS = 60_000

/** Debian keeps the server's programs out of PATH, by major version; the newest one, or null when none is installed. */
export function postgresBin (): string | null {
  if (!existsSync(DEBIAN)) return null
  const newest = readdirSync(DEBIAN).filter(v => existsSync(join(DEBIAN, v, 'bin/initdb'))).sort((a, b) => Number(b) - Number(a))[0]
  return newest === undefined ? null : join(DEBIAN, newest, 'bin')
}

const freePort = () => new Promise<number>((resolve, reject) => {
  const probe = createServer()
  probe.once('error', reject)
  probe.listen(0, '127.0.0.1', () => {
    const { port } = probe.address() as { port: number }
    probe.close(() => resolve(port))
  })
})

/** The server refuses to run as root, so root runs it as Debian's `postgres`. */
function postgresUser (): { uid?: number, gid?: number } {
  if (userInfo().uid !== 0) return {}
  const line = readFileSync('/etc/passwd', 'utf8').split('\n').find(l => l.startsWith('postgres:'))
  if (!line) throw new Error('initdb refuses to run as root and there is no user postgres')
  const [, , uid, gid] = line.split(':')
  return { uid: Number(uid), gid: Number(gid) }
}

function orThrow (program: string, args: string[], options: SpawnSyncOptions) {
  const done = spawnSync(program, args, { ...options, encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`${program} failed: ${done.error?.message ?? String(done.stderr)}`)
}

export interface PostgresServer {
  /** Of a new, empty database. */
  freshDatabase (): Promise<string>
  /** For acts that the application cannot do, such as killing its connections. */
  admin (sql: string): Promise<void>
  /** Runs `work` while every process of the server is stopped: connections stay open and nothing answers. */
  pause (work: () => Promise<void>): Promise<void>
  /** Runs `work` while no server listens. It ends without finishing anything, as in a power cut, and recovers when it starts again. */
  down (work: () => Promise<void>): Promise<void>
  stop (): Promise<void>
}

/** A private cluster in a temporary folder on a free loopback port. Nothing of it is left after stop(). */
export async function startPostgres (bin: string): Promise<PostgresServer> {
  const as = postgresUser()
  // The postgres user must be able to enter the folder that it owns.
  const folder = mkdtempSync(join(tmpdir(), 'kalancha-pg-'))
  if (as.uid !== undefined && as.gid !== undefined) chownSync(folder, as.uid, as.gid)
  orThrow(join(bin, 'initdb'), ['-D', join(folder, 'data'), '-U', 'kalancha', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'], { ...as, cwd: folder })
  const port = await freePort()
  let said = ''
  const launch = () => {
    const child = spawn(join(bin, 'postgres'), ['-D', join(folder, 'data'), '-h', '127.0.0.1', '-p', String(port), '-k', folder, '-F', '-c', 'max_connections=60'], { ...as, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
    said = ''
    child.stderr.on('data', (chunk: Buffer) => { said = (said + chunk.toString()).slice(-4000) })
    const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
    const ready = new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`PostgreSQL did not start: ${said}`)), START_WITHIN_MS)
      const settled = (done: () => void) => { clearTimeout(late); done() }
      child.stderr.on('data', () => { if (/ready to accept connections/.test(said)) settled(resolve) })
      child.once('exit', () => settled(() => reject(new Error(`PostgreSQL ended at once: ${said}`))))
    })
    return { child, exited, ready }
  }
  let server = launch()
  const urlOf = (database: string) => `postgres://kalancha@127.0.0.1:${port}/${database}`

  async function stop () {
    server.child.kill('SIGINT')
    await server.exited
    rmSync(folder, { recursive: true, force: true })
  }
  async function admin (sql: string) {
    const client = new pg.Client({ connectionString: urlOf('postgres') })
    await client.connect()
    try {
      await client.query(sql)
    } finally {
      await client.end()
    }
  }

  await server.ready.catch(async err => { await stop(); throw err })

  let made = 0
  return {
    async freshDatabase () {
      const name = `test_${++made}`
      await admin(`create database ${name}`)
      return urlOf(name)
    },
    admin,
    async pause (work) {
      const children = readFileSync(`/proc/${server.child.pid}/task/${server.child.pid}/children`, 'utf8').split(' ').map(Number).filter(Boolean)
      const stopped = [server.child.pid!, ...children]
      for (const pid of stopped) process.kill(pid, 'SIGSTOP')
      try {
        await work()
      } finally {
        for (const pid of stopped) process.kill(pid, 'SIGCONT')
      }
    },
    async down (work) {
      server.child.kill('SIGQUIT')
      await server.exited
      try {
        await work()
      } finally {
        server = launch()
        await server.ready
      }
    },
    stop
  }
}
