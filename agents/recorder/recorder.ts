/** The agent's recorder: decides what is recorded and where, keeps the index, and tells absences with their cause. Workers write. */
import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import { type EndReason, plannedCauses, type RecordingFacts, type RecordingPlan, type Segment, type VolumePlan } from '../../server/contract/recording.js'
import type { Collector, PlanExtras } from '../collector.js'
import { causeOfEnd, causeOfFailure, Gaps } from './gaps.js'
import { RecordingIndex } from './index-db.js'
import type { RecorderFromWorker, RecorderToWorker, RecordOrder, SegmentStart } from './messages.js'
import { Mender } from './mender.js'
import type { SegmentFacts } from './recovery.js'
import { initialise, Volumes } from './volumes.js'
import { startKeeper } from './keep/keeper.js'
import { forgotten, type Keeping } from './keep/rules.js'
import { type RecordEvent, type Wanted, wantedNow } from './keep/wanted.js'

const LOOK_MS = 5000
const ALIVE_MS = 1000
const EVENTS_KEPT_MS = 15 * 60_000
/** Longer without a word of the server, a lock may be on its way that we do not know. */
const TRUSTED_MS = 3_600_000

export interface RecorderOptions {
  dataDir: string
  clock: Clock
  log: Log
  /** To the worker that has the camera; false while it is not there (it is told again when it is: `workerStarted`). */
  send: (deviceId: string, message: RecorderToWorker) => boolean
  /** The workers have closed their files and said so. */
  workersGone: () => Promise<void>
  /** Where footage lies, the agent's own folder included. */
  volumesPlanned: (volumes: readonly VolumePlan[]) => void
}
interface Camera { plan: RecordingPlan, order: RecordOrder | null, events: RecordEvent[], runId: string | null }

