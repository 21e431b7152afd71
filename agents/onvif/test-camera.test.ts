import { createServer, type Server } from 'node:net'
import { Value } from 'typebox/value'
import { afterEach, describe, expect, it } from 'vitest'
import { type OnvifCameraOptions, type OnvifFixture, startOnvifCamera } from '../../fixtures/onvif/camera.js'
import { newId } from '../../lib/ids.js'
import { makeLog } from '../../lib/log.js'
import { type PlanDevice, type TestStep, TestReport } from '../../server/contract/agent-link.js'
import { resolveStreamPaths } from './stream-paths.js'
import { takeSnapshot } from './snapshot.js'
import { type ProbeStream, testCamera } from './test-camera.js'

/** A 16x8 picture: only its frame header matters here. */
const jpeg = Buffer.from('ffd8ffe000104a46494600010100000100010000ffc0000b080008001001011100ffda00080101000000000000ffd9', 'hex')
const log = makeLog('test', 'silent')
const options: OnvifCameraOptions = {
  host: '127.44.0.1', port: 0, users: [{ username: 'viewer', password: 'right' }], name: 'c', model: 'KC-1', serial: 'S', rtspPort: 8554, mainPath: '/m?a=1', subPath: '/s', snapshot: () => jpeg
}
const fixtures: OnvifFixture[] = []
let rtsp: Server | null = null
afterEach(async () => {
  await Promise.all(fixtures.splice(0).map(f => f.close()))
  rtsp?.close()
  rtsp = null
})
const camera = async (change: Partial<OnvifCameraOptions> = {}) => {
  const made = await startOnvifCamera({ ...options, ...change })
  fixtures.push(made)
  return made
}
/** Something that accepts connections on a port, as an RTSP server would. */
async function listening (host: string): Promise<number> {
  const server = createServer(socket => socket.destroy())
  rtsp = server
  await new Promise<void>(resolve => { server.listen(0, host, resolve) })
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
const deviceFor = (fixture: { host: string, port: number } | null, rtspPort = 554, change: { password?: string, address?: string, mainPath?: string | null, subPath?: string | null } = {}): PlanDevice => ({
  id: newId(), kind: 'camera', name: 'c', address: change.address ?? fixture?.host ?? '127.44.0.1', credential: { kind: 'password', username: 'viewer', password: change.password ?? 'right' },
  camera: { onvif: fixture && { port: fixture.port }, rtsp: { port: rtspPort, mainPath: change.mainPath ?? null, subPath: change.subPath ?? null }, pull: 'always' }
})
const plays: ProbeStream = async () => ({ codec: 'avc1.64001f', width: 1280, height: 720, fps: 25, keyFrame: new Uint8Array([1]) })
const fails = (code: string, detail = ''): ProbeStream => () => Promise.reject(Object.assign(new Error(detail), { code, detail }))

async function run (device: PlanDevice, probeStream: ProbeStream = plays) {
  const told: TestStep[] = []
  const report = await testCamera(device, { onStep: step => told.push(step), signal: new AbortController().signal, log, probeStream })
  Value.Assert(TestReport, report)
  expect(told.filter(s => s.status !== 'running')).toEqual(report.steps)
  return { report, told, summary: report.steps.map(s => `${s.step} ${s.status}`), step: (name: string) => report.steps.find(s => s.step === name) }
}
const order = ['address', 'port', 'authentication', 'clock', 'profiles', 'stream', 'first_picture']

describe('test connection of an ONVIF camera', () => {
  it('goes through every step and shows a picture', async () => {
    const port = await listening('127.44.0.1')
    const { report, step } = await run(deviceFor(await camera({ rtspPort: port }), port))
    expect(report.steps.map(s => s.step)).toEqual(order)
    expect(report.steps.every(s => s.status === 'ok')).toBe(true)
    expect(report).toMatchObject({ ok: true, mainPath: '/m?a=1', subPath: '/s', picture: { width: 16, height: 8, source: 'camera', jpegBase64: jpeg.toString('base64') } })
    expect(step('authentication')?.facts).toEqual({ manufacturer: 'Kalancha', model: 'KC-1', firmware: '1.0.0', serial: 'S' })
    expect(step('profiles')?.facts).toMatchObject({ main: 'H.264 1280x720 25 frames/s', sub: 'H.264 640x360 10 frames/s', mainGovLength: 25, rtspPort: port })
  })

  it('a wrong password: says so, still reads the clock, skips the rest', async () => {
    const { summary, step, report } = await run(deviceFor(await camera(), 554, { password: 'secret-wrong' }))
    expect(summary).toEqual(['address ok', 'port warning', 'authentication failed', 'clock ok', 'profiles skipped', 'stream skipped', 'first_picture skipped'])
    expect(step('authentication')?.failure?.code).toBe('authentication_failed')
    expect(step('authentication')?.detail).toMatch(/Check user name and password/)
    expect(JSON.stringify(report)).not.toContain('secret-wrong')
  })

  it('a wrong clock is a warning with what to do', async () => {
    const fixture = await camera()
    fixture.faults.set({ kind: 'clock', offsetMs: -7_200_000 })
    const { step, report } = await run(deviceFor(fixture))
    expect(step('clock')).toMatchObject({ status: 'warning', detail: 'The camera\'s clock is 7200 s behind. Set a time server (NTP) on the camera.' })
    expect(report.ok).toBe(true)
    fixture.faults.set({ kind: 'time', mode: 'none' })
    expect((await run(deviceFor(fixture))).step('clock')?.status).toBe('warning')
  })

  it.each([
    ['an unknown name', { address: 'camera.invalid' }, 'address', 'address_unresolved'],
    ['a closed port', { address: '127.44.0.99' }, 'port', 'connection_refused']
  ])('%s ends the test with its cause', async (_name, change, failed, code) => {
    const { report, step } = await run(deviceFor(await camera(), 554, change))
    expect(report.steps.map(s => s.step)).toEqual(order)
    expect(step(failed)?.failure?.code).toBe(code)
    expect(report.steps.slice(order.indexOf(failed) + 1).every(s => s.status === 'skipped')).toBe(true)
    expect(report.ok).toBe(false)
  })

  it('a camera without H.264 or H.265', async () => {
    const fixture = await camera({ profiles: [{ token: 'a', name: 'a', codec: 'JPEG', width: 640, height: 480, fps: 5, bitrateKbps: 1, govLength: 1, path: '/j' }] })
    const { summary, step } = await run(deviceFor(fixture))
    expect(summary.slice(4)).toEqual(['profiles failed', 'stream skipped', 'first_picture skipped'])
    expect(step('profiles')?.failure?.code).toBe('unsupported_codec')
  })

  it('a stream that does not open, a snapshot that is no picture', async () => {
    const fixture = await camera({ snapshot: () => Buffer.from('<html>') })
    const { step } = await run(deviceFor(fixture), fails('stream_stalled', 'no packet came for 5 s'))
    expect(step('stream')).toMatchObject({ status: 'failed', failure: { code: 'stream_stalled', detail: 'no packet came for 5 s' } })
    expect(step('first_picture')).toMatchObject({ status: 'failed', failure: { code: 'protocol_error' } })
    expect((await run(deviceFor(fixture))).step('first_picture')).toMatchObject({ status: 'warning' })
  })

  it('stops when it is told to', async () => {
    const fixture = await camera()
    fixture.faults.set({ kind: 'hang' })
    const stop = new AbortController()
    const work = testCamera(deviceFor(fixture), { onStep: () => {}, signal: stop.signal, log, probeStream: plays })
    await expect.poll(() => fixture.journal.length).toBe(1)
    stop.abort(new Error('stopped'))
    await expect(work).rejects.toThrow('stopped')
    await expect.poll(() => fixture.connections()).toBe(0)
  })
})

describe('test connection of a plain RTSP camera', () => {
  it('tests what applies', async () => {
    const device = deviceFor(null, await listening('127.44.0.1'), { mainPath: '/main' })
    expect((await run(device)).summary).toEqual(['address ok', 'port ok', 'authentication ok', 'clock skipped', 'profiles skipped', 'stream ok', 'first_picture warning'])
    expect((await run(device, fails('authentication_failed'))).summary.slice(2)).toEqual(['authentication failed', 'clock skipped', 'profiles skipped', 'stream skipped', 'first_picture skipped'])
    expect((await run(device, fails('no_stream'))).summary.slice(2)).toEqual(['authentication skipped', 'clock skipped', 'profiles skipped', 'stream failed', 'first_picture skipped'])
  })
})

describe('stream paths', () => {
  const signal = new AbortController().signal
  it('come from the camera, with explicit ones first', async () => {
    const fixture = await camera()
    expect(await resolveStreamPaths(deviceFor(fixture), { signal })).toEqual({ port: 8554, mainPath: '/m?a=1', subPath: '/s' })
    expect(await resolveStreamPaths(deviceFor(fixture, 554, { mainPath: '/own' }), { signal })).toEqual({ port: 554, mainPath: '/own', subPath: '/s' })
    const asked = fixture.journal.length
    expect(await resolveStreamPaths(deviceFor(fixture, 554, { mainPath: '/own', subPath: '/too' }), { signal })).toEqual({ port: 554, mainPath: '/own', subPath: '/too' })
    expect(await resolveStreamPaths(deviceFor(null, 555, { mainPath: '/x' }), { signal })).toEqual({ port: 555, mainPath: '/x', subPath: null })
    expect(fixture.journal).toHaveLength(asked)
    fixture.faults.set({ kind: 'reset' })
    expect(await resolveStreamPaths(deviceFor(fixture, 554, { mainPath: '/own' }), { signal })).toEqual({ port: 554, mainPath: '/own', subPath: null })
    await expect(resolveStreamPaths(deviceFor(fixture), { signal })).rejects.toMatchObject({ code: 'connection_reset' })
  })

  it('main is the largest, sub the smallest usable', async () => {
    const profile = (token: string, codec: 'H264' | 'H265' | 'JPEG', width: number, height: number) => ({ token, name: token, codec, width, height, fps: 25, bitrateKbps: 1000, govLength: 25, path: `/${token}` })
    const fixture = await camera({ profiles: [profile('tiny', 'H264', 64, 48), profile('sub', 'H264', 352, 288), profile('jpeg', 'JPEG', 4000, 3000), profile('mid', 'H264', 1280, 720), profile('main', 'H265', 3840, 2160)] })
    expect(await resolveStreamPaths(deviceFor(fixture), { signal })).toEqual({ port: 8554, mainPath: '/main', subPath: '/sub' })
  })
})

describe('snapshots', () => {
  const signal = new AbortController().signal
  const fromStream = async () => ({ jpegBase64: 'eA==', width: 1, height: 1, at: 1, source: 'stream' as const })
  it('come from the camera by digest, else from the stream', async () => {
    const fixture = await camera()
    expect(await takeSnapshot(deviceFor(fixture), { signal })).toMatchObject({ source: 'camera', width: 16, height: 8 })
    expect(fixture.journal.filter(e => e.method === 'snapshot').map(e => [e.how, e.status])).toEqual([['none', 401], ['digest', 200]])
    fixture.faults.set({ kind: 'http', status: 500 }, ['snapshot'])
    await expect(takeSnapshot(deviceFor(fixture), { signal })).rejects.toMatchObject({ code: 'http_status' })
    expect(await takeSnapshot(deviceFor(fixture), { signal, keyFramePicture: fromStream })).toMatchObject({ source: 'stream' })
    expect(await takeSnapshot(deviceFor(null), { signal, keyFramePicture: fromStream })).toMatchObject({ source: 'stream' })
    await expect(takeSnapshot(deviceFor(null), { signal })).rejects.toMatchObject({ code: 'no_stream' })
  })

  it.each([['too large', Buffer.alloc(7_000_000, 0xff), 'answer_too_large'], ['not a JPEG', Buffer.from('GIF89a..........'), 'protocol_error'], ['cut short', jpeg.subarray(0, 20), 'protocol_error']])('%s is refused', async (_name, data, code) => {
    await expect(takeSnapshot(deviceFor(await camera({ snapshot: () => data })), { signal })).rejects.toMatchObject({ code })
  })
})
