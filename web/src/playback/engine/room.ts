/** All cameras of the playback page on one clock: play, pause, seek, step, speed. Screens read `status`, people's wishes come in as calls. */
import type { GapCause } from '../../../../server/contract/recording.js'
import { hasWebCodecs } from '../../live-video/codecs.js'
import { decodesSound } from '../../live-video/sound-decoder.js'
import { type CameraFailure, PlaybackCamera } from './camera.js'
import { aheadUntil, type MediaClock, mediaAt, sameWay, steered, wayOf } from './clock.js'
import { heldAt, type KnownGap, pace, type Standing } from './pace.js'
import { measureSkew, noSkew, type Skew } from './skew.js'

export interface CameraView {
  is: Standing['is'] | 'connecting'
  /** Of the picture on the glass, whatever its age. */
  shownAt: number | null
  /** It is not the picture of the clock's moment. */
  old: boolean
  gap: KnownGap | null
  failure: CameraFailure | null
  transcoded: boolean
  masked: boolean
  kind: 'webcodecs' | 'mse'
  /** `unplayable`: recorded, but not for this browser. */
  sound: 'none' | 'unplayable' | 'there'
}
export interface Skipped { from: number, to: number, cause: GapCause | null }
export interface RoomStatus {
  playing: boolean
  rate: number
  atMs: number
  /** Wants to run, but somebody's picture is not there yet. */
  holding: boolean
  over: boolean
  skipped: Skipped | null
  cameras: ReadonlyMap<string, CameraView>
  /** Without WebCodecs: forward, up to 4x. */
  limited: boolean
  /** The camera whose sound is wanted. */
  soundOf: string | null
}

/** A picture that runs further than this between two looks was asleep: the clock did not go on then, ms. */
const ASLEEP_MS = 250
const TELL_EVERY_MS = 100
const SKIP_NOTE_MS = 6000

export class PlaybackRoom {
  private clock: MediaClock
  private readonly cameras = new Map<string, PlaybackCamera>()
  private playing = false
  private toldGaps: ReadonlyMap<string, readonly KnownGap[]> = new Map()
  private heldSince: number | null = null
  private over = false
  private skipped: (Skipped & { until: number }) | null = null
  private lastTick = 0
  private lastMediaMs = 0
  private toldAt = 0
  private raf = 0
  private dirty = true
  private snapshot: RoomStatus
  private skew: Skew = noSkew
  private soundOf: string | null = null
  private readonly standings = new Map<string, Standing>()
  private readonly listeners = new Set<() => void>()
  /** performance.now() of the last wish for another moment; measurements read it. */
  askedAt = 0

  constructor (atMs: number) {
    this.clock = { mediaMs: atMs, anchoredAt: performance.now(), rate: 1, running: false }
    this.snapshot = this.read()
  }

  /** Begins to look at the clock; the answer ends it. */
  start () {
    const tick = () => { this.raf = requestAnimationFrame(tick); this.tick(performance.now()) }
    this.raf = requestAnimationFrame(tick)
    this.lastTick = performance.now()
    return () => cancelAnimationFrame(this.raf)
  }
  readonly subscribe = (listener: () => void) => { this.listeners.add(listener); return () => { this.listeners.delete(listener) } }
  readonly status = () => this.snapshot
  now () { return mediaAt(this.clock, performance.now()) }
  skewNow () { return this.skew }
  cameraList () { return [...this.cameras.values()] }

  attach (deviceId: string, canvas: HTMLCanvasElement, video: HTMLVideoElement) {
    const camera = new PlaybackCamera(deviceId, canvas, video, () => { this.dirty = true })
    camera.told = this.toldGaps.get(deviceId) ?? []
    this.cameras.set(deviceId, camera)
    this.ask(camera)
    return () => {
      camera.close()
      if (this.cameras.get(deviceId) === camera) { this.cameras.delete(deviceId); this.standings.delete(deviceId) }
      this.dirty = true
    }
  }

  seek (atMs: number) {
    const now = performance.now()
    this.lastMediaMs = atMs
    this.askedAt = now
    this.clock = { ...steered(this.clock, now, { mediaMs: Math.max(0, Math.round(atMs)), running: false }) }
    this.over = false
    this.skipped = null
    this.askAll()
    this.tell()
  }
  setPlaying (playing: boolean) {
    if (playing === this.playing) return
    this.playing = playing
    this.over = false
    this.heldSince = null
    if (!playing) this.clock = steered(this.clock, performance.now(), { running: false })
    this.tell()
  }
  /** Negative runs back. Without WebCodecs what it cannot do is not done. */
  setRate (rate: number) {
    const allowed = this.limited() ? Math.min(4, Math.abs(rate)) : rate
    if (allowed === this.clock.rate) return
    const before = wayOf(this.clock.rate)
    this.clock = steered(this.clock, performance.now(), { rate: allowed })
    if (!sameWay(before, wayOf(allowed))) { this.over = false; this.askAll() }
    this.tell()
  }
  /** Whose sound is heard while it plays forward at 1x; null: nobody's. */
  setSound (deviceId: string | null) {
    if (deviceId === this.soundOf) return
    this.soundOf = deviceId
    this.tell()
  }
  /** One picture on or back, of this camera; the others show what they have of that moment. `before` leaps over what was not recorded. */
  step (deviceId: string, direction: 1 | -1, before: (atMs: number) => number = at => at) {
    this.setPlaying(false)
    const camera = this.cameras.get(deviceId)
    if (!camera) return
    const shownAt = camera.shown?.atMs ?? this.now()
    if (direction < 0 || wayOf(this.clock.rate).mode === 'keyframes') {
      this.clock = steered(this.clock, performance.now(), { rate: 1 })
      // A millisecond before this picture is the one before it.
      this.seek(direction < 0 ? before(shownAt - 1) : shownAt + 1)
      return
    }
    const next = camera.nextAt() ?? camera.behindGap(shownAt)
    if (next === null) return
    this.askedAt = performance.now()
    this.clock = steered(this.clock, this.askedAt, { mediaMs: next, running: false })
    this.tell()
  }

