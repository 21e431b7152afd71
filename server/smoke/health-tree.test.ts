import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../store/store.js'
import { forEachStore } from '../store/test-stores.js'
import { addAgent, addDevices, failed, ok, port, portStatus, portTable, Story } from './story.js'

forEachStore('a device behind another', stores => {
  let store: Store
  let story: Story
  let agent: string
  beforeEach(async () => {
    store = await stores.open()
    story = new Story(store)
    agent = await addAgent(store, story.clock.now(), 'north')
  })

  describe('a switch with twenty cameras', () => {
    let theSwitch: string
    let cameras: string[]
    beforeEach(async () => {
      const now = story.clock.now()
      theSwitch = (await addDevices(store, now, agent, [{ kind: 'switch', name: 'spur 1' }]))[0]!
      cameras = await addDevices(store, now, agent, Array.from({ length: 20 }, (_, i) => ({ name: `camera ${i}`, parentId: theSwitch, parentPort: `ge${i + 1}` })))
      await story.start()
      await story.say(agent, [ok(theSwitch, 'snmp'), portTable(theSwitch, Array.from({ length: 24 }, (_, i) => port(i + 1))), ...cameras.map(id => ok(id))])
      await story.pass(20, () => story.ingest.heard(agent))
    })
    const states = () => [...new Set(cameras.map(id => story.state(id)))]

    test('goes down: one alarm with twenty affected; recovery clears it', async () => {
      await story.say(agent, cameras.map(id => failed(id)))
      await story.pass(5)
      await story.say(agent, [failed(theSwitch, 'timeout', 'snmp'), ...cameras.map(id => failed(id))])
      expect(story.asked).toEqual([theSwitch])
      await story.pass(4)
      expect(states()).toEqual(['up'])
      await story.say(agent, [failed(theSwitch, 'timeout', 'snmp')])
      expect([story.state(theSwitch), states()]).toEqual(['down', ['unreachable']])
      expect(await story.openAlarms()).toEqual([{ condition: 'device_down', deviceName: 'spur 1', affectedCount: 20, subject: '' }])
      expect(story.ingest.entry(cameras[7]!)!.view.causeDeviceId).toBe(theSwitch)

      await story.pass(10)
      await story.say(agent, [ok(theSwitch, 'snmp')])
      await story.pass(5)
      await story.say(agent, [ok(theSwitch, 'snmp')])
      expect([story.state(theSwitch), states(), await story.openAlarms()]).toEqual(['up', ['unreachable'], []])
      await story.say(agent, cameras.map(id => ok(id)))
      expect(states()).toEqual(['up'])
      expect((await story.rows('alarms')).map(a => [a.condition, a.affectedCount])).toEqual([['device_down', 20]])
    })

    test('a cut at one port: its camera unreachable at once, one alarm naming the port', async () => {
      await story.pass(60, () => story.ingest.heard(agent))
      await story.say(agent, [portStatus(theSwitch, 3, 'down')])
      expect([story.state(theSwitch), story.state(cameras[2]!), story.state(cameras[3]!)]).toEqual(['up', 'unreachable', 'up'])
      expect(await story.openAlarms()).toEqual([{ condition: 'port_down', deviceName: 'spur 1', affectedCount: 1, subject: 'ge3' }])
      await story.say(agent, [portStatus(theSwitch, 3, 'up')])
      await story.pass(5)
      await story.say(agent, [ok(cameras[2]!)])
      expect([story.state(cameras[2]!), await story.openAlarms()]).toEqual(['up', []])
      expect((await story.rows('ports')).length).toBe(24)
    })

    test('healed, each comes back by its own word, nothing rings, and the alarm keeps how many it was about', async () => {
      const second = cameras.slice(0, 2)
      await store.transaction(tx => tx.update(tx.t.devices).set({ parentPort: 'ge1' }).where(eq(tx.t.devices.id, second[1]!)))
      await story.ingest.devicesChanged(second)
      await story.say(agent, [portStatus(theSwitch, 1, 'down')])
      expect(second.map(id => story.state(id))).toEqual(['unreachable', 'unreachable'])
      await story.pass(2, () => story.ingest.heard(agent))
      expect(story.asked).toEqual(second)
      await story.pass(20, () => story.ingest.heard(agent))
      await story.say(agent, second.map(id => failed(id)))
      story.asked.length = 0
      await story.say(agent, [ok(second[0]!)])
      expect([story.asked, (await story.openAlarms()).map(a => a.affectedCount)]).toEqual([[theSwitch, second[0]], [1]])
      await story.say(agent, [portStatus(theSwitch, 1, 'up')])
      for (let i = 0; i < 3; i++) {
        await story.pass(4, () => story.ingest.heard(agent))
        await story.say(agent, second.map(id => failed(id)))
      }
      await story.say(agent, second.map(id => ok(id)))
      expect([second.map(id => story.state(id)), (await story.rows('alarms')).map(a => [a.condition, a.affectedCount])]).toEqual([['up', 'up'], [['port_down', 2]]])
    })

    test('behind a second switch, all name the root', async () => {
      const [root] = await addDevices(store, story.clock.now(), agent, [{ kind: 'switch', name: 'core' }])
      await store.transaction(tx => tx.update(tx.t.devices).set({ parentId: root! }).where(eq(tx.t.devices.id, theSwitch)))
      await story.ingest.devicesChanged([root!, theSwitch, ...cameras])
      await story.say(agent, [ok(root!, 'snmp')])
      await story.pass(5)
      for (let i = 0; i < 2; i++) {
        await story.say(agent, [failed(root!, 'timeout', 'snmp'), failed(theSwitch, 'timeout', 'snmp')])
        await story.pass(2)
      }
      expect([story.state(theSwitch), states()]).toEqual(['unreachable', ['unreachable']])
      expect(story.ingest.entry(cameras[0]!)!.view.causeDeviceId).toBe(root)
      expect(await story.openAlarms()).toEqual([{ condition: 'device_down', deviceName: 'core', affectedCount: 21, subject: '' }])
    })
  })

  test('a link made later by hand: the port that is down already raises, its camera is unreachable', async () => {
    const [theSwitch] = await addDevices(store, story.clock.now(), agent, [{ kind: 'switch', name: 's' }])
    const [camera] = await addDevices(store, story.clock.now(), agent, [{ name: 'c' }])
    await story.start()
    await story.say(agent, [ok(theSwitch!, 'snmp'), portTable(theSwitch!, [port(1, 'down')])])
    expect(await story.openAlarms()).toEqual([])
    await store.transaction(tx => tx.update(tx.t.devices).set({ parentId: theSwitch!, parentPort: 'ge1', updatedAt: story.clock.now() }).where(eq(tx.t.devices.id, camera!)))
    await story.ingest.devicesChanged([camera!])
    expect([story.state(camera!), await story.openAlarms()]).toEqual(['unreachable', [{ condition: 'port_down', deviceName: 's', affectedCount: 1, subject: 'ge1' }]])
  })

  test('parents in a circle do no harm', async () => {
    const [a, b] = await addDevices(store, story.clock.now(), agent, [{ kind: 'switch', name: 'a' }, { kind: 'switch', name: 'b' }])
    await store.transaction(async tx => {
      await tx.update(tx.t.devices).set({ parentId: b! }).where(eq(tx.t.devices.id, a!))
      await tx.update(tx.t.devices).set({ parentId: a! }).where(eq(tx.t.devices.id, b!))
    })
    await story.start()
    await story.say(agent, [ok(a!, 'snmp'), ok(b!, 'snmp')])
    for (let i = 0; i < 3; i++) {
      await story.pass(5)
      await story.say(agent, [failed(a!, 'timeout', 'snmp'), failed(b!, 'timeout', 'snmp')])
    }
    await story.pass(15)
    expect((await story.openAlarms()).length).toBeGreaterThan(0)
  })
})
