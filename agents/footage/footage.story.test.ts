/** The footage process as it is in an agent: its own process, a real index, the real handshake, and its death. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { newId } from '../../lib/ids.js'
import { quiet, startTestServer, type TestServer } from '../../server/agents/test-link.js'
import type { FootageRequest } from '../../server/contract/footage.js'
import { FootageStreams } from '../../server/recordings/footage/footage-streams.js'
import { enrol } from '../link/identity.js'
import { RecordingIndex } from '../recorder/index-db.js'
import { startFootage } from './footage.js'
import { film, type Footage, testLibrary } from './test-segments.js'

const cleanUps: (() => unknown)[] = []
afterEach(async () => { for (const clean of cleanUps.splice(0).reverse()) await clean() })
const until = <T>(check: () => T) => vi.waitFor(check, { timeout: 20_000, interval: 20 })
const T = Date.UTC(2026, 10, 26, 12)
const deviceId = newId()

async function enrolled (server: TestServer) {
  const dataDir = mkdtempSync(join(tmpdir(), 'footage-agent-'))
  cleanUps.push(() => rmSync(dataDir, { recursive: true, force: true }))
  return enrol({ url: server.url, token: await server.token(newId()), dataDir })
}

async function start (heavy = false) {
  const folder = mkdtempSync(join(tmpdir(), 'footage-story-'))
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }))
  const server = await startTestServer({ footage: { attach: (id, socket) => streams.attach(id, socket), cut: id => streams.cut(id) } })
  cleanUps.push(() => server.stop())
  const { agentId, privateKeyPem } = await enrolled(server)
  const index = RecordingIndex.open(join(folder, 'recordings', 'index.db'))
  cleanUps.push(() => index.close())
  const volume = { id: newId(), tier: 'primary', place: { type: 'folder', path: join(folder, 'volume') }, floorBytes: 0, enabled: true } as const
  const plain = film({ seconds: 4 })
  const footage: Footage = heavy ? { ...plain, samples: plain.samples.map(s => ({ ...s, bytes: randomBytes(100_000) })) } : plain
  const library = testLibrary(volume.place.path, deviceId)
  mkdirSync(volume.place.path, { recursive: true })
  for (let i = 0; i < 5; i++) index.addSegment({ ...library.add(footage, T + i * 4000), volumeId: volume.id })
  const reader = startFootage({ target: { url: server.url, agentId, privateKeyPem }, places: { recordings: join(folder, 'recordings'), scratch: join(folder, 'scratch') }, log: quiet })
  cleanUps.push(() => reader.stop())
  reader.volumes([volume])
  const streams: FootageStreams = new FootageStreams({ log: quiet, commands: { run: (async (_id: string, command: never) => reader.open(command)) as never } })
  cleanUps.push(() => streams.stop())
  const signal = new AbortController().signal
  const open = (request: FootageRequest) => streams.open(agentId, request, signal)
  async function watch (request: FootageRequest) {
    let [frames, bytes] = [0, 0]
    const notes: string[] = []
    for await (const message of await open(request)) {
      if (message.note) notes.push(message.note.type)
      else { frames++; bytes += message.bytes.length }
    }
    return { frames, bytes, notes }
  }
  return { folder, index, reader, streams, open, watch, agentId, volume, server }
}
const whole: FootageRequest = { what: 'play', deviceId, from: T, to: T + 20_000, mode: 'all', direction: 'forward', transcode: false, masks: [] }
const restarts = (reader: ReturnType<typeof startFootage>) => reader.processes()[0]!.restarts

describe('the footage process', () => {
  it('gives what the index holds, also what is added while it runs', async () => {
    const { watch, index, volume } = await start()
    expect(await watch(whole)).toMatchObject({ frames: 201, notes: ['stream', 'end'] })
    const { path, ...more } = { ...testLibrary(volume.place.path, deviceId).add(film({ seconds: 4 }), T + 20_000), volumeId: volume.id }
    index.addSegment({ ...more, path })
    expect(await watch({ ...whole, to: T + 24_000 })).toMatchObject({ frames: 241 })
    expect((await watch({ what: 'clip', deviceId, from: T, to: T + 24_000 })).notes).toEqual(['file', 'end'])
    expect((await watch({ what: 'still', deviceId, at: T + 5000, transcode: false, masks: [], jpegWidth: 320 })).notes).toEqual(['file', 'end'])
  })

  it('killed in the middle of a stream: the viewer is told, and the next request is answered', async () => {
    const { open, watch, reader } = await start(true)
    await watch({ ...whole, to: T + 1000 })
    const taken: unknown[] = []
    const watching = (async () => {
      for await (const message of await open(whole)) {
        taken.push(message)
        if (taken.length === 3) process.kill(reader.pid!, 'SIGKILL')
      }
    })()
    await expect(watching).rejects.toMatchObject({ code: 'footage_lost' })
    expect(taken.length).toBeLessThan(202)
    await until(() => expect([restarts(reader), reader.processes()[0]!.alive]).toEqual([1, true]))
    await until(async () => expect(await watch(whole)).toMatchObject({ frames: 201 }))
  })

  it('serves sixteen at once, refuses beyond its bound, and loses none of them', async () => {
    const { open, watch, streams, agentId } = await start(true)
    const results = await Promise.all(Array.from({ length: 16 }, () => watch(whole)))
    expect(results.map(r => r.frames)).toEqual(Array(16).fill(201))
    await until(() => expect(streams.count).toBe(0))
    const held = await Promise.all(Array.from({ length: 28 }, () => open(whole)))
    await expect(open(whole)).rejects.toMatchObject({ code: 'too_many_streams' })
    for (const stream of held) stream.close()
    await until(() => expect(streams.count).toBe(0))
    expect(await watch(whole)).toMatchObject({ frames: 201 })
    streams.cut(agentId)
  })

  it('survives an index and files full of nonsense', async () => {
    const { watch, index, volume } = await start()
    const id = newId()
    const path = `${deviceId}/${id}.mp4`
    mkdirSync(dirname(join(volume.place.path, path)), { recursive: true })
    writeFileSync(join(volume.place.path, path), randomBytes(500_000))
    index.addSegment({ ...index.startedBy(deviceId, T)!, id, path, startedAt: T + 30_000 })
    index.addSegment({ ...index.startedBy(deviceId, T)!, id: newId(), startedAt: T + 40_000, volumeId: newId() })
    expect(await watch({ ...whole, to: T + 60_000 })).toMatchObject({ frames: 201, notes: ['stream', 'gap', 'gap', 'gap', 'gap', 'gap', 'end'] })
  })

  it('a ticket is good only for the agent that it was given to', async () => {
    const { streams, watch, server } = await start()
    await watch(whole)
    const other = await enrolled(server)
    // The command reaches one agent, the ticket comes back from another.
    const stolen = streams.open(other.agentId, whole, AbortSignal.timeout(1500))
    await expect(stolen).rejects.toMatchObject({ code: 'cancelled' })
  })
})
