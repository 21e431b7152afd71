/** Programs that a benchmark starts, and that are gone when it ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'

const STOP_WITHIN_MS = 10_000

export interface Program { readonly pid: number, readonly lastWords: () => string, stop (): Promise<void> }
interface StartOptions { env?: Record<string, string>, onLine?: (line: string) => void }

/** Starts a node module; every line it prints is handed on and the last of them kept for an error's text. */
export function startProgram (module: string, args: string[], { env = {}, onLine }: StartOptions = {}): Program {
  const child: ChildProcess = spawn(process.execPath, ['--enable-source-maps', module, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const kept: string[] = []
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on('line', line => {
      kept.push(line)
      if (kept.length > 20) kept.shift()
      onLine?.(line)
    })
  }
  return {
    pid: child.pid!,
    lastWords: () => kept.join('\n'),
    async stop () {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      const hard = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
      await gone
      clearTimeout(hard)
    }
  }
}

/** Looks until there is an answer. @throws Error after `timeoutMs`, with what the program said last. */
export async function until<T> (what: string, timeoutMs: number, look: () => Promise<T | null> | T | null, program?: Program, everyMs = 100): Promise<T> {
  const deadline = performance.now() + timeoutMs
  let last = ''
  while (performance.now() < deadline) {
    try {
      const found = await look()
      if (found !== null) return found
    } catch (err) { last = (err as Error).message }
    await wait(everyMs)
  }
  throw new Error(`Waited ${timeoutMs / 1000} s in vain for ${what}. ${last}\n${program?.lastWords() ?? ''}`)
}
