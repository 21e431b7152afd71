import { afterEach, describe, expect, it } from 'vitest'
import { type OnvifCameraOptions, type OnvifFixture, startOnvifCamera } from '../../fixtures/onvif/camera.js'
import type { Fault } from '../../fixtures/onvif/faults.js'
import { systemClock } from '../../lib/clock.js'
import type { FailureCode } from '../../server/contract/health.js'
import { OnvifCamera } from './camera-control.js'
import { CameraFailure } from './failure.js'
import { chooseProfiles } from './profiles.js'
import type { SoapTarget } from './soap.js'

const password = 'Пароль=1 "ї" & <>'
const options: OnvifCameraOptions = {
  host: '127.41.0.1', port: 0, users: [{ username: 'наглядач', password }], name: 'Street 1', model: 'KC-1', serial: 'S-0001',
  rtspPort: 8554, mainPath: '/main?x=1&y=2', subPath: '/sub', snapshot: () => Buffer.from('jpeg')
}
let fixture: OnvifFixture
afterEach(async () => { await fixture.close() })

async function start (change: Partial<OnvifCameraOptions> = {}, target: Partial<SoapTarget> = {}, deadlineMs = 5000) {
  fixture = await startOnvifCamera({ ...options, ...change })
  return new OnvifCamera({ address: fixture.host, port: fixture.port, tls: false, login: { username: 'наглядач', password }, ...target }, { clock: systemClock, deadlineMs })
}
const failureOf = async (work: Promise<unknown>) => {
  const error = await work.then(() => null, reason => reason as unknown)
  if (!(error instanceof CameraFailure)) throw new Error(`expected a CameraFailure, not ${String(error)}`)
  return error
}

describe('what a camera says of itself', () => {
  it.each<[string, Partial<OnvifCameraOptions>, string]>([
    ['WS-UsernameToken', { authentication: { digest: [] } }, 'token'],
    ['HTTP digest MD5', { authentication: { token: false } }, 'digest'],
    ['HTTP digest SHA-256', { authentication: { token: false, digest: ['SHA-256'] } }, 'digest'],
    ['both digests', { authentication: { token: false, digest: ['MD5', 'SHA-256'] } }, 'digest'],
    ['HTTP digest, qop first', { authentication: { token: false, style: 'hikvision' } }, 'digest'],
    ['HTTP digest without qop', { authentication: { token: false, style: 'plain' } }, 'digest'],
    ['no login', { users: [] }, 'open']
  ])('is read with %s', async (_name, change, how) => {
    const camera = await start(change)
    expect(await camera.information()).toEqual({ manufacturer: 'Kalancha', model: 'KC-1', firmware: '1.0.0', serial: 'S-0001', hardware: '1' })
    expect(await camera.profiles()).toHaveLength(2)
    expect(fixture.journal.at(-1)).toMatchObject({ method: 'GetProfiles', how, status: 200 })
    // The way in is learnt: no second try from the second call on.
    expect(fixture.journal.filter(e => e.method === 'GetProfiles')).toHaveLength(1)
  })

  it.each([['media2', {}, true], ['media1', { media2: false }, false], ['media1 without GetServices', { media2: false, getServices: false }, false]])(
    'is read over %s', async (_name, services, media2) => {
      const camera = await start({ services })
      const { main, sub } = chooseProfiles(await camera.profiles())
      expect(main).toEqual({ token: 'Profile_1', name: 'mainStream', media2, codec: 'h264', width: 1280, height: 720, fps: 25, bitrateKbps: 2048, govLength: 25, audio: false, ptz: false })
      expect(sub).toMatchObject({ token: 'Profile_2', width: 640, height: 360, fps: 10 })
      if (!main) throw new Error('no main profile')
      expect(await camera.streamUri(main, 554)).toEqual({ port: 8554, path: '/main?x=1&y=2' })
      expect(await camera.snapshotUri(main)).toEqual({ port: fixture.port, path: '/onvif/snapshot?profile=Profile_1' })
    })

  it('falls back to media1 where media2 is advertised but broken', async () => {
    const camera = await start()
    fixture.faults.set({ kind: 'soap', subcode: 'ActionNotSupported' }, ['GetProfiles'])
    await failureOf(camera.profiles())
    expect(fixture.journal.filter(e => e.method === 'GetProfiles').map(e => e.path)).toEqual(['/onvif/media2_service', '/onvif/media_service'])
  })

  it('takes any token that XML can hold', async () => {
    const token = 'Профіль "1" & <2>'
    const camera = await start({ profiles: [{ token, name: 'n', codec: 'H265', width: 1920, height: 1080, fps: 25, bitrateKbps: 1, govLength: 50, path: '/x' }] })
    const [profile] = await camera.profiles()
    expect(profile).toMatchObject({ token, codec: 'h265' })
    if (profile) expect(await camera.streamUri(profile, 554)).toEqual({ port: 8554, path: '/x' })
  })
})

