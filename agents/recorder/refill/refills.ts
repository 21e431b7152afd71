/**
 * The agent's side of refilling: which absence is fetched next, where its segments go, and what is left of the absence. One a camera and
 * few an agent, never while a camera's live recording is in trouble; whatever happens, what came is whole, indexed and cut out of the gap.
 */
import { join } from 'node:path'
import type { Clock } from '../../../lib/clock.js'
import type { Log } from '../../../lib/log.js'
import { type SupervisedChild, superviseChild } from '../../../lib/supervise.js'
import { childModule } from '../../../lib/child-module.js'
import type { PlanDevice } from '../../../server/contract/agent-link.js'
import type { EndReason, Gap, GapRefill, Segment } from '../../../server/contract/recording.js'
import type { RecordingIndex } from '../index-db.js'
import type { SegmentStart } from '../messages.js'
import { recoverSegment, type SegmentFacts } from '../recovery.js'
import type { Volumes } from '../volumes.js'
import { type FromRefill, type RefillJob, type RefillLimits, type RefillOutcome, type ToRefill, usualLimits } from './messages.js'
import { concludeRefill, cutGap, settleRefills } from './remains.js'
import { AUTOMATIC_MS, isDue, newRefill, refusal, type Stretch, without } from './rules.js'

const LOOK_MS = 2000
const AT_ONCE = 2
/** How much of the absence is fetched in one try: the rest has its turn after the others. */
const LONGEST_TRY_MS = 6 * 3_600_000
const NEIGHBOUR_MS = 5000

export interface RefillsOptions {
  index: RecordingIndex
  volumes: Volumes
  clock: Clock
  log: Log
  /** The recorder has mended what an earlier run left. */
  ready: Promise<void>
  limits?: Partial<RefillLimits>
  lookMs?: number
}
interface Running { gap: Gap, device: PlanDevice, child: SupervisedChild, open: Map<string, Segment>, closing: Promise<void>, over: boolean, outcome: RefillOutcome | null, givenUp: boolean, late: NodeJS.Timeout | null }

export class Refills {
  #devices = new Map<string, PlanDevice>()
  /** By gap: over, and perhaps to be fetched. */
  readonly #candidates = new Map<string, Gap>()
  #seenChange = 0
  readonly #running = new Map<string, Running>()
  readonly #timer: NodeJS.Timeout
  #ready = false
  #stopped = false

