/** The agent that `npm start` runs beside the server: the same program in a child process, enrolled by the server itself. */
import { createPublicKey } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { and, eq, isNull } from 'drizzle-orm'
import { childModule } from '../../lib/child-module.js'
import type { Clock } from '../../lib/clock.js'
import { newToken } from '../../lib/ids.js'
import type { Log } from '../../lib/log.js'
import { type Backoff, backoffMs, type SupervisedChild, superviseChild } from '../../lib/supervise.js'
import { recordAudit, systemWho } from '../identity/audit.js'
import type { Store } from '../store/store.js'
import { addToken } from './registry.js'

const EMBEDDED_NAME = 'Embedded agent'
/** As in agents/exit-codes.ts. */
const EXIT = { usage: 2, tokenRefused: 10, revoked: 11, unknownAgent: 12 } as const
/** Ends that starting the same way again would not mend: its identity is gone, or the database knows it no more. */
const enrolsAgainAfter: readonly (number | null)[] = [EXIT.usage, EXIT.tokenRefused, EXIT.unknownAgent]
/** Each attempt costs a token and a line of the audit log. */
const ENROL_AGAIN: Backoff = { firstMs: 2000, maxMs: 300_000, stableMs: 60_000 }

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
  const files = { identity: join(folder, 'identity.json'), key: join(folder, 'agent.key') }
  const enrolAgainBackoff = { ...ENROL_AGAIN, ...deps.backoff }
  const stopping = new AbortController()
  let child: SupervisedChild | null = null
  let enrolling: Promise<void> = Promise.resolve()
  let attempt = 0

  /** Null when a file is missing or damaged. */
  function identityInFolder () {
    try {
      const { agentId } = JSON.parse(readFileSync(files.identity, 'utf8')) as { agentId: unknown }
      const publicKey = createPublicKey(readFileSync(files.key)).export({ type: 'spki', format: 'pem' })
      return typeof agentId === 'string' ? { agentId, publicKey } : null
    } catch { return null }
  }

  /** Whether the key in the folder still belongs to an agent of this database. A database that is away is an error, not a no. */
  async function isEnrolled () {
    const found = identityInFolder()
    if (!found) return false
    const { agents } = store.read.t
    const [row] = await store.read.select({ publicKey: agents.publicKey }).from(agents).where(and(eq(agents.id, found.agentId), eq(agents.embedded, true), isNull(agents.revokedAt)))
    return row?.publicKey === found.publicKey
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
      for (const file of Object.values(files)) rmSync(file, { force: true })
      env.KALANCHA_AGENT_TOKEN = await makeToken()
    }
    if (stopping.signal.aborted) return
    const startedAt = performance.now()
    const args = ['--server', deps.serverUrl, '--data', folder, ...(deps.certFile ? ['--server-cert', deps.certFile] : [])]
    child = superviseChild({
      name: 'embedded agent', module: childModule(import.meta.url, '../../agents/main'), args, env, log, backoff: deps.backoff, onMessage: () => {},
      onExit (code) {
        if (code === EXIT.revoked) log.warn('the embedded agent was revoked and stays stopped')
        if (code === EXIT.revoked) return false
        if (!enrolsAgainAfter.includes(code)) return true
        if (performance.now() - startedAt >= enrolAgainBackoff.stableMs) attempt = 0
        enrolling = enrolAgain()
        return false
      }
    })
  }

  /** The database or the folder was replaced under it. Goes on until it is started: the database may be away just now. */
  async function enrolAgain () {
    while (!stopping.signal.aborted) {
      const waitMs = backoffMs(attempt++, enrolAgainBackoff, Math.random())
      await wait(waitMs, undefined, { signal: stopping.signal }).catch(() => {})
      if (stopping.signal.aborted) return
      try { return await start() } catch (err) { log.error({ err }, 'the embedded agent could not be enrolled anew') }
    }
  }

  return {
    start,
    get alive () { return child?.alive ?? false },
    get pid () { return child?.pid },
    async stop () {
      stopping.abort()
      await enrolling
      await child?.stop()
    }
  }
}