describe('a camera that moves', () => {
  it('moves, stops, tells where it stands and goes to presets', async () => {
    let now = Date.now()
    const camera = await start({ services: { ptz: true }, clock: { now: () => now }, authentication: { createdWindowS: 1e6 } })
    const [profile] = await camera.profiles()
    if (!profile) throw new Error('no profile')
    expect(profile.ptz).toBe(true)
    await camera.ptz.move(profile, { turn: { x: 5, y: -0.5 }, zoom: 0.25 }, 3)
    expect(await camera.ptz.status(profile)).toEqual({ pan: 0, tilt: 0, zoom: 0, moving: true })
    now += 2000
    await camera.ptz.stop(profile)
    now += 10_000
    expect(await camera.ptz.status(profile)).toEqual({ pan: 0.5, tilt: -0.25, zoom: 0.125, moving: false })
    await camera.ptz.move(profile, { turn: { x: -1, y: 0 }, zoom: 0 }, 2)
    now += 60_000
    expect((await camera.ptz.status(profile)).pan).toBe(0)
    const presets = await camera.ptz.presets(profile)
    expect(presets).toEqual([{ token: 'Preset1', name: 'Entrance' }, { token: 'Preset2', name: 'Стоянка & <парк>' }])
    await camera.ptz.gotoPreset(profile, 'Preset2')
    expect(await camera.ptz.status(profile)).toEqual({ pan: -0.5, tilt: -0.2, zoom: 0.5, moving: false })
  })

  it('says why a user may not move it, and that a fixed camera cannot move', async () => {
    const camera = await start({ services: { ptz: true }, users: [{ username: 'наглядач', password, level: 'user' }] })
    const [profile] = await camera.profiles()
    if (!profile) throw new Error('no profile')
    expect(await failureOf(camera.ptz.stop(profile))).toMatchObject({ code: 'authentication_failed', detail: 'the user may not do this on the camera' })
    await fixture.close()
    const fixed = await start()
    expect(await failureOf(fixed.ptz.stop(profile))).toMatchObject({ code: 'not_permitted' })
  })
})

describe('time', () => {
  const near = (offsetMs: number | null, expected: number) => expect(Math.abs((offsetMs ?? Number.NaN) - expected)).toBeLessThanOrEqual(600)
  it.each([-3_600_000, 0, 86_400_000 * 3])('a clock off by %d ms is measured and allowed for', async offsetMs => {
    const camera = await start({ authentication: { digest: [] } })
    fixture.faults.set({ kind: 'clock', offsetMs })
    near((await camera.time()).offsetMs, offsetMs)
    expect((await camera.information()).model).toBe('KC-1')
  })

  it('a clock that jumps while we are logged in is noticed as soon as the last reading is old', async () => {
    const camera = await start({ authentication: { digest: [] } })
    await camera.information()
    fixture.faults.set({ kind: 'clock', offsetMs: 50_000_000 })
    expect(await failureOf(camera.information())).toMatchObject({ code: 'authentication_failed' })
    await camera.time()
    expect((await camera.information()).model).toBe('KC-1')
  })

  it.each([['local', 'local'], ['authenticated', 'utc'], ['local_without_zone', 'http']] as const)('%s time is read from %s', async (mode, source) => {
    const camera = await start({ authentication: { digest: [] } })
    fixture.faults.set({ kind: 'time', mode })
    const read = await camera.time()
    expect(read.source).toBe(source)
    near(read.offsetMs, 0)
    expect((await camera.information()).model).toBe('KC-1')
  })

  it('a camera without any clock is read as such and still works', async () => {
    const camera = await start({ authentication: { digest: [] } })
    fixture.faults.set({ kind: 'time', mode: 'none' })
    expect(await camera.time()).toMatchObject({ offsetMs: null, source: 'none' })
    expect((await camera.information()).model).toBe('KC-1')
  })

  it('a refusal by a camera whose clock cannot be read names the clock', async () => {
    const camera = await start({ authentication: { digest: [] } })
    fixture.faults.set({ kind: 'time', mode: 'none' })
    fixture.faults.set({ kind: 'clock', offsetMs: 86_400_000 })
    expect(await failureOf(camera.information())).toMatchObject({ code: 'authentication_failed', detail: expect.stringContaining('its clock could not be read') as string })
    fixture.faults.clear('time')
    await camera.time()
    expect((await camera.information()).model).toBe('KC-1')
  })

  it('a camera without the time method still works', async () => {
    const camera = await start({ authentication: { digest: [] } })
    fixture.faults.set({ kind: 'time', mode: 'unsupported' })
    expect((await camera.information()).model).toBe('KC-1')
  })
})

