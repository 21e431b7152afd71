/** Pictures through ffmpeg: one in, one out, in order. H.264 for browsers without H.265, and masks burned in. */
import type { MaskRegion } from '../../server/contract/footage.js'
import { type Ffmpeg, fragmentsToStdout, startFfmpeg } from '../rtsp/ffmpeg.js'
import type { VideoConfig } from '../rtsp/mp4-init.js'
import { masking } from '../rtsp/mask-picture.js'
import { Mp4Reader } from '../rtsp/mp4-reader.js'
import { annexB } from './annex-b.js'
import { FootageFault } from './fault.js'
import type { Frame } from './walk.js'

export interface Encoded { config: VideoConfig, frame: Frame }

/** Handed in and not come out yet; a decoder holds a few back. */
const MAX_IN_FLIGHT = 40
const SILENT_MS = 10_000

export const inputOf = (video: VideoConfig) => ['-f', video.kind === 'h264' ? 'h264' : 'hevc', '-r', String(rateOf(video))]
const rateOf = ({ fps }: VideoConfig) => fps && fps >= 1 && fps <= 60 ? fps : 25
export interface EncoderOptions { video: VideoConfig, masks: readonly MaskRegion[], /** Every picture a key frame: for key frames only, and backward. */ keyOnly: boolean }

export class Encoder {
  readonly #ffmpeg: Ffmpeg
  readonly #inFlight: Frame[] = []
  readonly #out: Encoded[] = []
  #config: VideoConfig | null = null
  #fault: FootageFault | null = null
  #over = false
  #wake: (() => void) | null = null

  constructor (private readonly o: EncoderOptions) {
    const rate = Math.round(rateOf(o.video))
    const { picture, args } = masking(o.masks, o.video)
    this.#ffmpeg = startFfmpeg(['-flags', 'low_delay', '-probesize', '32768', '-analyzeduration', '0', '-threads', '1', ...inputOf(o.video), '-i', 'pipe:0', ...args, '-an',
      '-fps_mode', 'passthrough', '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-crf', '24', '-maxrate', '6M', '-bufsize', '6M', '-g', o.keyOnly ? '1' : String(rate * 2), '-threads', '1', ...fragmentsToStdout], 'pipe', picture)
    const reader = new Mp4Reader({
      tracks: ({ video }) => { this.#config = video.config },
      sample: (_audio, sample, _time, _duration, key) => this.#came(Buffer.from(sample), key)
    })
    this.#ffmpeg.child.stdout!.on('data', (chunk: Buffer) => {
      try { reader.push(chunk) } catch { this.#fail('The converter gave something that cannot be read') }
    })
    void this.#ffmpeg.ended.then(code => {
      if (code !== 0 && this.#inFlight.length > 0) this.#fail(`The converter ended (${code}): ${this.#ffmpeg.words()}`)
      this.#over = true
      this.#wake?.()
    })
  }

  #came (data: Buffer, key: boolean) {
    const from = this.#inFlight.shift()
    if (from && this.#config) this.#out.push({ config: this.#config, frame: { ...from, data, key } })
    this.#wake?.()
  }

  #fail (detail: string) {
    this.#fault ??= new FootageFault('transcoder_failed', detail.slice(0, 500))
    this.#ffmpeg.stop()
    this.#wake?.()
  }

  /** Hands one in; gives what has come out meanwhile, and waits where too many are inside. @throws FootageFault transcoder_failed, damaged */
  async * push (frame: Frame): AsyncGenerator<Encoded> {
    const input = this.#ffmpeg.child.stdin!
    this.#inFlight.push(frame)
    if (!input.write(annexB(frame.data, frame.key, this.o.video.sets))) await Promise.race([new Promise(resolve => input.once('drain', resolve)), this.#ffmpeg.ended])
    yield * this.#taken(MAX_IN_FLIGHT)
  }

  /** All that is inside comes out, and it ends. */
  async * finish (): AsyncGenerator<Encoded> {
    this.#ffmpeg.child.stdin!.end()
    yield * this.#taken(0)
  }

  async * #taken (leave: number): AsyncGenerator<Encoded> {
    for (;;) {
      const next = this.#out.shift()
      if (next) yield next
      else if (this.#fault) throw this.#fault
      else if (this.#inFlight.length <= leave || this.#over) return
      else await this.#change()
    }
  }

  async #change () {
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>(resolve => {
      this.#wake = resolve
      timer = setTimeout(() => { this.#fail(`The converter said nothing for ${SILENT_MS / 1000} s`); resolve() }, SILENT_MS)
    })
    clearTimeout(timer)
  }

  stop () { this.#ffmpeg.stop() }
}
