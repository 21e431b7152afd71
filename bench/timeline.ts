/**
 * `timeline`: one camera-month (43,200 segments, 100,000 camera events, 600 gaps) at the API of the real server, on SQLite and on a real PostgreSQL; and the
 * availability of 1,000 cameras over 31 days. Server, database and reader share this machine.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPostgres } from '../server/store/postgres.js'
import { openSqlite } from '../server/store/sqlite.js'
import { postgresBin, startPostgres } from '../server/store/test-postgres.js'
import type { DemoClient } from '../tools/demo/client.js'
import { fillMonth, MONTH_DAYS } from './lib/camera-month.js'
import { machine, round, spread, under } from './lib/figures.js'
import { until } from './lib/processes.js'
import { signIn, setUp, Started, startServer } from './lib/system.js'

const DAY_MS = 86_400_000
const TIMES = 60
const OTHERS = 999

/** Linux counts processor time in hundredths of a second. */
function cpuMs (pid: number) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** Each ten times before it counts. The server's own processor time is told too: it says more where others use the machine. */
async function timesOf (pid: number, times: number, ask: (i: number) => Promise<unknown>) {
  const ms: number[] = []
  let before = 0
  for (let i = -10; i < times; i++) {
    const began = performance.now()
    await ask(i + 10)
    if (i === -1) before = cpuMs(pid)
    if (i >= 0) ms.push(performance.now() - began)
  }
  return { ...spread(ms), serverCpuMs: round((cpuMs(pid) - before) / times) }
}

interface Page { items: unknown[], next: string | null }

async function measure (client: DemoClient, pid: number, cameraId: string, now: number) {
  const get = (days: number, end: number) => client.call<{ rows: { coverage: unknown[], gaps: unknown[], events: unknown[] }[] }>('GET', `/timeline?deviceIds=${cameraId}&from=${end - days * DAY_MS}&to=${end}`)
  const month = (await get(MONTH_DAYS, now)).rows[0]!
  const day = await timesOf(pid, TIMES, i => get(1, now - (i % (MONTH_DAYS - 1)) * DAY_MS))
  const monthMs = await timesOf(pid, TIMES, () => get(MONTH_DAYS, now))
  const text = (at: number) => new Date(at).toISOString().slice(0, 10)
  const days = `fromDay=${text(now - 30 * DAY_MS)}&toDay=${text(now)}`
  const began = performance.now()
  let counted = 0
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Page = await client.call('GET', `/recording/availability?${days}&limit=1000${cursor ? `&cursor=${cursor}` : ''}`)
    counted += page.items.length
    cursor = page.next
  }
  const firstLookS = round((performance.now() - began) / 1000, 2)
  let items = 0
  const availability = await timesOf(pid, 10, async () => { items = (await client.call<Page>('GET', `/recording/availability?${days}&limit=1000`)).items.length })
  return {
    bars: { dayMedianMs: under(day.medianMs, 50), monthMedianMs: under(monthMs.medianMs, 200), availabilityMedianMs: under(availability.medianMs, 1000) },
    day, month: monthMs, monthAnswer: { coverage: month.coverage.length, gaps: month.gaps.length, events: month.events.length },
    availability: { ...availability, cameraDays: items, firstLook: { cameraDays: counted, s: firstLookS } }
  }
}

async function onDatabase (url: string | null) {
  const started = new Started()
  try {
    const dataDir = mkdtempSync(join(tmpdir(), 'kalancha-timeline-'))
    started.add(() => rmSync(dataDir, { recursive: true, force: true }))
    const env: Record<string, string> = { KALANCHA_EMBEDDED_AGENT: 'false', ...url ? { KALANCHA_DATABASE_URL: url } : {} }
    const first = await startServer(dataDir, env)
    started.add(() => first.program.stop())
    await setUp(first)
    await first.program.stop()
    const now = Math.floor(Date.now() / 60_000) * 60_000
    const store = url ? await openPostgres(url, () => {}) : openSqlite(join(dataDir, 'facts.db'))
    const filled = await fillMonth(store, { now, others: OTHERS }).finally(() => store.close())
    const server = await startServer(dataDir, env)
    started.add(() => server.program.stop())
    await until('the server', 60_000, async () => (await fetch(`${server.origin}/readyz`)).ok || null, server.program)
    return { rows: filled.rows, ...await measure(await signIn(server), server.program.pid, filled.cameraId, now) }
  } finally {
    await started.stop()
  }
}

export async function run (): Promise<object> {
  const on = machine()
  const sqlite = await onDatabase(null)
  const bin = postgresBin()
  if (!bin) return { machine: on, sqlite, postgres: 'PostgreSQL is not installed' }
  const server = await startPostgres(bin)
  try {
    return { machine: on, sqlite, postgres: await onDatabase(await server.freshDatabase()) }
  } finally {
    await server.stop()
  }
}
