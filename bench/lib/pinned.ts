/** Processes on a core of their own, so that cameras and those who read them do not fight for it, and what they use. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { createInterface } from 'node:readline'
import { childModule } from '../../lib/child-module.js'

/** Linux counts processor time in hundredths of a second. */
const TICKS_PER_S = 100

interface Usage { cpuS: number, rssBytes: number, pssBytes: number }

export function usage (pids: readonly number[]): Usage {
  const sum: Usage = { cpuS: 0, rssBytes: 0, pssBytes: 0 }
  for (const pid of pids) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    sum.cpuS += (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S
    const memory = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(memory)?.[1] ?? 0) * 1024
    sum.rssBytes += kib('Rss')
    sum.pssBytes += kib('Pss')
  }
  return sum
}

/** On one core where there are two. */
export function pinned (core: number, command: string, args: string[]): ChildProcess {
  const [program, rest] = cpus().length > 1 ? ['taskset', ['-c', String(core), command, ...args]] : [command, args]
  return spawn(program, rest, { stdio: ['pipe', 'pipe', 'ignore'] })
}
/** A module beside this file. */
export const nodeChild = (core: number, module: string, args: string[]) => {
  const { path, execArgv } = childModule(import.meta.url, module)
  return pinned(core, process.execPath, [...execArgv, path, ...args])
}

export async function firstLine<T> (child: ChildProcess): Promise<T> {
  const lines = createInterface({ input: child.stdout! })
  const [line] = await once(lines, 'line') as [string]
  return JSON.parse(line) as T
}

export async function end (children: readonly ChildProcess[]) {
  for (const child of children) { child.stdin?.end(); child.kill('SIGTERM') }
  await Promise.all(children.map(child => child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null))
}
