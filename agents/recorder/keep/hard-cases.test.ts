/** What stays and what goes where it is hard: any locks over any footage, disks that refuse, fill or are swapped in the middle, two disks of which one is full. */
import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../../lib/ids.js'
import type { LockPlan, Segment, VolumePlan } from '../../../server/contract/recording.js'
import { RecordingIndex } from '../index-db.js'
import { initialise, Volumes } from '../volumes.js'
import { Janitor } from './janitor.js'
import { forgotten, type Keeping } from './rules.js'
import { Scrubber } from './scrubber.js'

const DAY = 86_400_000
const MB = 1024 * 1024
const NOW = Date.UTC(2026, 5, 15)
const log = pino({ level: 'silent' })

let folder: string
let mounted: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kalancha-keep-hard-'))
  mounted = []
})
afterEach(() => {
  for (const at of mounted) spawnSync('umount', ['-l', at])
  rmSync(folder, { recursive: true, force: true })
})

function run (...command: [string, ...string[]]) {
  const done = spawnSync(command[0], command.slice(1), { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(done.stderr)
}
/** A disk of its own. */
function disk (name: string, megabytes: number) {
  const at = join(folder, name)
  mkdirSync(at)
  run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'kalancha-test', at)
  mounted.push(at)
  return at
}

async function stage (places: { path: string, tier?: VolumePlan['tier'], floorBytes?: number }[], recording = [1, 5]) {
  const base = join(folder, newId())
  const clock = { time: NOW, now () { return this.time } }
  const index = RecordingIndex.open(join(base, 'index.db'))
  const volumes = new Volumes({ ownFolder: join(base, 'own'), index, clock, log })
  const plans: VolumePlan[] = []
  for (const { path, tier = 'primary', floorBytes = 0 } of places) {
    const id = newId()
    await initialise(path, id, NOW)
    plans.push({ id, tier, place: { type: 'folder', path }, floorBytes, enabled: true })
  }
  await volumes.plan(plans)
  const keeping = new Map<string, Keeping>()
  const state = { trusted: true, rest: 6, rests: [] as number[] }
  const janitor = new Janitor({ index, volumes, clock, log, keepingOf: id => keeping.get(id) ?? forgotten, recording: () => recording, trusted: () => state.trusted, replicated: () => 0, rest: from => {
    state.rest = from
    state.rests.push(from)
  } })
  function add (deviceId: string, startedAt: number, bytes: number, volume = 0): Segment & { file: string } {
    const id = newId()
    const path = `${deviceId}/2026-06-01/${startedAt}-${id}.mp4`
    const file = volumes.fileOf(plans[volume]!.id, path)!
    mkdirSync(dirname(file), { recursive: true })
    const content = randomBytes(bytes)
    writeFileSync(file, content)
    const segment: Segment = { id, deviceId, profile: 'main', runId: newId(), runOffsetMs: 0, startedAt, wallMs: 60_000, mediaMs: 60_000, videoCodec: 'avc1.64001f', audioCodec: null, width: 1280, height: 720, frames: 1, keyFrames: 1, bytes,
      sha256: createHash('sha256').update(content).digest('hex'), volumeId: plans[volume]!.id, path, status: 'closed', endReason: null, refilled: false, detail: null }
    index.addSegment(segment)
    return { ...segment, file }
  }
  const statusOf = (s: Segment) => index.segment(s.id)?.status
  return { clock, index, volumes, plans, keeping, state, janitor, add, statusOf }
}
const overlaps = (l: LockPlan, s: Segment) => l.deviceId === s.deviceId && l.from < s.startedAt + s.wallMs && l.to > s.startedAt

describe('a lock', () => {
  it('holds against every rule, whatever they and the locks are; each row agrees with its disk', async () => {
    const cameras = [newId(), newId(), newId()]
    const minutes = fc.integer({ min: 1, max: 4000 })
    const cases = fc.record({
      footage: fc.array(fc.record({ camera: fc.nat(2), ago: minutes, bytes: fc.integer({ min: 1, max: 3000 }) }), { minLength: 1, maxLength: 25 }),
      locks: fc.array(fc.record({ camera: fc.nat(2), ago: minutes, long: fc.integer({ min: 1, max: 600_000 }) }), { maxLength: 6 }),
      keeping: fc.array(fc.record({ keepDays: fc.constantFrom(null, 1, 2), keepBytes: fc.constantFrom(null, 1, 5000), archiveAfterDays: fc.constantFrom(null, 1), priority: fc.integer({ min: 1, max: 5 }) }), { minLength: 3, maxLength: 3 }),
      // A floor that no disk has room above: everything that may go, goes.
      full: fc.boolean(), trusted: fc.boolean()
    })
    await fc.assert(fc.asyncProperty(cases, async c => {
      const base = join(folder, newId())
      const floorBytes = c.full ? Number.MAX_SAFE_INTEGER : 0
      const s = await stage([{ path: join(base, 'v'), floorBytes }, { path: join(base, 'archive'), tier: 'archive' }])
      cameras.forEach((id, i) => { s.keeping.set(id, c.keeping[i]!) })
      s.state.trusted = c.trusted
      const all = c.footage.map(f => s.add(cameras[f.camera]!, NOW - f.ago * 60_000, f.bytes))
      const locks = c.locks.map(l => ({ id: newId(), deviceId: cameras[l.camera]!, from: NOW - l.ago * 60_000, to: NOW - l.ago * 60_000 + l.long }))
      s.index.setLocks(locks)
      for (let i = 0; i < 2; i++) await s.janitor.round()
      for (const x of all) {
        const row = s.index.segment(x.id)!
        const held = locks.some(l => overlaps(l, x))
        if (held) expect(['closed', 'archived']).toContain(row.status)
        if (c.full && !held) expect(row.status === 'deleted' || row.status === 'archived').toBe(true)
        if (!c.full && !c.trusted) expect(row.status).toBe('closed')
        const there = s.plans.filter(p => existsSync(s.volumes.fileOf(p.id, x.path)!)).map(p => p.id)
        expect(there).toEqual(row.status === 'deleted' ? [] : [row.volumeId])
      }
      s.index.close()
    }), { numRuns: 25 })
  }, 60_000)

  it('that comes while a round deletes holds what the round has not reached', async () => {
    const s = await stage([{ path: join(folder, 'v') }])
    const camera = newId()
    s.keeping.set(camera, { ...forgotten, keepDays: 1 })
    const all = Array.from({ length: 30 }, (_, i) => s.add(camera, NOW - 3 * DAY + i * 60_000, 100))
    const round = s.janitor.round()
    while (s.statusOf(all[2]!) !== 'deleted') await new Promise(resolve => { setImmediate(resolve) })
    s.index.setLocks([{ id: newId(), deviceId: camera, from: 0, to: NOW }])
    // What was decided before the lock may still go; from the next one on it holds.
    const decided = new Set(all.filter(x => s.statusOf(x) === 'deleted' || s.index.all('SELECT 1 FROM segments WHERE id = ? AND pending IS NOT NULL', x.id).length > 0).map(x => x.id))
    await round
    expect(decided.size).toBeLessThan(30)
    for (const x of all) if (!decided.has(x.id)) expect([s.statusOf(x), existsSync(x.file)]).toEqual(['closed', true])
  })
})

describe.skipIf(userInfo().uid !== 0)('disks that refuse (needs root for disks of its own)', () => {
  it('nothing is told deleted that a read-only disk still has; the other disk is cleaned; it goes on when it can be written', async () => {
    const [frozen, well] = [disk('frozen', 8), disk('well', 8)]
    const s = await stage([{ path: frozen }, { path: well }])
    const camera = newId()
    s.keeping.set(camera, { ...forgotten, keepDays: 1 })
    const stuck = Array.from({ length: 5 }, (_, i) => s.add(camera, NOW - 3 * DAY + i * 60_000, 100, 0))
    const free = s.add(camera, NOW - 2 * DAY, 100, 1)
    run('mount', '-o', 'remount,ro', frozen)
    await s.janitor.round()
    await s.janitor.round()
    expect(stuck.map(s.statusOf)).toEqual(stuck.map(() => 'closed'))
    expect(stuck.every(x => existsSync(x.file))).toBe(true)
    expect(s.statusOf(free)).toBe('deleted')
    run('mount', '-o', 'remount,rw', frozen)
    for (let i = 0; i < 3; i++) await s.janitor.round()
    expect(stuck.map(s.statusOf)).toEqual(stuck.map(() => 'deleted'))
  })

  it('an archive that fills up in the middle of a copy keeps no half of it, and the original stays', async () => {
    const archive = disk('archive', 2)
    const s = await stage([{ path: join(folder, 'v') }, { path: archive, tier: 'archive' }])
    const camera = newId()
    s.keeping.set(camera, { ...forgotten, archiveAfterDays: 1 })
    const large = s.add(camera, NOW - 3 * DAY, 3 * MB)
    await s.janitor.round()
    expect(s.statusOf(large)).toBe('closed')
    expect(existsSync(large.file)).toBe(true)
    expect(readdirSync(archive, { recursive: true }).map(String).filter(n => /mp4/.test(n))).toEqual([])
    s.keeping.delete(camera)
    await s.janitor.round()
    expect(s.index.all('SELECT 1 FROM segments WHERE pending IS NOT NULL')).toEqual([])
    expect(s.statusOf(large)).toBe('closed')
  })

  it('another disk at the same place loses nothing, and what was on the first is not told deleted', async () => {
    const at = disk('swapped', 4)
    const s = await stage([{ path: at }])
    const camera = newId()
    s.keeping.set(camera, { ...forgotten, keepDays: 1 })
    const old = s.add(camera, NOW - 3 * DAY, 100)
    run('umount', at)
    run('mount', '-t', 'tmpfs', '-o', 'size=4m', 'kalancha-test', at)
    await initialise(at, newId(), NOW)
    const foreign = join(at, old.path)
    mkdirSync(dirname(foreign), { recursive: true })
    writeFileSync(foreign, 'of another system')
    await s.volumes.look()
    await s.janitor.round()
    expect(s.statusOf(old)).toBe('closed')
    expect(existsSync(foreign)).toBe(true)
  })

  it('a full disk with only locked footage stops nobody while another one has room', async () => {
    const [small, roomy] = [disk('small', 8), disk('roomy', 64)]
    const s = await stage([{ path: small, floorBytes: 2 * MB }, { path: roomy, floorBytes: 2 * MB }])
    const camera = newId()
    for (let i = 0; i < 7; i++) s.add(camera, NOW - DAY + i * 60_000, MB)
    s.index.setLocks([{ id: newId(), deviceId: camera, from: 0, to: NOW }])
    for (let i = 0; i < 3; i++) await s.janitor.round()
    expect(s.state.rests).toEqual([])
  })

  it('the rules taking a whole round do not make a full disk look as if nothing could go', async () => {
    const at = disk('busy', 16)
    const s = await stage([{ path: at, floorBytes: 8 * MB }])
    const [old, young] = [newId(), newId()]
    s.keeping.set(old, { ...forgotten, keepDays: 1 })
    for (let i = 0; i < 260; i++) s.add(old, NOW - 9 * DAY + i * 60_000, 100)
    const large = Array.from({ length: 12 }, (_, i) => s.add(young, NOW - 3_600_000 + i * 60_000, MB))
    for (let i = 0; i < 3; i++) await s.janitor.round()
    expect(s.state.rests).toEqual([])
    expect(large.filter(x => s.statusOf(x) === 'deleted').length).toBeGreaterThan(0)
  })
})

it('moves a minute of two hundred cameras to the archive in six rounds', async () => {
  const s = await stage([{ path: join(folder, 'v') }, { path: join(folder, 'archive'), tier: 'archive' }])
  const all = Array.from({ length: 200 }, () => {
    const camera = newId()
    s.keeping.set(camera, { ...forgotten, archiveAfterDays: 1 })
    return s.add(camera, NOW - 3 * DAY, 1000)
  })
  for (let i = 0; i < 6; i++) await s.janitor.round()
  expect(all.filter(x => s.statusOf(x) !== 'archived')).toEqual([])
})

describe('the scrubber', () => {
  const scrubberOf = (s: Awaited<ReturnType<typeof stage>>) => new Scrubber({ index: s.index, volumes: s.volumes, clock: s.clock, log, pause: async () => {}, againAfterMs: DAY })
  const whole = async (scrubber: Scrubber) => { while (await scrubber.step(new AbortController().signal)) { /* until none is due */ } }

  it('finds what grew, and what was emptied; in the archive too', async () => {
    const s = await stage([{ path: join(folder, 'v') }, { path: join(folder, 'archive'), tier: 'archive' }])
    const camera = newId()
    const [good, grew, empty] = [s.add(camera, NOW - 3000, 500), s.add(camera, NOW - 2000, 500), s.add(camera, NOW - 1000, 500)]
    const archived = s.add(camera, NOW, 500, 1)
    s.index.changeSegment(archived.id, { status: 'archived' })
    writeFileSync(grew.file, randomBytes(501))
    writeFileSync(empty.file, '')
    writeFileSync(archived.file, randomBytes(500))
    await whole(scrubberOf(s))
    expect([good, grew, empty, archived].map(s.statusOf)).toEqual(['closed', 'damaged', 'damaged', 'damaged'])
  })

  it('goes on where another life of it was: what was read lately is not read again', async () => {
    const s = await stage([{ path: join(folder, 'v') }])
    const camera = newId()
    for (let i = 0; i < 6; i++) s.add(camera, NOW - i * 60_000, 100)
    const first = scrubberOf(s)
    for (let i = 0; i < 4; i++) await first.step(new AbortController().signal)
    const second = scrubberOf(s)
    await whole(second)
    expect([first.counters.files, second.counters.files]).toEqual([4, 2])
  })

  it('holds nothing for missing whose volume is gone, also where that was not noticed yet', async () => {
    const s = await stage([{ path: join(folder, 'v') }])
    const camera = newId()
    const all = [1, 2, 3].map(i => s.add(camera, NOW - i * 60_000, 100))
    renameSync(join(folder, 'v'), join(folder, 'unplugged'))
    mkdirSync(join(folder, 'v'))
    await whole(scrubberOf(s))
    expect(all.map(s.statusOf)).toEqual(['closed', 'closed', 'closed'])
  })
})

it('nothing is told deleted on a volume that was just unplugged, also where that was not noticed yet', async () => {
  const s = await stage([{ path: join(folder, 'v') }])
  const camera = newId()
  s.keeping.set(camera, { ...forgotten, keepDays: 1 })
  const old = s.add(camera, NOW - 3 * DAY, 100)
  renameSync(join(folder, 'v'), join(folder, 'unplugged'))
  mkdirSync(join(folder, 'v'))
  await s.janitor.round()
  expect(s.statusOf(old)).toBe('closed')
  rmdirSync(join(folder, 'v'))
  renameSync(join(folder, 'unplugged'), join(folder, 'v'))
  await s.janitor.round()
  await s.janitor.round()
  expect(s.statusOf(old)).toBe('deleted')
})
