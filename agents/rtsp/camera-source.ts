import type { Failure, StreamProfile } from '../../server/contract/health.js'
import type { RtspTarget } from './client.js'
import type { RtspFault } from './fault.js'
import { type Flow, FlowMeter } from './flow-meter.js'
import { PictureGroup, toAnnexB } from './group.js'
import type { MediaFragment, MediaInit, Pull, PullSink } from './pull.js'
import { afterEnd, type Attempts, delayMs, firstAttempt, PROVEN_MS, wantsOwnAgain } from './reconnect.js'
import type { Time } from './timeline.js'

export interface SourceSpec {
  deviceId: string
  profile: StreamProfile
  target: RtspTarget
  client: 'auto' | 'ffmpeg'
  /** Pulled without viewers too. */
  always: boolean
}
type SourceStatus = 'connecting' | 'playing' | 'stalled' | 'failed' | 'stopped'
export interface SourceState { status: SourceStatus, client: 'own' | 'ffmpeg', failure: Failure | null, init: MediaInit | null }
/** Who gets the frames. A slow viewer must drop on its own: nothing here waits. */
export interface Viewer { state (state: SourceState): void, init (init: MediaInit): void, fragment (fragment: MediaFragment): void }
export interface KeyFrame { codec: 'h264' | 'h265', annexB: Buffer, atMs: number }
export type StartPull = (target: RtspTarget, sink: PullSink, time: Time, epochMs: number) => Pull

/** Kept open after the last viewer has gone. */
const LINGER_MS = 10_000
/** A camera that is there has sent its first picture by then, or is about to fail in some other way. */
const HANGING_MS = 1000
/** A stream that breaks again and again must not be hurried out of its pauses each time. */
const HURRY_EVERY_MS = 10_000

/** ONE upstream connection for a camera's stream, shared by viewers, statistics and snapshots; it comes back by itself. */
export class CameraSource {
  private viewers = new Set<Viewer>()
  private pull: Pull | null = null
  private attempts: Attempts
  private current: SourceState
  private readonly group = new PictureGroup()
  private readonly meter = new FlowMeter()
  private readonly epochMs: number
  private nextMs = 0
  private connectedMs = 0
  private hurriedMs = -HURRY_EVERY_MS
  private unwatchedMs: number
  private playingMs = -1
  private lost = 0
  private packets = 0
  private reconnects = 0
  private run = 0
  private retired = false

  constructor (readonly spec: SourceSpec, private readonly clients: { own: StartPull, ffmpeg: StartPull }, private readonly time: Time,
    private readonly changed: (source: CameraSource) => void, private readonly random: () => number = Math.random) {
    this.epochMs = time.mono()
    this.unwatchedMs = -LINGER_MS
    this.attempts = firstAttempt(spec.client)
    this.current = { status: 'stopped', client: this.attempts.client, failure: null, init: null }
  }

  get state (): SourceState { return this.current }

  /** State, init and the group of pictures in memory at once; then whatever comes. Returns the way out. */
  watch (viewer: Viewer): () => void {
    this.viewers.add(viewer)
    this.tick()
    viewer.state(this.current)
    if (this.current.init && this.current.status === 'playing') {
      viewer.init(this.current.init)
      for (const fragment of this.group.current()) viewer.fragment(fragment)
    }
    return () => {
      if (this.viewers.delete(viewer)) this.unwatchedMs = this.time.mono()
    }
  }

  /** Looks at the clock: connects when due, ends what is stalled or no longer wanted. Call a few times a second. */
  tick () {
    if (this.retired) return
    const now = this.time.mono()
    const wanted = this.spec.always || this.viewers.size > 0 || now - this.unwatchedMs < LINGER_MS
    if (!wanted) return this.stop()
    if (this.pull) {
      this.pull.check()
      if (this.spec.client === 'auto' && wantsOwnAgain(this.attempts, now)) this.pull.close()
    } else if (now >= this.nextMs) this.connect()
  }

