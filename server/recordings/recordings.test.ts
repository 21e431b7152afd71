import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, describe, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import { RecordingIndex } from '../../agents/recorder/index-db.js'
import type { AgentCommands } from '../agents/commands.js'
import { defaultPolicy, type Segment } from '../contract/recording.js'
import { actorWith, addAgent, addGroup } from '../inventory/inventory-fixture.js'
import type { Store } from '../store/store.js'
import type { ScopedWallEvent } from '../store/wall-events.js'
import { forEachStore } from '../store/test-stores.js'
import { createRecordings } from './recordings.js'

const DAY = Date.UTC(2026, 5, 1)
const admin = actorWith(['administrator'])

async function addCamera (store: Store, agentId: string, groupId: string | null = null, name = 'Площа Ринок') {
  const id = newId()
  await store.transaction(tx => tx.insert(tx.t.devices).values({ id, kind: 'camera', name, searchText: '', siteId: null, groupId, address: '192.0.2.7', identityKey: id, agentId, parentId: null, parentPort: null, note: '', enabled: true, settings: {}, createdAt: 1, updatedAt: 1 }))
  return id
}

const folder = mkdtempSync(join(tmpdir(), 'kalancha-replication-'))
afterAll(() => { rmSync(folder, { recursive: true }) })

/** A recording room over an agent's real index; commands reach it at once. */
async function stage (store: Store) {
  const clock = { time: DAY + 86_400_000, now () { return this.time } }
  const agentId = await addAgent(store, `agent-${newId()}`)
  const index = RecordingIndex.open(join(folder, newId(), 'index.db'))
  const state = { failures: 0, pages: 0, pageRows: 2 }
  const commands = { run: async (_agent: string, command: { name: string, indexId: string | null, cursor: number }) => {
    if (state.failures-- > 0) throw new Error('the line broke')
    if (command.name === 'volume_init') return { id: newId(), totalBytes: 1, freeBytes: 1 }
    state.pages++
    return index.changesAfter(command.indexId, command.cursor, state.pageRows)
  } } as unknown as AgentCommands
  const changed: string[][] = []
  const announced: ScopedWallEvent[] = []
  const room = createRecordings({ store, clock, log: pino({ level: 'silent' }), commands, agentOnline: () => true, planChanged: ids => changed.push(ids), announce: events => announced.push(...events) })
  const sync = async () => {
    room.replication.told(agentId, { indexId: index.indexId, cursor: index.cursor })
    await room.replication.idle()
  }
  const camera = await addCamera(store, agentId)
  const segment = (startedAt: number, more: Partial<Segment> = {}): Segment => ({
    id: newId(), deviceId: camera, profile: 'main', runId: newId(), runOffsetMs: 0, startedAt, wallMs: 60_000, mediaMs: 60_000, videoCodec: 'avc1.64001f', audioCodec: null, width: 1280, height: 720,
    frames: 1500, keyFrames: 60, bytes: 1000, sha256: 'a'.repeat(64), volumeId: newId(), path: 'a/b.mp4', status: 'closed', endReason: null, refilled: false, detail: null, ...more
  })
  const timeline = (from: number, to: number, points?: number) => room.timelines.read(admin, { deviceIds: camera, from, to, points }).then(t => t.rows[0]!)
  return { store, clock, agentId, index, state, room, sync, camera, segment, timeline, changed, announced }
}

