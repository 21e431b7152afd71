/** Absences that are filled from a camera's card, as people see them: on the timeline, in availability, and when they ask for it. */
import { afterAll, beforeEach, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import type { Command } from '../contract/agent-link.js'
import type { GapRefill } from '../contract/recording.js'
import { actorWith } from '../inventory/inventory-fixture.js'
import { forEachStore } from '../store/test-stores.js'
import { admin, DAY, HOUR, MINUTE, openRoom, removeIndexes, type TestRoom } from './recordings-fixture.js'

afterAll(removeIndexes)
const refill = (change: Partial<GapRefill> = {}): GapRefill => ({ status: 'running', percent: 40, reason: null, detail: '', at: DAY, nextAt: null, tries: 0, from: DAY + HOUR, to: DAY + 2 * HOUR, asked: false, ...change })

forEachStore('refilled absences', stores => {
  let s: TestRoom
  beforeEach(async () => {
    s = await openRoom(await stores.open())
    return () => s.room.stop()
  })
  const available = async () => (await s.room.availability.list(admin, { fromDay: '2026-06-01', toDay: '2026-06-01', deviceId: s.cameraId })).items[0]!
  const cut = async () => {
    s.record(s.first, DAY, 60)
    const gap = s.gap(DAY + HOUR, DAY + 2 * HOUR, 'camera_unreachable')
    s.first.index.addGap(gap)
    s.record(s.first, DAY + 2 * HOUR, 60)
    // The network had gone: the camera stood behind a switch.
    const hub = newId()
    await s.store.transaction(async tx => {
      await tx.insert(tx.t.devices).values({ id: hub, kind: 'switch', name: 'S2', searchText: '', siteId: null, groupId: null, address: '192.0.2.2', identityKey: hub, agentId: null, parentId: null, parentPort: null, note: '', enabled: true, settings: {}, createdAt: 1, updatedAt: 1 })
      await tx.insert(tx.t.stateHistory).values({ id: newId(), deviceId: s.cameraId, at: DAY + HOUR + 5000, from: 'up', to: 'unreachable', reason: null, causeDeviceId: hub })
    })
    s.clock.time = DAY + 2 * HOUR + MINUTE
    await s.sync()
    return gap
  }

  it('are told how far they are, stand as refilled footage, and what is left keeps its judged cause and says why', async () => {
    const gap = await cut()
    expect(await s.gaps(DAY, DAY + 3 * HOUR)).toEqual([['link_down', 60, 120]])
    // The day is over, and its availability stands.
    s.clock.time = DAY + 26 * HOUR
    expect((await available()).missing).toContainEqual({ cause: 'link_down', ms: HOUR })
    s.first.index.changeGap(gap.id, { refill: refill() })
    await s.sync()
    expect((await s.timeline(DAY, DAY + 3 * HOUR)).gaps).toMatchObject([{ id: gap.id, refill: { status: 'running', percent: 40 } }])

    // Long after the gap was judged: half of it came, in the middle.
    s.clock.time = DAY + 40 * HOUR
    const done = refill({ status: 'done', percent: 100, reason: 'card_empty', tries: 1 })
    s.first.index.transaction(() => {
      s.record(s.first, DAY + 75 * MINUTE, 30, { refilled: true, endReason: 'refill_over' })
      s.first.index.changeGap(gap.id, { to: DAY + 75 * MINUTE, refill: done })
      s.first.index.addGap({ ...gap, id: newId(), from: DAY + 105 * MINUTE, refill: done })
    })
    await s.sync()
    const row = await s.timeline(DAY, DAY + 3 * HOUR)
    expect(row.coverage.map(c => [c.kind, (c.from - DAY) / MINUTE, (c.to - DAY) / MINUTE])).toEqual([['recorded', 0, 60], ['refilled', 75, 105], ['recorded', 120, 180]])
    expect(row.gaps.map(g => [g.cause, g.detail, (g.from - DAY) / MINUTE, (g.to - DAY) / MINUTE, g.refill?.reason])).toEqual([['link_down', 'S2', 60, 75, 'card_empty'], ['link_down', 'S2', 105, 120, 'card_empty']])
    expect(await available()).toMatchObject({ recordedMs: 150 * MINUTE, missing: expect.arrayContaining([{ cause: 'link_down', ms: 30 * MINUTE }]) })
    expect(await s.room.explain(s.cameraId, DAY + 90 * MINUTE)).toBeNull()
  })

  it('are asked for by those who may, for cameras that they see, and who asked stands in the audit', async () => {
    const gap = await cut()
    const heard: Command[] = []
    s.first.other = command => { heard.push(command); return null }
    await expect(s.room.refills.ask(actorWith(['auditor']), gap.id)).rejects.toMatchObject({ kind: 'forbidden' })
    await expect(s.room.refills.ask({ ...actorWith(['operator']), allGroups: false, groupIds: [newId()] }, gap.id)).rejects.toMatchObject({ code: 'camera_not_found' })
    await expect(s.room.refills.ask(admin, newId())).rejects.toMatchObject({ code: 'gap_not_found' })
    expect(heard).toEqual([])
    const operator = actorWith(['operator'])
    await s.room.refills.ask(operator, gap.id)
    expect(heard).toEqual([{ name: 'refill_gap', gapId: gap.id }])
    const { audit } = s.store.read.t
    const rows = (await s.store.read.select().from(audit)).filter(a => a.action === 'recording.refill.ask')
    expect(rows).toMatchObject([{ login: operator.login, subjectId: s.cameraId, details: { gapId: gap.id, cause: 'link_down' } }])
  })

  it.each(['gap_open', 'nothing_missing', 'no_onvif', 'too_old'])('that cannot be filled are refused with the reason (%s)', async code => {
    const gap = await cut()
    s.first.other = () => { throw Object.assign(new Error('No.'), { code }) }
    await expect(s.room.refills.ask(admin, gap.id)).rejects.toMatchObject({ kind: 'conflict', code })
  })
})
