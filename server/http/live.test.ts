import { EventEmitter } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { systemClock } from '../../lib/clock.js'
import { newId } from '../../lib/ids.js'
import { makeLog } from '../../lib/log.js'
import type { AgentCommands } from '../agents/commands.js'
import { MediaRelay } from '../agents/relay.js'
import { createSnapshots } from '../agents/snapshots.js'
import type { Command } from '../contract/agent-link.js'
import type { MaskRegion } from '../contract/footage.js'
import { MEDIA_HEADER_BYTES, MediaKind, writeMediaHeader } from '../contract/media.js'
import { liveRoutes } from './live.js'
import { type Client, openTestApp } from './test-app.js'

const cleanUps: (() => unknown)[] = []
afterEach(async () => { for (const clean of cleanUps.splice(0).reverse()) await clean() })
const until = <T>(check: () => T) => vi.waitFor(check, { timeout: 10_000, interval: 10 })
const log = makeLog('test', 'silent')
const agentId = newId()

class FakeAgent extends EventEmitter {
  OPEN = 1
  readyState = 1
  heard: { type: string, stream: number, transcode?: boolean, masks?: unknown }[] = []
  send (text: string) { this.heard.push(JSON.parse(text)) }
  terminate () { this.emit('close') }
}

async function open ({ masks = [] as MaskRegion[] } = {}) {
  const relay = new MediaRelay({ log, maxViewers: 2 })
  const agent = new FakeAgent()
  relay.attach(agentId, agent)
  const cameras = new Map<string, { name: string, groupId: string | null, agentId: string | null, enabled: boolean }>()
  const asked: string[] = []
  let forgetful = false
  let devicesChanged = (_ids: string[]) => {}
  let masksChanged = (_id: string, _everybody: boolean) => {}
  const snapshot = async (_agent: string, command: Command) => {
    if (command.name !== 'snapshot') throw new Error('unexpected')
    asked.push(command.deviceId)
    return { masked: command.masks !== undefined && !forgetful, jpegBase64: Buffer.from([0xff, 0xd8, 0xff, 0xd9]).toString('base64'), width: 1, height: 1, at: 5, source: 'camera' }
  }
  const commands: AgentCommands = { run: snapshot as AgentCommands['run'] }
  const test = await openTestApp({ routes (api, { store, identity }) {
    liveRoutes(api, {
      store, clock: systemClock, relay, snapshots: createSnapshots({ commands, clock: systemClock }), camera: async id => cameras.get(id) ?? null,
      sessions: identity.sessions, onActorChanged: identity.onActorChanged, agentOffsetMs: () => 7, masksFor: async () => masks, onMasksChanged: listener => { masksChanged = listener },
      onDevicesChanged: listener => { devicesChanged = listener }
    })
  } })
  cleanUps.push(() => test.close())
  await test.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = test.app.server.address() as AddressInfo
  const camera = (over: Partial<{ groupId: string | null, agentId: string | null, enabled: boolean }> = {}) => {
    const id = newId()
    cameras.set(id, { name: 'c', groupId: null, agentId, enabled: true, ...over })
    return id
  }
  function move (id: string, groupId: string) {
    cameras.set(id, { ...cameras.get(id)!, groupId })
    devicesChanged([id])
  }
  function watch (client: Client | null, id: string, origin = `http://127.0.0.1:${port}`) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/devices/${id}/live?profile=sub&hevc=1`, { headers: { origin, ...(client ? { cookie: client.headers.cookie! } : {}) } })
    cleanUps.push(() => socket.terminate())
    const texts: { type: string, status?: string, mode?: string, agentOffsetMs?: number }[] = []
    const binary: Buffer[] = []
    socket.on('message', (data, isBinary) => { if (isBinary) binary.push(data as Buffer); else texts.push(JSON.parse(String(data))) })
    const closed = new Promise<number>(resolve => { socket.on('close', code => resolve(code)); socket.on('error', () => resolve(0)) })
    return { socket, texts, binary, closed }
  }
  const audited = async () => (await test.store.read.select().from(test.store.read.t.audit)).map(a => a.action)
  return { ...test, masksChanged: (id: string) => masksChanged(id, true), forget: () => { forgetful = true }, relay, agent, camera, move, watch, audited, asked, port }
}

describe('live video', () => {
  it('reaches the browser unchanged, is recorded from the first to the last moment, and answers requests', async () => {
    const { signIn, camera, watch, agent, audited, relay } = await open()
    const view = watch(await signIn({ roles: ['operator'] }), camera())
    view.socket.once('open', () => view.socket.send('{"type":"ping"}'))
    await until(() => expect(view.texts.map(t => t.type)).toEqual(['stream', 'clock']))
    expect(view.texts[1]!.agentOffsetMs).toBe(7)
    expect(await audited()).toContain('video.live')
    const message = Buffer.alloc(MEDIA_HEADER_BYTES + 10, 7)
    writeMediaHeader(new DataView(message.buffer, message.byteOffset), { stream: agent.heard[0]!.stream, kind: MediaKind.init, flags: 0, atMs: 1, number: 0 })
    agent.emit('message', message, true)
    await until(() => expect(view.binary).toEqual([message]))
    view.socket.send('{"type":"mode","mode":"keyframes"}')
    await until(() => expect(view.texts.at(-1)).toMatchObject({ type: 'mode', mode: 'keyframes' }))
    view.socket.send('nonsense')
    expect(await view.closed).toBe(1008)
    await until(async () => expect(await audited()).toContain('video.live_end'))
    expect(relay.viewers).toBe(0)
  })

  it('closes with the reason why not', async () => {
    const { signIn, camera, watch, port } = await open()
    const operator = await signIn({ roles: ['operator'], allGroups: false })
    const everything = await signIn({ roles: ['operator'] })
    expect(await watch(null, camera()).closed).toBe(4401)
    expect(await watch(await signIn({ roles: ['auditor'] }), camera()).closed).toBe(4403)
    expect(await watch(operator, camera({ groupId: newId() })).closed).toBe(4404)
    expect(await watch(everything, newId()).closed).toBe(4404)
    expect(await watch(everything, camera({ enabled: false })).closed).toBe(4410)
    expect(await watch(everything, camera({ agentId: null })).closed).toBe(4503)
    expect(await watch(everything, camera(), `http://elsewhere.example:${port}`).closed).toBe(0)
  })

  it('has a bound of viewers', async () => {
    const { signIn, camera, watch } = await open()
    const operator = await signIn({ roles: ['operator'] })
    const views = [watch(operator, camera()), watch(operator, camera())]
    for (const v of views) await until(() => expect(v.texts).toHaveLength(1))
    expect(await watch(operator, camera()).closed).toBe(1013)
  })

  it('ends when the person signs out, and not for somebody else', async () => {
    const { signIn, camera, watch, identity } = await open()
    const leaving = await signIn({ roles: ['operator'] })
    const staying = await signIn({ roles: ['operator'] })
    const [a, b] = [watch(leaving, camera()), watch(staying, camera())]
    for (const v of [a, b]) await until(() => expect(v.texts).toHaveLength(1))
    await identity.sessions.end({ userId: leaving.userId, login: 'x', roles: ['operator'], allGroups: true, groupIds: [], sessionId: leaving.sessionId, ip: '' }, leaving.sessionId)
    expect(await a.closed).toBe(4401)
    expect(b.socket.readyState).toBe(WebSocket.OPEN)
  })

  it('ends for those who lose sight of a camera that leaves their group', async () => {
    const { signIn, camera, move, watch, identity } = await open()
    const admin = { userId: newId(), login: 'admin', roles: ['administrator'] as const, allGroups: true, groupIds: [], sessionId: newId(), ip: '' }
    const { id: groupId } = await identity.cameraGroups.create(admin, { name: 'Centre' })
    const id = camera({ groupId })
    const [limited, everything] = [watch(await signIn({ roles: ['operator'], allGroups: false, groupIds: [groupId] }), id), watch(await signIn({ roles: ['operator'] }), id)]
    for (const v of [limited, everything]) await until(() => expect(v.texts).toHaveLength(1))
    move(id, newId())
    expect(await limited.closed).toBe(4404)
    expect(everything.socket.readyState).toBe(WebSocket.OPEN)
  })

  it('that closed before it was recorded breaks nothing when its end cannot be recorded either', async () => {
    const { signIn, camera, watch, store, audited } = await open()
    const operator = await signIn({ roles: ['operator'] })
    let release = () => {}
    const { transaction } = store
    let calls = 0
    vi.spyOn(store, 'transaction').mockImplementation(async work => {
      if (++calls > 1) throw new Error('the database is away')
      await new Promise<void>(resolve => { release = resolve })
      return transaction(work)
    })
    const unhandled: unknown[] = []
    const note = (err: unknown) => unhandled.push(err)
    process.on('unhandledRejection', note)
    cleanUps.push(() => process.off('unhandledRejection', note))
    const view = watch(operator, camera())
    await until(() => expect(calls).toBe(1))
    view.socket.close()
    await view.closed
    release()
    await until(() => expect(calls).toBe(2))
    await until(async () => expect(await audited()).toContain('video.live'))
    await new Promise(setImmediate)
    expect(unhandled).toEqual([])
  })
})

