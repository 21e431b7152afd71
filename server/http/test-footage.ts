/** For tests: the footage routes over a real store, and an agent's reader behind real sockets. */
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket, WebSocketServer } from 'ws'
import { Streams } from '../../agents/footage/streams.js'
import { type TestLibrary, testLibrary } from '../../agents/footage/test-segments.js'
import { type Clock, systemClock } from '../../lib/clock.js'
import { newId } from '../../lib/ids.js'
import { makeLog } from '../../lib/log.js'
import type { AgentCommands } from '../agents/commands.js'
import type { Command } from '../contract/agent-link.js'
import type { FootageNote, MaskRegion } from '../contract/footage.js'
import { MEDIA_HEADER_BYTES, readMediaHeader } from '../contract/media.js'
import { createFootageRoom } from '../recordings/footage/footage-room.js'
import { footageRoutes } from './footage.js'
import { clipRoutes } from './footage-clips.js'
import { type Client, openTestApp } from './test-app.js'

const log = makeLog('test', process.env.TEST_LOG || 'silent')
export const T = Date.UTC(2026, 10, 26, 12)
export const agentId = newId()
/** Has only what `elsewhere` was given. */
export const otherAgentId = newId()

/** The server's routes and an agent's reader, joined by real sockets; only who the agent is stays unproved here. */
export async function openFootage ({ masks = [] as MaskRegion[], clock = systemClock as Clock } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'footage-http-'))
  const cleanUps: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  const clipsFolder = join(folder, 'clips')
  const cameras = new Map<string, { name: string, groupId: string | null, agentId: string | null, enabled: boolean }>()
  let devicesChanged = (_ids: string[]) => {}
  let library: TestLibrary | null = null
  let port = 0
  const asked: Extract<Command, { name: 'footage_open' }>[] = []
  const reader = (id: string, read: () => TestLibrary) => new Streams({
    library: new Proxy({} as TestLibrary, { get: (_, key) => Reflect.get(read(), key) }), scratch: folder, log,
    dial: async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/agent/v1/footage?${id}`)
      await new Promise((resolve, reject) => { socket.once('open', resolve); socket.once('error', reject) })
      return { socket }
    }
  })
  let elsewhere: TestLibrary | null = null
  const agent = reader(agentId, () => library!)
  const other = reader(otherAgentId, () => elsewhere!)
  const leaving = new AbortController()
  cleanUps.push(() => leaving.abort())
  const commands: AgentCommands = { run: (async (id: string, command: Command) => {
    if (command.name !== 'footage_open') throw new Error('unexpected')
    asked.push(command)
    void (id === otherAgentId ? other : agent).open(command.ticket, command.request, leaving.signal)
    return null
  }) as AgentCommands['run'] }
  let room!: ReturnType<typeof createFootageRoom>
  const test = await openTestApp({ clock, routes (api, { store, identity, upgrades }) {
    room = createFootageRoom({ store, clock, log, commands, clipsFolder, explain: async () => ({ cause: 'link_down', detail: 'Cable cut' }), masksFor: async () => masks })
    clipRoutes(api, room.clips)
    const sockets = new WebSocketServer({ noServer: true })
    upgrades.handle('/agent/v1/footage', (request, socket, head) => sockets.handleUpgrade(request, socket, head, ws => room.streams.attach(request.url!.split('?')[1]!, ws)))
    footageRoutes(api, {
      store, clock, footage: room, camera: async id => cameras.get(id) ?? null,
      sessions: identity.sessions, onActorChanged: identity.onActorChanged, onDevicesChanged: listener => { devicesChanged = listener }
    })
  } })
  cleanUps.push(() => test.close(), () => room.stop())
  await test.app.listen({ port: 0, host: '127.0.0.1' })
  port = (test.app.server.address() as AddressInfo).port
  function camera (over: Partial<{ groupId: string | null }> = {}) {
    const id = newId()
    cameras.set(id, { name: 'c', groupId: null, agentId, enabled: true, ...over })
    library = testLibrary(folder, id)
    elsewhere = testLibrary(folder, id)
    return { id, library, elsewhere, move: (groupId: string) => { cameras.set(id, { ...cameras.get(id)!, groupId }); devicesChanged([id]) } }
  }
  function watch (client: Client, id: string) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/devices/${id}/playback?hevc=1`, { headers: { origin: `http://127.0.0.1:${port}`, cookie: client.headers.cookie! } })
    cleanUps.push(() => socket.terminate())
    const notes: FootageNote[] = []
    const frames: { id: number, kind: number, at: number }[] = []
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) return notes.push(JSON.parse(String(data)))
      const header = readMediaHeader(new DataView(data.buffer, data.byteOffset, MEDIA_HEADER_BYTES))
      frames.push({ id: header.stream, kind: header.kind, at: Math.round(header.atMs - T) })
    })
    const closed = new Promise<number>(resolve => { socket.on('close', code => resolve(code)); socket.on('error', () => resolve(0)) })
    const ask = (request: object) => { if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(request)); else socket.once('open', () => socket.send(JSON.stringify(request))) }
    return { socket, notes, frames, closed, ask }
  }
  const audited = async () => (await test.store.read.select().from(test.store.read.t.audit)).map(a => ({ action: a.action, details: a.details as { intervals?: { from: number, to: number }[] } }))
  const close = async () => { for (const clean of cleanUps.splice(0).reverse()) await clean() }
  return { ...test, room, camera, watch, audited, asked, agent, clipsFolder, close }
}
