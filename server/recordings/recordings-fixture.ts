/** For tests: the recording room over agents' real indexes, reached through the link's own commands, so that an answer passes the same checks as one from the wire. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { newId } from '../../lib/ids.js'
import { RecordingIndex } from '../../agents/recorder/index-db.js'
import type { AgentCommands } from '../agents/commands.js'
import { ConnectionCommands } from '../agents/commands.js'
import type { Command } from '../contract/agent-link.js'
import type { Gap, RecordingFacts, Segment } from '../contract/recording.js'
import { actorWith, addAgent } from '../inventory/inventory-fixture.js'
import type { Store } from '../store/store.js'
import type { ScopedWallEvent } from '../store/wall-events.js'
import { createRecordings } from './recordings.js'

export const MINUTE = 60_000
export const HOUR = 3_600_000
export const DAY = Date.UTC(2026, 5, 1)
export const admin = actorWith(['administrator'])

const folder = mkdtempSync(join(tmpdir(), 'kalancha-hard-'))
export const removeIndexes = () => rmSync(folder, { recursive: true, force: true })

interface TestAgent { id: string, index: RecordingIndex, online: boolean, commands: ConnectionCommands, /** Changes a page on its way. */ tamper: (page: RecordingFacts) => unknown, /** Other commands: a result, or a failure thrown. */ other: (command: Command) => unknown }

export async function openRoom (store: Store) {
  const clock = { time: DAY + 86_400_000, now () { return this.time } }
  const agents = new Map<string, TestAgent>()
  const changed: string[] = []
  const announced: ScopedWallEvent[] = []
  const logged: string[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => { logged.push(line) } })
  const commands: AgentCommands = { run: (agentId, command, o) => agents.get(agentId)!.commands.run(command, o) }
  const room = createRecordings({ store, clock, log, commands, agentOnline: id => agents.get(id)?.online ?? false, planChanged: ids => changed.push(...ids), announce: events => announced.push(...events) })

  async function agent (name = `agent-${newId()}`): Promise<TestAgent> {
    const index = RecordingIndex.open(join(folder, newId(), 'index.db'))
    const made: TestAgent = {
      id: await addAgent(store, name), index, online: true, tamper: page => page, other: () => null,
      commands: new ConnectionCommands(message => {
        if (message.type !== 'command') return
        if (message.command.name !== 'recordings_after') {
          const answer = { type: 'result' as const, id: message.id }
          try { const result = made.other(message.command); setImmediate(() => made.commands.finished({ ...answer, ok: true, result, failure: null })) } catch (err) {
            setImmediate(() => made.commands.finished({ ...answer, ok: false, result: null, failure: { code: (err as { code: string }).code, detail: (err as Error).message } }))
          }
          return
        }
        const { indexId, cursor, limit } = message.command
        const result: unknown = JSON.parse(JSON.stringify(made.tamper(index.changesAfter(indexId, cursor, limit))))
        setImmediate(() => made.commands.finished({ type: 'result', id: message.id, ok: true, result, failure: null }))
      })
    }
    agents.set(made.id, made)
    return made
  }
  async function camera (agentId: string | null, name = 'Площа Ринок', groupId: string | null = null) {
    const id = newId()
    await store.transaction(tx => tx.insert(tx.t.devices).values({ id, kind: 'camera', name, searchText: '', siteId: null, groupId, address: '192.0.2.7', identityKey: id, agentId, parentId: null, parentPort: null, note: '', enabled: true, settings: {}, createdAt: 1, updatedAt: 1 }))
    return id
  }
  const first = await agent()
  const cameraId = await camera(first.id)
  const segment = (startedAt: number, more: Partial<Segment> = {}): Segment => ({
    id: newId(), deviceId: cameraId, profile: 'main', runId: newId(), runOffsetMs: 0, startedAt, wallMs: MINUTE, mediaMs: MINUTE, videoCodec: 'avc1.64001f', audioCodec: null, width: 1280, height: 720,
    frames: 1500, keyFrames: 60, bytes: 1000, sha256: 'a'.repeat(64), volumeId: newId(), path: 'a/b.mp4', status: 'closed', endReason: null, refilled: false, detail: null, ...more
  })
  const gap = (from: number, to: number | null, cause: Gap['cause'], more: Partial<Gap> = {}): Gap => ({ id: newId(), deviceId: cameraId, from, to, cause, detail: '', ...more })
  const sync = async (...of: TestAgent[]) => {
    for (const a of of.length > 0 ? of : agents.values()) room.replication.told(a.id, { indexId: a.index.indexId, cursor: a.index.cursor })
    await room.replication.idle()
  }
  /** Minutes of footage, one segment each, from a moment on. */
  const record = (a: TestAgent, from: number, minutes: number, more: Partial<Segment> = {}) => {
    a.index.transaction(() => { for (let i = 0; i < minutes; i++) a.index.addSegment(segment(from + i * MINUTE, more)) })
  }
  const timeline = (from: number, to: number, points?: number) => room.timelines.read(admin, { deviceIds: cameraId, from, to, points }).then(t => t.rows[0]!)
  /** [cause, first minute, last minute] of each gap, counted from the day's beginning. */
  const gaps = async (from: number, to: number, points?: number) => (await timeline(from, to, points)).gaps.map(g => [g.cause, (g.from - DAY) / MINUTE, (g.to - DAY) / MINUTE] as const)
  const move = (agentId: string | null) => store.transaction(tx => tx.update(tx.t.devices).set({ agentId }))
  const stored = () => store.read.select().from(store.read.t.segments)
  return { store, clock, room, agents, first, agent, camera, cameraId, segment, gap, sync, record, timeline, gaps, move, stored, changed, announced, logged }
}
export type TestRoom = Awaited<ReturnType<typeof openRoom>>