export class Recorder implements Collector {
  readonly name = 'recorder'
  readonly index: RecordingIndex
  readonly volumes: Volumes
  readonly gaps: Gaps
  readonly #mender: Mender
  readonly #startedAt: number
  #cameras = new Map<string, Camera>()
  /** Segments that a worker writes now, with the camera. */
  readonly #open = new Map<string, string>()
  readonly #timers: NodeJS.Timeout[]
  #ready: Promise<void> | null = null
  #recovered: () => void = () => {}
  /** What an earlier run left has been mended. */
  readonly recovered = new Promise<void>(resolve => { this.#recovered = resolve })
  #volumePlans = ''
  #keeper: ReturnType<typeof startKeeper> | null = null
  #heardAt: number | null = null
  /** Cameras of this priority and beyond rest, since the disk is full of what must stay; 6: nobody. */
  #restFrom = 6
  #stopped = false

  constructor (private readonly o: RecorderOptions) {
    const folder = join(o.dataDir, 'recordings')
    const fresh = !existsSync(join(folder, 'index.db'))
    this.index = RecordingIndex.open(join(folder, 'index.db'))
    this.volumes = new Volumes({ ownFolder: join(folder, 'default'), index: this.index, clock: o.clock, log: o.log })
    this.gaps = new Gaps(this.index)
    this.#startedAt = o.clock.now()
    this.#mender = new Mender({ index: this.index, volumes: this.volumes, gaps: this.gaps, log: o.log, startedAt: this.#startedAt, everything: fresh })
    this.#timers = [setInterval(() => this.#tick(), ALIVE_MS), setInterval(() => { void this.#look() }, LOOK_MS)]
    for (const timer of this.#timers) timer.unref()
  }

  async #look () {
    try {
      await this.volumes.look()
      if (this.#mended && !this.#stopped) await this.#mender.later()
    } catch (err) { this.o.log.error({ err }, 'volumes could not be looked at') }
  }
  /** What was there at the start is mended; from now on, what comes back. */
  #mended = false

  /** Nothing is written before the crash of an earlier run is mended. */
  plan (devices: readonly PlanDevice[], { revision = 0, locks, volumes }: PlanExtras = {}) {
    if (this.#stopped) return
    if (revision > 0) this.#heardAt = this.o.clock.now()
    if (locks) this.index.setLocks(locks)
    const text = JSON.stringify(volumes ?? [])
    const first = this.#ready === null
    if (first || text !== this.#volumePlans) {
      this.#volumePlans = text
      this.#ready = (this.#ready ?? Promise.resolve()).then(() => this.volumes.plan(volumes ?? [])).then(() => this.o.volumesPlanned(this.volumes.plans())).then(async () => {
          if (!first) return
          await this.#mender.first()
          // Cameras that went while this agent was not running.
          for (const gap of this.index.openGaps()) if (!this.#cameras.has(gap.deviceId)) this.gaps.turn(gap.deviceId, this.#startedAt, 'disabled', '')
          this.#mended = true
          this.#keep()
          this.#recovered()
        })
        .catch(err => { this.o.log.error({ err }, 'the recorder could not get ready') })
    }
    this.#takePlan(devices)
    void this.#ready!.then(() => this.#decideAll())
  }

  #keep () {
    if (this.#stopped) return
    this.#keeper = startKeeper({
      index: this.index, volumes: this.volumes, clock: this.o.clock, log: this.o.log,
      keepingOf: id => this.#keepingOf(id),
      recording: () => [...this.#cameras.values()].filter(c => c.order?.on).map(c => c.plan.policy.priority),
      trusted: () => this.#heardAt !== null && this.o.clock.now() - this.#heardAt < TRUSTED_MS,
      replicated: () => this.#replicated,
      rest: from => {
        this.#restFrom = from
        this.#decideAll()
      }
    })
  }

  /** As last planned, also of a camera that is gone. */
  #keepingOf (id: string): Keeping {
    const camera = this.#cameras.get(id)
    if (camera) return camera.plan.policy
    const last = this.index.meta(`keeping ${id}`)
    return last ? JSON.parse(last) as Keeping : forgotten
  }

  #takePlan (devices: readonly PlanDevice[]) {
    const wanted = new Map(devices.flatMap(d => d.recording ? [[d.id, d.recording] as const] : []))
    for (const [id, camera] of this.#cameras) {
      if (wanted.has(id)) continue
      this.#cameras.delete(id)
      this.#order(id, camera, null)
      this.gaps.turn(id, this.o.clock.now(), devices.some(d => d.id === id) ? 'recording_off' : 'disabled', '')
    }
    for (const [id, plan] of wanted) {
      const camera = this.#cameras.get(id)
      const { keepDays, keepBytes, archiveAfterDays, priority } = plan.policy
      const keeping = JSON.stringify({ keepDays, keepBytes, archiveAfterDays, priority } satisfies Keeping)
      if (this.index.meta(`keeping ${id}`) !== keeping) this.index.setMeta(`keeping ${id}`, keeping)
      if (camera) camera.plan = plan
      else this.#cameras.set(id, { plan, order: null, events: [], runId: null })
    }
  }

  #decideAll () {
    if (this.#stopped) return
    for (const [id, camera] of this.#cameras) this.#decide(id, camera)
  }

  #decide (id: string, camera: Camera) {
    const now = this.o.clock.now()
    const resting: Wanted | null = camera.plan.policy.priority >= this.#restFrom ? { state: 'off', cause: 'disk_full' } : null
    const wanted = wantedNow(camera.plan, now, camera.events)
    const { state, cause } = wanted.state === 'on' ? resting ?? wanted : wanted
    const { profile, audio, preRollS } = camera.plan.policy
    const order: RecordOrder | null = state === 'off' ? null : { profile, audio, on: state === 'on', preRollMs: preRollS * 1000 }
    if (state !== 'on' && cause) this.gaps.turn(id, now, cause, '')
    else if (state === 'on' && !camera.order?.on) this.#wanted(id, now)
    this.#order(id, camera, order)
  }

