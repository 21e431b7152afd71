/** When a legal hold may be called confirmed. */
import { afterAll, beforeEach, expect, it } from 'vitest'
import { forEachStore } from '../store/test-stores.js'
import { admin, DAY, HOUR, MINUTE, openRoom, removeIndexes, type TestRoom } from './recordings-fixture.js'

afterAll(removeIndexes)
const wanted = { from: DAY, to: DAY + HOUR, reason: 'Запит № 12', reviewAt: DAY + 30 * 86_400_000 }

forEachStore('hard cases of locks', stores => {
  let s: TestRoom
  beforeEach(async () => {
    s = await openRoom(await stores.open())
    return () => s.room.stop()
  })
  const confirmedAt = async () => (await s.room.locks.list(admin, {})).items[0]!.confirmedAt
  const holds = async (agentId: string, devices: string[] = []) => { await s.room.planHeld(agentId, await s.room.locks.planFor(agentId, devices)) }

  it('is confirmed only when every agent that has such footage holds it', async () => {
    const other = await s.agent('other')
    s.record(s.first, DAY, 30)
    s.record(other, DAY + 30 * MINUTE, 30)
    await s.sync()
    await s.move(other.id)
    await s.room.locks.create(admin, { ...wanted, deviceIds: [s.cameraId] })
    await holds(other.id, [s.cameraId])
    expect(await confirmedAt()).toBeNull()
    s.clock.time += MINUTE
    await holds(s.first.id)
    expect(await confirmedAt()).toBe(s.clock.time)
  })

  it('waits for the camera\'s agent though it has told of no footage yet, and not for one whose footage is of another time', async () => {
    const old = await s.agent('old')
    s.record(old, DAY - 5 * HOUR, 10)
    await s.sync()
    await s.room.locks.create(admin, { ...wanted, deviceIds: [s.cameraId] })
    await holds(old.id)
    expect(await confirmedAt()).toBeNull()
    await holds(s.first.id, [s.cameraId])
    expect(await confirmedAt()).toBe(s.clock.time)
  })

  it('is open again when another agent turns out to have such footage, and that agent is told of it', async () => {
    await s.room.locks.create(admin, { ...wanted, deviceIds: [s.cameraId] })
    await holds(s.first.id, [s.cameraId])
    expect(await confirmedAt()).not.toBeNull()
    const late = await s.agent('late')
    s.record(late, DAY + MINUTE, 3)
    s.changed.length = 0
    await s.sync(late)
    expect(await confirmedAt()).toBeNull()
    expect(s.changed).toEqual([late.id])
    await holds(late.id)
    expect(await confirmedAt()).not.toBeNull()
    s.record(late, DAY + 10 * MINUTE, 3)
    await s.sync(late)
    expect(await confirmedAt()).not.toBeNull()
  })

  it('is confirmed by what an agent was sent, not by what it will be sent next', async () => {
    s.record(s.first, DAY, 30)
    await s.sync()
    const before = await s.room.dress(s.first.id, [])
    await s.room.locks.create(admin, { ...wanted, deviceIds: [s.cameraId] })
    // The next plan is made, and before it is sent the agent says that it holds the one before.
    const next = await s.room.dress(s.first.id, [])
    await s.room.planHeld(s.first.id, before.locks!)
    expect(await confirmedAt()).toBeNull()
    await s.room.planHeld(s.first.id, next.locks!)
    expect(await confirmedAt()).not.toBeNull()
  })

  it('when the camera is with nobody and nothing was recorded, has nobody to wait for', async () => {
    await s.move(null)
    await s.room.locks.create(admin, { ...wanted, deviceIds: [s.cameraId] })
    await s.room.look()
    expect(await confirmedAt()).toBe(s.clock.time)
  })
})
