import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface Child { readonly name: string, stop (): Promise<void> }
interface StartOptions { args?: string[], env?: Record<string, string>, onLine?: (line: string) => void, onExit: (name: string, code: number | null) => void }

/** Starts one program of the demonstration; what it prints goes to a log file, since the terminal is for people. */
export function startChild (name: string, module: string, logDir: string, { args = [], env = {}, onLine, onExit }: StartOptions): Child {
  const log: WriteStream = createWriteStream(join(logDir, `${name}.log`), { flags: 'a', mode: 0o600 })
  // detached: Ctrl-C in the terminal reaches only the demo, which ends the others in order.
  const child: ChildProcess = spawn(process.execPath, ['--enable-source-maps', module, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on('line', line => {
      log.write(`${line}\n`)
      onLine?.(line)
    })
  }
  let stopping = false
  const gone = new Promise<void>(resolve => child.on('exit', code => {
    log.end()
    if (!stopping) onExit(name, code)
    resolve()
  }))
  return {
    name,
    async stop () {
      if (stopping) return gone
      stopping = true
      child.kill('SIGTERM')
      const hard = setTimeout(() => { if (child.pid) try { process.kill(-child.pid, 'SIGKILL') } catch { /* already gone */ } }, 8000)
      await gone
      clearTimeout(hard)
    }
  }
}
