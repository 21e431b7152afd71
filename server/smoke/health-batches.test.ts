import { beforeEach, expect, test } from 'vitest'
import { newId } from '../../lib/ids.js'
import type { Store } from '../store/store.js'
import { forEachStore } from '../store/test-stores.js'
import { addAgent, addDevices, failed, ok, Story } from './story.js'

forEachStore('from a batch to the database', stores => {
  let store: Store
  let story: Story
  let agent: string
  beforeEach(async () => {
    store = await stores.open()
    story = new Story(store)
    agent = await addAgent(store, story.clock.now(), 'north')
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
})
