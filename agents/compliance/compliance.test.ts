/** What an agent reads of a camera's own settings and guards, from fixture cameras over sockets; certificates are made by openssl. */
import { execFileSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Value } from 'typebox/value'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { type OnvifCameraOptions, type OnvifFixture, startOnvifCamera } from '../../fixtures/onvif/camera.js'
import { renderClip } from '../../fixtures/rtsp/render.js'
import { type RtspServer, startRtspServer } from '../../fixtures/rtsp/server.js'
import { systemClock } from '../../lib/clock.js'
import { newId } from '../../lib/ids.js'
import { makeLog } from '../../lib/log.js'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import { Observation } from '../../server/contract/health.js'
import { loginsFor } from '../../server/contract/factory-logins.js'
import { readReport } from './camera-report.js'
import { createReportCollector } from './collector.js'
import { tryLogin } from './login-trial.js'

const log = makeLog('test', 'silent')
const folder = mkdtempSync(join(tmpdir(), 'compliance-'))
afterAll(() => rmSync(folder, { recursive: true }))
const open: { close (): Promise<unknown> }[] = []
afterEach(async () => { for (const part of open.splice(0)) await part.close() })

const signal = new AbortController().signal
const clock = systemClock
const options: OnvifCameraOptions = { host: '127.47.0.1', port: 0, users: [{ username: 'viewer', password: 'right', level: 'administrator' }], name: 'c', model: 'KC-1', serial: 'S', rtspPort: 8554, mainPath: '/m', subPath: '/s' }
async function start (extra: Partial<OnvifCameraOptions> = {}): Promise<OnvifFixture> {
  const fixture = await startOnvifCamera({ ...options, ...extra })
  open.push(fixture)
  return fixture
}
async function startStream (users?: Record<string, string>): Promise<RtspServer> {
  const clip = await renderClip({ scene: 'street', codec: 'h264', width: 256, height: 144, fps: 10, bitrateKbps: 200, seconds: 2, title: 'c' }, join(tmpdir(), 'kalancha-test-clips'))
  const server = await startRtspServer({ host: '127.47.0.9', port: 0, ...(users ? { users } : {}), streams: { '/m': clip } })
  open.push(server)
  return server
}
type Paths = NonNullable<PlanDevice['camera']>['rtsp']
const deviceOf = (fixture: { host: string, port: number }, camera: Partial<PlanDevice['camera']> & object = {}, rtsp: Partial<Paths> = {}): PlanDevice => ({
  id: newId(), kind: 'camera', name: 'c', address: fixture.host, credential: { kind: 'password', username: 'viewer', password: 'right' },
  camera: { onvif: { port: fixture.port }, rtsp: { port: 8554, mainPath: null, subPath: null, ...rtsp }, pull: 'always', ...camera }
})
const wrongLogins = (f: OnvifFixture) => f.journal.filter(e => e.how !== 'none' && e.how !== 'open' && e.why !== '').length

describe('a camera\'s report', () => {
  it('tells how the encoders behind both streams are set, and that strangers get nothing', async () => {
    const fixture = await start()
    const { report, denied } = await readReport(deviceOf(fixture), { signal, clock, mayLogIn: true })
    expect(denied).toBe(false)
    expect(report).toEqual({
      encoders: [
        { profile: 'main', codec: 'h264', width: 1280, height: 720, fps: 25, bitrateBps: 2_048_000, govLength: 25 },
        { profile: 'sub', codec: 'h264', width: 640, height: 360, fps: 10, bitrateBps: 384_000, govLength: 10 }
      ], certificate: null, openToAll: false
    })
    expect(Value.Check(Observation, { kind: 'camera_report', deviceId: newId(), at: 1, ...report })).toBe(true)
  })

  it('finds the profile by its path where the plan names one', async () => {
    const fixture = await start()
    const { report } = await readReport(deviceOf(fixture, {}, { mainPath: '/s', subPath: '/elsewhere' }), { signal, clock, mayLogIn: true })
    expect(report.encoders?.map(e => [e.profile, e.width])).toEqual([['main', 640]])
  })

  it('says when a camera asks nobody for a login, over ONVIF or RTSP', async () => {
    const fixture = await start({ users: [] })
    expect((await readReport(deviceOf(fixture), { signal, clock, mayLogIn: true })).report.openToAll).toBe(true)
    const guarded = await startStream({ viewer: 'right' })
    const unguarded = await startStream()
    for (const [server, expected] of [[guarded, false], [unguarded, true]] as const) {
      const device = deviceOf({ host: '127.47.0.9', port: 0 }, { onvif: null }, { port: server.port, mainPath: '/m' })
      expect((await readReport(device, { signal, clock, mayLogIn: true })).report.openToAll).toBe(expected)
    }
  })

  it('shows a refused login no second time, and tells the certificate all the same, even an expired one', async () => {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '9', '-subj', '/O=Town/CN=camera-7', '-keyout', join(folder, 'key'), '-out', join(folder, 'cert')], { stdio: 'ignore' })
    const tls = { key: readFileSync(join(folder, 'key'), 'utf8'), cert: readFileSync(join(folder, 'cert'), 'utf8') }
    const fixture = await start({ tls })
    const certificateSha256 = createHash('sha256').update(new X509Certificate(tls.cert).raw).digest('hex')
    const device = { ...deviceOf(fixture, { onvif: { port: fixture.port, tls: true, certificateSha256 } }), credential: { kind: 'password' as const, username: 'viewer', password: 'wrong' } }
    const first = await readReport(device, { signal, clock, mayLogIn: true })
    expect(first.denied).toBe(true)
    expect(first.report).toMatchObject({ encoders: null, certificate: { subject: 'camera-7', issuer: 'camera-7', sha256: certificateSha256 }, openToAll: false })
    const days = (first.report.certificate!.notAfter - Date.now()) / 86_400_000
    expect(days).toBeGreaterThan(8)
    expect(days).toBeLessThanOrEqual(9)
    const before = wrongLogins(fixture)
    expect((await readReport(device, { signal, clock, mayLogIn: false })).report.certificate).not.toBeNull()
    expect(wrongLogins(fixture)).toBe(before)
    // Nobody vouches for this one: nothing is sent to it, and what it shows is told.
    const untrusted = await readReport(deviceOf(fixture, { onvif: { port: fixture.port, tls: true } }), { signal, clock, mayLogIn: true })
    expect(untrusted.report).toMatchObject({ encoders: null, certificate: { subject: 'camera-7' }, openToAll: null })
  })

  it('is told by the collector soon after the plan, and again when asked', async () => {
    const fixture = await start()
    const told: Observation[] = []
    const collector = createReportCollector({ emit: { observation: o => told.push(o), samples () {} }, log, clock })
    open.push({ close: () => collector.stop() })
    const device = deviceOf(fixture)
    collector.plan([device])
    await expect.poll(() => told.length, { timeout: 10_000 }).toBe(1)
    expect(told[0]).toMatchObject({ kind: 'camera_report', deviceId: device.id, openToAll: false })
    collector.plan([])
    collector.pollNow(device.id)
    expect(told).toHaveLength(1)
  })
})

