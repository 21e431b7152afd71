import type { MaskRegion } from '../../server/contract/footage.js'
import type { Failure } from '../../server/contract/health.js'
import type { CameraSource, SourceState, Viewer } from './camera-source.js'
import { faultOf } from './fault.js'
import { type Ffmpeg, fragmentsToStdout, startFfmpeg } from './ffmpeg.js'
import { PictureGroup, toAnnexB } from './group.js'
import { masking } from './mask-picture.js'
import { setFragmentTime } from './mp4-fragment.js'
import { VIDEO_TIMESCALE } from './mp4-init.js'
import type { MediaFragment, MediaInit } from './pull.js'
import { makeRemuxer } from './remux.js'
import type { Time } from './timeline.js'

/** ffmpeg falls behind rather than skipping: beyond this, input waits for the next key frame. */
const MAX_QUEUED_BYTES = 2 * 1024 * 1024

/** H.264 out of a source's H.265, or of either with regions hidden, made while somebody watches and since it was admitted: one ffmpeg, fed from the one pull. */
export class Transcode {
  private viewers = new Set<Viewer>()
  private readonly group = new PictureGroup()
  private ffmpeg: Ffmpeg | null = null
  private unwatch: (() => void) | null = null
  private source: MediaInit | null = null
  private init: MediaInit | null = null
  private state: SourceState
  private needsKey = true
  private pending: number[] = []
  private firstAtMs = -1
  private lastTicks = -1
  private admitted = false

  constructor (private readonly upstream: CameraSource, private readonly masks: readonly MaskRegion[], private readonly time: Time, private readonly busy: Failure, private readonly idle: () => void) {
    this.state = upstream.state
  }

  watch (viewer: Viewer): () => void {
    this.viewers.add(viewer)
    if (this.admitted) this.begin()
    viewer.state(this.visible())
    if (this.init) {
      viewer.init(this.init)
      for (const fragment of this.group.current()) viewer.fragment(fragment)
    }
    return () => {
      if (this.viewers.delete(viewer) && this.viewers.size === 0) this.stop()
    }
  }

  /** Its turn has come. */
  admit () {
    this.admitted = true
    if (this.viewers.size > 0) this.begin()
  }

  private begin () {
    this.unwatch ??= this.upstream.watch({ state: s => this.upstreamState(s), init: i => this.restart(i), fragment: f => this.feed(f) })
  }

  stop () {
    this.unwatch?.()
    this.unwatch = null
    this.end()
    this.idle()
  }

  private visible (): SourceState {
    if (!this.admitted) return { ...this.state, status: 'failed', init: null, failure: this.busy }
    return this.state.status === 'playing' && !this.init ? { ...this.state, status: 'connecting', init: null } : { ...this.state, init: this.init }
  }

  private upstreamState (state: SourceState) {
    this.state = state
    if (state.status !== 'playing') this.end()
    for (const viewer of this.viewers) viewer.state(this.visible())
  }

  private end () {
    this.ffmpeg?.stop()
    this.ffmpeg = null
    this.init = null
    this.group.clear()
  }

  private restart (init: MediaInit) {
    this.end()
    this.source = init
    this.needsKey = true
    this.pending = []
    // It turned out to be what was asked for.
    if (this.passes(init)) return this.made(init)
    const fps = init.video.fps && init.video.fps >= 1 && init.video.fps <= 60 ? init.video.fps : 25
    const { picture, args } = masking(this.masks, init.video)
    const process = startFfmpeg(['-flags', 'low_delay', '-probesize', '32768', '-analyzeduration', '0', '-r', String(fps),
      '-f', init.video.kind === 'h264' ? 'h264' : 'hevc', '-i', 'pipe:0', ...args, '-an', '-fps_mode', 'passthrough', '-c:v', 'libx264', '-preset', 'ultrafast',
      '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-crf', '26', '-maxrate', '3M', '-bufsize', '3M', '-g', String(Math.round(fps)), '-threads', '1', ...fragmentsToStdout], 'pipe', picture)
    this.ffmpeg = process
    const reader = makeRemuxer({ init: made => this.made(made), fragment: f => this.deliver(f) }, this.time, this.time.mono(), () => {}, true)
    process.child.stdout!.on('data', (chunk: Buffer) => {
      if (this.ffmpeg !== process) return
      try { reader.push(chunk) } catch (error) { this.fail(faultOf(error).detail) }
    })
    void process.ended.then(code => { if (this.ffmpeg === process) this.fail(`ffmpeg ended (${code}): ${process.words()}`) })
  }

  private passes (init: MediaInit) { return init.video.kind === 'h264' && this.masks.length === 0 }

  private fail (detail: string) {
    this.end()
    for (const viewer of this.viewers) viewer.state({ ...this.state, status: 'failed', init: null, failure: { code: 'process_died', detail: detail.slice(0, 500) } })
  }

  private feed (fragment: MediaFragment) {
    if (this.source && this.passes(this.source)) return this.pass(fragment)
    const input = this.ffmpeg?.child.stdin
    if (!input || !this.source || fragment.audio) return
    if (input.writableLength > MAX_QUEUED_BYTES) this.needsKey = true
    if (this.needsKey && (!fragment.key || input.writableLength > 0)) return
    this.needsKey = false
    this.pending.push(fragment.atMs)
    if (this.pending.length > 500) this.pending.shift()
    input.write(toAnnexB(fragment, this.source.video))
  }

  private made (init: MediaInit) {
    this.init = init
    for (const viewer of this.viewers) {
      viewer.state(this.visible())
      viewer.init(init)
    }
  }

  private deliver (fragment: MediaFragment) {
    // A picture in is a picture out, in order: its age is that of the camera's.
    const out = { ...fragment, atMs: this.pending.shift() ?? fragment.atMs }
    // Annex B carries no times, so ffmpeg's are those of the declared frame rate: the arrival tells the truth.
    if (this.firstAtMs < 0) this.firstAtMs = out.atMs
    this.lastTicks = Math.max(this.lastTicks + 1, Math.round((out.atMs - this.firstAtMs) * VIDEO_TIMESCALE / 1000))
    setFragmentTime(out.bytes, this.lastTicks)
    this.pass(out)
  }

  private pass (fragment: MediaFragment) {
    this.group.add(fragment)
    for (const viewer of this.viewers) viewer.fragment(fragment)
  }
}
