/** Footage for people: streams from the agents that hold it, stills. What other rooms know better comes in as functions. */
import { and, asc, desc, eq, gt, lte, ne, notInArray } from 'drizzle-orm'
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
  holderAt: HolderAt
  stop (): Promise<void>
}
/** Who has what was recorded at a moment, or next after it; `until`: from then on another agent has it (the camera was moved). */
export interface Holder { agentId: string, until: number | null }
/** `current` is the camera's agent now, also the answer where the index knows nothing. */
export type HolderAt = (deviceId: string, at: number, current: string | null) => Promise<Holder | null>

export function createFootageRoom ({ store, clock, log, commands, clipsFolder, explain = async () => null, masksFor = async () => [] }: FootageRoomDeps): FootageRoom {
  const streams = new FootageStreams({ commands, log })
  const holderAt: HolderAt = async (deviceId, at, current) => {
    const { segments } = store.read.t
    const ofDevice = and(eq(segments.deviceId, deviceId), notInArray(segments.status, ['deleted', 'missing']))
    const [before] = await store.read.select({ agentId: segments.agentId, endedAt: segments.endedAt, status: segments.status }).from(segments)
      .where(and(ofDevice, lte(segments.startedAt, at))).orderBy(desc(segments.startedAt)).limit(1)
    const [after] = before && (before.endedAt > at || before.status === 'open') ? [before]
      : await store.read.select({ agentId: segments.agentId }).from(segments).where(and(ofDevice, gt(segments.startedAt, at))).orderBy(asc(segments.startedAt)).limit(1)
    const agentId = after?.agentId ?? current ?? before?.agentId ?? null
    if (agentId === null || agentId === current) return agentId === null ? null : { agentId, until: null }
    const [elsewhere] = await store.read.select({ startedAt: segments.startedAt }).from(segments)
      .where(and(ofDevice, gt(segments.startedAt, at), ne(segments.agentId, agentId))).orderBy(asc(segments.startedAt)).limit(1)
    return { agentId, until: elsewhere?.startedAt ?? null }
  }
  const clips = createClips({ store, clock, log, folder: clipsFolder, streams, holderAt, masksFor, explain })
  return {
    streams, explain, masksFor, holderAt,
    stills: createStills({ store, clock, log, streams, holderAt, masksFor, explain }),
    clips,
    async stop () {
      await clips.stop()
      streams.stop()
    }
  }
}
