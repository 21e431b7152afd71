import { eq } from 'drizzle-orm'
import { beforeEach, expect, test } from 'vitest'
import { newId } from '../../lib/ids.js'
import type { Store } from '../store/store.js'
import { forEachStore } from '../store/test-stores.js'
import { addAgent, addDevices, failed, ok, Story } from './story.js'

forEachStore('from an observation to the wall', stores => {
  let store: Store
  let story: Story
  let agent: string
  beforeEach(async () => {
    store = await stores.open()
    story = new Story(store)
    agent = await addAgent(store, story.clock.now(), 'north')
  })
  const kinds = () => story.events.map(e => (e.event.change.kind === 'device_state' ? e.event.change.view.state : e.event.change.kind === 'alarm' ? `${e.event.change.alarm.condition} ${e.event.change.alarm.clearedAt ? 'cleared' : 'raised'}` : e.event.change.kind))

  test('a camera goes down: alarm, wall event, history; and comes back', async () => {
    const [camera] = await addDevices(store, story.clock.now(), agent, [{ name: 'Rynok square' }])
    await story.start()
    await story.say(agent, [ok(camera!)])
    for (let i = 0; i < 2; i++) {
      await story.pass(10)
      await story.say(agent, [failed(camera!)])
    }
    expect(await story.openAlarms()).toEqual([{ condition: 'device_down', deviceName: 'Rynok square', affectedCount: 0, subject: '' }])
    expect(kinds()).toEqual(['up', 'device_down raised', 'down'])
    for (let i = 0; i < 2; i++) {
      await story.pass(10)
      await story.say(agent, [ok(camera!)])
    }
    expect(await story.openAlarms()).toEqual([])
    expect(kinds().slice(3)).toEqual(['device_down cleared', 'up'])
    expect(story.events.map(e => e.event.seq)).toEqual([1, 2, 3, 4, 5])
    expect((await story.rows('wallEvents')).length).toBe(5)
    expect((await story.rows('stateHistory')).map(r => `${r.from} ${r.to}`)).toEqual(['unknown up', 'up down', 'down up'])
  })

  test('an agent falls silent: one alarm, its devices unknown, none of them down; then it returns', async () => {
    const other = await addAgent(store, story.clock.now(), 'south')
    const cameras = await addDevices(store, story.clock.now(), agent, [{ name: 'a' }, { name: 'b' }])
    const [theirs] = await addDevices(store, story.clock.now(), other, [{ name: 'c' }])
    await story.start()
    await story.say(agent, cameras.map(id => ok(id)))
    await story.say(other, [ok(theirs!)])
    await story.pass(40, () => story.ingest.heard(other))
    expect([...cameras, theirs!].map(id => story.state(id))).toEqual(['unknown', 'unknown', 'up'])
    expect(await story.openAlarms()).toEqual([{ condition: 'agent_silent', deviceName: 'north', affectedCount: 0, subject: '' }])
    await story.say(agent, [ok(cameras[0]!)])
    expect(cameras.map(id => story.state(id))).toEqual(['up', 'unknown'])
    expect(await story.openAlarms()).toEqual([])
    expect(kinds().filter(k => k.includes('down'))).toEqual([])
  })

  test('a device that is disabled or removed takes its alarms with it, and breaks no batch', async () => {
    const [gone, disabled, kept] = await addDevices(store, story.clock.now(), agent, [{ name: 'gone' }, { name: 'disabled' }, { name: 'kept' }])
    await story.start()
    await story.say(agent, [gone!, disabled!, kept!].map(id => ok(id)))
    for (let i = 0; i < 2; i++) {
      await story.pass(2)
      await story.say(agent, [gone!, disabled!, kept!].map(id => failed(id)))
    }
    expect((await story.openAlarms()).length).toBe(3)
    await store.transaction(tx => tx.delete(tx.t.devices).where(eq(tx.t.devices.id, gone!)))
    await story.pass(20)
    await story.say(agent, [ok(gone!), ok(kept!), { ...ok(newId()) }])
    await store.transaction(tx => tx.update(tx.t.devices).set({ enabled: false }).where(eq(tx.t.devices.id, disabled!)))
    await story.ingest.devicesChanged([gone!, disabled!])
    expect((await story.openAlarms()).map(a => a.deviceName)).toEqual(['kept'])
    expect([story.state(gone!), story.state(disabled!)]).toEqual([undefined, 'unknown'])
    await story.say(agent, [ok(disabled!)])
    expect(story.state(disabled!)).toBe('unknown')
  })

  test('a revoked agent: its devices unknown, its alarm cleared, its batches refused; one enrolled later is known by its first batch', async () => {
    const [camera] = await addDevices(store, story.clock.now(), agent, [{ name: 'a' }])
    await story.start()
    await story.say(agent, [ok(camera!)])
    await story.pass(35)
    expect((await story.openAlarms()).map(a => a.condition)).toEqual(['agent_silent'])
    await store.transaction(tx => tx.update(tx.t.agents).set({ revokedAt: story.clock.now() }).where(eq(tx.t.agents.id, agent)))
    await story.ingest.agentsChanged()
    expect([story.state(camera!), await story.openAlarms()]).toEqual(['unknown', []])
    await expect(story.say(agent, [ok(camera!)])).rejects.toThrow('No such agent')
    await story.pass(60)
    expect(await story.openAlarms()).toEqual([])
    const later = await addAgent(store, story.clock.now(), 'later')
    const [theirs] = await addDevices(store, story.clock.now(), later, [{ name: 'b' }])
    await story.ingest.devicesChanged([theirs!])
    await story.say(later, [ok(theirs!)])
    expect(story.state(theirs!)).toBe('up')
  })

  test('a silent agent that only gives a sign of life: its alarm clears, its devices wait to be seen', async () => {
    const [camera] = await addDevices(store, story.clock.now(), agent, [{ name: 'a' }])
    await story.start()
    await story.say(agent, [ok(camera!)])
    await story.pass(35)
    story.ingest.heard(agent)
    await story.pass(1)
    expect([story.state(camera!), await story.openAlarms()]).toEqual(['unknown', []])
  })

  test('a machine that slept does not take its own silence for that of the agents', async () => {
    const [camera] = await addDevices(store, story.clock.now(), agent, [{ name: 'a' }])
    await story.start()
    await story.say(agent, [ok(camera!)])
    story.clock.jump(3_600_000)
    await story.pass(1)
    expect([story.state(camera!), await story.openAlarms()]).toEqual(['up', []])
    await story.pass(10)
    expect(story.state(camera!)).toBe('unknown')
  })
})
