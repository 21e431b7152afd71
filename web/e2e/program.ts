/** One program of the system as a process of its own: started, killed by any signal, started again. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { projectRoot } from '../../lib/project-root.js'

/** Polls `look` until it gives something. @throws Error with what it said last, after `timeoutMs`. */
export async function until<T> (what: string, timeoutMs: number, look: () => Promise<T | null | undefined | false>): Promise<T> {
  const deadline = performance.now() + timeoutMs
  let last = 'nothing'
  for (;;) {
    try {
      const found = await look()
      if (found !== null && found !== undefined && found !== false) return found
    } catch (err) {
      last = (err as Error).message
    }
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs / 1000} s in vain for ${what} (last: ${last})`)
    await wait(100)
  }
}

const SAID_LINES = 400
const STOP_WITHIN_MS = 10_000

export class Program {
  private child: ChildProcess | null = null
  private gone: Promise<void> = Promise.resolve()
  /** The last lines that it printed, over all its lives. */
  readonly said: string[] = []

  constructor (readonly name: string, private readonly module: string, private readonly args: string[], private readonly env: Record<string, string>) {
    const path = join(projectRoot(), 'dist', module)
    if (!existsSync(path)) throw new Error(`${path} is missing: run "npm run build" first`)
  }

  get pid () { return this.child?.pid ?? null }
  get running () { return this.child !== null }

  /** `env` is added for this life only. */
  start (env: Record<string, string> = {}) {
    const child = spawn(process.execPath, [join(projectRoot(), 'dist', this.module), ...this.args], {
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...this.env, ...env }, stdio: ['ignore', 'pipe', 'pipe']
    })
    this.child = child
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', line => {
        this.said.push(line)
        if (this.said.length > SAID_LINES) this.said.shift()
      })
    }
    this.gone = new Promise(resolve => child.once('exit', () => {
      if (this.child === child) this.child = null
      resolve()
    }))
  }

  /** The first group of the first line that matches. */
  says (pattern: RegExp, timeoutMs = 30_000) {
    return until(`${this.name} to say ${pattern}`, timeoutMs, async () => {
      for (const line of this.said) {
        const found = pattern.exec(line)
        if (found) return found[1] ?? found[0]
      }
      if (!this.child) throw new Error(`it ended: ${this.said.slice(-20).join('\n')}`)
      return null
    })
  }

  /** Resolves when it is gone. */
  async kill (signal: NodeJS.Signals = 'SIGTERM') {
    this.child?.kill(signal)
    const hard = setTimeout(() => this.child?.kill('SIGKILL'), STOP_WITHIN_MS)
    await this.gone
    clearTimeout(hard)
  }
}