forEachStore('recordings', stores => {
  describe('replication', () => {
    it('copies an agent\'s index in pages, each change once, and goes on where it was', async () => {
      const s = await stage(await stores.open())
      const rows = [0, 1, 2, 3, 4].map(i => s.segment(DAY + i * 60_000, { status: 'open', sha256: null }))
      for (const row of rows) s.index.addSegment(row)
      await s.sync()
      expect(s.state.pages).toBe(3)
      s.index.changeSegment(rows[1]!.id, { status: 'closed', sha256: 'b'.repeat(64), bytes: 7 })
      await s.sync()
      expect(s.state.pages).toBe(4)
      const copied = await s.store.read.select().from(s.store.read.t.segments)
      expect(copied).toHaveLength(5)
      expect(copied.find(r => r.id === rows[1]!.id)).toMatchObject({ status: 'closed', bytes: 7, agentId: s.agentId, endedAt: DAY + 120_000 })
      s.room.stop()
    })

    it('begins again with an index that was made anew, and never lets one agent write over another\'s footage', async () => {
      const s = await stage(await stores.open())
      const row = s.segment(DAY)
      s.index.addSegment(row)
      await s.sync()
      const other = await addAgent(s.store, 'another')
      s.index.changeSegment(row.id, { status: 'deleted' })
      s.room.replication.told(other, { indexId: s.index.indexId, cursor: s.index.cursor })
      await s.room.replication.idle()
      const [copied] = await s.store.read.select().from(s.store.read.t.segments)
      expect(copied).toMatchObject({ agentId: s.agentId, status: 'closed' })
      s.room.stop()
    })

    it('leaves out what claims to be of another time, and counts it', async () => {
      const s = await stage(await stores.open())
      s.index.addSegment(s.segment(DAY + 400 * 86_400_000))
      s.index.addSegment(s.segment(DAY))
      await s.sync()
      expect(await s.store.read.select().from(s.store.read.t.segments)).toHaveLength(1)
      expect(s.room.replication.counters.implausible).toBe(1)
      s.room.stop()
    })
  })

  describe('gaps', () => {
    it('are the link\'s where the camera was unreachable behind something that was down, also when that is known later', async () => {
      const s = await stage(await stores.open())
      s.clock.time = DAY + 100_000
      s.index.addGap({ id: newId(), deviceId: s.camera, from: DAY + 60_000, to: null, cause: 'camera_unreachable', detail: 'timeout' })
      await s.sync()
      expect((await s.timeline(DAY, DAY + 120_000)).gaps).toMatchObject([{ cause: 'camera_unreachable', open: true }])
      const link = newId()
      await s.store.transaction(async tx => {
        await tx.insert(tx.t.devices).values({ id: link, kind: 'switch', name: 'Кільце · Вокзал', searchText: '', siteId: null, groupId: null, address: '192.0.2.9', identityKey: link, agentId: null, parentId: null, parentPort: null, note: '', enabled: true, settings: {}, createdAt: 1, updatedAt: 1 })
        await tx.insert(tx.t.stateHistory).values({ id: newId(), deviceId: s.camera, at: DAY + 68_000, from: 'up', to: 'unreachable', reason: null, causeDeviceId: link })
      })
      s.index.changeGap(s.index.openGap(s.camera)!.id, { to: DAY + 90_000 })
      await s.sync()
      expect((await s.timeline(DAY, DAY + 120_000)).gaps).toMatchObject([{ cause: 'link_down', detail: 'Кільце · Вокзал', from: DAY + 60_000, to: DAY + 90_000, open: false }, { cause: 'unknown' }])
      s.room.stop()
    })
  })

  describe('the timeline', () => {
    it('joins segments that follow each other, and never loses a gap between them', async () => {
      const s = await stage(await stores.open())
      for (const i of [0, 1, 2, 4, 5]) s.index.addSegment(s.segment(DAY + i * 60_000))
      s.index.addSegment(s.segment(DAY + 6 * 60_000, { status: 'deleted' }))
      s.index.addSegment(s.segment(DAY + 7 * 60_000, { refilled: true }))
      await s.sync()
      const row = await s.timeline(DAY - 60_000, DAY + 480_000)
      expect(row.coverage).toEqual([{ from: DAY, to: DAY + 180_000, kind: 'recorded' }, { from: DAY + 240_000, to: DAY + 360_000, kind: 'recorded' }, { from: DAY + 420_000, to: DAY + 480_000, kind: 'refilled' }])
      expect(row.gaps.map(g => [g.cause, (g.from - DAY) / 60_000, (g.to - DAY) / 60_000])).toEqual([['unknown', 3, 4], ['deleted', 6, 7]])
      s.room.stop()
    })

    it('gathers events that stand closer than a point', async () => {
      const s = await stage(await stores.open())
      await s.store.transaction(async tx => {
        for (let i = 0; i < 100; i++) await tx.insert(tx.t.cameraEvents).values({ id: newId(), deviceId: s.camera, type: 'motion', source: '', from: DAY + i * 1000, to: DAY + i * 1000 + 500, data: {} })
      })
      const { events } = await s.timeline(DAY, DAY + 100_000, 50)
      expect(events).toHaveLength(50)
      expect(events.reduce((sum, e) => sum + e.count, 0)).toBe(100)
      s.room.stop()
    })

    it('is of cameras that the person sees, nine at most', async () => {
      const s = await stage(await stores.open())
      const group = await addGroup(s.store, 'Центр')
      const hidden = await addCamera(s.store, s.agentId, await addGroup(s.store, 'Вокзал'))
      const officer = actorWith(['operator'], [group])
      await expect(s.room.timelines.read(officer, { deviceIds: hidden, from: DAY, to: DAY + 1 })).rejects.toMatchObject({ code: 'camera_not_found' })
      await expect(s.room.timelines.read(admin, { deviceIds: Array.from({ length: 10 }, newId).join(','), from: DAY, to: DAY + 1 })).rejects.toMatchObject({ code: 'device_ids' })
      await expect(s.room.timelines.read(admin, { deviceIds: s.camera, from: DAY, to: DAY })).rejects.toMatchObject({ code: 'interval_reversed' })
      s.room.stop()
    })
  })

  describe('why there is no footage', () => {
    it('is the gap\'s cause, or the end of what was recorded', async () => {
      const s = await stage(await stores.open())
      s.index.addSegment(s.segment(DAY))
      s.index.addSegment(s.segment(DAY + 300_000, { status: 'deleted', detail: 'retention' }))
      s.index.addGap({ id: newId(), deviceId: s.camera, from: DAY + 60_000, to: DAY + 120_000, cause: 'disk_full', detail: '' })
      await s.sync()
      expect(await s.room.explain(s.camera, DAY + 30_000)).toBeNull()
      expect(await s.room.explain(s.camera, DAY + 90_000)).toMatchObject({ cause: 'disk_full', to: DAY + 120_000 })
      expect(await s.room.explain(s.camera, DAY + 150_000)).toMatchObject({ cause: 'unknown', from: DAY + 120_000, to: DAY + 300_000 })
      expect(await s.room.explain(s.camera, DAY + 310_000)).toMatchObject({ cause: 'deleted', detail: 'retention' })
      s.room.stop()
    })
  })

  describe('locks', () => {
    const wanted = { from: DAY, to: DAY + 3_600_000, reason: 'Запит № 12', reviewAt: DAY + 30 * 86_400_000 }
    it('go to the agents that have the footage, are confirmed by them, and hold until somebody releases them with a reason', async () => {
      const s = await stage(await stores.open())
      s.index.addSegment(s.segment(DAY))
      await s.sync()
      const [lock] = await s.room.locks.create(admin, { ...wanted, deviceIds: [s.camera, s.camera] })
      expect(lock).toMatchObject({ deviceName: 'Площа Ринок', confirmedAt: null, bytes: 1000 })
      await expect.poll(() => s.changed).toContainEqual([s.agentId])
      const { locks } = await s.room.dress(s.agentId, [])
      expect(locks).toMatchObject([{ id: lock!.id, from: wanted.from, to: wanted.to }])
      await s.room.planHeld(s.agentId, locks!)
      expect((await s.room.locks.list(admin, {})).items[0]?.confirmedAt).toBe(s.clock.time)
      await s.room.locks.release(admin, lock!.id, 'Справу закрито')
      await expect(s.room.locks.release(admin, lock!.id, 'ще раз')).rejects.toMatchObject({ code: 'lock_released' })
      expect((await s.room.dress(s.agentId, [])).locks).toEqual([])
      expect((await s.room.locks.list(admin, { state: 'released' })).items).toHaveLength(1)
      s.room.stop()
    })

    it('are searched in any alphabet, page by page, and of cameras that the person sees', async () => {
      const s = await stage(await stores.open())
      for (let i = 0; i < 5; i++) {
        s.clock.time++
        await s.room.locks.create(admin, { ...wanted, deviceIds: [s.camera], reason: i === 3 ? 'ДТП на перехресті' : `запит ${i}` })
      }
      expect((await s.room.locks.list(admin, { q: 'дтп' })).items.map(l => l.reason)).toEqual(['ДТП на перехресті'])
      const first = await s.room.locks.list(admin, { limit: 2 })
      const second = await s.room.locks.list(admin, { limit: 4, cursor: first.next! })
      expect([...first.items, ...second.items].map(l => l.reason)).toEqual(['запит 4', 'ДТП на перехресті', 'запит 2', 'запит 1', 'запит 0'])
      expect(second.next).toBeNull()
      expect((await s.room.locks.list(actorWith(['operator'], []), {})).items).toEqual([])
      await expect(s.room.locks.create(actorWith(['shift_lead'], []), { ...wanted, deviceIds: [s.camera] })).rejects.toMatchObject({ code: 'camera_not_found' })
      await expect(s.room.locks.create(admin, { ...wanted, deviceIds: [s.camera, newId()] })).rejects.toMatchObject({ code: 'camera_not_found' })
      await expect(s.room.locks.release(actorWith(['shift_lead']), first.items[0]!.id, 'чому')).rejects.toMatchObject({ code: 'forbidden' })
      expect((await s.room.locks.list(admin, {})).items).toHaveLength(5)
      s.room.stop()
    })
  })

  describe('alarms of recording', () => {
    const open = (s: Awaited<ReturnType<typeof stage>>) => s.announced.flatMap(e => e.event.change.kind === 'alarm' ? [`${e.event.change.alarm.clearedAt === null ? '+' : '-'} ${e.event.change.alarm.condition} ${e.event.change.alarm.subject}`.trim()] : [])
    it('are raised once when recording stops for the disk\'s sake, and cleared when it goes on', async () => {
      const s = await stage(await stores.open())
      s.index.addGap({ id: newId(), deviceId: s.camera, from: s.clock.time - 60_000, to: null, cause: 'disk_full', detail: '' })
      s.index.setVolume({ id: newId(), status: 'full', detail: '', totalBytes: 100, freeBytes: 1, usedBytes: 0, lockedBytes: 0, segments: 0, oldestAt: null, writeBps: null, at: s.clock.time })
      await s.sync()
      await s.room.look()
      expect(open(s)).toEqual(['+ recording_stopped', '+ volume_failed recordings'])
      s.index.changeGap(s.index.openGap(s.camera)!.id, { to: s.clock.time })
      await s.sync()
      expect(open(s).slice(2)).toEqual(['- recording_stopped'])
      s.room.stop()
    })

    it('tell of damaged footage, of a lock that nobody confirmed and of one that is due for review', async () => {
      const s = await stage(await stores.open())
      s.index.addSegment(s.segment(DAY, { status: 'damaged', detail: 'altered' }))
      await s.sync()
      await s.room.locks.create(admin, { deviceIds: [s.camera], from: DAY, to: DAY + 1000, reason: 'запит', reviewAt: s.clock.time + 1 })
      s.clock.time += 20 * 60_000
      await s.room.look()
      expect(open(s).sort()).toEqual(['+ footage_damaged', '+ lock_review', '+ lock_unconfirmed'])
      s.room.stop()
    })
  })

  describe('volumes', () => {
    it('are prepared by the agent before they are entered; the agent\'s own folder is known from its index', async () => {
      const s = await stage(await stores.open())
      const made = await s.room.volumes.create(admin, { agentId: s.agentId, name: 'Диск 2', tier: 'primary', path: '/srv/footage', floorBytes: 1 })
      expect((await s.room.dress(s.agentId, [])).volumes).toEqual([{ id: made.id, tier: 'primary', place: { type: 'folder', path: '/srv/footage' }, floorBytes: 1, enabled: true }])
      s.index.setVolume({ id: newId(), status: 'ok', detail: '', totalBytes: 100, freeBytes: 50, usedBytes: 0, lockedBytes: 0, segments: 0, oldestAt: null, writeBps: null, at: 1 })
      await s.sync()
      const all = await s.room.volumes.list(admin)
      expect(all.map(v => [v.name, v.own])).toEqual([['', true], ['Диск 2', false]])
      await expect(s.room.volumes.update(admin, all[0]!.id, { enabled: false })).rejects.toMatchObject({ code: 'volume_own' })
      s.index.addSegment(s.segment(DAY, { volumeId: made.id }))
      await s.sync()
      await expect(s.room.volumes.remove(admin, made.id)).rejects.toMatchObject({ code: 'volume_in_use' })
      s.room.stop()
    })
  })

  describe('availability', () => {
    it('is what was recorded of what was wanted, by day of the centre\'s zone, with the causes of what is missing', async () => {
      const s = await stage(await stores.open())
      // Kyiv is three hours ahead in June: its day begins at 21:00 UTC of the day before.
      const day = DAY - 3 * 3_600_000
      for (let i = 0; i < 600; i++) s.index.addSegment(s.segment(day + i * 60_000))
      s.index.addGap({ id: newId(), deviceId: s.camera, from: day + 36_000_000, to: day + 36_000_000 + 3_600_000, cause: 'camera_unreachable', detail: '' })
      s.index.addGap({ id: newId(), deviceId: s.camera, from: day + 39_600_000, to: null, cause: 'not_scheduled', detail: '' })
      s.clock.time = day + 86_400_000 + 1000
      s.state.pageRows = 500
      await s.sync()
      const { items } = await s.room.availability.list(admin, { fromDay: '2026-05-31', toDay: '2026-06-01', deviceId: s.camera })
      expect(items.map(d => [d.day, d.percent, d.recordedMs, d.wantedMs])).toEqual([['2026-05-31', null, 0, 0], ['2026-06-01', 90.9, 36_000_000, 39_600_000]])
      expect(items[1]!.missing).toEqual([{ cause: 'not_scheduled', ms: 46_800_000 }, { cause: 'camera_unreachable', ms: 3_600_000 }])
      await expect(s.room.availability.list(admin, { fromDay: '2026-06-02', toDay: '2026-06-01' })).rejects.toMatchObject({ code: 'days' })
      expect((await s.room.availability.list(actorWith(['operator'], []), { fromDay: '2026-06-01', toDay: '2026-06-01' })).items).toEqual([])
      s.room.stop()
    })
  })

  describe('policies', () => {
    it('are those of the camera before its group before the centre, whole', async () => {
      const s = await stage(await stores.open())
      const group = await addGroup(s.store, 'Центр')
      const inGroup = await addCamera(s.store, s.agentId, group)
      expect(await s.room.policies.effective(admin, inGroup)).toEqual({ policy: defaultPolicy, from: 'default' })
      await s.room.policies.put(admin, 'centre', '', { ...defaultPolicy, keepDays: 14 })
      await s.room.policies.put(admin, 'group', group, { ...defaultPolicy, mode: 'off' })
      await s.room.policies.put(admin, 'camera', s.camera, { ...defaultPolicy, keepDays: 90 })
      const plan = await s.room.policies.planFor([inGroup, s.camera])
      expect(plan.get(inGroup)?.policy.mode).toBe('off')
      expect(plan.get(s.camera)?.policy.keepDays).toBe(90)
      await s.room.policies.remove(admin, 'camera', s.camera)
      expect((await s.room.policies.effective(admin, s.camera)).policy.keepDays).toBe(14)
      await expect.poll(() => s.changed).toContainEqual([s.agentId])
      expect((await s.room.policies.list(admin)).map(p => [p.scope, p.scopeName])).toEqual(expect.arrayContaining([['centre', ''], ['group', 'Центр']]))
      s.room.stop()
    })

    it('that contradict themselves are refused with the field', async () => {
      const s = await stage(await stores.open())
      await expect(async () => s.room.policies.put(admin, 'centre', '', { ...defaultPolicy, mode: 'scheduled' })).rejects.toMatchObject({ code: 'schedule_empty' })
      await expect(async () => s.room.policies.put(admin, 'centre', '', { ...defaultPolicy, keepDays: 10, archiveAfterDays: 10 })).rejects.toMatchObject({ code: 'archive_after_end' })
      await expect(s.room.policies.put(actorWith(['operator']), 'centre', '', defaultPolicy)).rejects.toMatchObject({ code: 'forbidden' })
      s.room.stop()
    })
  })
})
