/** `kill -9` of the recorder while it records 16 cameras, 20 times: what each camera lost, whether index and disk agree, whether every hash fits. */
import type { ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { openIndexReader } from '../agents/recorder/index-db.js'
import { machine, round, spread } from './lib/figures.js'
import { end, firstLine, nodeChild } from './lib/pinned.js'

const CAMERAS = 16
const KILLS = 20

/** Resolves when all cameras are being recorded. */
const recording = (child: ChildProcess) => new Promise<void>((resolve, reject) => {
  createInterface({ input: child.stdout! }).on('line', line => { if ((JSON.parse(line) as { recording: number }).recording >= CAMERAS) resolve() })
  child.once('exit', code => reject(new Error(`the recorder ended with ${code}`)))
})

function check (folder: string) {
  const index = openIndexReader(join(folder, 'recordings/index.db'))
  const root = join(folder, 'recordings/default')
  const rows = index.segmentsWhere(`WHERE status <> 'open'`)
  let wrong = 0
  for (const row of rows.filter(r => r.status === 'closed')) {
    const file = join(root, row.path)
    const bytes = existsSync(file) ? readFileSync(file) : null
    if (!bytes || bytes.length !== row.bytes || createHash('sha256').update(bytes).digest('hex') !== row.sha256) wrong++
  }
  const known = new Set(index.segmentsWhere('').map(r => r.path))
  const unknown = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.mp4') && !known.has(name)).length
  const result = { segments: rows.length, hashOrSizeWrong: wrong, rowsWithoutFile: rows.filter(r => r.status === 'missing').length, filesWithoutRow: unknown }
  index.close()
  return result
}

export async function run (): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'kalancha-bench-crash-'))
  const about = machine()
  const farm = nodeChild(1, './camera-farm', [String(CAMERAS), 'whole'])
  const lostMs: number[] = []
  let child: ChildProcess | null = null
  try {
    const { ports } = await firstLine<{ ports: number[] }>(farm)
    const start = async () => {
      child = nodeChild(0, './record-own', [JSON.stringify(ports), folder])
      await recording(child)
      return child
    }
    let running = await start()
    for (let kill = 0; kill < KILLS; kill++) {
      // At another moment of the batches each time.
      await pause(2000 + kill * 137 % 1000)
      running.removeAllListeners('exit')
      const gone = once(running, 'exit')
      running.kill('SIGKILL')
      const killedAt = Date.now()
      await gone
      running = await start()
      const index = openIndexReader(join(folder, 'recordings/index.db'))
      const ids = JSON.parse(readFileSync(join(folder, 'ids.json'), 'utf8')) as string[]
      for (const id of ids) {
        const [before] = index.segmentsWhere(`WHERE device_id = ? AND started_at <= ? AND status = 'closed' ORDER BY started_at + wall_ms DESC LIMIT 1`, id, killedAt)
        lostMs.push(before ? Math.max(0, killedAt - before.startedAt - before.wallMs) : Number.POSITIVE_INFINITY)
      }
      index.close()
    }
    running.removeAllListeners('exit')
    await end([running])
    const agree = check(folder)
    const most = Math.max(...lostMs)
    return { machine: about, cameras: CAMERAS, kills: KILLS, lost: spread(lostMs), lostMaxS: round(most / 1000, 2), ...agree, bars: { lostAtMostS: 1, met: most <= 1000 && agree.hashOrSizeWrong === 0 && agree.filesWithoutRow === 0 } }
  } finally {
    await end([farm, ...(child ? [child] : [])])
    rmSync(folder, { recursive: true, force: true })
  }
}
