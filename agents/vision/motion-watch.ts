/** One camera's motion: its sub-stream's frames into small grey pictures by an ffmpeg of its own, a few of them a second into the detector, and what it says as events. */
import type { ObservationOf } from '../../server/contract/health.js'
import { MOTION_LEVELS, type MotionLevels, type MotionPlan } from '../../server/contract/motion.js'
import type { CameraSource, SourceState, Viewer } from '../rtsp/camera-source.js'
import { type Ffmpeg, startFfmpeg } from '../rtsp/ffmpeg.js'
import { toAnnexB } from '../rtsp/group.js'
import type { MediaFragment, MediaInit } from '../rtsp/pull.js'
import type { Time } from '../rtsp/timeline.js'
import { MOTION_BYTES, MOTION_HEIGHT, MOTION_WIDTH, type MotionField, motionField, newMotion, seeMotion } from './motion.js'

/** Pictures closer than this are left out: five a second are enough. */
const LOOK_EVERY_MS = 180
/** What waits for the decoder; beyond it, it goes on with the next key frame. */
const MAX_WAITING_BYTES = 2 * 1024 * 1024
const AGAIN_AFTER_MS = 5000
const MOTION_SOURCE = 'kalancha'

export type Told = (o: ObservationOf<'camera_event'>) => void

export class MotionWatch implements Viewer {
  #ffmpeg: Ffmpeg | null = null
  #init: MediaInit | null = null
  #got: Buffer = Buffer.alloc(0)
  #waitsForKey = true
  #state = newMotion()
  #field: MotionField
  #levels: MotionLevels['levels'] = []
  #settling = true
  #lookedMs = 0
  #notBeforeMs = 0
  readonly #leave: () => void

  constructor (readonly source: CameraSource, private plan: MotionPlan, private readonly tell: Told, private readonly time: Time) {
    this.#field = motionField(plan)
    this.#leave = source.watch(this)
  }

  /** Another region or sensitivity needs no new picture of the place. */
  change (plan: MotionPlan) {
    this.plan = plan
    this.#field = motionField(plan)
    this.#levels = []
  }

  levels (): MotionLevels {
    const fresh = this.#levels.filter(l => this.time.wall() - l.at < 15_000)
    return { state: this.source.state.status !== 'playing' ? 'no_picture' : this.#settling ? 'settling' : 'watching', moving: this.#state.moving, levels: fresh }
  }

  state (state: SourceState) { if (state.status !== 'playing') this.#restart() }
  init (init: MediaInit) {
    this.#restart()
    this.#init = init
  }

  fragment (fragment: MediaFragment) {
    if (fragment.audio || !this.#init || (this.#waitsForKey && !fragment.key)) return
    const ffmpeg = this.#ffmpeg ?? this.#start(this.#init)
    if (!ffmpeg) return
    const stdin = ffmpeg.child.stdin!
    this.#waitsForKey = stdin.writableLength > MAX_WAITING_BYTES
    if (!this.#waitsForKey) stdin.write(toAnnexB(fragment, this.#init.video))
  }

  #start ({ video }: MediaInit): Ffmpeg | null {
    if (this.time.mono() < this.#notBeforeMs) return null
    const ffmpeg = startFfmpeg(['-fflags', 'nobuffer', '-flags', 'low_delay', '-probesize', '32', '-analyzeduration', '0', '-threads', '1', '-skip_loop_filter', 'all', '-f', video.kind === 'h264' ? 'h264' : 'hevc', '-i', 'pipe:0',
      '-an', '-fps_mode', 'passthrough', '-vf', `scale=${MOTION_WIDTH}:${MOTION_HEIGHT}:flags=area,format=gray`, '-threads', '1', '-f', 'rawvideo', '-flush_packets', '1', 'pipe:1'], 'pipe')
    this.#ffmpeg = ffmpeg
    this.#got = Buffer.alloc(0)
    ffmpeg.child.stdout!.on('data', (chunk: Buffer) => { if (this.#ffmpeg === ffmpeg) this.#take(chunk) })
    void ffmpeg.ended.then(() => {
      if (this.#ffmpeg !== ffmpeg) return
      this.#notBeforeMs = this.time.mono() + AGAIN_AFTER_MS
      this.#restart()
    })
    return ffmpeg
  }

  #take (chunk: Buffer) {
    this.#got = this.#got.length > 0 ? Buffer.concat([this.#got, chunk]) : chunk
    while (this.#got.length >= MOTION_BYTES) {
      const picture = this.#got.subarray(0, MOTION_BYTES)
      this.#got = this.#got.subarray(MOTION_BYTES)
      if (this.time.mono() - this.#lookedMs < LOOK_EVERY_MS) continue
      this.#lookedMs = this.time.mono()
      this.#look(picture, this.time.wall())
    }
  }

  #look (picture: Buffer, at: number) {
    const { percent, settling, event } = seeMotion(this.#state, this.#field, this.plan, picture, at)
    this.#settling = settling
    this.#levels = [...this.#levels.slice(1 - MOTION_LEVELS), { at, percent }]
    if (event) this.#event(event, at)
  }

  #event (phase: 'begin' | 'end', at: number) {
    this.tell({ kind: 'camera_event', deviceId: this.source.spec.deviceId, at, type: 'motion', source: MOTION_SOURCE, phase, data: {} })
  }

  /** What was seen before a break says nothing of what comes after it. */
  #restart () {
    const ffmpeg = this.#ffmpeg
    this.#ffmpeg = null
    ffmpeg?.stop()
    this.#waitsForKey = true
    this.#settling = true
    if (this.#state.moving) this.#event('end', this.time.wall())
    this.#state = newMotion()
  }

  stop () {
    this.#leave()
    this.#restart()
  }
}
