/** What cameras report, from an agent's batch to rows, alarms and lists, over both databases. */
import { describe, expect, it } from 'vitest'
import { createCameraEvents, type CameraEvents } from '../cameras/events.js'
import type { RecordOrder } from '../cameras/rule-runner.js'
import type { CameraEvent, EventRuleWrite } from '../contract/camera-events.js'
import { createIngest } from '../health/ingest.js'
import { actorWith } from '../inventory/inventory-fixture.js'
import { createRecordings } from '../recordings/recordings.js'
import type { Store } from '../store/store.js'
import { forEachStore } from '../store/test-stores.js'
import { addAgent, addDevices, addGroup, JumpingClock, log, Story } from './story.js'

const lead = actorWith(['shift_lead'])
const base: EventRuleWrite = { name: 'Уночі на подвір’ї', enabled: true, deviceIds: [], groupIds: [], types: ['motion', 'line_crossed'], schedule: [], minDurationS: 0, cooldownS: 0, clearAfterS: 30, severity: 'major', record: false, bookmark: false }

class EventStory extends Story {
  reported!: CameraEvents
  readonly orders: RecordOrder[] = []
  override async start () {
    this.ingest = await createIngest(this.store, this.clock, log, { samples: { write: () => {} }, cameraEvents: (tx, events, now) => this.reported.take(tx, events, now) })
    this.reported = await createCameraEvents({ store: this.store, clock: this.clock, log, announce: events => this.events.push(...events), join: inside => this.ingest.join(inside), stateOf: id => this.ingest.entry(id)?.view, record: order => this.orders.push(order) })
    return this
  }
  async wait (seconds: number) {
    for (let i = 0; i < seconds; i++) {
      await this.pass(1)
      await this.reported.tick()
    }
  }
  async listed (query = {}): Promise<CameraEvent[]> { return (await this.reported.list(lead, query)).items }
}

async function stage (store: Store) {
  const clock = new JumpingClock()
  const agent = await addAgent(store, clock.now(), 'agent')
  const [yard, street] = [await addGroup(store, 'Подвір’я'), await addGroup(store, 'Вулиця')]
  const [a, b] = await addDevices(store, clock.now(), agent, [{ name: 'Камера А', groupId: yard }, { name: 'Камера Б', groupId: street }])
  const s = await new EventStory(store, clock).start()
  const event = (phase: string, type = 'motion', deviceId = a!, more = {}) => ({ kind: 'camera_event' as const, deviceId, type, source: 'V1', phase, data: {}, ...more })
  return { s, clock, agent, yard, street, a: a!, b: b!, event }
}
const standing = async (s: Story) => (await s.openAlarms()).map(o => `${o.condition} ${o.deviceName} ${o.subject}`.trim())