describe('behind masks', () => {
  const mask: MaskRegion = [[0, 0], [0.5, 0], [0.5, 0.5]]
  it('live video is asked for made anew, and shown only while the agent says that it is masked', async () => {
    const { signIn, camera, watch, agent, masksChanged } = await open({ masks: [mask] })
    const id = camera()
    const view = watch(await signIn({ roles: ['operator'] }), id)
    await until(() => expect(agent.heard[0]).toMatchObject({ type: 'subscribe', transcode: true, masks: [mask] }))
    const { stream } = agent.heard[0]!
    const info = (masked?: boolean) => agent.emit('message', Buffer.from(JSON.stringify({ type: 'stream', stream, status: 'playing', videoCodec: 'avc1.64001f', audioCodec: null, width: 640, height: 360, client: 'own', transcoded: true, masked, failure: null })), false)
    const init = Buffer.alloc(MEDIA_HEADER_BYTES + 10, 7)
    writeMediaHeader(new DataView(init.buffer, init.byteOffset), { stream, kind: MediaKind.init, flags: 0, atMs: 1, number: 0 })
    // An agent of an older version, which never heard of masks.
    info()
    agent.emit('message', init, true)
    await until(() => expect(view.texts.at(-1)).toMatchObject({ status: 'failed' }))
    expect(view.binary).toEqual([])
    info(true)
    agent.emit('message', init, true)
    await until(() => expect(view.binary).toEqual([init]))
    masksChanged(id)
    expect(await view.closed).toBe(1012)
  })
  it('a snapshot that was not masked is not shown', async () => {
    const { signIn, camera, forget } = await open({ masks: [mask] })
    const operator = await signIn({ roles: ['operator'] })
    expect((await operator.call('GET', `/api/v1/devices/${camera()}/snapshot`)).status).toBe(200)
    forget()
    expect((await operator.call('GET', `/api/v1/devices/${camera()}/snapshot`)).status).toBe(503)
  })
})

describe('a snapshot', () => {
  it('is taken once for all who ask, recorded for each, and refused outside the camera groups', async () => {
    const { signIn, camera, asked, audited } = await open()
    const operator = await signIn({ roles: ['operator'] })
    const id = camera()
    const answers = await Promise.all([1, 2, 3].map(() => operator.call('GET', `/api/v1/devices/${id}/snapshot`)))
    expect(answers.map(a => [a.status, a.headers['content-type'], a.headers['cache-control']])).toEqual(Array(3).fill([200, 'image/jpeg', 'no-store']))
    expect(asked).toEqual([id])
    expect((await audited()).filter(a => a === 'video.snapshot')).toHaveLength(3)
    const limited = await signIn({ roles: ['operator'], allGroups: false })
    expect((await limited.call('GET', `/api/v1/devices/${id}/snapshot`)).status).toBe(404)
    expect((await operator.call('GET', `/api/v1/devices/${camera({ enabled: false })}/snapshot`)).status).toBe(410)
  })
})
