/** One try to fill an absence: finds what the camera's card has of it, and writes that as segments of runs of their own. Runs in a process of its own. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '../../../lib/clock.js'
import type { FailureCode } from '../../../server/contract/health.js'
import type { RefillReason } from '../../../server/contract/recording.js'
import { OnvifCamera, targetOf } from '../../onvif/camera-control.js'
import { CardFault, findRecording, replayPath, stretchesOf } from '../../onvif/card.js'
import { CameraFailure } from '../../onvif/failure.js'
import { chooseProfiles } from '../../onvif/profiles.js'
import type { RtspTarget } from '../../rtsp/client.js'
import { RtspFault } from '../../rtsp/fault.js'
import type { MediaFragment, MediaInit } from '../../rtsp/pull.js'
import { startReplay } from '../../rtsp/replay.js'
import type { RecorderFromWorker } from '../messages.js'
import { RecordingTap } from '../tap.js'
import { measureOffset } from './align.js'
import type { FromRefill, RefillJob, RefillOutcome } from './messages.js'
import { common, type Stretch } from './rules.js'
import { TrimmingSink } from './trim.js'

const LOOK_MS = 250
const TELL_MS = 2000
const CLOSE_MS = 15_000
const DONE_WITHIN_MS = 3000

class RefillFault extends Error {
  constructor (readonly reason: RefillReason, detail: string) { super(detail) }
}

const unreachable: readonly FailureCode[] = ['address_unresolved', 'connection_refused', 'connection_timeout', 'network_unreachable', 'timeout', 'connection_reset', 'answered_too_slowly']
function reasonOf (error: unknown): { reason: RefillReason, detail: string } {
  if (error instanceof RefillFault) return { reason: error.reason, detail: error.message }
  if (error instanceof CardFault) return { reason: error.code, detail: error.message }
  if (error instanceof CameraFailure || error instanceof RtspFault) {
    const { code, detail } = error
    if (code === 'authentication_failed') return { reason: 'authentication_failed', detail }
    if (code === 'not_permitted') return { reason: 'refused', detail }
    if (code === 'unsupported_codec' || code === 'no_parameter_sets') return { reason: 'codec', detail }
    if (code === 'no_stream' && /\b(453|503)\b/.test(detail)) return { reason: 'camera_busy', detail }
    return { reason: unreachable.includes(code) ? 'unreachable' : 'broken', detail }
  }
  return { reason: 'failed', detail: error instanceof Error ? error.message : 'unknown error' }
}

export interface RunDeps { clock: Clock, tell: (message: FromRefill) => void, signal: AbortSignal, tapMade: (tap: RecordingTap) => void }

export async function runRefill (job: RefillJob, deps: RunDeps): Promise<RefillOutcome> {
  const seen: Stretch[] = []
  const totalMs = job.parts.reduce((sum, p) => sum + p.to - p.from, 0)
  const signal = AbortSignal.any([deps.signal, AbortSignal.timeout(Math.max(job.limits.leastMs, totalMs * job.limits.longest))])
  const writer = new Writer(job, deps)
  try {
    const card = await lookAtCard(job, deps.clock, signal)
    const wanted = card.there ? common(job.parts, card.there) : job.parts
    let doneMs = 0
    for (const part of wanted) {
      await fetchPart(part, { job, card, writer, signal, seen, told: ms => deps.tell({ type: 'refill_progress', percent: Math.min(99, Math.floor((doneMs + ms) / totalMs * 100)) }) })
      doneMs += part.to - part.from
    }
    await writer.close()
    return { reason: null, detail: wanted.length === 0 ? 'The card has nothing of this time' : '', seen }
  } catch (error) {
    await writer.close()
    if (deps.signal.aborted) return { reason: 'camera_busy', detail: 'Given up for what is live', seen }
    if (signal.aborted) return { reason: 'timed_out', detail: 'It took too long', seen }
    return { ...reasonOf(error), seen }
  }
}

interface FoundCard { target: RtspTarget, offsetMs: number, there: Stretch[] | null }

async function lookAtCard ({ device, parts, neighbours, limits }: RefillJob, clock: Clock, signal: AbortSignal): Promise<FoundCard> {
  const control = new OnvifCamera(targetOf(device), { clock, deadlineMs: 10_000 })
  const { offsetMs } = await control.time({ signal })
  if (offsetMs === null) throw new RefillFault('clock_unknown', 'The camera does not tell its time')
  const { main, sub } = chooseProfiles(await control.profiles({ signal }))
  const recording = await findRecording(control, [main, sub].flatMap(p => p ? [p.token] : []), { signal })
  if (!recording) throw new RefillFault('card_empty', 'The card is empty')
  const from = parts[0]!.from
  const to = parts.at(-1)!.to
  const marginMs = 5000
  const known = await stretchesOf(control, recording, from + offsetMs - marginMs, to + offsetMs + marginMs, { signal })
    ?? (recording.from !== null && recording.to !== null ? [{ from: recording.from, to: Math.max(recording.to, to + offsetMs) }] : null)
  const { port, path } = await replayPath(control, recording, device.camera!.rtsp.port, { signal })
  const login = device.credential?.kind === 'password' ? { username: device.credential.username, password: device.credential.password } : null
  const target = { host: device.address, port, path, login }
  const exact = known?.length === 0 ? null : await measureOffset({ target, neighbours, aboutMs: offsetMs, bytesPerS: limits.bytesPerS, signal })
  const off = exact ?? offsetMs
  return { target, offsetMs: off, there: known?.map(s => ({ from: s.from - off, to: s.to - off })) ?? null }
}

/** The tap that live recording uses, on the card's time. */
class Writer {
  private at = 0
  private readonly tap: RecordingTap
  /** A disk refused. */
  fault: RefillFault | null = null