forEachStore('camera events', stores => {
  describe('rows', () => {
    it('join a beginning and its end, once, however often either is told', async () => {
      const { s, agent, event, clock } = await stage(await stores.open())
      const from = clock.now()
      await s.say(agent, [event('begin'), event('begin')])
      clock.jump(5000)
      await s.say(agent, [event('begin')])
      await s.say(agent, [event('end'), event('end')])
      await s.say(agent, [event('pulse', 'line_crossed')])
      expect((await s.listed()).map(r => [r.type, r.from - from, r.to && r.to - from])).toEqual([['line_crossed', 5000, 5000], ['motion', 0, 5000]])
    })
    it('come and go in one batch, in their order', async () => {
      const { s, agent, event } = await stage(await stores.open())
      await s.say(agent, [event('begin'), event('end'), event('begin')])
      expect((await s.listed()).map(r => r.to !== null).sort()).toEqual([false, true])
    })
    it('are written once when the batch is sent again', async () => {
      const { s, agent, event } = await stage(await stores.open())
      await s.sayAs(agent, 1, [event('pulse', 'line_crossed')])
      await s.sayAs(agent, 1, [event('pulse', 'line_crossed')])
      expect(await s.listed()).toHaveLength(1)
    })
    it('are listed by camera, type and time, page by page, to those who see the camera', async () => {
      const { s, agent, event, clock, a, b, yard } = await stage(await stores.open())
      for (let i = 0; i < 5; i++) {
        await s.say(agent, [event('pulse', 'line_crossed'), event('pulse', 'audio', b)])
        clock.jump(60_000)
      }
      const first = await s.reported.list(lead, { limit: 4 })
      const second = await s.reported.list(lead, { limit: 10, cursor: first.next! })
      expect([first.items.length, second.items.length, second.next, new Set([...first.items, ...second.items].map(r => r.id)).size]).toEqual([4, 6, null, 10])
      expect(await s.listed({ deviceId: a })).toHaveLength(5)
      expect(await s.listed({ type: 'audio', from: clock.now() - 130_000, to: clock.now() - 70_000 })).toHaveLength(1)
      const guard = actorWith(['operator'], [yard])
      expect(new Set((await s.reported.list(guard, {})).items.map(r => r.deviceId))).toEqual(new Set([a]))
      await expect(s.reported.list(guard, { deviceId: b })).rejects.toMatchObject({ kind: 'not_found' })
      await expect(s.reported.list(actorWith(['auditor']), {})).rejects.toMatchObject({ kind: 'forbidden' })
      expect(await s.reported.active(guard)).toEqual([])
      await s.say(agent, [event('begin'), event('begin', 'motion', b)])
      expect((await s.reported.active(guard)).map(e => e.deviceId)).toEqual([a])
    })
    it('are closed when the camera is lost, when their end was lost, and when the camera is disabled', async () => {
      const store = await stores.open()
      const { s, agent, event, a, b, clock } = await stage(store)
      await s.say(agent, [{ kind: 'reachability', deviceId: a, ok: true, method: 'onvif', rttMs: 1, failure: null }, event('begin', 'tamper'), event('begin', 'motion', b), { kind: 'reachability', deviceId: b, ok: true, method: 'onvif', rttMs: 1, failure: null }])
      await s.reported.closeStale()
      expect((await s.listed()).every(r => r.to === null)).toBe(true)
      await s.pass(31)
      clock.jump(6 * 60_000)
      await s.reported.closeStale()
      expect((await s.listed()).map(r => r.data.closed)).toEqual(['camera_lost', 'camera_lost'])
      await s.say(agent, [{ kind: 'reachability', deviceId: b, ok: true, method: 'onvif', rttMs: 1, failure: null }, event('begin', 'motion', b), event('begin', 'storage_failure', b)])
      for (let i = 0; i < 25; i++) { clock.jump(3_600_000); s.ingest.heard(agent) }
      await s.reported.closeStale()
      expect((await s.listed({ deviceId: b })).filter(r => r.to === null).map(r => r.type)).toEqual(['storage_failure'])
      await store.transaction(tx => tx.update(tx.t.devices).set({ enabled: false }))
      await s.reported.devicesChanged([b])
      expect((await s.listed({ deviceId: b })).every(r => r.to !== null)).toBe(true)
    })
    it('that have lasted for days stand on today\'s timeline', async () => {
      const { s, agent, event, clock, a } = await stage(await stores.open())
      await s.say(agent, [event('begin', 'tamper')])
      const from = clock.now()
      clock.jump(3 * 86_400_000)
      await s.say(agent, [event('pulse', 'line_crossed')])
      const { timelines, stop } = createRecordings({ store: s.store, clock, log, commands: { run: async () => { throw new Error('there is no agent here') } }, agentOnline: () => true, planChanged: () => {}, announce: () => {} })
      const { rows } = await timelines.read(lead, { deviceIds: a, from: clock.now() - 60_000, to: clock.now() + 1 })
      expect(rows[0]!.events.map(e => [e.type, e.from, e.to])).toEqual([['tamper', from, null], ['line_crossed', clock.now(), clock.now()]])
      await stop()
    })
    it('go after ninety days', async () => {
      const { s, agent, event, clock } = await stage(await stores.open())
      await s.say(agent, [event('pulse', 'audio')])
      clock.jump(89 * 86_400_000)
      await s.reported.prune()
      expect(await s.listed()).toHaveLength(1)
      clock.jump(2 * 86_400_000)
      await s.reported.prune()
      expect(await s.listed()).toHaveLength(0)
    })
  })

  describe('rules', () => {
    it('raise an alarm at the wall with the event, bookmark and record, and clear it with its end', async () => {
      const store = await stores.open()
      const { s, agent, event, a, b, yard, clock } = await stage(store)
      await s.reported.rules.create(lead, { ...base, groupIds: [yard], record: true, bookmark: true })
      await s.say(agent, [event('begin'), event('begin', 'motion', b)])
      expect(await standing(s)).toEqual(['camera_event Камера А Уночі на подвір’ї'])
      expect(s.events.at(-1)?.event.change).toMatchObject({ kind: 'alarm', alarm: { condition: 'camera_event', severity: 'major', failure: { code: 'camera_event', detail: 'motion V1' } } })
      clock.jump(4000)
      await s.say(agent, [event('end')])
      expect(await standing(s)).toEqual([])
      expect(s.orders.map(o => [o.deviceId, o.to && o.to - o.from])).toEqual([[a, null], [a, 4000]])
      expect(await store.read.select().from(store.read.t.bookmarks)).toMatchObject([{ deviceId: a, authorName: base.name, note: `${base.name}: motion V1` }])
    })
    it('wait for the duration, and let a pulse\'s alarm go after its time', async () => {
      const { s, agent, event } = await stage(await stores.open())
      await s.reported.rules.create(lead, { ...base, name: 'довго', minDurationS: 5, types: ['motion'] })
      await s.reported.rules.create(lead, { ...base, name: 'лінія', types: ['line_crossed'], clearAfterS: 10 })
      await s.say(agent, [event('begin'), event('pulse', 'line_crossed')])
      expect(await standing(s)).toEqual(['camera_event Камера А лінія'])
      await s.wait(6)
      expect((await standing(s)).sort()).toEqual(['camera_event Камера А довго', 'camera_event Камера А лінія'])
      await s.wait(5)
      expect(await standing(s)).toEqual(['camera_event Камера А довго'])
    })
    it('remember over a restart what stands, and what lasts', async () => {
      const store = await stores.open()
      const { s, agent, event, clock } = await stage(store)
      await s.reported.rules.create(lead, { ...base, cooldownS: 600 })
      await s.say(agent, [event('begin')])
      const again = await new EventStory(store, clock).start()
      await again.reported.tick()
      expect(await standing(again)).toHaveLength(1)
      await again.sayAs(agent, 100, [event('end')])
      expect(await standing(again)).toEqual([])
      clock.jump(10_000)
      await again.sayAs(agent, 101, [event('begin')])
      expect(await standing(again)).toEqual([])
    })
    it('clear what they raised when they are changed, and go with their cameras', async () => {
      const store = await stores.open()
      const { s, agent, event, a } = await stage(store)
      const rule = await s.reported.rules.create(lead, base)
      await s.say(agent, [event('begin')])
      await s.reported.rules.change(lead, rule.id, { ...base, enabled: false })
      expect(await standing(s)).toEqual([])
      await s.reported.rules.change(lead, rule.id, base)
      await s.say(agent, [event('end'), event('begin')])
      expect(await standing(s)).toHaveLength(1)
      await store.transaction(tx => tx.update(tx.t.devices).set({ enabled: false }))
      await s.reported.devicesChanged([a])
      expect(await standing(s)).toEqual([])
      await s.reported.rules.remove(lead, rule.id)
      expect(await s.reported.rules.list(lead)).toEqual([])
      const actions = (await store.read.select({ action: store.read.t.audit.action }).from(store.read.t.audit)).map(r => r.action)
      expect(actions).toEqual(['event_rule.create', 'event_rule.change', 'event_rule.change', 'event_rule.remove'])
    })
    it('are made by shift leads, of cameras that they see, under names of their own', async () => {
      const { s, yard, street, b } = await stage(await stores.open())
      const narrow = actorWith(['shift_lead'], [yard])
      await expect(s.reported.rules.create(actorWith(['operator']), base)).rejects.toMatchObject({ kind: 'forbidden' })
      await expect(s.reported.rules.create(narrow, base)).rejects.toMatchObject({ code: 'scope_required' })
      await expect(s.reported.rules.create(narrow, { ...base, groupIds: [street] })).rejects.toMatchObject({ kind: 'not_found' })
      await expect(s.reported.rules.create(narrow, { ...base, deviceIds: [b] })).rejects.toMatchObject({ kind: 'not_found' })
      await s.reported.rules.create(narrow, { ...base, groupIds: [yard] })
      const wide = await s.reported.rules.create(lead, { ...base, name: 'усі' })
      await expect(s.reported.rules.create(lead, base)).rejects.toMatchObject({ code: 'name_taken' })
      expect((await s.reported.rules.list(narrow)).map(r => r.name)).toEqual([base.name])
      await expect(s.reported.rules.remove(narrow, wide.id)).rejects.toMatchObject({ kind: 'not_found' })
    })
    it('show beforehand what they would have raised: the same as they raise live', async () => {
      const { s, agent, event, clock, a, b } = await stage(await stores.open())
      const rule = { ...base, minDurationS: 3, cooldownS: 60, types: ['motion' as const] }
      await s.reported.rules.create(lead, rule)
      for (let i = 0; i < 40; i++) {
        await s.say(agent, [event('begin', 'motion', i % 3 === 0 ? b : a)])
        await s.wait(i % 7)
        await s.say(agent, [event('end', 'motion', i % 3 === 0 ? b : a)])
        await s.wait(11)
      }
      const preview = await s.reported.rules.preview(lead, rule, 7)
      const raised = new Set(s.events.flatMap(({ event: e }) => e.change.kind === 'alarm' && e.change.alarm.condition === 'camera_event' ? [e.change.alarm.id] : []))
      expect(preview).toMatchObject({ raised: raised.size, events: 40, partial: false })
      expect(raised.size).toBeGreaterThan(3)
      expect(preview.cameras.reduce((n, c) => n + c.raised, 0)).toBe(raised.size)
      expect(preview.to).toBe(clock.now())
    })
  })
})