describe('security', () => {
  it('a wrong password is told apart, costs few tries and is never sent', async () => {
    const camera = await start({ authentication: { basic: true } }, { login: { username: 'наглядач', password: 'wrong-secret-1' } })
    const failure = await failureOf(camera.information())
    expect(failure).toMatchObject({ code: 'authentication_failed' })
    expect(failure.message).not.toContain('wrong-secret-1')
    expect(fixture.journal.filter(e => e.method === 'GetDeviceInformation' && e.how !== 'none').map(e => e.how)).toEqual(['token', 'digest'])
    for (const entry of fixture.journal) expect(JSON.stringify(entry)).not.toMatch(/wrong-secret-1|Basic /)
  })

  it('Basic without TLS is refused by us', async () => {
    const camera = await start({ authentication: { token: false, digest: [], basic: true } })
    expect(await failureOf(camera.information())).toMatchObject({ code: 'authentication_failed', detail: expect.stringContaining('not sent') as string })
    expect(fixture.journal.some(e => e.headers.authorization)).toBe(false)
  })

  it('spoofed addresses change nothing but paths', async () => {
    const elsewhere = await startOnvifCamera({ ...options, host: '127.41.0.66' })
    const camera = await start()
    fixture.faults.set({ kind: 'spoof', host: 'user:pw@127.41.0.66', port: elsewhere.port })
    const [profile] = await camera.profiles()
    if (!profile) throw new Error('no profile')
    expect(await camera.streamUri(profile, 5554)).toEqual({ port: 5554, path: '/main?x=1&y=2' })
    const snapshot = await camera.snapshotUri(profile)
    expect(snapshot).toEqual({ port: fixture.port, path: '/onvif/snapshot?profile=Profile_1' })
    if (snapshot) expect((await camera.fetch(snapshot, 1000)).toString()).toBe('jpeg')
    expect(elsewhere.journal).toEqual([])
    await elsewhere.close()
  })

  it('redirects are not followed', async () => {
    const elsewhere = await startOnvifCamera({ ...options, host: '127.41.0.66' })
    const camera = await start()
    fixture.faults.set({ kind: 'http', status: 302, headers: { location: `http://${elsewhere.host}:${elsewhere.port}/onvif/device_service` } })
    expect(await failureOf(camera.time())).toMatchObject({ code: 'http_status', facts: { httpStatus: 302 } })
    expect(elsewhere.journal).toEqual([])
    await elsewhere.close()
  })

  it('each camera keeps its own digest state', async () => {
    const other = await startOnvifCamera({ ...options, host: '127.41.0.2', snapshot: () => Buffer.from('other') })
    const camera = await start()
    const second = new OnvifCamera({ ...camera.target, address: other.host, port: other.port }, { clock: systemClock })
    const endpoint = (port: number) => ({ port, path: '/onvif/snapshot?profile=Profile_1' })
    const pictures = await Promise.all(Array.from({ length: 20 }, (_, i) => i % 2 ? second.fetch(endpoint(other.port), 100) : camera.fetch(endpoint(fixture.port), 100)))
    expect(pictures.map(p => p.toString())).toEqual(Array.from({ length: 20 }, (_, i) => i % 2 ? 'other' : 'jpeg'))
    await other.close()
  })
})

