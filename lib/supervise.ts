/**
 * A child process that may die alone: what parses hostile bytes runs in one. It is started again with growing back-off,
 * and never outlives its parent (the child's side is `exitWithParent`).
 */
import { type ChildProcess, fork, type Serializable } from 'node:child_process'
import type { Log } from './log.js'

export interface Backoff {
  /** Wait before the first restart, ms. */
  firstMs: number
  /** Longest wait, ms. */
  maxMs: number
  /** A child that lived this long starts again at firstMs. */
  stableMs: number
}
export const defaultBackoff: Backoff = { firstMs: 250, maxMs: 30_000, stableMs: 30_000 }

export interface ChildOptions {
  name: string
  /** From lib/child-module.ts. */
  module: { path: string, execArgv: string[] }
  /** Visible in `ps`: never a secret. */
  args?: string[]
  /** Added to the parent's environment, of which our own settings (keys, tokens, the database's address) stay behind. */
  env?: Record<string, string>
  onMessage: (message: unknown) => void
  /** The child is up (again) and knows nothing yet: send it what it needs. */
  onStart?: () => void
  /** The child is gone by itself; answers whether to start it again. */
  onExit?: (code: number | null, signal: NodeJS.Signals | null) => boolean
  log: Log
  backoff?: Partial<Backoff>
}

export interface SupervisedChild {
  /** False when the child is not there to hear it; `onStart` is then the place to say it again. */
  send (message: Serializable): boolean
  readonly alive: boolean
  readonly restarts: number
  readonly pid: number | undefined
  /** SIGTERM, then SIGKILL after 3 s. Resolves when the child is gone. */
  stop (): Promise<void>
}

const KILL_AFTER_MS = 3000

/** Doubling wait with half of it random, so that many do not come back together. `random` is 0..1. */
export const backoffMs = (attempt: number, b: Pick<Backoff, 'firstMs' | 'maxMs'>, random: number) => {
  const full = Math.min(b.maxMs, b.firstMs * 2 ** Math.min(attempt, 20))
  return full / 2 + (full / 2) * random
}

/** What parses hostile bytes must not hold the key of the credentials. */
const withoutSecrets = (env: NodeJS.ProcessEnv) => Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('KALANCHA_') || name === 'KALANCHA_LOG_LEVEL'))

export function superviseChild (o: ChildOptions): SupervisedChild {
  const backoff = { ...defaultBackoff, ...o.backoff }
  let child: ChildProcess | null = null
  let timer: NodeJS.Timeout | null = null
  let restarts = 0
  let attempt = 0
  let stopping = false

  function start () {
    timer = null
    const startedAt = performance.now()
    const c = fork(o.module.path, o.args ?? [], {
      execArgv: o.module.execArgv, env: { ...withoutSecrets(process.env), ...o.env }, serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc']
    })
    child = c
    let gone = false
    c.on('message', message => { if (child === c) o.onMessage(message) })
    const ended = (code: number | null, signal: NodeJS.Signals | null) => {
      if (gone) return
      gone = true
      if (child === c) child = null
      if (stopping || o.onExit?.(code, signal) === false) return
      attempt = performance.now() - startedAt >= backoff.stableMs ? 0 : attempt + 1
      const waitMs = backoffMs(Math.max(0, attempt - 1), backoff, Math.random())
      o.log.warn({ child: o.name, code, signal, restarts, waitMs: Math.round(waitMs) }, 'a child process ended and will be started again')
      restarts++
      timer = setTimeout(start, waitMs)
    }
    c.on('error', err => {
      o.log.error({ child: o.name, err }, 'a child process failed')
      // Without a pid it never started, and no exit event will follow.
      if (c.pid === undefined) ended(null, null)
    })
    c.once('exit', ended)
    o.onStart?.()
  }
  start()

  return {
    send (message) {
      if (!child?.connected) return false
      // The callback swallows a broken pipe: the exit event follows it.
      return child.send(message, () => {})
    },
    get alive () { return child !== null && child.exitCode === null && child.signalCode === null },
    get restarts () { return restarts },
    get pid () { return child?.pid },
    async stop () {
      stopping = true
      if (timer) clearTimeout(timer)
      const c = child
      if (!c || c.exitCode !== null || c.signalCode !== null) return
      await new Promise<void>(resolve => {
        const kill = setTimeout(() => c.kill('SIGKILL'), KILL_AFTER_MS)
        c.once('exit', () => { clearTimeout(kill); resolve() })
        c.kill('SIGTERM')
      })
    }
  }
}

/** In the child: ends the process when the parent goes, however it went. `cleanUp` gets a second at most. */
export function exitWithParent (cleanUp: () => void | Promise<void> = () => {}) {
  let leaving = false
  const leave = (code: number) => {
    if (leaving) return
    leaving = true
    setTimeout(() => process.exit(code), 1000).unref()
    Promise.resolve().then(cleanUp).finally(() => process.exit(code))
  }
  // False, not undefined: there was a parent, and it went while this program was still being loaded.
  if (process.connected === false) leave(0)
  else process.once('disconnect', () => leave(0))
  process.once('SIGTERM', () => leave(0))
  // Ctrl-C reaches the whole process group; the parent decides when its children go.
  process.on('SIGINT', () => { if (!process.connected) leave(0) })
}
