import { RtspFault } from './fault.js'
import type { KeyFrame } from './camera-source.js'
import { startFfmpeg } from './ffmpeg.js'

const DEADLINE_MS = 8000
const MAX_JPEG_BYTES = 5 * 1024 * 1024
const MAX_AT_ONCE = 2
const MAX_WAITING = 50

let running = 0
const waiting: (() => void)[] = []

/** A JPEG of a key frame, at most `maxWidth` wide. Two at a time; the others wait. @throws RtspFault timeout, protocol_error */
export async function pictureFromKeyFrame (frame: Pick<KeyFrame, 'codec' | 'annexB'>, maxWidth: number): Promise<Buffer> {
  if (waiting.length >= MAX_WAITING) throw new RtspFault('timeout', 'Too many pictures are being made')
  // The place is handed on by whoever leaves, so a newcomer cannot slip in between.
  if (running >= MAX_AT_ONCE) await new Promise<void>(resolve => waiting.push(resolve))
  else running++
  try {
    return await decode(frame, Math.max(16, Math.min(4096, Math.floor(maxWidth))))
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}

async function decode ({ codec, annexB }: Pick<KeyFrame, 'codec' | 'annexB'>, maxWidth: number): Promise<Buffer> {
  const ffmpeg = startFfmpeg(['-probesize', '5000000', '-f', codec === 'h264' ? 'h264' : 'hevc', '-threads', '1', '-i', 'pipe:0', '-frames:v', '1',
    '-vf', `scale='min(${maxWidth},iw)':-2`, '-q:v', '4', '-f', 'image2pipe', '-c:v', 'mjpeg', 'pipe:1'], 'pipe')
  const parts: Buffer[] = []
  let bytes = 0
  ffmpeg.child.stdout!.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= MAX_JPEG_BYTES) parts.push(chunk)
  })
  let late = false
  const timer = setTimeout(() => { late = true; ffmpeg.stop() }, DEADLINE_MS)
  ffmpeg.child.stdin?.end(annexB)
  const code = await ffmpeg.ended
  clearTimeout(timer)
  if (late) throw new RtspFault('timeout', `The picture was not decoded within ${DEADLINE_MS / 1000} s`)
  if (code !== 0 || bytes === 0 || bytes > MAX_JPEG_BYTES) throw new RtspFault('protocol_error', `The key frame could not be decoded: ${ffmpeg.words()}`)
  return Buffer.concat(parts)
}

/** Width and height out of a JPEG's frame header (ITU-T T.81 B.2.2); nulls when there is none. */
export function jpegSize (jpeg: Buffer): { width: number | null, height: number | null } {
  for (let at = 2; at + 9 < jpeg.length && jpeg[at] === 0xff;) {
    const marker = jpeg[at + 1]!
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return { height: jpeg.readUInt16BE(at + 5), width: jpeg.readUInt16BE(at + 7) }
    at += 2 + jpeg.readUInt16BE(at + 2)
  }
  return { width: null, height: null }
}
