import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../../lib/ids.js'
import type { Segment, VolumePlan } from '../../../server/contract/recording.js'
import { RecordingIndex } from '../index-db.js'
import { initialise, Volumes } from '../volumes.js'
import { Janitor } from './janitor.js'
import type { Keeping } from './rules.js'
import { Scrubber } from './scrubber.js'

const DAY = 86_400_000
const MB = 1024 * 1024
const NOW = Date.UTC(2026, 5, 15)
const log = pino({ level: 'silent' })
const [important, other] = [newId(), newId()]

let folder: string
let mounted: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kalancha-keep-'))
  mounted = []
})
afterEach(() => {
  for (const at of mounted) spawnSync('umount', ['-l', at])
  rmSync(folder, { recursive: true, force: true })
})

/** A disk of its own, so small that it can be filled. */
function smallDisk (name: string, megabytes: number) {
  const at = join(folder, name)
  mkdirSync(at)
  const done = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'kalancha-test', at], { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(done.stderr)
  mounted.push(at)
  return at
}

async function stage (plans: { path: string, tier?: VolumePlan['tier'], floorBytes?: number }[]) {
  const clock = { time: NOW, now () { return this.time } }
  const index = RecordingIndex.open(join(folder, 'index', newId(), 'index.db'))
  const volumes = new Volumes({ ownFolder: join(folder, 'own'), index, clock, log })
  const made: VolumePlan[] = []
  for (const { path, tier = 'primary', floorBytes = 0 } of plans) {
    const id = newId()
    await initialise(path, id, NOW)
    made.push({ id, tier, place: { type: 'folder', path }, floorBytes, enabled: true })
  }
  await volumes.plan(made)
  const keeping: Record<string, Keeping> = { [important]: { keepDays: null, keepBytes: null, archiveAfterDays: null, priority: 1 }, [other]: { keepDays: null, keepBytes: null, archiveAfterDays: null, priority: 5 } }
  const state = { trusted: true, rest: 6 }
  const janitor = new Janitor({ index, volumes, clock, log, keepingOf: id => keeping[id]!, recording: () => [1, 5], trusted: () => state.trusted, rest: from => { state.rest = from }, replicated: () => 0 })
  const scrubber = new Scrubber({ index, volumes, clock, log, pause: async () => {}, againAfterMs: DAY })
  function add (deviceId: string, startedAt: number, bytes = MB): Segment & { file: string } {
    const id = newId()
    const path = `${deviceId}/2026-06-01/${startedAt}-${id}.mp4`
    const file = volumes.fileOf(made[0]!.id, path)!
    mkdirSync(dirname(file), { recursive: true })
    const content = randomBytes(bytes)
    writeFileSync(file, content)
    const segment: Segment = { id, deviceId, profile: 'main', runId: newId(), runOffsetMs: 0, startedAt, wallMs: 60_000, mediaMs: 60_000, videoCodec: 'avc1.64001f', audioCodec: null, width: 1280, height: 720, frames: 1, keyFrames: 1, bytes,
      sha256: createHash('sha256').update(content).digest('hex'), volumeId: made[0]!.id, path, status: 'closed', endReason: null, refilled: false, detail: null }
    index.addSegment(segment)
    return { ...segment, file }
  }
  const statusOf = (s: Segment) => index.segment(s.id)?.status
  return { clock, index, volumes, made, keeping, state, janitor, scrubber, add, statusOf }
}