  constructor (job: RefillJob, deps: RunDeps) {
    const tell = (message: RecorderFromWorker) => {
      if (message.type === 'run_ended' && ['disk_full', 'disk_failed', 'disk_slow', 'volume_missing', 'policy', 'recorder_stopped'].includes(message.reason)) this.fault = new RefillFault('no_room', message.detail)
      deps.tell(message)
    }
    this.tap = new RecordingTap({ deviceId: job.device.id, time: { wall: () => this.at, mono: () => this.at }, tell })
    this.tap.setOrder({ profile: job.profile, audio: job.audio, on: true, preRollMs: 0 })
    deps.tapMade(this.tap)
  }

  init (init: MediaInit) { this.tap.init(init) }
  fragment (fragment: MediaFragment) {
    this.at = Math.max(this.at, fragment.atMs)
    this.tap.fragment(fragment)
  }
  endRun () { this.tap.close('refill_over') }
  /** Until all of it is on the disk. */
  async close () {
    this.endRun()
    for (const until = performance.now() + CLOSE_MS; this.tap.progress().length > 0 && performance.now() < until;) await wait(20)
  }
}

interface FetchContext { job: RefillJob, card: FoundCard, writer: Writer, signal: AbortSignal, seen: Stretch[], told: (ms: number) => void }

async function fetchPart (part: Stretch, { job, card, writer, signal, seen, told }: FetchContext) {
  let fault: RefillFault | null = null
  let reached = false
  const trim = new TrimmingSink(part, writer, {
    reached: () => { reached = true; replay.close() },
    strange: (detail, later) => {
      // Without a history of the card nobody said that there is something: it simply goes on with what it has next.
      if (later && !card.there) reached = true
      else fault = new RefillFault('wrong_times', detail)
      replay.close()
    }
  })
  const replay = startReplay({ target: card.target, from: part.from + card.offsetMs, to: part.to + card.offsetMs, offsetMs: card.offsetMs, sink: trim, bytesPerS: job.limits.bytesPerS, silentMs: job.limits.silentMs, signal })
  const startedMs = performance.now()
  let toldMs = startedMs
  const watch = setInterval(() => {
    const now = performance.now()
    const doneMs = (trim.lastAt ?? part.from) - part.from
    if (writer.fault) { fault = writer.fault; return replay.close() }
    if (now - startedMs > job.limits.slowAfterMs && doneMs < (now - startedMs) * job.limits.slowest) {
      fault = new RefillFault('too_slow', `Only ${(doneMs / 1000).toFixed(0)} s of recording came in ${((now - startedMs) / 1000).toFixed(0)} s`)
      return replay.close()
    }
    if (now - toldMs < TELL_MS) return
    toldMs = now
    told(doneMs)
  }, LOOK_MS)
  const ended = await replay.ended
  clearInterval(watch)
  writer.endRun()
  if (trim.seenFrom !== null && trim.seenTo !== null) seen.push({ from: trim.seenFrom, to: trim.seenTo })
  if (fault) throw fault as RefillFault
  signal.throwIfAborted()
  // 457 Invalid Range: it has nothing there, whatever its list says.
  if (ended !== 'end' && /\b457\b/.test(ended.detail)) return
  // A camera that closes or falls silent without a word where the part ends has given it all.
  if (!reached && ended !== 'end' && !(['connection_reset', 'stream_stalled'].includes(ended.code) && (trim.lastAt ?? 0) >= part.to - DONE_WITHIN_MS)) throw ended
}