  /** From now on an absence is a fault: what was planned until now ends, and what an earlier run of this agent left open too. */
  #wanted (id: string, now: number) {
    const open = this.index.openGap(id)
    if (open && [...plannedCauses, 'disk_full'].includes(open.cause)) this.gaps.turn(id, now, 'stream_failed', 'The first picture is awaited')
  }

  #order (id: string, camera: Camera, order: RecordOrder | null) {
    if (JSON.stringify(order) === JSON.stringify(camera.order)) return
    camera.order = order
    this.o.send(id, { type: 'record', deviceId: id, order })
  }

  /** A worker (again) knows nothing: told what it is to do with these cameras. */
  workerStarted (deviceIds: readonly string[]) {
    for (const id of deviceIds) {
      const order = this.#cameras.get(id)?.order
      if (order) this.o.send(id, { type: 'record', deviceId: id, order })
    }
  }

  /** What it was writing is mended as after a crash. */
  workerGone (deviceIds: readonly string[]) {
    const gone = new Set(deviceIds)
    for (const id of gone) {
      const camera = this.#cameras.get(id)
      if (camera) camera.runId = null
    }
    for (const [segmentId, deviceId] of [...this.#open]) {
      if (!gone.has(deviceId)) continue
      this.#open.delete(segmentId)
      const segment = this.index.segment(segmentId)
      // From now on, since another worker may be there before the file is read.
      if (segment) this.gaps.begin(deviceId, segment.startedAt + segment.wallMs, 'recorder_failed', 'The recorder ended unexpectedly')
      void this.#mender.mend(segmentId)
    }
  }

  heard (message: RecorderFromWorker) {
    switch (message.type) {
      case 'segment_wanted': return void this.#place(message.segment)
      case 'segment_progress': return this.index.transaction(() => { for (const { id, ...rest } of message.segments) if (this.#open.has(id)) this.index.changeSegment(id, rest) })
      case 'segment_closed': return this.#closed(message)
      case 'run_ended': return this.#runEnded(message)
      case 'not_playing': return this.#notPlaying(message)
    }
  }

  async #place (start: SegmentStart) {
    const refuse = (reason: EndReason, detail: string) => { this.o.send(start.deviceId, { type: 'segment_place', id: start.id, place: null, reason, detail }) }
    try {
      await this.#ready
      const chosen = this.#cameras.has(start.deviceId) ? await this.volumes.choose() : { reason: 'policy' as const, detail: 'The camera is not recorded any more' }
      if (this.#stopped || !('volume' in chosen)) return refuse('reason' in chosen ? chosen.reason : 'recorder_stopped', 'detail' in chosen ? chosen.detail : '')
      const { volume } = chosen
      const path = `${start.deviceId}/${new Date(start.startedAt).toISOString().slice(0, 10)}/${start.startedAt}-${start.id}.mp4`
      this.#begin({ ...start, wallMs: 0, mediaMs: 0, frames: 0, keyFrames: 0, bytes: 0, sha256: null, volumeId: volume.id, path, status: 'open', endReason: null, refilled: false, detail: null })
      const facts: SegmentFacts = { ...start, volumeId: volume.id, refilled: false }
      const there = this.o.send(start.deviceId, { type: 'segment_place', id: start.id, place: { file: join(volume.place.path, path), facts: JSON.stringify(facts) }, reason: 'policy', detail: '' })
      if (!there) {
        this.#open.delete(start.id)
        await this.#mender.mend(start.id)
      }
    } catch (err) {
      this.o.log.error({ err, deviceId: start.deviceId }, 'no place could be found for a segment')
      refuse('disk_failed', (err as Error).message.slice(0, 300))
    }
  }

  /** The row first, then the file. */
  #begin (segment: Segment) {
    const camera = this.#cameras.get(segment.deviceId)
    this.index.transaction(() => {
      if (camera?.runId !== segment.runId) {
        const before = this.index.last(segment.deviceId)
        this.gaps.end(segment.deviceId, segment.startedAt, before && before.startedAt + before.wallMs)
      }
      this.index.addSegment(segment)
    })
    if (camera) camera.runId = segment.runId
    this.#open.set(segment.id, segment.deviceId)
  }

  #closed ({ segment: { id, ...progress }, sha256, detail }: Extract<RecorderFromWorker, { type: 'segment_closed' }>) {
    if (!this.#open.delete(id)) return
    if (sha256 === null || progress.frames === 0) {
      this.o.log.warn({ segmentId: id, detail }, 'a segment could not be closed and is read again')
      return void this.#mender.mend(id)
    }
    this.index.changeSegment(id, { ...progress, sha256, status: 'closed' })
  }

  #runEnded ({ deviceId, segmentId, at, reason, failure, detail }: Extract<RecorderFromWorker, { type: 'run_ended' }>) {
    const camera = this.#cameras.get(deviceId)
    if (camera) camera.runId = null
    const segment = this.index.segment(segmentId)
    if (segment && ['disk_full', 'disk_failed', 'disk_slow', 'volume_missing'].includes(reason)) this.volumes.failed(segment.volumeId, reason, detail)
    this.index.transaction(() => {
      if (segment) this.index.changeSegment(segmentId, { endReason: reason, ...(segment.status === 'open' ? { wallMs: Math.max(1, at - segment.startedAt) } : {}) })
      // Planned ends have told their gap already, from now on; it began with the last picture.
      this.gaps.begin(deviceId, at, camera ? causeOfEnd(reason, failure) : 'disabled', detail || failure?.detail || '')
    })
  }

  #notPlaying ({ deviceId, at, failure }: Extract<RecorderFromWorker, { type: 'not_playing' }>) {
    const open = this.index.openGap(deviceId)
    const cause = causeOfFailure(failure)
    // This agent is back: what is missing since its start has the camera's own cause.
    if (open?.cause === 'agent_down' && failure) this.gaps.turn(deviceId, Math.max(open.from, this.#startedAt), cause, failure.detail)
    else this.gaps.begin(deviceId, at, cause, failure?.detail ?? '')
  }

  #tick () {
    const now = this.o.clock.now()
    for (const [id, camera] of this.#cameras) {
      if (camera.events.length > 0) camera.events = camera.events.filter(e => e.to === null || e.to > now - EVENTS_KEPT_MS)
      if (this.#ready && camera.plan.policy.mode !== 'continuous' && camera.plan.policy.mode !== 'off') this.#decide(id, camera)
    }
  }

  /** For cameras that are recorded on events. */
  event (deviceId: string, event: RecordEvent) {
    const camera = this.#cameras.get(deviceId)
    if (!camera) return
    const lasting = event.to === null ? undefined : camera.events.find(e => e.from === event.from)
    if (lasting) lasting.to = event.to
    else camera.events.push(event)
    this.#decide(deviceId, camera)
  }

  /** The server asks for what it does not have: up to `cursor` it has all. */
  changesAfter (indexId: string | null, cursor: number, limit: number): RecordingFacts {
    this.#heardAt = this.o.clock.now()
    if (indexId === this.index.indexId) this.#replicated = cursor
    return this.index.changesAfter(indexId, cursor, limit)
  }
  #replicated = 0
  get position () { return { indexId: this.index.indexId, cursor: this.index.cursor } }

  /** @throws Error with a `code` when something else lies there. */
  async initVolume (plan: VolumePlan) {
    await initialise(plan.place.path, plan.id, this.o.clock.now())
    const { bsize, blocks, bavail } = await statfs(plan.place.path)
    return { id: plan.id, totalBytes: bsize * blocks, freeBytes: bsize * bavail }
  }

  pollNow () {}
  processes () { return [] }

  async stop () {
    this.#stopped = true
    for (const timer of this.#timers) clearInterval(timer)
    await Promise.all([this.#ready, this.o.workersGone()])
    await this.#keeper?.stop()
    this.index.close()
  }
}

