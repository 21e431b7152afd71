/** `boot`: from the start of the program to /readyz answering 200, on a database of 1,000 cameras and 500 switches as after a real run. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { projectRoot } from '../lib/project-root.js'
import { machine, rank, round, under } from './lib/figures.js'
import { fillCentre } from './lib/large-centre.js'
import { until } from './lib/processes.js'
import { freePort, startServer } from './lib/system.js'

const SIZE = { cameras: 1000, switches: 500, ports: 48 }
const TIMES = 5
const SETTLE_MS = 10_000
/** Linux counts processor time in hundredths of a second. */
const TICKS_PER_S = 100

const ready = async (origin: string) => (await fetch(`${origin}/readyz`)).status === 200 || null
const rssMb = (pid: number) => round(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024, 0)

/** Processor time used so far, s: what the start costs whoever else uses the machine. */
function cpuS (pid: number) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
  return round((Number(fields[11]) + Number(fields[12])) / TICKS_PER_S, 2)
}

async function boot (dataDir: string, settle: boolean) {
  const startedAt = performance.now()
  const { program, origin } = await startServer(dataDir)
  try {
    await until('readiness', 60_000, () => ready(origin), program, 10)
    const bootMs = performance.now() - startedAt
    const [cpuToReadyS, rssAtReadyMb] = [cpuS(program.pid), rssMb(program.pid)]
    if (settle) await wait(SETTLE_MS)
    return { bootMs, cpuToReadyS, rssAtReadyMb, rssLaterMb: settle ? rssMb(program.pid) : null }
  } finally {
    await program.stop()
  }
}

/** The command that people type: npm, and a look whether everything is installed and built, come first. */
async function npmStart (dataDir: string): Promise<number> {
  const port = await freePort()
  const startedAt = performance.now()
  const child = spawn('npm', ['start'], {
    cwd: projectRoot(), stdio: 'ignore', detached: true, env: { ...process.env, KALANCHA_DATA: dataDir, KALANCHA_PORT: String(port), KALANCHA_HOST: '127.0.0.1', KALANCHA_LOG_LEVEL: 'warn' }
  })
  const gone = once(child, 'exit')
  try {
    await until('readiness after npm start', 120_000, () => ready(`http://127.0.0.1:${port}`), undefined, 10)
    return performance.now() - startedAt
  } finally {
    process.kill(-child.pid!, 'SIGTERM')
    await gone
  }
}

export async function run (): Promise<object> {
  const on = machine()
  const dataDir = mkdtempSync(join(tmpdir(), 'kalancha-boot-'))
  try {
    const rows = await fillCentre(dataDir, SIZE)
    const boots: Awaited<ReturnType<typeof boot>>[] = []
    for (let i = 0; i < TIMES; i++) boots.push(await boot(dataDir, i === TIMES - 1))
    const times = boots.map(b => b.bootMs).sort((a, b) => a - b)
    const npmMs: number[] = []
    for (let i = 0; i < 3; i++) npmMs.push(await npmStart(dataDir))
    npmMs.sort((a, b) => a - b)
    return {
      machine: on, rows, factsMb: round(statSync(join(dataDir, 'facts.db')).size / 2 ** 20), samplesMb: round(statSync(join(dataDir, 'samples.db')).size / 2 ** 20),
      bars: { npmStartMedianS: under(round(rank(npmMs, 0.5)! / 1000, 2), 5), programMedianS: under(round(rank(times, 0.5)! / 1000, 2), 5) },
      programS: times.map(t => round(t / 1000, 2)), npmStartS: npmMs.map(t => round(t / 1000, 2)), cpuToReadyS: boots.map(b => b.cpuToReadyS), rssAtReadyMb: boots.map(b => b.rssAtReadyMb), rssAfter10SMb: boots.at(-1)!.rssLaterMb
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}
