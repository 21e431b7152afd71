/** Availability out of the table of days is what would be counted from the footage itself, after whatever has happened. */
import { afterAll, beforeEach, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import { forEachStore } from '../store/test-stores.js'
import { admin, DAY, HOUR, MINUTE, openRoom, removeIndexes, type TestRoom } from './recordings-fixture.js'

afterAll(removeIndexes)

forEachStore('availability by days', stores => {
  let s: TestRoom
  beforeEach(async () => {
    s = await openRoom(await stores.open())
    return () => s.room.stop()
  })
  const days = { fromDay: '2026-05-28', toDay: '2026-06-05' }
  const list = (more: object = {}) => s.room.availability.list(admin, { ...days, deviceId: s.cameraId, ...more }).then(p => p.items)
  const forget = () => s.store.transaction(tx => tx.delete(tx.t.recordingDays))
  /** As it stands in the table, and counted anew. */
  async function same () {
    const kept = (await list()).map(({ asOf: _, ...d }) => d)
    await forget()
    const anew = (await list()).map(({ asOf: _, ...d }) => d)
    expect(kept).toEqual(anew)
    return anew
  }
  const percents = async () => (await same()).map(d => d.percent)

  it('follows footage that comes, goes, is damaged, is older than all before, and gaps that turn out to be something else', async () => {
    s.clock.time = DAY + 4 * 24 * HOUR
    s.record(s.first, DAY, 24 * 60)
    s.record(s.first, DAY + 24 * HOUR, 12 * 60)
    const gap = s.gap(DAY + 36 * HOUR, null, 'camera_unreachable')
    s.first.index.addGap(gap)
    await s.sync()
    expect(await percents()).toEqual([null, null, null, null, 100, 62.5, 0, 0, 0])
    // The camera comes back a day and a half later.
    s.first.index.changeGap(gap.id, { to: DAY + 72 * HOUR })
    s.record(s.first, DAY + 72 * HOUR, 24 * 60)
    await s.sync()
    const before = await percents()
    expect(before.slice(5)).toEqual([62.5, 0, 87.5, 100])
    // An hour is deleted, another found damaged.
    for (const row of s.first.index.segmentsWhere('WHERE started_at >= ? AND started_at < ?', DAY, DAY + HOUR)) s.first.index.changeSegment(row.id, { status: 'deleted' })
    for (const row of s.first.index.segmentsWhere('WHERE started_at >= ? AND started_at < ?', DAY + 2 * HOUR, DAY + 3 * HOUR)) s.first.index.changeSegment(row.id, { status: 'damaged' })
    await s.sync()
    const damaged = (await same()).find(d => d.day === '2026-06-01')!
    expect(damaged.missing).toContainEqual({ cause: 'damaged', ms: HOUR })
    // Footage of four days before turns up on a disk: the days in between were wanted.
    s.record(s.first, DAY - 4 * 24 * HOUR, 60)
    await s.sync()
    expect((await percents())[2]).toBe(0)
    // The link was down when the gap began, which is told late.
    await s.store.transaction(async tx => { await tx.insert(tx.t.stateHistory).values({ id: newId(), deviceId: s.cameraId, at: DAY + 36 * HOUR, from: 'up', to: 'unreachable', reason: null, causeDeviceId: s.cameraId }) })
    s.first.index.changeGap(gap.id, { detail: 'timeout' })
    await s.sync()
    expect((await same()).find(d => d.day === '2026-06-03')!.missing[0]!.cause).toBe('link_down')
    // The centre moves to another zone.
    await s.store.transaction(tx => tx.insert(tx.t.settings).values({ key: 'centre', value: { name: 'Львів', timeZone: 'Pacific/Auckland' } }))
    await same()
  })

  it('is not counted anew where nothing has changed, whatever the number of cameras; the ticker keeps today young', async () => {
    for (let i = 0; i < 60; i++) await s.camera(s.first.id, `Камера ${i}`)
    s.clock.time = DAY + 30 * HOUR
    s.record(s.first, DAY, 30 * 60)
    await s.sync()
    const all = { deviceId: undefined, limit: 1000, fromDay: '2026-06-01', toDay: '2026-06-02' }
    expect(await list(all)).toHaveLength(122)
    await s.store.transaction(tx => tx.delete(tx.t.segments))
    s.clock.time += 4 * MINUTE
    const mine = (items: { deviceId: string }[]) => items.filter(i => i.deviceId === s.cameraId)
    expect(mine(await list(all))).toMatchObject([{ percent: 100 }, { percent: 100, asOf: s.clock.time - 4 * MINUTE }])
    // The one camera alone is counted up to now.
    expect((await list({ fromDay: '2026-06-02', toDay: '2026-06-02' }))[0]).toMatchObject({ asOf: s.clock.time, recordedMs: 0 })
    s.clock.time += 6 * MINUTE
    for (let i = 0; i < 3; i++) await s.room.refresh()
    const rows = await s.store.read.select().from(s.store.read.t.recordingDays)
    expect(rows.filter(r => r.day === '2026-06-02').every(r => r.asOf === s.clock.time)).toBe(true)
  })

  it('a page ends before it would have to count too much, and the next goes on', async () => {
    for (let i = 0; i < 40; i++) await s.camera(s.first.id, `Камера ${i}`)
    const seen = new Set<string>()
    let pages = 0
    for (let cursor: string | undefined | null; cursor !== null; pages++) {
      const page = await s.room.availability.list(admin, { fromDay: '2026-04-01', toDay: '2026-05-31', limit: 1000, ...cursor ? { cursor } : {} })
      for (const item of page.items) seen.add(item.deviceId)
      cursor = page.next
    }
    expect([seen.size, pages]).toEqual([41, 2])
  })

  it('of days that nobody looked at is counted in the background, and of cameras that were removed forgotten', async () => {
    s.record(s.first, DAY - 3 * 24 * HOUR, 60)
    await s.sync()
    await s.room.refresh()
    const rows = await s.store.read.select().from(s.store.read.t.recordingDays)
    expect(rows).toHaveLength(31)
    expect(rows.filter(r => r.recordedMs > 0)).toHaveLength(1)
    await s.store.transaction(tx => tx.delete(tx.t.devices))
    s.clock.time += 24 * HOUR
    await s.room.refresh()
    expect(await s.store.read.select().from(s.store.read.t.recordingDays)).toEqual([])
  })
})