  constructor (private readonly o: RefillsOptions) {
    this.#timer = setInterval(() => this.#look(), o.lookMs ?? LOOK_MS)
    this.#timer.unref()
    void o.ready.then(() => {
      if (this.#stopped) return
      settleRefills(o.index, o.clock.now())
      this.#ready = true
    }).catch((err: unknown) => o.log.error({ err }, 'refilling could not begin'))
  }

  plan (devices: readonly PlanDevice[]) {
    this.#devices = new Map(devices.filter(d => d.kind === 'camera').map(d => [d.id, d]))
    for (const run of this.#running.values()) if (!this.#devices.get(run.device.id)?.recording) this.#giveUp(run)
  }

  processes () { return [...this.#running.values()].map(run => ({ name: 'refill', alive: run.child.alive, restarts: 0 })) }

  /** A person asks. @throws Error with a `code` when nothing can come of it. */
  ask (gapId: string) {
    const { index, clock } = this.o
    const gap = index.gap(gapId)
    if (!gap) throw Object.assign(new Error('There is no such gap any more.'), { code: 'gap_unknown' })
    if (this.#running.has(gapId)) return
    const refused = refusal(gap, { now: clock.now(), policy: this.#policyOf(gap), onvif: this.#hasOnvif(gap) })
    if (refused) throw Object.assign(new Error('This absence cannot be filled from the camera.'), { code: refused })
    const refill: GapRefill = { ...newRefill({ from: gap.from, to: gap.to! }, clock.now(), true), ...(gap.refill ? { from: gap.refill.from, to: gap.refill.to } : {}) }
    index.changeGap(gapId, { refill })
    this.#candidates.set(gapId, { ...gap, refill })
    this.#look()
  }

  #policyOf (gap: Gap) { return this.#devices.get(gap.deviceId)?.recording?.policy ?? null }
  #hasOnvif (gap: Gap) { return Boolean(this.#devices.get(gap.deviceId)?.camera?.onvif) }

  #look () {
    if (!this.#ready || this.#stopped) return
    const { index, clock, log } = this.o
    try {
      const now = clock.now()
      for (const gap of index.gapsChangedAfter(this.#seenChange, now - AUTOMATIC_MS)) this.#candidates.set(gap.id, gap)
      this.#seenChange = index.cursor
      for (const run of this.#running.values()) if (!this.#isLive(run.device.id)) this.#giveUp(run)
      for (const gap of [...this.#candidates.values()].sort((a, b) => a.from - b.from)) {
        if (this.#isOver(gap, now)) this.#candidates.delete(gap.id)
        else if (this.#running.size < AT_ONCE && this.#mayStart(gap, now)) this.#start(gap, now)
      }
    } catch (err) { log.error({ err }, 'looking for absences to be filled failed') }
  }

  #isOver (gap: Gap, now: number) {
    if (gap.to === null) return false
    if (gap.to <= gap.from || gap.refill?.status === 'done' || gap.refill?.status === 'failed') return true
    return !gap.refill?.asked && now - gap.to > AUTOMATIC_MS
  }

  #mayStart (gap: Gap, now: number) {
    if ([...this.#running.values()].some(r => r.device.id === gap.deviceId)) return false
    return isDue(gap, { now, policy: this.#policyOf(gap), playing: this.#isLive(gap.deviceId), onvif: this.#hasOnvif(gap) }) && this.o.volumes.recordedTo().some(v => this.o.volumes.statusOf(v.id) === 'ok')
  }

  /** Its live recording goes on, so the camera has something to spare. Recording on events rests most of the time. */
  #isLive (deviceId: string) {
    const { index } = this.o
    const mode = this.#devices.get(deviceId)?.recording?.policy.mode
    if (mode === undefined) return false
    const open = index.openGap(deviceId)
    return open === null ? index.all(`SELECT 1 FROM segments WHERE device_id = ? AND status = 'open' AND refilled = 0 LIMIT 1`, deviceId).length > 0 : ['no_event', 'not_scheduled'].includes(open.cause)
  }

  #start (gap: Gap, now: number) {
    const { index, clock, log, limits } = this.o
    const device = this.#devices.get(gap.deviceId)!
    const { policy } = device.recording!
    const to = Math.min(gap.to!, gap.from + LONGEST_TRY_MS)
    const parts = without({ from: gap.from, to }, this.#recordedIn({ deviceId: gap.deviceId, from: gap.from, to }))
    const refill: GapRefill = { ...gap.refill ?? newRefill({ from: gap.from, to: gap.to! }, now, false), status: 'running', percent: 0, at: now, nextAt: null }
    index.changeGap(gap.id, { refill })
    // Told as missing, and there all the same.
    if (parts.length === 0) {
      cutGap(index, gap.id, this.#recordedIn({ deviceId: gap.deviceId, from: gap.from, to }))
      return concludeRefill(index, { id: gap.id, to }, { reason: null, detail: '', seen: [] }, now)
    }
    const job: RefillJob = { device, parts, neighbours: this.#neighbours(gap), profile: policy.profile, audio: policy.audio, limits: { ...usualLimits, ...limits } }
    let run: Running | null = null
    const child = superviseChild({
      name: 'refill', module: childModule(import.meta.url, './worker'), log,
      onMessage: message => { if (run) this.#heard(run, message as FromRefill) },
      onExit: () => {
        if (run) void this.#over(run, run.outcome ?? { reason: 'failed', detail: 'The process that fetched it ended unexpectedly', seen: [] })
        return false
      }
    })
    run = { gap: { ...gap, to, refill }, device, child, open: new Map(), closing: Promise.resolve(), over: false, outcome: null, givenUp: false, late: null }
    this.#running.set(gap.id, run)
    child.send({ type: 'start', job } satisfies ToRefill)
    // The child keeps its own time; one that hangs is ended a little later.
    const total = parts.reduce((sum, p) => sum + p.to - p.from, 0)
    run.late = setTimeout(() => { if (run && !run.over) void child.stop().then(() => this.#over(run!, { reason: 'timed_out', detail: 'It took too long', seen: [] })) }, Math.max(job.limits.leastMs, total * job.limits.longest) + 30_000)
    run.late.unref()
    log.info({ deviceId: gap.deviceId, from: gap.from, to: gap.to, at: clock.now() }, 'an absence is being filled from the camera\'s card')
  }

  #recordedIn (gap: { deviceId: string, from: number, to: number }): Stretch[] {
    return this.o.index.overlapping(gap.deviceId, gap.from, gap.to).filter(s => !['deleted', 'missing', 'damaged'].includes(s.status)).map(s => ({ from: s.startedAt, to: s.status === 'open' ? Number.MAX_SAFE_INTEGER : s.startedAt + s.wallMs }))
  }

  /** Our own files right before and after it, where they can be read. */
  #neighbours (gap: Gap): string[] {
    const { index, volumes } = this.o
    const file = (s: Segment | undefined) => s && !s.refilled && s.status !== 'open' && ['closed', 'archived', 'damaged'].includes(s.status) ? volumes.fileOf(s.volumeId, s.path) : null
    const around = index.overlapping(gap.deviceId, gap.from - NEIGHBOUR_MS, gap.to! + NEIGHBOUR_MS)
    // What comes after is still being written, mostly: its whole batches can be read all the same.
    const after = around.find(s => s.startedAt >= gap.to! && !s.refilled)
    return [file(around.filter(s => s.startedAt < gap.from).at(-1)), after ? volumes.fileOf(after.volumeId, after.path) : null].filter(f => f !== null && f !== undefined)
  }

  #giveUp (run: Running) {
    if (run.givenUp || run.over) return
    run.givenUp = true
    run.child.send({ type: 'give_up' } satisfies ToRefill)
  }

  /** One after another, in the order of the messages. */
  #then (run: Running, work: () => void | Promise<void>) {
    run.closing = run.closing.then(work).catch(err => { this.o.log.error({ err, gap: run.gap.id }, 'a refilled segment could not be kept') })
  }

  #heard (run: Running, message: FromRefill) {
    const { index, clock } = this.o
    switch (message.type) {
      case 'segment_wanted': return this.#then(run, () => this.#place(run, message.segment))
      case 'segment_progress': case 'not_playing': return
      case 'segment_closed': return this.#then(run, () => this.#closed(run, message))
      case 'run_ended': {
        const segment = run.open.get(message.segmentId)
        if (segment) segment.endReason = message.reason
        index.changeSegment(message.segmentId, { endReason: message.reason })
        return
      }
      case 'refill_progress': {
        const gap = index.gap(run.gap.id)
        if (gap?.refill?.status === 'running' && gap.refill.percent !== message.percent) index.changeGap(gap.id, { refill: { ...gap.refill, percent: message.percent, at: clock.now() } })
        return
      }
      case 'refill_over': return void this.#over(run, message.outcome)
    }
  }

  /** The row first, then the file: as for every segment. */
  async #place (run: Running, start: SegmentStart) {
    const { index, volumes, log } = this.o
    const answer = (place: { file: string, facts: string } | null, reason: EndReason, detail: string) => { run.child.send({ type: 'segment_place', id: start.id, place, reason, detail } satisfies ToRefill) }
    if (run.over || this.#stopped) return
    try {
      const chosen = await volumes.choose()
      if (!('volume' in chosen)) return answer(null, chosen.reason, chosen.detail)
      const { volume } = chosen
      const path = `${start.deviceId}/${new Date(start.startedAt).toISOString().slice(0, 10)}/${start.startedAt}-${start.id}.mp4`
      const segment: Segment = { ...start, wallMs: 0, mediaMs: 0, frames: 0, keyFrames: 0, bytes: 0, sha256: null, volumeId: volume.id, path, status: 'open', endReason: null, refilled: true, detail: null }
      index.addSegment(segment)
      run.open.set(start.id, segment)
      const facts: SegmentFacts = { ...start, volumeId: volume.id, refilled: true }
      answer({ file: join(volume.place.path, path), facts: JSON.stringify(facts) }, 'policy', '')
    } catch (err) {
      log.error({ err, deviceId: start.deviceId }, 'no place could be found for a refilled segment')
      answer(null, 'disk_failed', (err as Error).message.slice(0, 300))
    }
  }

  #closed (run: Running, { segment: { id, ...progress }, sha256 }: Extract<FromRefill, { type: 'segment_closed' }>) {
    const { index } = this.o
    const segment = run.open.get(id)
    if (!segment) return
    if (sha256 === null) return
    run.open.delete(id)
    const wallMs = Math.max(1, Math.min(progress.wallMs, run.gap.to! - segment.startedAt))
    index.transaction(() => {
      index.changeSegment(id, { ...progress, wallMs, sha256, status: 'closed' })
      cutGap(index, run.gap.id, [{ from: segment.startedAt, to: segment.startedAt + wallMs }])
    })
  }

  async #over (run: Running, outcome: RefillOutcome) {
    if (run.over) return
    run.outcome ??= outcome
    run.over = true
    if (run.late) clearTimeout(run.late)
    const { index, volumes, clock, log } = this.o
    await run.closing
    try {
      for (const segment of run.open.values()) {
        const mended = await recoverSegment(index, volumes, segment, () => volumes.isThereNow(segment.volumeId))
        if (mended?.status === 'closed') index.transaction(() => cutGap(index, run.gap.id, [{ from: mended.startedAt, to: mended.startedAt + mended.wallMs }]))
      }
      if (!this.#stopped) concludeRefill(index, run.gap, outcome, clock.now())
    } catch (err) { log.error({ err, gap: run.gap.id }, 'what was filled could not be settled; the next start does it') }
    this.#running.delete(run.gap.id)
    log.info({ deviceId: run.device.id, gap: run.gap.id, reason: outcome.reason, detail: outcome.detail, at: clock.now() }, 'filling an absence from the camera\'s card is over')
  }

  /** What is being fetched is given up; it goes on at the next start. */
  async stop () {
    this.#stopped = true
    clearInterval(this.#timer)
    await Promise.all([...this.#running.values()].map(async run => {
      await run.child.stop()
      await this.#over(run, { reason: 'failed', detail: '', seen: [] })
    }))
  }
}
