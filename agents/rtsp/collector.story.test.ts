/** Cameras in their own servers, a media worker in its own process, and a server's end that watches: the agent's half of live video. */
import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Compile from 'typebox/compile'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { type ClipSpec, renderClip } from '../../fixtures/rtsp/render.js'
import { type RtspServer, type RtspServerOptions, startRtspServer } from '../../fixtures/rtsp/server.js'
import { systemClock } from '../../lib/clock.js'
import { newId } from '../../lib/ids.js'
import { makeLog } from '../../lib/log.js'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import { Observation, SampleSet } from '../../server/contract/health.js'
import { MEDIA_HEADER_BYTES, MediaFlag, type MediaHeader, MediaKind, readMediaHeader, StreamInfo } from '../../server/contract/media.js'
import { createVideoCollector, type VideoCollector } from './collector.js'
import { pictureFromKeyFrame } from './picture.js'
import { keyFramePicture, pictureOfProbe, probeStream } from './stream-picture.js'

const clips = join(tmpdir(), 'kalancha-test-clips')
const small: ClipSpec = { scene: 'street', title: 'Test', codec: 'h264', width: 320, height: 180, fps: 10, bitrateKbps: 200, seconds: 4, audio: 'pcmu' }
const login = { kind: 'password' as const, username: 'admin', password: 'a "quoted", secret' }

