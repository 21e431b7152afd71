/** The agent that `npm start` runs beside the server: the same program in a child process, enrolled by the server itself. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { and, eq, isNull } from 'drizzle-orm'
import { childModule } from '../../lib/child-module.js'
import type { Clock } from '../../lib/clock.js'
import { newToken } from '../../lib/ids.js'
import type { Log } from '../../lib/log.js'
import { type Backoff, type SupervisedChild, superviseChild } from '../../lib/supervise.js'
import { recordAudit, systemWho } from '../identity/audit.js'
import type { Store } from '../store/store.js'
import { addToken } from './registry.js'

const EMBEDDED_NAME = 'Embedded agent'
/** As in agents/exit-codes.ts. */
const EXIT = { tokenRefused: 10, revoked: 11, unknownAgent: 12 } as const
const ENROL_AGAIN_MS = 2000

export interface EmbeddedDeps {
  store: Store
  clock: Clock
  log: Log
  /** Folder of its key and spool. */
  folder: string
  /** Address on which this server listens, reachable from this machine. */
  serverUrl: string
  /** The server's own certificate under TLS: the only one the agent will accept. */
  certFile: string | null
  backoff?: Partial<Backoff>
}
export interface EmbeddedAgent {
  start (): Promise<void>
  readonly alive: boolean
  readonly pid: number | undefined
  stop (): Promise<void>
}

export function createEmbeddedAgent (deps: EmbeddedDeps): EmbeddedAgent {
  const { store, clock, log, folder } = deps
  const identityFile = join(folder, 'identity.json')
  let child: SupervisedChild | null = null
  let stopped = false

  /** Whether the key in the folder still belongs to an agent of this database. */
  async function isEnrolled () {
    if (!existsSync(identityFile)) return false
    try {
      const { agentId } = JSON.parse(readFileSync(identityFile, 'utf8')) as { agentId: string }
      const { agents } = store.read.t
      return (await store.read.select({ id: agents.id }).from(agents).where(and(eq(agents.id, agentId), eq(agents.embedded, true), isNull(agents.revokedAt)))).length === 1
    } catch { return false }
  }

  async function makeToken () {
    const token = newToken()
    await store.transaction(async tx => {
      await addToken(tx, { token, name: EMBEDDED_NAME, embedded: true, createdBy: systemWho.login, now: clock.now() })
      await recordAudit(tx, clock.now(), systemWho, 'agent.token_create', { kind: 'agent', id: '' }, { name: EMBEDDED_NAME, embedded: true })
    })
    return token
  }

  /** An administrator may have revoked it; then it stays away, also after a restart of the server. */
  async function wasRevoked () {
    const { agents } = store.read.t
    const rows = await store.read.select({ revokedAt: agents.revokedAt }).from(agents).where(eq(agents.embedded, true))
    return rows.length > 0 && rows.every(r => r.revokedAt !== null)
  }

  async function start () {
    if (await wasRevoked()) return log.warn('the embedded agent was revoked by an administrator and is not started')
    const env: Record<string, string> = {}
    if (!await isEnrolled()) {
      rmSync(identityFile, { force: true })
      env.KALANCHA_AGENT_TOKEN = await makeToken()
    }
    if (stopped) return
    const args = ['--server', deps.serverUrl, '--data', folder, ...(deps.certFile ? ['--server-cert', deps.certFile] : [])]
    child = superviseChild({
      name: 'embedded agent', module: childModule(import.meta.url, '../../agents/main'), args, env, log, backoff: deps.backoff, onMessage: () => {},
      onExit (code) {
        if (code === EXIT.revoked) log.warn('the embedded agent was revoked and stays stopped')
        if (code === EXIT.unknownAgent || code === EXIT.tokenRefused) void enrolAgain()
        return code !== EXIT.revoked && code !== EXIT.unknownAgent && code !== EXIT.tokenRefused
      }
    })
  }

  /** The database or the folder was replaced under it. */
  async function enrolAgain () {
    rmSync(identityFile, { force: true })
    await wait(ENROL_AGAIN_MS)
    if (!stopped) await start().catch(err => log.error({ err }, 'the embedded agent could not be enrolled anew'))
  }

  return {
    start,
    get alive () { return child?.alive ?? false },
    get pid () { return child?.pid },
    async stop () {
      stopped = true
      await child?.stop()
    }
  }
}
