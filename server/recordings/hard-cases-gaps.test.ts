/** What the timeline, the answer "why is there nothing" and availability make of footage and gaps that overlap, contradict each other or are not there. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import { recordAudit } from '../identity/audit.js'
import { forEachStore } from '../store/test-stores.js'
import { admin, DAY, HOUR, MINUTE, openRoom, removeIndexes, type TestRoom } from './recordings-fixture.js'

afterAll(removeIndexes)

forEachStore('hard cases of gaps', stores => {
  let s: TestRoom
  beforeEach(async () => {
    s = await openRoom(await stores.open())
    return () => s.room.stop()
  })
  /** Of a day of UTC, as `DAY` begins one; the day before today is over. */
  const utc = () => s.store.transaction(async tx => { await tx.insert(tx.t.settings).values({ key: 'centre', value: { name: 'Львів', timeZone: 'UTC' } }) })
  const available = async () => (await s.room.availability.list(admin, { fromDay: '2026-06-01', toDay: '2026-06-01', deviceId: s.cameraId })).items[0]!

  describe('a camera that was moved to another agent', () => {
    it('has no gap where the new one records, and its own word where it does not', async () => {
      const [old, now] = [s.first, await s.agent('new')]
      s.record(old, DAY, 60)
      old.index.addGap(s.gap(DAY + HOUR, null, 'disabled'))
      s.record(now, DAY + 62 * MINUTE, 58)
      now.index.addGap(s.gap(DAY + 2 * HOUR, DAY + 3 * HOUR, 'camera_unreachable'))
      s.record(now, DAY + 3 * HOUR, 60)
      await s.move(now.id)
      await s.sync()
      s.clock.time = DAY + 4 * HOUR
      expect(await s.gaps(DAY, DAY + 4 * HOUR)).toEqual([['disabled', 60, 62], ['camera_unreachable', 120, 180]])
      expect(await s.room.explain(s.cameraId, DAY + 90 * MINUTE)).toBeNull()
      expect(await s.room.explain(s.cameraId, DAY + 150 * MINUTE)).toMatchObject({ cause: 'camera_unreachable', from: DAY + 2 * HOUR, to: DAY + 3 * HOUR })
    })

    it('has the new agent\'s word also before its first picture, though the old one says that it is not to be recorded', async () => {
      const [old, now] = [s.first, await s.agent('new')]
      s.record(old, DAY, 60)
      old.index.addGap(s.gap(DAY + HOUR, null, 'disabled'))
      now.index.addGap(s.gap(DAY + 61 * MINUTE, null, 'authentication_failed'))
      await s.move(now.id)
      await s.sync()
      s.clock.time = DAY + 2 * HOUR
      expect(await s.gaps(DAY, DAY + 2 * HOUR)).toEqual([['disabled', 60, 61], ['authentication_failed', 61, 120]])
    })

    it('is missed by the new agent alone where it is silent, however long ago it spoke', async () => {
      const [old, now] = [s.first, await s.agent('new')]
      old.index.addGap(s.gap(DAY, null, 'disabled'))
      s.record(now, DAY + 5 * MINUTE, 60)
      await s.move(now.id)
      await s.sync()
      s.clock.time = DAY + 48 * HOUR
      expect(await s.gaps(DAY + 24 * HOUR, DAY + 48 * HOUR)).toEqual([['unknown', 24 * 60, 48 * 60]])
    })

    it('is where it went back to', async () => {
      const [a, b] = [s.first, await s.agent('b')]
      s.record(a, DAY, 10)
      a.index.addGap(s.gap(DAY + 10 * MINUTE, DAY + 40 * MINUTE, 'disabled'))
      s.record(b, DAY + 11 * MINUTE, 9)
      b.index.addGap(s.gap(DAY + 20 * MINUTE, DAY + 25 * MINUTE, 'stream_failed'))
      s.record(b, DAY + 25 * MINUTE, 14)
      b.index.addGap(s.gap(DAY + 39 * MINUTE, null, 'disabled'))
      s.record(a, DAY + 40 * MINUTE, 10)
      a.index.addGap(s.gap(DAY + 50 * MINUTE, null, 'camera_unreachable'))
      await s.sync()
      s.clock.time = DAY + HOUR
      expect(await s.gaps(DAY, DAY + HOUR)).toEqual([['disabled', 10, 11], ['stream_failed', 20, 25], ['disabled', 39, 40], ['camera_unreachable', 50, 60]])
    })
  })

  describe('two agents that claim one camera', () => {
    it('cover for each other, and a minute that both miss is missed once', async () => {
      await utc()
      const [a, b] = [s.first, await s.agent('b')]
      s.record(a, DAY, 60)
      a.index.addGap(s.gap(DAY + 60 * MINUTE, DAY + 120 * MINUTE, 'disk_full'))
      s.record(a, DAY + 120 * MINUTE, 60)
      s.record(b, DAY, 30)
      b.index.addGap(s.gap(DAY + 30 * MINUTE, DAY + 90 * MINUTE, 'stream_failed'))
      s.record(b, DAY + 90 * MINUTE, 90)
      await s.sync()
      s.clock.time = DAY + 180 * MINUTE
      expect(await s.gaps(DAY, DAY + 180 * MINUTE)).toEqual([['disk_full', 60, 90]])
      expect(await available()).toMatchObject({ recordedMs: 150 * MINUTE, wantedMs: 180 * MINUTE, percent: 83.33, missing: [{ cause: 'disk_full', ms: 30 * MINUTE }] })
    })

    it('with a file that one of them never finished: it does not go on for ever', async () => {
      const other = await s.agent('other')
      s.first.index.addSegment(s.segment(DAY, { status: 'open', sha256: null }))
      await s.sync()
      await s.move(other.id)
      s.first.online = false
      s.clock.time = DAY + HOUR
      expect((await s.timeline(DAY, DAY + HOUR)).coverage).toEqual([{ from: DAY, to: DAY + MINUTE, kind: 'recording' }])
    })
  })

  describe('availability', () => {
    it('of an hour that was filled from the camera\'s own card is whole', async () => {
      await utc()
      s.record(s.first, DAY, 60)
      s.first.index.addGap(s.gap(DAY + HOUR, DAY + 2 * HOUR, 'camera_unreachable'))
      s.record(s.first, DAY + HOUR, 30, { refilled: true })
      s.record(s.first, DAY + 2 * HOUR, 60)
      await s.sync()
      s.clock.time = DAY + 3 * HOUR
      expect(await available()).toMatchObject({ recordedMs: 150 * MINUTE, wantedMs: 180 * MINUTE, missing: [{ cause: 'camera_unreachable', ms: 30 * MINUTE }] })
      expect(await s.room.explain(s.cameraId, DAY + 75 * MINUTE)).toBeNull()
    })

    it('counts what was lost on the disk once, with what became of it', async () => {
      await utc()
      s.record(s.first, DAY, 60)
      s.record(s.first, DAY + HOUR, 30, { status: 'damaged' })
      s.first.index.addGap(s.gap(DAY + 80 * MINUTE, DAY + 120 * MINUTE, 'agent_down'))
      await s.sync()
      s.clock.time = DAY + 2 * HOUR
      expect(await available()).toMatchObject({ recordedMs: 60 * MINUTE, wantedMs: 120 * MINUTE, missing: [{ cause: 'damaged', ms: 30 * MINUTE }, { cause: 'agent_down', ms: 30 * MINUTE }] })
    })
  })

  describe('a link that fails', () => {
    const unreachable = (at: number, to = 'unreachable') => s.store.transaction(async tx => {
      await tx.insert(tx.t.stateHistory).values({ id: newId(), deviceId: s.cameraId, at, from: 'up', to, reason: null, causeDeviceId: s.cameraId })
    })
    const cause = async () => {
      await s.room.look()
      return (await s.timeline(DAY, DAY + 23 * HOUR)).gaps.find(g => g.id !== null)?.cause
    }
    it('is not the cause of what began long before', async () => {
      s.clock.time = DAY + 21 * HOUR
      s.first.index.addGap(s.gap(DAY + HOUR, null, 'camera_unreachable'))
      await s.sync()
      await unreachable(DAY + 20 * HOUR)
      expect(await cause()).toBe('camera_unreachable')
    })
    it('is the cause of what begins while it is down', async () => {
      s.clock.time = DAY + 21 * HOUR
      await unreachable(DAY + HOUR)
      s.first.index.addGap(s.gap(DAY + 20 * HOUR, null, 'stream_failed'))
      await s.sync()
      expect(await cause()).toBe('link_down')
    })
    it('is the cause also of what is told of long afterwards', async () => {
      s.clock.time = DAY + 21 * HOUR
      await unreachable(DAY + HOUR + 9000)
      s.first.index.addGap(s.gap(DAY + HOUR, DAY + 2 * HOUR, 'camera_unreachable'))
      await s.sync()
      expect(await cause()).toBe('link_down')
    })
    it('and came back is not the cause of what begins afterwards', async () => {
      s.clock.time = DAY + 21 * HOUR
      await unreachable(DAY + HOUR)
      await unreachable(DAY + 2 * HOUR, 'up')
      s.first.index.addGap(s.gap(DAY + 20 * HOUR, null, 'stream_failed'))
      await s.sync()
      expect(await cause()).toBe('stream_failed')
    })
  })

  describe('who disabled a camera', () => {
    const acted = (at: number, login: string, action: string, details: unknown) => s.store.transaction(async tx => {
      await recordAudit(tx, at, { userId: null, login, ip: '' }, action, { kind: 'device', id: s.cameraId }, details)
    })
    const detail = async () => {
      s.clock.time = DAY + 2 * HOUR
      s.first.index.addGap(s.gap(DAY + HOUR, null, 'disabled'))
      await s.sync()
      return (await s.timeline(DAY, DAY + 2 * HOUR)).gaps.find(g => g.cause === 'disabled')?.detail
    }
    it('is not who renamed it a moment later', async () => {
      await acted(DAY + HOUR - 2000, 'olena', 'device.update', { name: 'K', changed: { enabled: [true, false] }, settings: [] })
      await acted(DAY + HOUR + 5000, 'petro', 'device.update', { name: 'K', changed: { name: ['K', 'L'] }, settings: [] })
      await acted(DAY + HOUR + 6000, 'ivan', 'device.update', { name: 'K', changed: { enabled: [false, true] }, settings: [] })
      expect(await detail()).toBe('olena')
    })
    it('is who removed it, or moved it to another agent', async () => {
      await acted(DAY + HOUR - 1000, 'olena', 'device.update', { name: 'K', changed: { agentId: ['a', 'b'] }, settings: [] })
      expect(await detail()).toBe('olena')
    })
    it('is nobody that is known when only the note was changed', async () => {
      await acted(DAY + HOUR - 1000, 'petro', 'device.update', { name: 'K', changed: { note: ['', 'x'] }, settings: [] })
      expect(await detail()).toBe('')
    })
  })

  describe('what a silent agent leaves', () => {
    it('is its silence, and is open; what was missing before it fell silent is not', async () => {
      s.record(s.first, DAY, 60)
      s.record(s.first, DAY + 70 * MINUTE, 50)
      await s.sync()
      await s.store.transaction(tx => tx.update(tx.t.agents).set({ lastSeenAt: DAY + 2 * HOUR + 40_000 }))
      s.first.online = false
      s.clock.time = DAY + 3 * HOUR
      expect(await s.gaps(DAY, DAY + 4 * HOUR)).toEqual([['unknown', 60, 70], ['agent_down', 120, 180]])
      expect((await s.timeline(DAY, DAY + 4 * HOUR)).gaps.at(-1)).toMatchObject({ open: true })
      expect(await s.room.explain(s.cameraId, DAY + 150 * MINUTE)).toMatchObject({ cause: 'agent_down', from: DAY + 2 * HOUR, to: null })
      s.first.online = true
      s.record(s.first, DAY + 2 * HOUR, 60)
      await s.sync()
      expect(await s.gaps(DAY, DAY + 3 * HOUR)).toEqual([['unknown', 60, 70]])
    })
    it('is told apart from what it had not recorded already', async () => {
      s.record(s.first, DAY, 60)
      await s.sync()
      await s.store.transaction(tx => tx.update(tx.t.agents).set({ lastSeenAt: DAY + 2 * HOUR }))
      s.first.online = false
      s.clock.time = DAY + 3 * HOUR
      expect(await s.gaps(DAY, DAY + 3 * HOUR)).toEqual([['unknown', 60, 120], ['agent_down', 120, 180]])
    })
  })

  describe('in a wide view', () => {
    it('a hole that no gap tells of is there as it is in a narrow one', async () => {
      for (let i = 0; i < 30; i++) s.record(s.first, DAY + i * HOUR, 58)
      await s.sync()
      s.clock.time = DAY + 30 * HOUR
      const month = await s.timeline(DAY - 15 * 24 * HOUR, DAY + 16 * 24 * HOUR, 1000)
      expect(month.gaps.filter(g => g.cause === 'unknown').reduce((sum, g) => sum + (g.to - g.from), 0)).toBeGreaterThanOrEqual(60 * MINUTE)
      const day = await s.timeline(DAY, DAY + 24 * HOUR, 5000)
      expect(day.gaps).toHaveLength(24)
      expect(day.coverage).toHaveLength(24)
    })
    it('thousands of holes are as many as there are points, not more', async () => {
      s.first.index.transaction(() => { for (let i = 0; i < 1440; i++) s.first.index.addSegment(s.segment(DAY + i * MINUTE, { wallMs: 57_000 })) })
      await s.sync()
      s.clock.time = DAY + 24 * HOUR
      const row = await s.timeline(DAY, DAY + 24 * HOUR, 100)
      expect(row.coverage.length).toBeLessThanOrEqual(100)
      expect(row.gaps.length).toBeGreaterThan(50)
      expect(row.gaps.length).toBeLessThanOrEqual(200)
    })
  })

  describe('a clock that steps by an hour', () => {
    it('forward leaves an hour\'s gap with that cause', async () => {
      s.record(s.first, DAY, 30)
      s.first.index.addGap(s.gap(DAY + 30 * MINUTE, DAY + 90 * MINUTE, 'clock_stepped'))
      s.record(s.first, DAY + 90 * MINUTE, 30)
      await s.sync()
      s.clock.time = DAY + 2 * HOUR
      expect(await s.gaps(DAY, DAY + 2 * HOUR)).toEqual([['clock_stepped', 30, 90]])
    })
    it('back records the hour twice, and it counts once', async () => {
      await utc()
      s.record(s.first, DAY, 120)
      s.record(s.first, DAY + HOUR, 90)
      await s.sync()
      s.clock.time = DAY + 150 * MINUTE
      expect(await s.gaps(DAY, DAY + 150 * MINUTE)).toEqual([])
      expect(await available()).toMatchObject({ recordedMs: 150 * MINUTE, wantedMs: 150 * MINUTE, percent: 100 })
      expect(await s.room.explain(s.cameraId, DAY + 100 * MINUTE)).toBeNull()
    })
    it('ahead of the server is no footage of the future on the screen of now, and none that is lost', async () => {
      s.clock.time = DAY + HOUR
      s.record(s.first, DAY, 60)
      s.record(s.first, DAY + 2 * HOUR, 10)
      await s.sync()
      expect(await s.gaps(DAY, DAY + 3 * HOUR)).toEqual([])
      s.clock.time = DAY + 130 * MINUTE
      expect(await s.gaps(DAY, DAY + 3 * HOUR)).toEqual([['unknown', 60, 120]])
    })
  })
})