interface Got { header: MediaHeader, body: Buffer }
/** A server's end: welcomes anyone and keeps what comes. */
async function startReceiver () {
  const http = createServer()
  const wss = new WebSocketServer({ server: http, path: '/agent/v1/media' })
  const infos: StreamInfo[] = []
  const got: Got[] = []
  const serves: string[][] = []
  const waiting: { test: () => boolean, resolve: () => void }[] = []
  const look = () => { for (const w of [...waiting]) if (w.test()) { waiting.splice(waiting.indexOf(w), 1); w.resolve() } }
  let socket: WebSocket | null = null
  wss.on('connection', ws => {
    ws.send(JSON.stringify({ type: 'challenge', nonce: 'n', protocol: 1 }))
    ws.on('message', (data, isBinary) => {
      const bytes = data as Buffer
      if (isBinary) got.push({ header: readMediaHeader(new DataView(bytes.buffer, bytes.byteOffset, bytes.length)), body: bytes.subarray(MEDIA_HEADER_BYTES) })
      else {
        const message = JSON.parse(bytes.toString())
        if (message.type === 'serves') serves.push(message.deviceIds)
        if (message.type === 'hello') { ws.send(JSON.stringify({ type: 'welcome', serverTime: Date.now(), acknowledgedSeq: 0 })); socket = ws } else if (message.type === 'stream') infos.push(message)
      }
      look()
    })
    ws.on('close', () => { if (socket === ws) socket = null; look() })
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  const until = (test: () => boolean) => test() ? Promise.resolve() : new Promise<void>(resolve => { waiting.push({ test, resolve }) })
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, infos, got, serves, until, look,
    command: (c: unknown) => socket?.send(JSON.stringify(c)), connected: () => socket?.readyState === WebSocket.OPEN,
    close: () => { wss.clients.forEach(c => { c.terminate() }); return new Promise<void>(resolve => { wss.close(); http.close(() => resolve()) }) }
  }
}

describe('the video collector', () => {
  const servers: RtspServer[] = []
  const observations: Observation[] = []
  const samples: SampleSet[] = []
  let receiver: Awaited<ReturnType<typeof startReceiver>>
  let collector: VideoCollector
  const devices: Record<'plain' | 'hevc' | 'wrong' | 'onvif', PlanDevice> = {} as never

  const camera = async (options: Omit<RtspServerOptions, 'host' | 'port'>) => {
    const server = await startRtspServer({ host: '127.0.0.1', port: 0, ...options })
    servers.push(server)
    return server
  }
  const device = (name: string, port: number, more: Partial<PlanDevice['camera']> = {}, password = login.password): PlanDevice =>
    ({ id: newId(), kind: 'camera', name, address: '127.0.0.1', credential: { ...login, password }, camera: { onvif: null, rtsp: { port, mainPath: '/main', subPath: '/sub' }, pull: 'always', ...more } })
  const seen = (test: (o: Observation) => boolean) => receiver.until(() => observations.some(test))

  beforeAll(async () => {
    receiver = await startReceiver()
    const h264 = await renderClip(small, clips)
    const h265 = await renderClip({ ...small, codec: 'h265', audio: undefined }, clips)
    const users = { [login.username]: login.password }
    const plain = await camera({ users, auth: 'digest-sha256', staleAfter: 4, streams: { '/main': h264, '/sub': h264 } })
    const hevc = await camera({ users, auth: 'basic+digest', streams: { '/main': h265, '/sub': h265 } })
    const onvif = await camera({ users, auth: 'basic', streams: { '/found': h264 } })
    devices.plain = device('plain', plain.port)
    devices.hevc = device('hevc', hevc.port)
    devices.wrong = device('wrong', plain.port, {}, 'not the password')
    devices.onvif = device('onvif', 1, { onvif: { port: 80 }, rtsp: { port: 1, mainPath: null, subPath: null } })
    const { privateKey } = generateKeyPairSync('ed25519')
    collector = createVideoCollector({
      emit: { observation (o) { observations.push(o); receiver.look() }, samples (s) { samples.push(s); receiver.look() } },
      log: makeLog('test', 'silent'), clock: systemClock,
      media: { url: receiver.url, agentId: newId(), privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
      resolvePaths: async () => ({ port: onvif.port, mainPath: '/found', subPath: null })
    })
    collector.plan(Object.values(devices))
    await receiver.until(receiver.connected)
  })
  afterAll(async () => {
    await collector.stop()
    await Promise.all(servers.map(s => s.close()))
    await receiver.close()
  })

  it('sends what a stream is, its init and fragments that ffmpeg decodes without a warning', async () => {
    receiver.command({ type: 'subscribe', stream: 7, deviceId: devices.plain.id, profile: 'sub', transcode: false })
    const mine = () => receiver.got.filter(g => g.header.stream === 7)
    await receiver.until(() => mine().filter(g => g.header.kind === MediaKind.fragment && !(g.header.flags & MediaFlag.audio)).length >= 25)
    expect(receiver.infos.findLast(i => i.stream === 7)).toMatchObject({ status: 'playing', client: 'own', transcoded: false, audioCodec: 'pcmu', width: 320, height: 180, failure: null })
    expect(mine()[0]!.header.kind).toBe(MediaKind.init)
    expect(mine().find(g => g.header.kind === MediaKind.fragment)!.header.flags & MediaFlag.key).toBe(MediaFlag.key)
    const file = join(mkdtempSync(join(tmpdir(), 'kalancha-')), 'live.mp4')
    writeFileSync(file, Buffer.concat(mine().map(g => g.body)))
    const decoded = spawnSync('ffmpeg', ['-hide_banner', '-nostdin', '-v', 'warning', '-i', file, '-map', '0:v', '-f', 'null', '-'], { encoding: 'utf8' })
    expect(decoded.stderr.replace(/Guessed Channel Layout.*\n/g, '')).toBe('')
  })

  it('pulls a camera once, however many watch', async () => {
    receiver.command({ type: 'subscribe', stream: 8, deviceId: devices.plain.id, profile: 'sub', transcode: false })
    await receiver.until(() => receiver.got.some(g => g.header.stream === 8 && g.header.kind === MediaKind.fragment))
    expect(servers[0]!.counts().playing).toBe(1)
  })

  it('converts H.265 to H.264 when asked, and says so', async () => {
    receiver.command({ type: 'subscribe', stream: 9, deviceId: devices.hevc.id, profile: 'sub', transcode: true })
    await receiver.until(() => receiver.got.filter(g => g.header.stream === 9 && g.header.kind === MediaKind.fragment).length > 10)
    const info = receiver.infos.findLast(i => i.stream === 9)
    expect(info).toMatchObject({ status: 'playing', transcoded: true })
    expect(info!.videoCodec).toMatch(/^avc1\./)
    receiver.command({ type: 'unsubscribe', stream: 9 })
  })

  it.each(['plain', 'hevc'] as const)('hides what lies behind a mask in a stream of its own (%s), and leaves the others as they are', async name => {
    const stream = name === 'plain' ? 20 : 21
    receiver.command({ type: 'subscribe', stream, deviceId: devices[name].id, profile: 'sub', transcode: true, masks: [[[0, 0], [0.5, 0], [0.5, 1], [0, 1]]] })
    const mine = () => receiver.got.filter(g => g.header.stream === stream)
    await receiver.until(() => mine().filter(g => g.header.kind === MediaKind.fragment).length > 15)
    expect(receiver.infos.findLast(i => i.stream === stream)).toMatchObject({ status: 'playing', transcoded: true, masked: true })
    receiver.command({ type: 'unsubscribe', stream })
    const decoded = spawnSync('ffmpeg', ['-nostdin', '-v', 'error', '-i', 'pipe:0', '-vf', 'crop=iw/2-8:ih:0:0,format=gray', '-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1'], { input: Buffer.concat(mine().map(g => g.body)), maxBuffer: 1e9 })
    expect(decoded.stdout.length).toBeGreaterThan(10 * 152 * 180)
    // The mask's own grey, but for what compression makes of it.
    expect(Math.max(...decoded.stdout.filter((_, i) => i % 97 === 0)) - Math.min(...decoded.stdout.filter((_, i) => i % 97 === 0))).toBeLessThan(12)
  })

  it('reports what it measures, and why a stream is not there', async () => {
    await seen(o => o.kind === 'stream' && o.deviceId === devices.plain.id && o.fps !== null)
    await seen(o => o.kind === 'stream' && o.deviceId === devices.wrong.id && o.failure?.code === 'authentication_failed')
    const good = observations.findLast(o => o.kind === 'stream' && o.deviceId === devices.plain.id && o.fps !== null)
    expect(good).toMatchObject({ status: 'playing', profile: 'sub', codec: expect.stringMatching(/^avc1\./), audioCodec: 'pcmu', packetsLost: 0 })
    expect(samples.find(s => s.deviceId === devices.plain.id)!.series).toEqual(['fps.sub', 'bitrate_bps.sub', 'keyframe_interval_ms.sub', 'lost.sub'])
    expect(observations.some(o => o.kind === 'reachability' && o.deviceId === devices.plain.id && o.ok && o.method === 'rtsp')).toBe(true)
  })

  it('says it in the words of the contract', () => {
    const [isObservation, isSamples, isInfo] = [Compile(Observation), Compile(SampleSet), Compile(StreamInfo)]
    for (const o of observations) expect([...isObservation.Errors(o)]).toEqual([])
    for (const s of samples) expect([...isSamples.Errors(s)]).toEqual([])
    for (const i of receiver.infos) expect([...isInfo.Errors(i)]).toEqual([])
  })

  it('asks an ONVIF camera for its paths and leaves its reachability to others', async () => {
    await seen(o => o.kind === 'stream' && o.deviceId === devices.onvif.id && o.status === 'playing' && o.profile === 'main')
    expect(observations.some(o => o.kind === 'reachability' && o.deviceId === devices.onvif.id)).toBe(false)
  })

  it('hands out the last key frame, which makes a picture', async () => {
    const frame = await collector.keyFrame(devices.hevc.id)
    expect(frame?.codec).toBe('h265')
    const jpeg = await pictureFromKeyFrame(frame!, 160)
    expect(jpeg.subarray(0, 3).toString('hex')).toBe('ffd8ff')
  })

  it('makes a picture of a camera in the plan, and tries one that is not', async () => {
    const signal = new AbortController().signal
    const paths = async () => ({ port: 1, mainPath: null, subPath: null })
    const picture = await keyFramePicture(collector, paths)(devices.plain, { signal })
    expect(picture).toMatchObject({ width: 320, height: 180, source: 'stream' })
    const probe = await probeStream(device('new', servers[1]!.port), { port: servers[1]!.port, path: '/main' }, { signal })
    expect(probe).toMatchObject({ codec: expect.stringMatching(/^hvc1/), width: 320, height: 180 })
    expect(await pictureOfProbe(probe)).toMatchObject({ width: 320, height: 180 })
    await expect(probeStream(devices.wrong, { port: servers[0]!.port, path: '/main' }, { signal })).rejects.toMatchObject({ code: 'authentication_failed' })
  })

  it('keeps the password out of the arguments of every process', () => {
    const ps = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).stdout
    expect(ps).not.toContain(login.password)
    expect(readFileSync(`/proc/${process.pid}/cmdline`, 'utf8')).not.toContain(login.password)
  })

  it('tells of a removed camera and leaves the others undisturbed', async () => {
    const before = servers[0]!.counts().accepted
    collector.plan([devices.plain, devices.hevc])
    await receiver.until(() => receiver.got.filter(g => g.header.stream === 7).length > 60)
    expect(servers[0]!.counts().accepted).toBeLessThanOrEqual(before)
    expect(collector.processes()).toEqual([{ name: 'video-1', alive: true, restarts: 0 }])
  })
})

describe('several media workers', () => {
  it('share the cameras, say which are whose, and come back after a kill', async () => {
    const receiver = await startReceiver()
    const server = await startRtspServer({ host: '127.0.0.1', port: 0, streams: { '/main': await renderClip(small, clips) } })
    const observations: Observation[] = []
    const { privateKey } = generateKeyPairSync('ed25519')
    const collector = createVideoCollector({
      emit: { observation (o) { observations.push(o); receiver.look() }, samples () {} }, log: makeLog('test', 'silent'), clock: systemClock, camerasPerWorker: 1,
      media: { url: receiver.url, agentId: newId(), privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
      resolvePaths: () => Promise.reject(new Error('not asked'))
    })
    try {
      const devices = ['one', 'two'].map((name): PlanDevice => ({ id: newId(), kind: 'camera', name, address: '127.0.0.1', credential: null, camera: { onvif: null, rtsp: { port: server.port, mainPath: '/main', subPath: null }, pull: 'always' } }))
      const playing = (id: string, from = 0) => observations.slice(from).some(o => o.kind === 'stream' && o.deviceId === id && o.status === 'playing')
      collector.plan(devices)
      await receiver.until(() => devices.every(d => playing(d.id)))
      await receiver.until(() => devices.every(d => receiver.serves.some(ids => ids.length === 1 && ids[0] === d.id)))
      const victim = spawnSync('pgrep', ['-P', String(process.pid), '-f', 'rtsp/media-worker'], { encoding: 'utf8' }).stdout.trim().split('\n')[0]!
      const before = observations.length
      process.kill(Number(victim), 'SIGKILL')
      await receiver.until(() => collector.processes().reduce((n, p) => n + p.restarts, 0) === 1 && devices.every(d => playing(d.id, before)))
      expect(collector.processes().map(p => p.alive)).toEqual([true, true])
    } finally {
      await collector.stop()
      await server.close()
      await receiver.close()
    }
  })
})
