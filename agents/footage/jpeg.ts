/** A recorded key frame as a small JPEG, for scrubbing and for people who cannot decode it. */
import type { MaskRegion } from '../../server/contract/footage.js'
import { startFfmpeg } from '../rtsp/ffmpeg.js'
import { masking } from '../rtsp/mask-picture.js'
import type { VideoConfig } from '../rtsp/mp4-init.js'
import { annexB } from './annex-b.js'
import { inputOf } from './encode.js'
import { FootageFault } from './fault.js'
import type { Library } from './library.js'
import type { Outlet } from './outlet.js'
import { findStill } from './play.js'
import type { Frame } from './walk.js'

const DEADLINE_MS = 8000
const MAX_JPEG_BYTES = 2 * 1024 * 1024
const MAX_AT_ONCE = 2
const MAX_WAITING = 30

let running = 0
const waiting: (() => void)[] = []

interface JpegRequest { deviceId: string, at: number, jpegWidth: number, masks: MaskRegion[] }

export async function sendJpeg (library: Library, request: JpegRequest, out: Outlet, signal: AbortSignal) {
  const found = await findStill(library, request, signal)
  if (!found) return out.note({ type: 'failed', code: 'no_footage', detail: 'Nothing was recorded here', cause: null })
  const jpeg = await inTurn(() => decode(found, request.jpegWidth, request.masks))
  const at = Math.round(found.frame.atMs)
  await out.note({ type: 'file', bytes: jpeg.length, mime: 'image/jpeg', from: at, to: at, gaps: [], masked: request.masks.length > 0 })
  await out.bytes(jpeg)
  await out.note({ type: 'end', at })
}

/** Two at a time: a person who scrubs must not take the machine from the recorder. */
async function inTurn<T> (work: () => Promise<T>): Promise<T> {
  if (waiting.length >= MAX_WAITING) throw new FootageFault('busy', 'Too many pictures are being made')
  if (running >= MAX_AT_ONCE) await new Promise<void>(resolve => waiting.push(resolve))
  else running++
  try { return await work() } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}

async function decode ({ frame, video }: { frame: Frame, video: VideoConfig }, width: number, masks: readonly MaskRegion[]): Promise<Buffer> {
  const { picture, args } = masking(masks, video, `scale='min(${width},iw)':-2`)
  const ffmpeg = startFfmpeg(['-probesize', '5000000', '-threads', '1', ...inputOf(video), '-i', 'pipe:0', ...args,
    '-frames:v', '1', '-q:v', '5', '-f', 'image2pipe', '-c:v', 'mjpeg', 'pipe:1'], 'pipe', picture)
  const parts: Buffer[] = []
  let bytes = 0
  ffmpeg.child.stdout!.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= MAX_JPEG_BYTES) parts.push(chunk)
  })
  let late = false
  const timer = setTimeout(() => { late = true; ffmpeg.stop() }, DEADLINE_MS)
  ffmpeg.child.stdin?.end(annexB(frame.data, true, video.sets))
  const code = await ffmpeg.ended
  clearTimeout(timer)
  if (late) throw new FootageFault('transcoder_failed', `The picture was not decoded within ${DEADLINE_MS / 1000} s`)
  if (code !== 0 || bytes === 0 || bytes > MAX_JPEG_BYTES) throw new FootageFault('damaged', `The picture could not be decoded: ${ffmpeg.words()}`)
  return Buffer.concat(parts)
}
