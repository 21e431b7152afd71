/** Key frames into small pictures by one ffmpeg that lives on: a tenth of what a process a picture costs. One at a time. */
import type { KeyFrame } from '../rtsp/camera-source.js'
import { type Ffmpeg, startFfmpeg } from '../rtsp/ffmpeg.js'
import { HEIGHT, PICTURE_BYTES, WIDTH } from './statistics.js'

/** A picture this late will not come: a damaged frame, or a decoder that waits for more. */
const LATE_MS = 4000
const MAX_FRAME_BYTES = 8 * 1024 * 1024
/** An access unit delimiter ends the picture before it, so that the parser need not wait for the next. */
const DELIMITER = { h264: Buffer.from([0, 0, 0, 1, 9, 0xf0]), h265: Buffer.from([0, 0, 0, 1, 0x46, 1, 0x50]) }

export class DecodeFailed extends Error { override name = 'DecodeFailed' }

export class Decoder {
  #ffmpeg: Ffmpeg | null = null
  #got: Buffer[] = []
  #bytes = 0
  #waiting: { resolve: (picture: Buffer) => void, reject: (error: Error) => void, timer: NodeJS.Timeout } | null = null
  restarts = 0

  constructor (private readonly codec: 'h264' | 'h265') {}

  get pid () { return this.#ffmpeg?.child.pid }

  /** @throws DecodeFailed; the decoder begins anew then. */
  picture (frame: Pick<KeyFrame, 'annexB'>): Promise<Buffer> {
    if (this.#waiting) return Promise.reject(new DecodeFailed('One picture at a time'))
    if (frame.annexB.length > MAX_FRAME_BYTES) return Promise.reject(new DecodeFailed('The key frame is too large'))
    const ffmpeg = this.#ffmpeg ?? this.#start()
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject, timer: setTimeout(() => this.#fail('The picture was not decoded in time'), LATE_MS) }
      ffmpeg.child.stdin!.write(frame.annexB)
      ffmpeg.child.stdin!.write(DELIMITER[this.codec])
    })
  }

  #start (): Ffmpeg {
    const ffmpeg = startFfmpeg(['-fflags', 'nobuffer', '-flags', 'low_delay', '-probesize', '32', '-analyzeduration', '0', '-threads', '1', '-f', this.codec === 'h264' ? 'h264' : 'hevc', '-i', 'pipe:0',
      '-an', '-fps_mode', 'passthrough', '-vf', `scale=${WIDTH}:${HEIGHT}:flags=area,format=yuv420p`, '-threads', '1', '-f', 'rawvideo', '-flush_packets', '1', 'pipe:1'], 'pipe')
    this.#ffmpeg = ffmpeg
    this.#got = []
    this.#bytes = 0
    ffmpeg.child.stdout!.on('data', (chunk: Buffer) => { if (this.#ffmpeg === ffmpeg) this.#take(chunk) })
    void ffmpeg.ended.then(() => { if (this.#ffmpeg === ffmpeg) this.#fail(`The decoder ended: ${ffmpeg.words()}`) })
    return ffmpeg
  }

  #take (chunk: Buffer) {
    this.#got.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes < PICTURE_BYTES) return
    const all = Buffer.concat(this.#got)
    // Whatever is more than was asked for came of a frame that was given up.
    this.#got = []
    this.#bytes = 0
    const waiting = this.#waiting
    this.#waiting = null
    clearTimeout(waiting?.timer)
    waiting?.resolve(all.subarray(all.length - PICTURE_BYTES))
  }

  #fail (why: string) {
    const waiting = this.#waiting
    this.#waiting = null
    clearTimeout(waiting?.timer)
    this.restarts++
    this.stop()
    waiting?.reject(new DecodeFailed(why))
  }

  stop () {
    const ffmpeg = this.#ffmpeg
    this.#ffmpeg = null
    ffmpeg?.stop()
  }
}
