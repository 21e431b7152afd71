/**
 * Key frames into small pictures by one ffmpeg that lives on: a tenth of what a process a picture costs. One at a time. A decoder holds back what it likes, so behind
 * each key frame goes a mark, a picture of one colour: what comes out before the next mark is ours, and never the camera's before.
 */
import { spawn } from 'node:child_process'
import type { KeyFrame } from '../rtsp/camera-source.js'
import { type Ffmpeg, startFfmpeg } from '../rtsp/ffmpeg.js'
import { HEIGHT, PICTURE_BYTES, WIDTH } from './statistics.js'

type Codec = KeyFrame['codec']
/** A picture this late will not come: a damaged frame. */
const LATE_MS = 4000
/** Another mark pushes on what is held back. */
const PUSH_EVERY_MS = 150
const WARM_EVERY_MS = 50
const MAX_FRAME_BYTES = 8 * 1024 * 1024
/** Ends the picture before it, so that the parser need not wait for the next. */
const DELIMITER: Record<Codec, Buffer> = { h264: Buffer.from([0, 0, 0, 1, 9, 0xf0]), h265: Buffer.from([0, 0, 0, 1, 0x46, 1, 0x50]) }
/** No camera sees nothing but this: Y, U and V of the mark. */
const MARK = [150, 40, 220] as const

export class DecodeFailed extends Error { override name = 'DecodeFailed' }

const marks = new Map<Codec, Promise<Buffer>>()
function markOf (codec: Codec): Promise<Buffer> {
  const known = marks.get(codec)
  if (known) return known
  const made = new Promise<Buffer>((resolve, reject) => {
    const encoder = codec === 'h264' ? ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-f', 'h264'] : ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'bframes=0:log-level=none:repeat-headers=1', '-f', 'hevc']
    const raw = Buffer.concat([Buffer.alloc(64 * 64, MARK[0]), Buffer.alloc(32 * 32, MARK[1]), Buffer.alloc(32 * 32, MARK[2])])
    const child = spawn('ffmpeg', ['-hide_banner', '-nostdin', '-loglevel', 'error', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', '64x64', '-i', 'pipe:0', '-frames:v', '1', ...encoder, 'pipe:1'], { stdio: ['pipe', 'pipe', 'ignore'] })
    const parts: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => parts.push(chunk))
    child.stdin.on('error', () => {})
    child.once('error', reject)
    child.once('close', code => code === 0 ? resolve(Buffer.concat([Buffer.concat(parts), DELIMITER[codec]])) : reject(new DecodeFailed('The decoder\'s mark could not be made')))
    child.stdin.end(raw)
  })
  marks.set(codec, made)
  made.catch(() => marks.delete(codec))
  return made
}
const close = (a: number, b: number) => Math.abs(a - b) <= 4
function isMark (picture: Buffer): boolean {
  for (let i = 0; i < WIDTH * HEIGHT; i += 997) if (!close(picture[i]!, MARK[0])) return false
  for (let i = 0; i < WIDTH * HEIGHT / 4; i += 499) if (!close(picture[WIDTH * HEIGHT + i]!, MARK[1]) || !close(picture[WIDTH * HEIGHT * 5 / 4 + i]!, MARK[2])) return false
  return true
}

interface Waiting { resolve: (picture: Buffer) => void, reject: (error: Error) => void, late: NodeJS.Timeout, push: NodeJS.Timeout }

export class Decoder {
  #ffmpeg: Ffmpeg | null = null
  #got: Buffer = Buffer.alloc(0)
  #waiting: Waiting | null = null
  #busy = false
  restarts = 0

  constructor (private readonly codec: Codec) {}

  get pid () { return this.#ffmpeg?.child.pid }

  /** @throws DecodeFailed; the decoder begins anew then. */
  async picture (frame: Pick<KeyFrame, 'annexB'>): Promise<Buffer> {
    if (this.#busy) throw new DecodeFailed('One picture at a time')
    if (frame.annexB.length > MAX_FRAME_BYTES) throw new DecodeFailed('The key frame is too large')
    this.#busy = true
    try {
      const mark = await markOf(this.codec)
      const ffmpeg = this.#ffmpeg ?? this.#start()
      const stdin = ffmpeg.child.stdin!
      await this.#warm(ffmpeg, mark)
      return await new Promise<Buffer>((resolve, reject) => {
        this.#waiting = { resolve, reject, late: setTimeout(() => this.#fail('The picture was not decoded in time'), LATE_MS), push: setInterval(() => stdin.write(mark), PUSH_EVERY_MS) }
        stdin.write(frame.annexB)
        stdin.write(DELIMITER[this.codec])
        stdin.write(mark)
      })
    } finally { this.#busy = false }
  }

  /** What comes in first is lost while the decoder makes up its mind: marks, until one comes out. */
  async #warm (ffmpeg: Ffmpeg, mark: Buffer) {
    if (this.#isWarm) return
    const deadline = performance.now() + LATE_MS
    while (!this.#isWarm) {
      if (this.#ffmpeg !== ffmpeg || performance.now() > deadline) {
        this.#fail('The decoder did not begin in time')
        throw new DecodeFailed('The decoder did not begin in time')
      }
      ffmpeg.child.stdin!.write(mark)
      await new Promise(resolve => setTimeout(resolve, WARM_EVERY_MS))
    }
  }
  #isWarm = false

  #start (): Ffmpeg {
    const ffmpeg = startFfmpeg(['-fflags', 'nobuffer', '-flags', 'low_delay', '-probesize', '32', '-analyzeduration', '0', '-threads', '1', '-f', this.codec === 'h264' ? 'h264' : 'hevc', '-i', 'pipe:0',
      '-an', '-fps_mode', 'passthrough', '-vf', `scale=${WIDTH}:${HEIGHT}:flags=area,format=yuv420p`, '-threads', '1', '-f', 'rawvideo', '-flush_packets', '1', 'pipe:1'], 'pipe')
    this.#ffmpeg = ffmpeg
    this.#isWarm = false
    this.#got = Buffer.alloc(0)
    ffmpeg.child.stdout!.on('data', (chunk: Buffer) => { if (this.#ffmpeg === ffmpeg) this.#take(chunk) })
    void ffmpeg.ended.then(() => { if (this.#ffmpeg === ffmpeg) this.#fail(`The decoder ended: ${ffmpeg.words()}`) })
    return ffmpeg
  }

  #take (chunk: Buffer) {
    this.#got = this.#got.length > 0 ? Buffer.concat([this.#got, chunk]) : chunk
    while (this.#got.length >= PICTURE_BYTES) {
      const picture = this.#got.subarray(0, PICTURE_BYTES)
      this.#got = this.#got.subarray(PICTURE_BYTES)
      this.#isWarm = true
      if (!isMark(picture)) this.#settle()?.resolve(Buffer.from(picture))
    }
  }

  #settle (): Waiting | null {
    const waiting = this.#waiting
    this.#waiting = null
    clearTimeout(waiting?.late)
    clearInterval(waiting?.push)
    return waiting
  }

  #fail (why: string) {
    const waiting = this.#settle()
    this.restarts++
    this.stop()
    waiting?.reject(new DecodeFailed(why))
  }

  stop () {
    const ffmpeg = this.#ffmpeg
    this.#ffmpeg = null
    ffmpeg?.stop()
    this.#settle()?.reject(new DecodeFailed('The decoder was stopped'))
  }
}
