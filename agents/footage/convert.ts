/** What was recorded, made anew where the viewer cannot play it or must not see all of it. */
import type { MaskRegion } from '../../server/contract/footage.js'
import { initSegment } from '../rtsp/mp4-init.js'
import { type Encoded, Encoder } from './encode.js'
import { FootageFault } from './fault.js'
import { asRecorded, type Convert, type Shown } from './play.js'
import type { Found } from './walk.js'

type File = Extract<Found, { kind: 'file' }>
export interface ConvertOptions { masks: readonly MaskRegion[], keyOnly: boolean }

/** Streams that are encoded at once; each costs a good part of a core. */
const MAX_ENCODERS = 3
let encoding = 0

/** H.264 without masks passes as it is. @throws FootageFault busy when too many are converted already */
export const converting = ({ masks, keyOnly }: ConvertOptions): Convert => async function * (found): AsyncGenerator<Shown> {
  let encoder: Encoder | null = null
  let file: File | null = null
  let told: Encoded['config'] | null = null
  let counted = false
  /** An encoder goes on over files whose times begin at 0 each. */
  const time = { offsetS: 0, endS: 0 }
  const mustEncode = (f: File) => masks.length > 0 || f.file.video.config.kind === 'h265'

  function * shown (f: File, { config, frame }: Encoded): Generator<Shown> {
    if (told !== config) {
      told = config
      yield { kind: 'stream', runId: f.segment.runId, init: initSegment(config, null), audioScale: 1,
        about: { type: 'stream', videoCodec: config.codec, audioCodec: null, width: config.width, height: config.height, transcoded: true, masked: masks.length > 0 } }
    }
    yield { kind: 'frame', frame }
  }
  async function * end (): AsyncGenerator<Shown> {
    if (encoder && file) for await (const out of encoder.finish()) yield * shown(file, out)
    encoder = null
    time.offsetS = 0
  }
  function begin (f: File): Encoder {
    if (!counted && encoding >= MAX_ENCODERS) throw new FootageFault('busy', `At most ${MAX_ENCODERS} streams are converted at once here`)
    if (!counted) encoding++
    counted = true
    return new Encoder({ video: f.file.video.config, keyOnly, masks })
  }

  try {
    for await (const item of found) {
      if (item.kind === 'frame') {
        if (!file || item.frame.audio) { if (file && !mustEncode(file)) yield item; continue }
        if (!mustEncode(file)) { yield item; continue }
        encoder ??= begin(file)
        const timeS = item.frame.timeS + time.offsetS
        time.endS = timeS + item.frame.durationS
        for await (const out of encoder.push({ ...item.frame, timeS })) yield * shown(file, out)
        continue
      }
      if (item.kind === 'file' && file && encoder && sameCoding(file, item)) {
        file = item
        time.offsetS = time.endS
        continue
      }
      yield * end()
      if (item.kind === 'file') {
        file = item
        told = null
        if (!mustEncode(item)) yield * asRecorded([item], keyOnly)
      } else yield item
    }
    yield * end()
  } finally {
    (encoder as Encoder | null)?.stop()
    if (counted) encoding--
  }
}

const sameCoding = (a: File, b: File) => a.segment.runId === b.segment.runId && a.file.video.entry.equals(b.file.video.entry)