describe('faults end in a clear cause and leave no connection', () => {
  it.each<[string, Fault, FailureCode]>([
    ['SOAP fault', { kind: 'soap', subcode: 'Busy' }, 'protocol_error'],
    ['HTTP 503', { kind: 'http', status: 503 }, 'http_status'],
    ['HTTP 403', { kind: 'http', status: 403 }, 'authentication_failed'],
    ['a web page', { kind: 'http', status: 200, body: '<!DOCTYPE html><html></html>' }, 'protocol_error'],
    ['a delay beyond the deadline', { kind: 'delay', ms: 60_000 }, 'timeout'],
    ['silence', { kind: 'hang' }, 'timeout'],
    ['a dripped body', { kind: 'drip', everyMs: 20 }, 'answered_too_slowly'],
    ['dripped headers', { kind: 'drip', everyMs: 20, headers: true }, 'answered_too_slowly'],
    ['a reset', { kind: 'reset' }, 'connection_reset'],
    ['a truncated body', { kind: 'truncate', bytes: 100 }, 'connection_reset'],
    ['64 MB', { kind: 'huge' }, 'answer_too_large'],
    ['bytes that are not HTTP', { kind: 'raw', text: 'SSH-2.0-OpenSSH_9.2\r\n' }, 'protocol_error'],
    ['endless headers', { kind: 'raw', text: `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}` }, 'answer_too_large'],
    ['an empty body', { kind: 'mutate', mutate: () => Buffer.alloc(0) }, 'protocol_error'],
    ['entities', { kind: 'mutate', mutate: body => Buffer.from(body.toString().replace('?>', '?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>')) }, 'protocol_error'],
    ['160 kB of nested tags', { kind: 'mutate', mutate: () => Buffer.from('<a>'.repeat(53_000)) }, 'protocol_error'],
    ['the reply to another request', { kind: 'mutate', mutate: body => Buffer.from(body.toString().replaceAll('GetDeviceInformationResponse', 'GetHostnameResponse')) }, 'protocol_error']
  ])('%s', async (_name, fault, code) => {
    const camera = await start({}, {}, 400)
    await camera.time({ deadlineMs: 5000 })
    fixture.faults.set(fault)
    expect((await failureOf(camera.information())).code).toBe(code)
    fixture.faults.clear()
    expect((await camera.information({ deadlineMs: 5000 })).model).toBe('KC-1')
    await expect.poll(() => fixture.connections()).toBe(0)
  })

  it('200 replies tampered with on the wire', async () => {
    const camera = await start({}, {}, 3000)
    await camera.services()
    let seed = 1
    const random = (below: number) => { seed = (seed * 48_271) % 2_147_483_647; return seed % below }
    fixture.faults.set({
      kind: 'mutate', mutate: body => {
        const bytes = Buffer.from(body)
        for (let i = random(4); i >= 0; i--) bytes[random(bytes.length)] = random(256)
        return random(4) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes
      }
    })
    for (let i = 0; i < 200; i++) {
      const error = await (i % 2 ? camera.profiles() : camera.information()).then(() => null, reason => reason as unknown)
      if (error !== null) expect(error).toBeInstanceOf(CameraFailure)
      if (error instanceof CameraFailure) expect(error.code).not.toBe('internal')
    }
    await expect.poll(() => fixture.connections()).toBe(0)
  })

  it('nobody listening, no route in time, an unknown name, a closed slot', async () => {
    const camera = await start({ slots: 0 }, {}, 1000)
    expect(await failureOf(camera.information())).toMatchObject({ code: 'connection_reset' })
    const at = (address: string, port: number) => new OnvifCamera({ ...camera.target, address, port }, { clock: systemClock, deadlineMs: 2000 })
    await fixture.close()
    expect(await failureOf(at(fixture.host, fixture.port).information())).toMatchObject({ code: 'connection_refused' })
    expect(await failureOf(at('camera.invalid', 80).information())).toMatchObject({ code: 'address_unresolved' })
  })

  it('a caller that gives up ends the request at once', async () => {
    const camera = await start({}, {}, 60_000)
    fixture.faults.set({ kind: 'hang' })
    const stop = new AbortController()
    const work = camera.time({ signal: stop.signal })
    await expect.poll(() => fixture.journal.length).toBe(1)
    stop.abort(new Error('stopped'))
    await expect(work).rejects.toThrow('stopped')
    await expect.poll(() => fixture.connections()).toBe(0)
  })

  it('a camera that reboots is refused and then there again', async () => {
    const camera = await start({ authentication: { token: false } })
    await camera.information()
    const back = fixture.reboot(50)
    await failureOf(camera.information())
    await back
    expect((await camera.information()).model).toBe('KC-1')
  })
})