  /**
   * Somebody has reason to think that the camera is back: tries now, gives up an attempt that hangs from before, and begins with short pauses anew.
   * A stream that plays is left alone, and so is a camera that refuses the password, since it counts the attempts.
   */
  hurry () {
    const now = this.time.mono()
    if (this.retired || this.playingMs >= 0 || this.current.failure?.code === 'authentication_failed') return
    if (now - this.hurriedMs < HURRY_EVERY_MS || (this.pull && now - this.connectedMs < HANGING_MS)) return
    this.hurriedMs = now
    this.run++
    this.pull?.close()
    this.pull = null
    this.attempts = { ...this.attempts, failures: 0 }
    this.nextMs = 0
    this.tick()
  }

  /** The camera is no longer to be read: viewers are told, and nothing starts it again. */
  retire () {
    this.retired = true
    this.stop()
  }

  private stop () {
    this.run++
    this.pull?.close()
    this.pull = null
    this.nextMs = 0
    this.group.clear()
    this.meter.reset()
    this.playingMs = -1
    if (this.current.status !== 'stopped') this.become({ ...this.current, status: 'stopped', failure: null, init: null })
  }

  /** Since the last call. */
  measure (): Flow & { packetsLost: number, packets: number, reconnects: number } {
    return { ...this.meter.read(this.time.mono()), packetsLost: this.lost + (this.pull?.stats().packetsLost ?? 0), packets: this.packets + (this.pull?.received?.() ?? 0), reconnects: this.reconnects }
  }

  keyFrame (): KeyFrame | null {
    const fragment = this.group.lastKey()
    const video = this.current.init?.video
    return fragment && video ? { codec: video.kind, annexB: toAnnexB(fragment, video), atMs: fragment.atMs } : null
  }

  private connect () {
    const run = ++this.run
    const { client } = this.attempts
    this.connectedMs = this.time.mono()
    if (this.current.status === 'stopped') this.become({ status: 'connecting', client, failure: null, init: null })
    this.playingMs = -1
    const pull = this.clients[client](this.spec.target, {
      init: init => { if (run === this.run) this.begin(init) },
      fragment: fragment => { if (run === this.run) this.deliver(fragment, client) }
    }, this.time, this.epochMs)
    this.pull = pull
    void pull.ended.then(fault => { if (run === this.run) this.finished(fault, pull) })
  }

  private begin (init: MediaInit) {
    this.group.clear()
    this.current = { ...this.current, init }
    // Before the first frame nobody is told: the stream is not yet known to play.
    if (this.playingMs >= 0) this.announceInit(init)
  }

  private announceInit (init: MediaInit) {
    this.become(this.current)
    for (const viewer of this.viewers) viewer.init(init)
  }

  private deliver (fragment: MediaFragment, client: 'own' | 'ffmpeg') {
    const now = this.time.mono()
    if (this.playingMs < 0) {
      const { init } = this.current
      if (!fragment.key || !init) return
      this.playingMs = now
      this.current = { status: 'playing', client, failure: null, init }
      this.announceInit(init)
    }
    this.meter.frame(fragment.bytes.length, fragment.key, fragment.audio, now)
    this.group.add(fragment)
    for (const viewer of this.viewers) viewer.fragment(fragment)
  }

  private finished (fault: RtspFault, pull: Pull) {
    const now = this.time.mono()
    const playedMs = this.playingMs < 0 ? 0 : now - this.playingMs
    this.lost += pull.stats().packetsLost
    this.packets += pull.received?.() ?? 0
    this.reconnects++
    this.pull = null
    this.playingMs = -1
    this.meter.reset()
    const before = this.attempts.client
    this.attempts = afterEnd(this.attempts, fault.code, playedMs, this.spec.client, now)
    this.nextMs = now + (before === this.attempts.client || playedMs < PROVEN_MS ? delayMs(this.attempts.failures, fault.code, this.random()) : 0)
    this.group.clear()
    this.become({ status: fault.code === 'stream_stalled' ? 'stalled' : 'failed', client: before, failure: fault.toFailure(), init: null })
  }

  private become (state: SourceState) {
    this.current = state
    for (const viewer of this.viewers) viewer.state(state)
    this.changed(this)
  }
}