describe('the trial of a factory login', () => {
  it('is accepted where the account was left behind, in the camera\'s own way of asking', async () => {
    for (const authentication of [{}, { token: false }, { token: false, digest: ['SHA-256' as const] }]) {
      const fixture = await start({ authentication })
      fixture.faults.set({ kind: 'account', username: 'admin', password: '12345' })
      expect(await tryLogin(deviceOf(fixture), 'admin-12345', { signal, clock })).toEqual({ outcome: 'accepted', detail: '' })
      expect(wrongLogins(fixture)).toBe(0)
    }
  })

  it('shows a refused login exactly once, and then the camera\'s own', async () => {
    for (const authentication of [{}, { token: false }]) {
      const fixture = await start({ authentication })
      expect(await tryLogin(deviceOf(fixture), 'admin-admin', { signal, clock })).toMatchObject({ outcome: 'refused' })
      expect(wrongLogins(fixture)).toBe(1)
      expect(fixture.journal.at(-1)).toMatchObject({ user: 'viewer', status: 200 })
    }
  })

  it('notices that a camera has locked itself', async () => {
    const fixture = await start()
    fixture.faults.set({ kind: 'lockout', after: 1 })
    expect(await tryLogin(deviceOf(fixture), 'admin-admin', { signal, clock })).toMatchObject({ outcome: 'locked', detail: 'the camera refused its own login after the trial' })
    expect(await tryLogin(deviceOf(fixture), 'admin-12345', { signal, clock })).toMatchObject({ outcome: 'locked' })
  })

  it('says that nobody needs one, and fails without harm where there is no camera', async () => {
    expect(await tryLogin(deviceOf(await start({ users: [] })), 'admin-admin', { signal, clock })).toMatchObject({ outcome: 'open_to_all' })
    expect(await tryLogin(deviceOf({ host: '127.47.0.77', port: 9 }), 'admin-admin', { signal, clock })).toMatchObject({ outcome: 'failed' })
    expect(await tryLogin(deviceOf({ host: '127.47.0.77', port: 9 }), 'none-such', { signal, clock })).toMatchObject({ outcome: 'failed' })
  })

  it('works over RTSP alone', async () => {
    const left = await startStream({ viewer: 'right', admin: '123456' })
    const device = deviceOf({ host: '127.47.0.9', port: 0 }, { onvif: null }, { port: left.port, mainPath: '/m' })
    expect(await tryLogin(device, 'admin-123456', { signal, clock })).toMatchObject({ outcome: 'accepted' })
    expect(await tryLogin(device, 'admin-admin', { signal, clock })).toMatchObject({ outcome: 'refused' })
  })

  it('tries the maker\'s own logins first, none twice and only a few', () => {
    expect(loginsFor('HIKVISION').map(l => l.id)).toEqual(['hikvision', 'admin-admin', 'admin-123456', 'admin-empty', 'root-pass', 'admin-1234', 'root-root'])
    expect(loginsFor('Dahua').length).toBe(8)
    expect(loginsFor('')[0]?.id).toBe('admin-admin')
  })
})
