import { beforeEach, expect, test } from 'vitest'
import { newId } from '../../lib/ids.js'
import type { RunOptions } from '../agents/commands.js'
import { type Compliance, createCompliance } from '../cameras/compliance/compliance.js'
import type { Command } from '../contract/agent-link.js'
import type { CameraCompliance, CompliancePage, FirmwareList, LoginCheckStarted } from '../contract/compliance.js'
import { createIngest } from '../health/ingest.js'
import { addAgent, addDevices, addGroup, JumpingClock, log, ok, Story } from '../smoke/story.js'
import { forEachStore } from '../store/test-stores.js'
import type { Store } from '../store/store.js'
import { complianceRoutes } from './compliance.js'
import { type Client, openTestApp, type TestApp } from './test-app.js'

const DAY = 86_400_000
const settings = (onvif: { port: number, tls?: boolean } = { port: 80 }) => ({ camera: { onvif, rtsp: { port: 554, mainPath: null, subPath: null }, pull: 'always' as const } })

class Centre extends Story {
  compliance!: Compliance
  readonly commands: Command[] = []
  outcome = 'refused'
  override async start () {
    this.ingest = await createIngest(this.store, this.clock, log, { samples: { write () {} }, cameraReports: (tx, reports) => this.compliance.take(tx, reports) })
    const run = async (_agent: string, command: Command, _o: RunOptions) => { this.commands.push(command); return { outcome: this.outcome, detail: '' } }
    this.compliance = await createCompliance({
      store: this.store, clock: this.clock, log, entry: id => this.ingest.entry(id), agentOnline: () => true, commands: { run: run as never },
      policiesFor: async ids => new Map(ids.map(id => [id, { policy: { mode: 'continuous' } }]))
    })
    return this
  }
}