describe('retention', () => {
  it('deletes what is older than the camera\'s days, file and row, and nothing that overlaps a lock', async () => {
    const s = await stage([{ path: join(folder, 'v') }])
    s.keeping[other] = { ...s.keeping[other]!, keepDays: 7 }
    const [old, held, edge, young, kept] = [s.add(other, NOW - 9 * DAY), s.add(other, NOW - 8 * DAY), s.add(other, NOW - 7 * DAY - 30_000), s.add(other, NOW - DAY), s.add(important, NOW - 90 * DAY)]
    s.index.setLocks([{ id: newId(), deviceId: other, from: held.startedAt + 59_999, to: held.startedAt + 100_000 }])
    await s.janitor.round()
    expect([old, held, edge, young, kept].map(s.statusOf)).toEqual(['deleted', 'closed', 'closed', 'closed', 'closed'])
    expect([old, held].map(x => existsSync(x.file))).toEqual([false, true])
    expect(s.index.segment(old.id)).toMatchObject({ detail: 'Older than 7 days', sha256: old.sha256 })
    s.index.setLocks([])
    await s.janitor.round()
    expect(s.statusOf(held)).toBe('deleted')
  })

  it('keeps a camera within its bytes, the oldest first', async () => {
    const s = await stage([{ path: join(folder, 'v') }])
    s.keeping[other] = { ...s.keeping[other]!, keepBytes: 2 * MB }
    const rows = [4, 3, 2, 1].map(h => s.add(other, NOW - h * 3_600_000))
    await s.janitor.round()
    expect(rows.map(s.statusOf)).toEqual(['deleted', 'deleted', 'closed', 'closed'])
  })

  it('waits for a server that was not heard: a lock may be on its way', async () => {
    const s = await stage([{ path: join(folder, 'v') }])
    s.keeping[other] = { ...s.keeping[other]!, keepDays: 1 }
    const old = s.add(other, NOW - 9 * DAY)
    s.state.trusted = false
    await s.janitor.round()
    expect(s.statusOf(old)).toBe('closed')
    s.state.trusted = true
    await s.janitor.round()
    expect(s.statusOf(old)).toBe('deleted')
  })

  it('finishes after a crash what had begun, and decides anew what had not: a lock may have come in between', async () => {
    const s = await stage([{ path: join(folder, 'v') }])
    const [fileThere, fileGone, held] = [s.add(other, NOW - DAY), s.add(other, NOW - DAY + 60_000), s.add(other, NOW - DAY + 120_000)]
    for (const x of [fileThere, fileGone, held]) s.index.changeSegment(x.id, { pending: 'delete:Older than 7 days' })
    rmSync(fileGone.file)
    s.index.setLocks([{ id: newId(), deviceId: other, from: held.startedAt, to: held.startedAt + 1 }])
    s.state.trusted = false
    await s.janitor.round()
    expect([fileThere, fileGone, held].map(s.statusOf)).toEqual(['closed', 'deleted', 'closed'])
    s.state.trusted = true
    s.keeping[other] = { ...s.keeping[other]!, keepBytes: 0 }
    s.clock.time += DAY
    await s.janitor.round()
    expect([fileThere, fileGone, held].map(s.statusOf)).toEqual(['deleted', 'deleted', 'closed'])
    expect([fileThere, held].map(x => existsSync(x.file))).toEqual([false, true])
  })

  it('does not delete on a volume that is not there, and does when it is back', async () => {
    const s = await stage([{ path: join(folder, 'v') }])
    s.keeping[other] = { ...s.keeping[other]!, keepDays: 1 }
    const old = s.add(other, NOW - 9 * DAY)
    const mark = join(folder, 'v', 'kalancha-volume.json')
    const text = readFileSync(mark)
    rmSync(mark)
    await s.volumes.look()
    await s.janitor.round()
    expect(existsSync(old.file)).toBe(true)
    writeFileSync(mark, text)
    await s.volumes.look()
    await s.janitor.round()
    expect(s.statusOf(old)).toBe('deleted')
  })
})

describe.skipIf(userInfo().uid !== 0)('a full disk (needs root for a disk of its own)', () => {
  it('loses the least important and oldest first, nothing that is locked, and lets the least important rest when only that is left', async () => {
    const disk = smallDisk('disk', 40)
    const s = await stage([{ path: disk, floorBytes: 8 * MB }])
    const mine = Array.from({ length: 15 }, (_, i) => s.add(important, NOW - DAY + i * 60_000))
    const theirs = Array.from({ length: 17 }, (_, i) => s.add(other, NOW - DAY + i * 60_000))
    s.state.trusted = false
    await s.janitor.round()
    const gone = theirs.filter(x => s.statusOf(x) === 'deleted')
    expect(gone.length).toBeGreaterThanOrEqual(1)
    expect(gone).toEqual(theirs.slice(0, gone.length))
    expect(mine.every(x => s.statusOf(x) === 'closed')).toBe(true)
    expect(s.state.rest).toBe(6)
    // Everything that is left is held.
    s.index.setLocks([important, other].map(deviceId => ({ id: newId(), deviceId, from: 0, to: NOW })))
    writeFileSync(join(disk, 'somebody-else'), randomBytes(3 * MB))
    const held = [...mine, ...theirs].filter(x => s.statusOf(x) === 'closed')
    await s.janitor.round()
    expect(s.state.rest).toBe(5)
    await s.janitor.round()
    expect(s.state.rest).toBe(1)
    expect(held.every(x => s.statusOf(x) === 'closed' && existsSync(x.file))).toBe(true)
    await s.volumes.look()
    expect(s.index.changesAfter(null, 0, 1000).facts.filter(f => f.kind === 'volume').at(-1)).toMatchObject({ volume: { lockedBytes: held.length * MB } })
    // The hold is released: room is made, and those who rested come back.
    s.index.setLocks([])
    for (let i = 0; i < 6; i++) await s.janitor.round()
    expect(s.state.rest).toBe(6)
    expect(mine.every(x => s.statusOf(x) === 'closed')).toBe(true)
  })
})

