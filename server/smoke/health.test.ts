import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, test } from 'vitest'
import { newId } from '../../lib/ids.js'
import type { Store } from '../store/store.js'
import { forEachStore } from '../store/test-stores.js'
import { addAgent, addDevices, failed, ok, port, portStatus, portTable, Story } from './story.js'

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

  test('a batch sent twice is applied once; a smaller number is ignored', async () => {
    const [camera] = await addDevices(store, story.clock.now(), agent, [{ name: 'a' }])
    await story.start()
    const numbers = [{ deviceId: camera!, at: story.clock.now(), series: ['rtt_ms'], values: [1] }]
    expect((await story.sayAs(agent, 5, [ok(camera!)], numbers)).length).toBe(1)
    expect(await story.sayAs(agent, 5, [failed(camera!)], numbers)).toEqual([])
    expect(await story.sayAs(agent, 4, [failed(camera!)])).toEqual([])
    expect([story.samples.length, story.ingest.counters.duplicates, story.ingest.entry(camera!)!.memory.methods.rtsp!.fails]).toEqual([1, 2, 0])
  })

  test('a transaction that fails leaves nothing, in the database or in memory; sent again it is applied', async () => {
    const [camera] = await addDevices(store, story.clock.now(), agent, [{ name: 'a' }])
    let fail = false
    const breaking: Store = { ...store, transaction: work => store.transaction(async tx => {
      const result = await work(tx)
      if (fail) throw new Error('the power went out')
      return result
    }) }
    story = await new Story(breaking, story.clock).start()
    await story.sayAs(agent, 1, [ok(camera!)])
    await story.pass(5)
    fail = true
    await expect(story.sayAs(agent, 2, [failed(camera!, 'network_unreachable')])).rejects.toThrow('power')
    await expect(story.sayAs(agent, 2, [failed(camera!), ok(camera!)])).rejects.toThrow('power')
    expect([story.state(camera!), (await story.rows('wallEvents')).length, (await story.rows('stateHistory')).length]).toEqual(['up', 1, 1])
    fail = false
    await story.sayAs(agent, 2, [failed(camera!, 'network_unreachable')])
    await story.pass(1)
    expect([story.state(camera!), (await story.openAlarms()).length]).toEqual(['down', 1])
    expect(story.events.map(e => e.event.seq)).toEqual([1, 2, 3])
  })

  test('a transaction that the database runs twice is applied once', async () => {
    const [camera] = await addDevices(store, story.clock.now(), agent, [{ name: 'a' }])
    const twice: Store = { ...store, async transaction (work) {
      await store.transaction(async tx => {
        await work(tx)
        throw new Error('deadlock')
      }).catch(() => {})
      return store.transaction(work)
    } }
    story = await new Story(twice, story.clock).start()
    await story.say(agent, [ok(camera!)])
    await story.pass(5)
    await story.say(agent, [failed(camera!)])
    expect([story.ingest.entry(camera!)!.memory.methods.rtsp!.fails, story.ingest.counters.observations]).toEqual([1, 2])
    await story.pass(35)
    expect((await story.openAlarms()).map(a => a.condition)).toEqual(['agent_silent'])
    await story.say(agent, [ok(camera!)])
    expect([await story.openAlarms(), story.events.map(e => e.event.seq)]).toEqual([[], [1, 2, 3, 4, 5]])
  })

  test('after a restart everything is as it was, and dwell times go on', async () => {
    const [camera, second] = await addDevices(store, story.clock.now(), agent, [{ name: 'a' }, { name: 'b' }])
    await story.start()
    await story.say(agent, [ok(camera!), ok(second!)])
    await story.pass(5)
    await story.say(agent, [{ kind: 'restart', deviceId: camera!, uptimeMs: 5 }, failed(second!)])
    await story.pass(5)
    await story.say(agent, [failed(second!)])
    const before = story.ingest.entry(second!)
    story = await new Story(await stores.reopen(), story.clock).start()
    expect(story.ingest.entry(second!)!.memory).toEqual(before!.memory)
    expect((await story.openAlarms()).map(a => a.condition).sort()).toEqual(['device_down', 'restarted'])
    await story.pass(600, () => story.ingest.heard(agent))
    expect((await story.openAlarms()).map(a => a.condition)).toEqual(['device_down'])
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

  test('another agent may not speak for a device; times that cannot be are taken as now', async () => {
    const other = await addAgent(store, story.clock.now(), 'south')
    const [camera] = await addDevices(store, story.clock.now(), agent, [{ name: 'a' }])
    await story.start()
    await story.say(other, [ok(camera!)], [{ deviceId: camera!, at: story.clock.now(), series: ['x'], values: [1] }])
    expect([story.state(camera!), story.ingest.counters.droppedObservations, story.ingest.counters.droppedSamples]).toEqual(['unknown', 1, 1])
    await story.say(agent, [{ ...ok(camera!), at: 5 }])
    await story.say(agent, [{ ...ok(camera!), at: story.clock.now() + 86_400_000 }])
    expect([story.ingest.entry(camera!)!.view.observedAt, story.ingest.counters.implausibleTimes]).toEqual([story.clock.now(), 2])
    await expect(story.say(newId(), [])).rejects.toThrow('No such agent')
  })

  test('an hour of spool is judged as it would have been live', async () => {
    const [camera] = await addDevices(store, story.clock.now(), agent, [{ name: 'a' }])
    await story.start()
    const start = story.clock.now()
    await story.say(agent, [ok(camera!)])
    await story.pass(3600, () => story.ingest.heard(agent))
    const at = (s: number) => start + s * 1000
    await story.say(agent, [
      { ...failed(camera!), at: at(100) }, { ...failed(camera!), at: at(110) }, { ...ok(camera!), at: at(200) }, { ...ok(camera!), at: at(210) }, { ...ok(camera!), at: at(3600) }
    ])
    expect((await story.rows('stateHistory')).map(r => [r.to, (r.at as number) - start])).toEqual([['up', 0], ['down', 110_000], ['up', 210_000]])
    expect((await story.rows('alarms')).map(r => [(r.raisedAt as number) - start, (r.clearedAt as number) - start])).toEqual([[110_000, 210_000]])
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