  /** What the timeline says is missing, by camera. */
  tellGaps (gaps: ReadonlyMap<string, readonly KnownGap[]>) {
    this.toldGaps = gaps
    for (const c of this.cameras.values()) c.told = gaps.get(c.deviceId) ?? []
  }

  private limited () { return !hasWebCodecs() || [...this.cameras.values()].some(c => c.kind === 'mse') }
  private ask (camera: PlaybackCamera) {
    const mediaMs = this.now()
    camera.play(mediaMs, wayOf(this.clock.rate), aheadUntil(mediaMs, this.clock.rate))
  }
  private askAll () {
    this.skew = noSkew
    this.heldSince = null
    for (const camera of this.cameras.values()) this.ask(camera)
  }

  private tick (now: number) {
    const slept = now - this.lastTick
    this.lastTick = now
    // A hidden page gets no ticks: nobody watched, so the clock stood.
    if (slept > ASLEEP_MS && this.clock.running) this.clock = steered({ ...this.clock, mediaMs: this.clock.mediaMs - (slept - ASLEEP_MS) * this.clock.rate }, now, {})
    const { rate } = this.clock
    const mediaMs = mediaAt(this.clock, now)
    const cameras = [...this.cameras.values()]
    for (const c of cameras) this.standings.set(c.deviceId, c.standing(mediaMs, rate, now))
    if (this.playing) this.run(now, mediaMs, cameras)
    const at = mediaAt(this.clock, now)
    this.lastMediaMs = at
    for (const c of cameras) {
      c.want(at, rate)
      c.sound.follow(c.deviceId === this.soundOf && this.clock.running && rate === 1 && this.standings.get(c.deviceId)?.is === 'ready' ? at : null)
      const shown = c.present(at, rate, this.clock.running, now)
      if (shown) { this.skew = measureSkew(this.skew, c.deviceId, shown.lateMs, this.playing, now); this.dirty = true }
    }
    if ((this.dirty || this.clock.running) && now - this.toldAt >= TELL_EVERY_MS) this.tell(now)
  }

  private run (now: number, mediaMs: number, cameras: readonly PlaybackCamera[]) {
    const forward = this.clock.rate > 0
    const { hold, skipTo, over } = pace(cameras.map(c => this.standings.get(c.deviceId)!), forward, this.heldSince === null ? 0 : now - this.heldSince)
    if (hold) this.heldSince ??= now
    else this.heldSince = null
    if (over) { this.setPlaying(false); this.over = true; this.dirty = true; return }
    if (skipTo !== null) {
      const cause = cameras.map(c => this.standings.get(c.deviceId)).find(s => s?.is === 'gap')
      const [from, to] = forward ? [mediaMs, skipTo] : [skipTo, mediaMs]
      this.skipped = { from, to, cause: cause?.is === 'gap' ? cause.gap.cause : null, until: now + SKIP_NOTE_MS }
      this.clock = steered(this.clock, now, { mediaMs: skipTo })
      this.dirty = true
      return
    }
    if (hold && this.clock.running) {
      // Looks may be far apart on a busy machine: the clock has not gone beyond what the slowest has, or the others would run ahead of it.
      this.clock = steered(this.clock, now, { mediaMs: heldAt(mediaMs, this.lastMediaMs, forward, cameras.filter(c => this.standings.get(c.deviceId)?.is === 'waiting').map(c => c.reach(this.clock.rate))) })
    }
    if (this.clock.running === hold) { this.clock = steered(this.clock, now, { running: !hold }); this.dirty = true }
  }

  private viewOf (camera: PlaybackCamera): CameraView {
    const standing = this.standings.get(camera.deviceId) ?? { is: 'waiting' as const }
    return {
      is: standing.is, shownAt: camera.shown?.atMs ?? null, old: !camera.current || standing.is === 'gap' || standing.is === 'failed', gap: standing.is === 'gap' ? standing.gap : null, failure: camera.failure,
      transcoded: camera.stream?.transcoded ?? false, masked: camera.stream?.masked ?? false, kind: camera.kind,
      sound: !camera.stream?.audioCodec ? 'none' : decodesSound(camera.stream.audioCodec) ? 'there' : 'unplayable'
    }
  }
  private read (): RoomStatus {
    return {
      playing: this.playing, rate: this.clock.rate, atMs: this.now(), holding: this.playing && this.heldSince !== null, over: this.over, skipped: this.skipped, limited: this.limited(), soundOf: this.soundOf,
      cameras: new Map([...this.cameras].map(([id, c]) => [id, this.viewOf(c)]))
    }
  }
  private tell (now = performance.now()) {
    this.toldAt = now
    this.dirty = false
    if (this.skipped && now > this.skipped.until) this.skipped = null
    this.snapshot = this.read()
    for (const listener of this.listeners) listener()
  }
}
