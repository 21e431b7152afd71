/** `kill -9` in the middle of deleting and moving, again and again: nothing that is held is touched, and index and disks agree at the end. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, expect, it } from 'vitest'
import { childModule } from '../../../lib/child-module.js'
import { newId } from '../../../lib/ids.js'
import type { Segment, VolumePlan } from '../../../server/contract/recording.js'
import { openIndexReader, RecordingIndex } from '../index-db.js'
import { initialise } from '../volumes.js'
import { forgotten, type Keeping } from './rules.js'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 5, 15)
const KILLS = 13
const folder = mkdtempSync(join(tmpdir(), 'kalancha-keep-crash-'))
afterAll(() => { rmSync(folder, { recursive: true, force: true }) })

const [goes, moves] = [newId(), newId()]
const keeping: Record<string, Keeping> = { [goes]: { ...forgotten, keepDays: 2 }, [moves]: { ...forgotten, archiveAfterDays: 2 } }
const plans: VolumePlan[] = (['primary', 'archive'] as const).map(tier => ({ id: newId(), tier, place: { type: 'folder', path: join(folder, tier) }, floorBytes: 0, enabled: true }))
const indexFile = join(folder, 'index', 'index.db')
const fileAt = (volumeId: string, path: string) => join(plans.find(p => p.id === volumeId)!.place.path, path)

async function fill (): Promise<{ all: Segment[], held: Set<string> }> {
  for (const { id, place } of plans) await initialise(place.path, id, NOW)
  const index = RecordingIndex.open(indexFile)
  const all = [goes, moves].flatMap(deviceId => Array.from({ length: 80 }, (_, i): Segment => {
    const id = newId()
    const startedAt = NOW - 3 * DAY + i * 60_000
    const content = randomBytes(20_000)
    const path = `${deviceId}/2026-06-12/${startedAt}-${id}.mp4`
    mkdirSync(dirname(fileAt(plans[0]!.id, path)), { recursive: true })
    writeFileSync(fileAt(plans[0]!.id, path), content)
    return { id, deviceId, profile: 'main', runId: newId(), runOffsetMs: 0, startedAt, wallMs: 60_000, mediaMs: 60_000, videoCodec: 'avc1.64001f', audioCodec: null, width: 1280, height: 720, frames: 1, keyFrames: 1, bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'), volumeId: plans[0]!.id, path, status: 'closed', endReason: null, refilled: false, detail: null }
  }))
  index.transaction(() => { for (const segment of all) index.addSegment(segment) })
  const held = all.filter((_, i) => i % 7 === 0)
  index.setLocks(held.map(s => ({ id: newId(), deviceId: s.deviceId, from: s.startedAt + 1000, to: s.startedAt + 2000 })))
  index.close()
  return { all, held: new Set(held.map(s => s.id)) }
}

function start (): ChildProcess {
  const { path, execArgv } = childModule(import.meta.url, './test-janitor')
  return spawn(process.execPath, [...execArgv, path, indexFile, join(folder, 'own'), String(NOW), JSON.stringify(plans), JSON.stringify(keeping)], { stdio: ['ignore', 'inherit', 'inherit'] })
}

it('leaves no footage in between', async () => {
  const { all, held } = await fill()
  const reader = openIndexReader(indexFile)
  let kills = 0
  for (; kills < KILLS; kills++) {
    const child = start()
    const exited = once(child, 'exit')
    // A step of work is two to four changes: killed after each number of them, and somewhere within.
    const until = reader.cursor + 1 + kills % 13
    while (reader.cursor < until && child.exitCode === null) await setImmediate()
    child.kill('SIGKILL')
    const [code] = await exited
    for (const s of all) if (held.has(s.id)) expect(existsSync(fileAt(plans[0]!.id, s.path)) || existsSync(fileAt(plans[1]!.id, s.path)), 'held footage is somewhere at every moment').toBe(true)
    if (code === 0) break
  }
  expect(kills).toBe(KILLS)
  const [code] = await once(start(), 'exit')
  expect(code).toBe(0)
  for (const s of all) {
    const row = reader.segment(s.id)!
    const expected = s.deviceId === moves ? 'archived' : held.has(s.id) ? 'closed' : 'deleted'
    expect(row.status).toBe(expected)
    const there = plans.filter(p => existsSync(fileAt(p.id, s.path))).map(p => p.id)
    expect(there).toEqual(expected === 'deleted' ? [] : [row.volumeId])
    if (there.length > 0) expect(createHash('sha256').update(readFileSync(fileAt(row.volumeId, row.path))).digest('hex')).toBe(s.sha256)
  }
  expect(reader.all(`SELECT id FROM segments WHERE pending IS NOT NULL`)).toEqual([])
  const names = plans.flatMap(p => readdirSync(p.place.path, { recursive: true }).map(String))
  expect(names.filter(n => n.endsWith('.part'))).toEqual([])
  reader.close()
})