forEachStore('compliance over HTTP', stores => {
  let store: Store
  let centre: Centre
  let t: TestApp
  let admin: Client
  let agent: string
  let east: string
  let west: string
  let ids: string[]

  const identity = (deviceId: string, firmware: string, model = 'X') => ({ kind: 'identity' as const, deviceId, manufacturer: 'M', model, firmware, serial: 's', description: '', sysObjectId: null, sysName: null })
  const playing = (deviceId: string, fps: number, over: object = {}) => ({ kind: 'stream' as const, deviceId, profile: 'sub', status: 'playing', client: 'own', failure: null, codec: 'avc1.42', width: 640, height: 360, fps, bitrateBps: 300_000, keyFrameIntervalMs: 1000, audioCodec: null, packetsLost: 0, reconnects: 0, packets: 100_000, ...over })
  const reported = (deviceId: string, over: object = {}) => ({ kind: 'camera_report' as const, deviceId, encoders: [{ profile: 'sub', codec: 'h264', width: 640, height: 360, fps: 25, bitrateBps: 384_000, govLength: 25 }], certificate: null, openToAll: false, ...over })
  const list = async (client: Client, query = '') => {
    const answer = await client.call('GET', `/api/v1/compliance${query}`)
    expect([query, answer.status]).toEqual([query, 200])
    return answer.body as CompliancePage
  }
  const setCredential = (deviceId: string, strength: string | null) => store.transaction(tx => tx.insert(tx.t.credentials).values({ deviceId, sealed: 'x', username: 'u', updatedAt: 0, strength }))

  beforeEach(async () => {
    store = await stores.open()
    centre = new Centre(store, new JumpingClock(1_700_000_000_000))
    const now = centre.clock.now()
    agent = await addAgent(store, now, 'north')
    ;[east, west] = [await addGroup(store, 'east'), await addGroup(store, 'west')]
    ids = await addDevices(store, now, agent, [{ name: 'Камера 1', groupId: east }, { name: 'Камера 2', groupId: west }, { name: '=Камера 10', groupId: east }, { kind: 'switch', name: 'core' }, { name: 'off', enabled: false }])
    await store.transaction(async tx => { await tx.update(tx.t.devices).set({ settings: settings() }) })
    await centre.start()
    t = await openTestApp({ store, clock: centre.clock, routes (api) { complianceRoutes(api, centre.compliance) } })
    admin = await t.signIn({ roles: ['administrator'] })
    await setCredential(ids[0]!, 'good')
    await setCredential(ids[1]!, 'factory')
    await centre.say(agent, ids.slice(0, 3).flatMap((id, i) => [ok(id, 'onvif'), playing(id, i === 0 ? 25 : 21), identity(id, i === 2 ? '1.0' : '1.1'), reported(id), { kind: 'clock' as const, deviceId: id, offsetMs: i === 1 ? 60_000 : 5 }, { kind: 'picture' as const, deviceId: id, faults: i === 2 ? ['covered'] : [] }]))
    await centre.compliance.refresh()
    for (let i = 0; i < 2; i++) {
      centre.clock.jump(30_000)
      await centre.say(agent, ids.slice(0, 3).map((id, n) => playing(id, n === 0 ? 25 : 21)))
      await centre.compliance.refresh()
    }
    return () => t.close()
  })

  test('the table: cameras that are enabled and seen, with what was measured and wanted, the worst first, counted', async () => {
    const page = await list(admin)
    expect(page).toMatchObject({ total: 3, cameras: 3, failing: 2, next: null, counts: { fps: { pass: 1, fail: 2, unknown: 0, unjudged: 0 }, firmware: { unknown: 3 }, certificate: { unjudged: 3 }, password: { pass: 1, fail: 1, unknown: 1 } } })
    expect(page.items.map(i => [i.name, i.failed])).toEqual([['Камера 2', 3], ['=Камера 10', 2], ['Камера 1', 0]])
    expect(page.items[0]!.checks).toMatchObject({ fps: { status: 'fail', reason: 'below', measured: 21, wanted: 25, profile: 'sub' }, clock: { status: 'fail', measured: 60_000 }, password: { status: 'fail', reason: 'stored_factory' } })
    const eastern = await t.signIn({ roles: ['technician'], allGroups: false, groupIds: [east] })
    expect((await list(eastern)).items.map(i => i.name)).toEqual(['=Камера 10', 'Камера 1'])
    expect((await list(eastern)).counts.password).toMatchObject({ fail: 0 })
    expect((await eastern.call('GET', `/api/v1/devices/${ids[1]}/compliance`)).status).toBe(404)
    expect((await list(admin, '?check=fps')).items.map(i => i.name)).toEqual(['Камера 2', '=Камера 10'])
    expect((await list(admin, `?check=password&status=unknown&groupId=${east}&q=${encodeURIComponent('камера')}`)).items.map(i => i.name)).toEqual(['=Камера 10'])
    expect((await list(admin, '?sort=name&descending=true')).items[0]!.name).toBe('=Камера 10'.localeCompare('Камера 2', 'uk') > 0 ? '=Камера 10' : 'Камера 2')
    const first = await list(admin, '?limit=2')
    expect((await list(admin, `?limit=2&cursor=${first.next}`)).items.map(i => i.name)).toEqual(['Камера 1'])
    for (const bad of ['?cursor=x', '?check=colour', '?limit=0', '?nonsense=1', '?groupId=x']) expect([bad, (await admin.call('GET', `/api/v1/compliance${bad}`)).status]).toEqual([bad, 400])
    expect((await (await t.signIn({ roles: ['operator'] })).call('GET', '/api/v1/compliance')).status).toBe(403)
  })

  test('since when is kept over a restart, and changes with the status only', async () => {
    const at = (await list(admin)).items.find(i => i.id === ids[1])!.checks.fps.since
    centre.clock.jump(600_000)
    await centre.say(agent, [playing(ids[0]!, 25), playing(ids[1]!, 21), ok(ids[1]!, 'onvif')])
    await centre.compliance.refresh()
    const again = await new Centre(store, centre.clock).start()
    await again.compliance.refresh()
    const me = { userId: newId(), login: 'a', roles: ['administrator'] as const, allGroups: true, groupIds: [], sessionId: newId(), ip: '' }
    const fps = async () => (await again.compliance.list(me, {})).items.find(i => i.id === ids[1])!.checks.fps
    // What flickers is measured anew for a minute; the fault is no new one for that.
    expect(await fps()).toMatchObject({ status: 'unknown', reason: 'not_measured' })
    for (let i = 1; i <= 2; i++) {
      again.clock.jump(30_000)
      await again.sayAs(agent, 100 + i, [playing(ids[1]!, 21)])
      await again.compliance.refresh()
    }
    expect(await fps()).toMatchObject({ status: 'fail', since: at })
    expect((await admin.call('GET', `/api/v1/devices/${ids[1]}/compliance`)).body).toMatchObject({ encoders: [{ fps: 25 }], loginCheck: { state: 'never' } } satisfies Partial<Record<keyof CameraCompliance, unknown>>)
  })

  test('a report that leaves something out takes nothing away; an expiring certificate and an open camera are told', async () => {
    await store.transaction(async tx => { await tx.update(tx.t.devices).set({ settings: settings({ port: 443, tls: true }) }) })
    await centre.compliance.devicesChanged(ids)
    const certificate = { notBefore: 0, notAfter: centre.clock.now() + 10 * DAY, subject: 'c', issuer: 'ca', sha256: 'a'.repeat(64) }
    await centre.say(agent, [reported(ids[0]!, { encoders: null, certificate, openToAll: true }), reported(ids[0]!, { encoders: null, certificate: null, openToAll: null })])
    const camera = (await admin.call('GET', `/api/v1/devices/${ids[0]}/compliance`)).body as CameraCompliance
    expect(camera).toMatchObject({ encoders: [{ fps: 25 }], certificate: { issuer: 'ca' }, checks: { certificate: { status: 'fail', reason: 'expires_soon' }, password: { status: 'fail', reason: 'open_to_all' } } })
  })

  test('firmware: seen, approved and withdrawn, audited, judged at once', async () => {
    const before = (await admin.call('GET', '/api/v1/compliance/firmware')).body as FirmwareList
    expect(before.versions.map(v => [v.version, v.cameras, v.approvedAt])).toEqual([['1.1', 2, null], ['1.0', 1, null]])
    const write = { manufacturer: 'M', model: 'X', version: '1.1', approved: true }
    expect((await admin.call('PUT', '/api/v1/compliance/firmware', write)).status).toBe(200)
    expect((await admin.call('PUT', '/api/v1/compliance/firmware', write)).status).toBe(200)
    const page = await list(admin, '?sort=firmware')
    expect(page.items[0]!.checks.firmware).toMatchObject({ status: 'fail', reason: 'not_approved', measured: '1.0', wanted: '1.1' })
    expect(page.counts.firmware).toEqual({ pass: 2, fail: 1, unknown: 0, unjudged: 0 })
    const after = (await admin.call('PUT', '/api/v1/compliance/firmware', { ...write, approved: false })).body as FirmwareList
    expect(after.versions.every(v => v.approvedAt === null)).toBe(true)
    const audit = (await store.read.select().from(store.read.t.audit)).map(a => a.action).filter(a => a.startsWith('firmware'))
    expect(audit).toEqual(['firmware.approve', 'firmware.withdraw'])
    expect((await admin.call('PUT', '/api/v1/compliance/firmware', { ...write, version: ' ' })).status).toBe(400)
    const technician = await t.signIn({ roles: ['technician'] })
    expect((await technician.call('PUT', '/api/v1/compliance/firmware', write)).status).toBe(403)
  })

  test('recording as planned: a gap that lasts, what is missing of the day, and a camera never recorded', async () => {
    const now = centre.clock.now()
    await store.transaction(async tx => {
      const segment = (deviceId: string) => ({ id: newId(), deviceId, agentId: agent, profile: 'main', runId: newId(), runOffsetMs: 0, startedAt: now - DAY, endedAt: now, mediaMs: 1, videoCodec: 'avc1', width: 1, height: 1, frames: 1, keyFrames: 1, bytes: 1, volumeId: newId(), path: 'x', status: 'closed', refilled: false })
      await tx.insert(tx.t.segments).values([segment(ids[0]!), segment(ids[1]!)])
      const gap = (deviceId: string, from: number, to: number | null, cause: string) => ({ id: newId(), deviceId, agentId: agent, from, to, seenCause: cause, cause, detail: '' })
      await tx.insert(tx.t.gaps).values([gap(ids[0]!, now - 5 * DAY, now - 2 * DAY, 'disk_full'), gap(ids[0]!, now - DAY / 2, now - DAY / 2 + 600_000, 'stream_lost'), gap(ids[1]!, now - 300_000, null, 'disk_full'), gap(ids[1]!, now - 300_000, null, 'not_scheduled')])
    })
    await centre.compliance.refresh()
    const by = new Map((await list(admin)).items.map(i => [i.id, i.checks.recording]))
    expect(by.get(ids[0]!)).toMatchObject({ status: 'pass', measured: 600_000 / DAY })
    expect(by.get(ids[1]!)).toMatchObject({ status: 'fail', reason: 'gap_open', measured: 'disk_full' })
    expect(by.get(ids[2]!)).toMatchObject({ status: 'unknown', reason: 'no_footage' })
  })

  test('factory logins: off by default; on request slowly, with the ledger written first, audited without passwords', async () => {
    const ask = (deviceIds: string[]) => admin.call('POST', '/api/v1/compliance/login-checks', { deviceIds })
    expect(await ask([ids[0]!])).toMatchObject({ status: 409, body: { kind: 'login_checks_off' } })
    expect((await (await t.signIn({ roles: ['technician'] })).call('PUT', '/api/v1/compliance/settings', { loginChecks: 'weekly' })).status).toBe(403)
    expect((await admin.call('PUT', '/api/v1/compliance/settings', { loginChecks: 'on_request' })).body).toEqual({ loginChecks: 'on_request' })
    expect((await ask([newId()])).status).toBe(404)
    expect((await ask([ids[0]!])).body).toEqual({ started: 1, refused: [] } satisfies LoginCheckStarted)
    expect((await ask([ids[0]!])).body).toEqual({ started: 0, refused: [{ id: ids[0], reason: 'running' }] })
    const loginCheck = async () => ((await admin.call('GET', `/api/v1/devices/${ids[0]}/compliance`)).body as CameraCompliance).loginCheck
    for (let i = 0; i < 5; i++) await centre.compliance.tryLogins()
    await expect.poll(loginCheck).toMatchObject({ state: 'waiting', tried: 1, nextAt: centre.clock.now() + 3_600_000 })
    expect(centre.commands).toEqual([{ name: 'try_login', deviceId: ids[0], login: 'admin-admin' }])
    centre.clock.jump(3_600_000)
    await centre.say(agent, [ok(ids[0]!, 'onvif')])
    centre.outcome = 'accepted'
    await centre.compliance.tryLogins()
    await expect.poll(loginCheck).toMatchObject({ state: 'accepted', tried: 2, username: 'admin' })
    expect((await list(admin, '?check=password')).items.find(i => i.id === ids[0])!.checks.password).toMatchObject({ status: 'fail', reason: 'factory_accepted', measured: 'admin' })
    const audit = (await store.read.select().from(store.read.t.audit)).filter(a => a.action.startsWith('device.login_check') || a.action.startsWith('compliance'))
    expect(audit.map(a => a.action)).toEqual(['compliance.settings', 'device.login_check.start', 'device.login_check.try', 'device.login_check.try', 'device.login_check.end'])
    expect(JSON.stringify(audit)).not.toContain('"12345"')
    // The ledger outlives the server.
    const again = await new Centre(store, centre.clock).start()
    await again.compliance.refresh()
    await again.compliance.tryLogins()
    expect(again.commands).toEqual([])
  })

  test('a camera that is away or refuses its own login is left alone', async () => {
    await admin.call('PUT', '/api/v1/compliance/settings', { loginChecks: 'weekly' })
    await centre.say(agent, ids.slice(0, 3).map(id => ({ kind: 'reachability' as const, deviceId: id, ok: false, method: 'onvif', rttMs: null, failure: { code: 'authentication_failed', detail: '' } })))
    for (let i = 0; i < 5; i++) await centre.compliance.tryLogins()
    expect(centre.commands).toEqual([])
  })

  test('the export: what the filter leaves, safe for spreadsheets, audited', async () => {
    const { status, body, headers } = await admin.call('GET', '/api/v1/compliance/export.csv?check=fps&sort=name')
    expect([status, headers['content-type'], headers['content-disposition']]).toEqual([200, 'text/csv; charset=utf-8', 'attachment; filename="compliance.csv"'])
    const lines = String(body).trim().split('\r\n')
    expect(lines).toHaveLength(3)
    expect(String(body)).toContain('\'=Камера 10')
    expect((await store.read.select().from(store.read.t.audit)).find(a => a.action === 'compliance.export')?.details).toMatchObject({ cameras: 2 })
  })
})