describe('the archive', () => {
  it('gets what is old enough, compared byte for byte; the row changes before the old file goes', async () => {
    const s = await stage([{ path: join(folder, 'v') }, { path: join(folder, 'archive'), tier: 'archive' }])
    s.keeping[other] = { ...s.keeping[other]!, archiveAfterDays: 2 }
    const [old, young] = [s.add(other, NOW - 3 * DAY), s.add(other, NOW - DAY)]
    await s.janitor.round()
    expect([old, young].map(s.statusOf)).toEqual(['archived', 'closed'])
    const now = s.index.segment(old.id)!
    expect(now.volumeId).toBe(s.made[1]!.id)
    expect(createHash('sha256').update(readFileSync(s.volumes.fileOf(now.volumeId, now.path)!)).digest('hex')).toBe(old.sha256)
    expect(existsSync(old.file)).toBe(false)
  })

  it('does not take over what is not what was recorded, and finishes an interrupted move', async () => {
    const s = await stage([{ path: join(folder, 'v') }, { path: join(folder, 'archive'), tier: 'archive' }])
    s.keeping[other] = { ...s.keeping[other]!, archiveAfterDays: 2 }
    const [altered, copied] = [s.add(other, NOW - 3 * DAY), s.add(other, NOW - 3 * DAY + 60_000)]
    writeFileSync(altered.file, randomBytes(MB))
    s.index.changeSegment(copied.id, { pending: `move:${s.made[1]!.id}` })
    await s.janitor.round()
    expect(s.statusOf(altered)).toBe('damaged')
    expect(existsSync(altered.file)).toBe(true)
    expect(s.statusOf(copied)).toBe('archived')
  })

  it('is not held up by a file that is gone', async () => {
    const s = await stage([{ path: join(folder, 'v') }, { path: join(folder, 'archive'), tier: 'archive' }])
    s.keeping[other] = { ...s.keeping[other]!, archiveAfterDays: 2 }
    const [gone, next] = [s.add(other, NOW - 4 * DAY), s.add(other, NOW - 3 * DAY)]
    rmSync(gone.file)
    await s.janitor.round()
    expect([gone, next].map(s.statusOf)).toEqual(['missing', 'archived'])
  })

  it('loses nothing of what it could not take, and leaves nothing half there', async () => {
    const s = await stage([{ path: join(folder, 'v') }, { path: join(folder, 'archive'), tier: 'archive' }])
    s.keeping[other] = { ...s.keeping[other]!, archiveAfterDays: 30 }
    const half = s.add(other, NOW - 3 * DAY)
    const copy = s.volumes.fileOf(s.made[1]!.id, half.path)!
    mkdirSync(dirname(copy), { recursive: true })
    writeFileSync(`${copy}.part`, 'half')
    s.index.changeSegment(half.id, { pending: `move:${s.made[1]!.id}` })
    await s.janitor.round()
    expect(s.statusOf(half)).toBe('closed')
    expect([existsSync(half.file), existsSync(`${copy}.part`), existsSync(copy)]).toEqual([true, false, false])
  })
})

describe('the scrubber', () => {
  it('finds what was altered, cut short and taken away, once', async () => {
    const s = await stage([{ path: join(folder, 'v') }])
    const [good, altered, short, gone] = [1, 2, 3, 4].map(i => s.add(other, NOW - i * 60_000, 10_000)) as [ReturnType<typeof s.add>, ReturnType<typeof s.add>, ReturnType<typeof s.add>, ReturnType<typeof s.add>]
    const bytes = readFileSync(altered.file)
    bytes[5000] = bytes[5000]! ^ 1
    writeFileSync(altered.file, bytes)
    truncateSync(short.file, 9000)
    rmSync(gone.file)
    while (await s.scrubber.step(new AbortController().signal)) { /* until none is due */ }
    expect([good, altered, short, gone].map(s.statusOf)).toEqual(['closed', 'damaged', 'damaged', 'missing'])
    expect(s.scrubber.counters).toMatchObject({ damaged: 2, missing: 1 })
    s.clock.time += 2 * DAY
    while (await s.scrubber.step(new AbortController().signal)) { /* again */ }
    expect(s.scrubber.counters).toMatchObject({ damaged: 2, missing: 1 })
  })
})
