import { beforeEach, expect, test } from 'vitest'
import type { Hardware, OpticalModule } from '../contract/hardware.js'
import { createHardware } from '../health/hardware.js'
import { addAgent, addDevices, ok, port, portStatus, portTable, Story } from '../smoke/story.js'
import { forEachStore } from '../store/test-stores.js'
import { hardwareRoutes } from './hardware.js'
import { openTestApp, type TestApp } from './test-app.js'

const module = (name: string, rxPowerDbm: number | null, change: Partial<OpticalModule> = {}): OpticalModule => ({
  kind: 'port', port: name, label: '', gate: 'up', lanes: 1, rxPowerDbm, txPowerDbm: -5, biasMa: 14, temperatureC: 41, voltageV: 3.3, vendor: 'SNR', part: 'LX', serial: 'SAME', wavelengthNm: 1310, rxLimits: null, txLimits: null, ...change
})
const limits = { lowAlarm: -14, lowWarn: -13, highWarn: 0, highAlarm: 1 }

forEachStore('hardware of a switch', stores => {
  let t: TestApp
  let story: Story
  let agent: string
  let id: string
  beforeEach(async () => {
    const store = await stores.open()
    story = new Story(store)
    agent = await addAgent(store, story.clock.now(), 'north')
    id = (await addDevices(store, story.clock.now(), agent, [{ kind: 'switch', name: 'core' }]))[0]!
    await story.start()
    await story.say(agent, [ok(id, 'snmp'), portTable(id, [port(1), port(2)])])
    t = await openTestApp({
      store, clock: story.clock,
      routes: api => hardwareRoutes(api, createHardware({
        store, clock: story.clock, fleet: { entry: deviceId => story.ingest.entry(deviceId) },
        onLimits: async deviceId => { story.events.push(...await story.ingest.devicesChanged([deviceId])) }
      }))
    })
    return () => t.close()
  })
  const read = (modules: OpticalModule[], sensors: unknown[] = []) => story.say(agent, [{ kind: 'hardware', deviceId: id, modules, sensors, poe: null }])
  const get = async () => (await (await t.signIn({ roles: ['operator'] })).call('GET', `/api/v1/devices/${id}/hardware`)).body as Hardware
  const put = async (body: unknown, role: 'technician' | 'operator' = 'technician') => (await t.signIn({ roles: [role] })).call('PUT', `/api/v1/devices/${id}/light-limits`, body as Record<string, unknown>)

  test('is nothing before it was read; then its modules with the limits in force, also after a restart of the server', async () => {
    expect(await get()).toEqual({ at: null, modules: [], sensors: [], poe: null })
    // Cheap modules share a serial number: the port tells them apart.
    await read([module('ge1', -10), module('ge2', null)], [{ kind: 'fan', name: 'Fan 1', value: 4200, status: 'ok' }])
    const shown = await get()
    expect(shown.modules.map(m => [m.port, m.rx.level, m.rx.source, m.rx.limits.lowAlarm])).toEqual([['ge1', 'ok', 'default', -23], ['ge2', null, 'default', -23]])
    await story.start()
    expect(await get()).toEqual(shown)
  })

  test('light that falls raises one alarm, grows into the worse, is held while the port is down, and clears', async () => {
    const conditions = async () => (await story.openAlarms()).map(a => `${a.condition} ${a.subject}`).sort()
    const after = async (rx: number, change: Partial<OpticalModule> = {}) => { await read([module('ge1', rx, change)]); return conditions() }
    expect(await after(-10)).toEqual([])
    expect(await after(-21.5)).toEqual([])
    expect(await after(-21.5)).toEqual(['light_warning ge1'])
    await after(-24)
    expect(await after(-24)).toEqual(['light_alarm ge1'])
    await story.say(agent, [portStatus(id, 1, 'down')])
    await after(-40, { gate: 'down' })
    expect(await after(-40, { gate: 'down' })).toContain('light_alarm ge1')
    await story.say(agent, [portStatus(id, 1, 'up')])
    await after(-10)
    expect(await after(-10)).toEqual([])
    const [row] = (await story.rows('alarms')).filter(a => a.condition === 'light_alarm')
    expect(row).toMatchObject({ severity: 'major', failure: { code: 'rx_light_low', detail: 'RX −24.0 dBm, ≤ −23.0' } })
  })

  test('limits of a person hold at once, are recorded, survive readings and a restart, and go again', async () => {
    const bent = { lowAlarm: -30, lowWarn: -28, highWarn: 0, highAlarm: 2 }
    await read([module('ge1', -15, { rxLimits: bent })])
    expect((await put({ port: 'ge1', rx: limits, tx: null })).status).toBe(200)
    expect((await story.openAlarms()).map(a => a.condition)).toEqual(['light_alarm'])
    await read([module('ge1', -15, { rxLimits: bent })])
    await story.start()
    await read([module('ge1', -15, { rxLimits: bent })])
    expect((await get()).modules[0]!.rx).toEqual({ level: 'low_alarm', limits, source: 'person' })
    expect((await put({ port: 'ge1', rx: null, tx: null })).status).toBe(200)
    expect([await story.openAlarms(), (await get()).modules[0]!.rx]).toEqual([[], { level: 'ok', limits: bent, source: 'module' }])
    const audit = (await t.store.read.select().from(t.store.read.t.audit)).filter(a => a.action === 'device.light_limits').map(a => a.details)
    expect(audit).toMatchObject([{ port: 'ge1', before: null, after: { rx: limits, tx: null } }, { before: { rx: limits }, after: { rx: null } }])
  })

  test('limits out of order or of an operator are refused with the field named; so are those of what is no switch', async () => {
    const wrong = await put({ port: 'ge1', rx: { ...limits, lowWarn: -20 }, tx: null })
    expect([wrong.status, JSON.stringify(wrong.body)]).toEqual([400, expect.stringContaining('/rx/lowWarn')])
    expect((await put({ port: 'ge1', rx: { ...limits, highAlarm: 99 }, tx: null })).status).toBe(400)
    expect((await put({ port: '', rx: null, tx: null })).status).toBe(400)
    expect((await put({ port: 'ge1', rx: limits, tx: null }, 'operator')).status).toBe(403)
    const [camera] = await addDevices(t.store, 0, agent, [{ name: 'yard' }])
    await story.ingest.devicesChanged([camera!])
    expect((await (await t.signIn({ roles: ['technician'] })).call('PUT', `/api/v1/devices/${camera}/light-limits`, { port: 'ge1', rx: limits, tx: null })).status).toBe(404)
  })

  test('a fan that failed is told; a disabled switch takes its alarms with it and comes back without', async () => {
    const fan = [{ kind: 'fan', name: 'Fan 1', value: null, status: 'failed' }]
    await read([module('ge1', -30)], fan)
    await read([module('ge1', -30)], fan)
    expect((await story.openAlarms()).map(a => `${a.condition} ${a.subject}`).sort()).toEqual(['hardware_failed Fan 1', 'light_alarm ge1'])
    const enable = async (enabled: boolean) => {
      await t.store.transaction(tx => tx.update(tx.t.devices).set({ enabled }))
      await story.ingest.devicesChanged([id])
    }
    await enable(false)
    expect(await story.openAlarms()).toEqual([])
    await enable(true)
    await story.say(agent, [ok(id, 'snmp')])
    expect(await story.openAlarms()).toEqual([])
  })
})
