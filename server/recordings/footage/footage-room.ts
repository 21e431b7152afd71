/** Footage for people: streams from the agents that hold it, stills. What other rooms know better comes in as functions. */
import { and, asc, desc, eq, gt, lte, notInArray } from 'drizzle-orm'
import type { Clock } from '../../../lib/clock.js'
import type { Log } from '../../../lib/log.js'
import type { AgentCommands } from '../../agents/commands.js'
import type { MaskRegion } from '../../contract/footage.js'
import type { Actor } from '../../identity/actor.js'
import type { Store } from '../../store/store.js'
import { FootageStreams } from './footage-streams.js'
import type { Explain } from './playback-session.js'
import { type Clips, createClips } from './clips.js'
import { createStills, type Stills } from './stills.js'

/** The parts of a camera's picture that somebody must not see. */
export type MasksFor = (actor: Actor, deviceId: string) => Promise<MaskRegion[]>

export interface FootageRoomDeps { store: Store, clock: Clock, log: Log, commands: AgentCommands, /** `<data>/clips`. */ clipsFolder: string, explain?: Explain, masksFor?: MasksFor }
export interface FootageRoom {
  streams: FootageStreams
  stills: Stills
  clips: Clips
  explain: Explain
  masksFor: MasksFor
  agentAt: AgentAt
  stop (): Promise<void>
}
/** The agent that has what was recorded at a moment, or next after it; `otherwise` where the index knows nothing. */
export type AgentAt = (deviceId: string, at: number, otherwise: string | null) => Promise<string | null>

export function createFootageRoom ({ store, clock, log, commands, clipsFolder, explain = async () => null, masksFor = async () => [] }: FootageRoomDeps): FootageRoom {
  const streams = new FootageStreams({ commands, log })
  const agentAt: AgentAt = async (deviceId, at, otherwise) => {
    const { segments } = store.read.t
    const there = notInArray(segments.status, ['deleted', 'missing'])
    const [before] = await store.read.select({ agentId: segments.agentId, endedAt: segments.endedAt, status: segments.status }).from(segments)
      .where(and(eq(segments.deviceId, deviceId), lte(segments.startedAt, at), there)).orderBy(desc(segments.startedAt)).limit(1)
    if (before && (before.endedAt > at || before.status === 'open')) return before.agentId
    const [after] = await store.read.select({ agentId: segments.agentId }).from(segments)
      .where(and(eq(segments.deviceId, deviceId), gt(segments.startedAt, at), there)).orderBy(asc(segments.startedAt)).limit(1)
    return after?.agentId ?? otherwise ?? before?.agentId ?? null
  }
  const clips = createClips({ store, clock, log, folder: clipsFolder, streams, agentAt, masksFor, explain })
  return {
    streams, explain, masksFor, agentAt,
    stills: createStills({ store, clock, log, streams, agentAt, masksFor, explain }),
    clips,
    async stop () {
      await clips.stop()
      streams.stop()
    }
  }
}
