/** Small pictures of recorded moments, for scrubbing: one request an agent and moment, kept for whoever asks next. */
import type { Clock } from '../../../lib/clock.js'
import type { Log } from '../../../lib/log.js'
import type { MaskRegion } from '../../contract/footage.js'
import type { Actor } from '../../identity/actor.js'
import { recordAudit } from '../../identity/audit.js'
import { ServiceProblem } from '../../problems.js'
import type { Store } from '../../store/store.js'
import type { HolderAt, MasksFor } from './footage-room.js'
import type { FootageSource } from './footage-streams.js'
import { unmasked } from './unmasked.js'
import type { Explain } from './playback-session.js'
import { addShown, type Interval } from './watched.js'

interface Still { jpeg: Buffer, at: number }
interface Camera { id: string, name: string, agentId: string | null }
export interface Stills {
  /** Rejects with `no_footage` (its one error names the cause), `still_too_many`, or what the agent says. */
  take (actor: Actor, camera: Camera, at: number, width: number): Promise<Still>
}
export interface StillsDeps { store: Store, clock: Clock, log: Log, streams: FootageSource, holderAt: HolderAt, masksFor: MasksFor, explain: Explain }

/** Moments closer than this share a picture: who scrubs asks for thousands. */
const STEP_MS = 1000
const KEPT_BYTES = 32 * 2 ** 20
const MAX_JPEG_BYTES = 2 * 2 ** 20
const MAX_AT_ONCE = 6
const MAX_WAITING = 60
const TIMEOUT_MS = 15_000
/** Stills of one person and camera are one entry in the audit, written when they began and so long after. */
const AUDIT_SPAN_MS = 60_000

export function createStills (deps: StillsDeps): Stills {
  const kept = new Map<string, Still>()
  let keptBytes = 0
  const underWay = new Map<string, Promise<Still>>()
  const line = createLine(MAX_AT_ONCE, MAX_WAITING)
  const audit = createStillAudit(deps)

  function keep (key: string, still: Still) {
    kept.set(key, still)
    keptBytes += still.jpeg.length
    for (const [old, { jpeg }] of kept) {
      if (keptBytes <= KEPT_BYTES) break
      kept.delete(old)
      keptBytes -= jpeg.length
    }
  }

  async function make (camera: Camera, at: number, width: number, masks: MaskRegion[]): Promise<Still> {
    const holder = await deps.holderAt(camera.id, at, camera.agentId)
    if (!holder) throw await nothing(camera.id, at)
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const stream = await deps.streams.open(holder.agentId, { what: 'still', deviceId: camera.id, at, transcode: false, masks, jpegWidth: width }, signal)
    signal.addEventListener('abort', () => stream.close())
    const parts: Buffer[] = []
    let bytes = 0
    let takenAt = at
    for await (const { note, bytes: part } of stream) {
      if (note?.type === 'failed') throw note.code === 'no_footage' ? await nothing(camera.id, at) : new ServiceProblem('unavailable', note.code, note.detail)
      if (note?.type === 'file') {
        if (masks.length > 0 && !note.masked) throw unmasked()
        takenAt = note.from
      }
      if (!part) continue
      bytes += part.length
      if (bytes > MAX_JPEG_BYTES) throw new ServiceProblem('unavailable', 'protocol_error', 'The agent sent a picture that is too large.')
      parts.push(part)
    }
    return { jpeg: Buffer.concat(parts), at: takenAt }
  }

  async function nothing (deviceId: string, at: number) {
    const why = await deps.explain(deviceId, at, at + 1)
    return new ServiceProblem('not_found', 'no_footage', 'Nothing was recorded at this moment.', why ? [{ field: '/querystring/at', code: why.cause, message: why.detail || why.cause }] : [])
  }

  return {
    async take (actor, camera, at, width) {
      const masks = await deps.masksFor(actor, camera.id)
      const moment = Math.floor(at / STEP_MS) * STEP_MS
      const key = `${camera.id} ${moment} ${width} ${JSON.stringify(masks)}`
      await audit.asked(actor, camera, moment, masks.length > 0)
      const known = kept.get(key)
      if (known) {
        kept.delete(key)
        kept.set(key, known)
        return known
      }
      // What is being recorded now may look otherwise in a second.
      const settled = moment < deps.clock.now() - 5000
      const running = underWay.get(key) ?? line(() => make(camera, settled ? moment : at, width, masks)).then(still => {
        if (settled) keep(key, still)
        return still
      }).finally(() => underWay.delete(key))
      underWay.set(key, running)
      return running
    }
  }
}

/** Few at a time; who would wait too long is told so. */
function createLine (atOnce: number, maxWaiting: number) {
  let running = 0
  const waiting: (() => void)[] = []
  return async <T> (work: () => Promise<T>): Promise<T> => {
    if (waiting.length >= maxWaiting) throw new ServiceProblem('too_many', 'still_too_many', 'Too many stills are being made: try again shortly.')
    if (running >= atOnce) await new Promise<void>(resolve => waiting.push(resolve))
    else running++
    try { return await work() } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}

/** The first still of a person and camera is recorded before it is shown; those of the next minute together after it. */
function createStillAudit ({ store, clock, log }: Pick<StillsDeps, 'store' | 'clock' | 'log'>) {
  const open = new Map<string, { began: Promise<void>, shown: Interval[], count: number }>()
  const record = (actor: Actor, camera: Camera, details: object) => store.transaction(tx => recordAudit(tx, clock.now(), actor, 'video.stills', { kind: 'device', id: camera.id }, { name: camera.name, ...details }))
  return {
    async asked (actor: Actor, camera: Camera, at: number, masked: boolean) {
      const key = `${actor.sessionId} ${camera.id}`
      const known = open.get(key)
      if (known) {
        known.shown = addShown(known.shown, at)
        known.count++
        return known.began
      }
      const entry = { began: record(actor, camera, { at, masked }), shown: [] as Interval[], count: 0 }
      open.set(key, entry)
      entry.began.catch(() => open.delete(key))
      setTimeout(() => {
        open.delete(key)
        if (entry.count > 0) record(actor, camera, { intervals: entry.shown, count: entry.count, masked }).catch(err => log.error({ err }, 'Stills that were shown could not be recorded'))
      }, AUDIT_SPAN_MS).unref()
      return entry.began
    }
  }
}
