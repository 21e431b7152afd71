import { beforeEach, expect, test } from 'vitest'
import { createAlarms } from '../alarms/alarms.js'
import type { Alarm, DeviceHealth, HistoryEntry, Port, SeriesAnswer } from '../contract/health.js'
import type { Layout } from '../contract/wall.js'
import { createHealth } from '../health/health.js'
import { addAgent, addDevices, addGroup, failed, log, ok, port, portTable, Story } from '../smoke/story.js'
import { openStoreSamples } from '../store/samples-postgres.js'
import { forEachStore } from '../store/test-stores.js'
import type { ScopedWallEvent } from '../store/wall-events.js'
import { createLayouts } from '../wall/layouts.js'
import { alarmRoutes } from './alarms.js'
import { healthRoutes } from './health.js'
import { layoutRoutes } from './layouts.js'
import { openTestApp, type TestApp } from './test-app.js'

forEachStore('health, alarms and layouts over HTTP', stores => {
  let t: TestApp
  let story: Story
  let announced: ScopedWallEvent[]
  let east: string
  let west: string
  let theSwitch: string
  let e: string
  let w: string
  beforeEach(async () => {
    const store = await stores.open()
    story = new Story(store)
    const now = story.clock.now()
    const agent = await addAgent(store, now, 'north')
    east = await addGroup(store, 'east')
    west = await addGroup(store, 'west')
    theSwitch = (await addDevices(store, now, agent, [{ kind: 'switch', name: 'core' }]))[0]!
    ;[e, w] = await addDevices(store, now, agent, [{ name: 'Схід 1', groupId: east, parentId: theSwitch, parentPort: 'ge1' }, { name: 'West 1_%', groupId: west, parentId: theSwitch, parentPort: 'ge1' }]) as [string, string]
    await story.start()
    await story.say(agent, [ok(theSwitch, 'snmp'), portTable(theSwitch, [port(1), port(2)]), ok(e), ok(w), { kind: 'identity', deviceId: e, manufacturer: 'M', model: 'X', firmware: '1', serial: 's', description: '', sysObjectId: null, sysName: null }])
    for (let i = 0; i < 2; i++) {
      await story.pass(3)
      await story.say(agent, [ok(theSwitch, 'snmp'), failed(e), failed(w)])
    }
    await story.pass(4)
    const samples = openStoreSamples(store, log)
    samples.write([{ deviceId: theSwitch, at: story.clock.now(), series: ['in_bps.ge1', 'out_bps.ge1'], values: [1000, null] }])
    announced = []
    const announce = (events: ScopedWallEvent[]) => { announced.push(...events) }
    t = await openTestApp({
      store, clock: story.clock,
      routes (api) {
        healthRoutes(api, createHealth({ store, clock: story.clock, fleet: story.ingest, samples }))
        alarmRoutes(api, createAlarms({ store, clock: story.clock, announce }))
        layoutRoutes(api, createLayouts({ store, clock: story.clock, announce }))
      }
    })
    return async () => { await t.close(); await samples.close() }
  })
  const eastern = () => t.signIn({ roles: ['operator'], allGroups: false, groupIds: [east] })

  test('a device: state, history, ports with rates, series; nothing of a camera outside the own groups', async () => {
    const lead = await t.signIn({ roles: ['shift_lead'] })
    const health = (await lead.call('GET', `/api/v1/devices/${e}/health`)).body as DeviceHealth
    expect([health.state, health.reason?.code, health.identity?.model]).toEqual(['down', 'timeout', 'X'])
    const history = (await lead.call('GET', `/api/v1/devices/${e}/history?limit=1`)).body as { items: HistoryEntry[], next: string }
    expect(history.items.map(h => h.to)).toEqual(['down'])
    const older = (await lead.call('GET', `/api/v1/devices/${e}/history?cursor=${history.next}`)).body as { items: HistoryEntry[], next: null }
    expect([older.items.map(h => h.to), older.next]).toEqual([['up'], null])
    const ports = (await lead.call('GET', `/api/v1/devices/${theSwitch}/ports`)).body as Port[]
    expect(ports.map(p => [p.name, p.inBps, p.outBps, p.deviceIds.length])).toEqual([['ge1', 1000, null, 2], ['ge2', null, null, 0]])
    const series = (await lead.call('GET', `/api/v1/devices/${theSwitch}/series?names=in_bps.*`)).body as SeriesAnswer
    expect(series.series.map(s => [s.name, s.points.length])).toEqual([['in_bps.ge1', 1]])
    const op = await eastern()
    expect((await op.call('GET', `/api/v1/devices/${w}/health`)).status).toBe(404)
    expect((await op.call('GET', `/api/v1/devices/${w}/series?names=rtt_ms`)).status).toBe(404)
    expect(((await op.call('GET', `/api/v1/devices/${theSwitch}/ports`)).body as Port[])[0]!.deviceIds).toEqual([e])
    for (const bad of ['history?cursor=x', 'series', 'series?names=a&from=5&to=5', 'series?names=a&points=9999999']) expect([bad, (await lead.call('GET', `/api/v1/devices/${e}/${bad}`)).status]).toEqual([bad, 400])
  })

  test('alarms: filtered, searched, paged, and only of cameras that one sees', async () => {
    const lead = await t.signIn({ roles: ['shift_lead'] })
    const list = async (client: typeof lead, query = '') => ((await client.call('GET', `/api/v1/alarms${query}`)).body as { items: Alarm[], next: string | null })
    expect((await list(lead)).items.map(a => a.deviceName).sort()).toEqual(['West 1_%', 'Схід 1'])
    expect((await list(await eastern())).items.map(a => a.deviceName)).toEqual(['Схід 1'])
    const found = async (query: string) => (await list(lead, query)).items.length
    expect([await found('?status=open'), await found('?status=cleared'), await found('?severity=major'), await found('?severity=minor')]).toEqual([2, 0, 2, 0])
    expect([await found(`?q=${encodeURIComponent('СХІД')}`), await found(`?q=${encodeURIComponent('1_%')}`), await found('?q=%25x')]).toEqual([1, 1, 0])
    const now = story.clock.now()
    expect([await found(`?to=${now - 3_600_000}`), await found(`?from=${now}`), await found(`?deviceId=${e}`), await found('?acknowledged=true')]).toEqual([0, 2, 1, 0])
    const first = await list(lead, '?limit=1')
    const second = await list(lead, `?limit=1&cursor=${first.next}`)
    expect([first.items.length, second.items.length, second.next]).toEqual([1, 1, null])
    expect(first.items[0]!.id).not.toBe(second.items[0]!.id)
    expect((await lead.call('GET', '/api/v1/alarms?cursor=abc')).status).toBe(400)
  })

  test('acknowledging: once, with a comment, by those who may, told to the walls and audited', async () => {
    const op = await eastern()
    const [alarm] = ((await op.call('GET', '/api/v1/alarms')).body as { items: Alarm[] }).items
    const url = `/api/v1/alarms/${alarm!.id}/acknowledge`
    const registrar = await t.signIn({ roles: ['footage_registrar'] })
    const western = await t.signIn({ roles: ['operator'], allGroups: false, groupIds: [west] })
    expect([(await registrar.call('POST', url, { comment: '' })).status, (await western.call('POST', url, { comment: '' })).status, (await western.call('GET', `/api/v1/alarms/${alarm!.id}`)).status]).toEqual([403, 404, 404])
    const done = await op.call('POST', url, { comment: 'Crew called' })
    expect([done.status, (done.body as Alarm).acknowledgeComment, (done.body as Alarm).acknowledgedAt]).toEqual([200, 'Crew called', story.clock.now()])
    expect((await op.call('POST', url, { comment: 'again' })).status).toBe(409)
    expect(announced.map(a => [a.event.change.kind, a.scope])).toEqual([['alarm', { isCamera: true, groupId: east }]])
    const audit = await t.store.read.select().from(t.store.read.t.audit)
    expect(audit.filter(a => a.action === 'alarm.acknowledge').map(a => a.subjectId)).toEqual([alarm!.id])
  })

  test('layouts: own, shared by those who may, with cameras that one sees', async () => {
    const op = await eastern()
    const lead = await t.signIn({ roles: ['shift_lead'] })
    const layout = (cells: (string | null)[], shared = false) => ({ name: 'Night', shared, grid: 4, cells })
    const own = await op.call('POST', '/api/v1/layouts', layout([e, null, null, null]))
    expect(own.status).toBe(201)
    const { id } = own.body as Layout
    expect([
      (await op.call('POST', '/api/v1/layouts', layout([e]))).status, (await op.call('POST', '/api/v1/layouts', layout([w, null, null, null]))).status,
      (await op.call('POST', '/api/v1/layouts', layout([theSwitch, null, null, null]))).status, (await op.call('POST', '/api/v1/layouts', layout([e, null, null, null], true))).status
    ]).toEqual([400, 400, 400, 403])
    expect([(await lead.call('GET', '/api/v1/layouts')).body, (await lead.call('DELETE', `/api/v1/layouts/${id}`)).status]).toEqual([[], 404])

    const shared = (await lead.call('POST', '/api/v1/layouts', layout([e, w, null, null], true))).body as Layout
    expect(((await op.call('GET', '/api/v1/layouts')).body as Layout[]).map(l => l.cells)).toEqual([[e, null, null, null], [e, null, null, null]])
    expect((await op.call('PUT', `/api/v1/layouts/${shared.id}`, layout([null, null, null, null], true))).status).toBe(403)
    const limited = await t.signIn({ roles: ['shift_lead'], allGroups: false, groupIds: [east] })
    expect(((await limited.call('PUT', `/api/v1/layouts/${shared.id}`, layout([null, null, e, null], true))).body as Layout).cells).toEqual([null, null, e, null])
    const all = ((await lead.call('GET', '/api/v1/layouts')).body as Layout[])
    expect(all.map(l => l.cells)).toEqual([[null, w, e, null]])
    expect((await op.call('DELETE', `/api/v1/layouts/${id}`)).status).toBe(204)
    expect(announced.map(a => a.event.change.kind)).toEqual(['layout', 'layout', 'layout', 'layout'])
  })

  test('without a session nothing answers', async () => {
    for (const url of ['/api/v1/alarms', '/api/v1/layouts', `/api/v1/devices/${e}/health`]) expect((await t.stranger.call('GET', url)).status).toBe(401)
  })
})
