import type { Picture } from '../../server/contract/agent-link.js'
import type { MaskRegion } from '../../server/contract/footage.js'
import { RtspFault } from './fault.js'
import { startFfmpeg } from './ffmpeg.js'
import { masking } from './mask-picture.js'
import { jpegSize } from './picture.js'

const DEADLINE_MS = 8000

/** A picture with regions hidden, or none. @throws RtspFault */
export async function maskPictureOf (picture: Picture, masks: readonly MaskRegion[]): Promise<Picture> {
  if (masks.length === 0) return picture
  const jpeg = Buffer.from(picture.jpegBase64, 'base64')
  const { width, height } = jpegSize(jpeg)
  if (!width || !height || width * height > 40_000_000) throw new RtspFault('protocol_error', 'The picture cannot be masked: its size is not known')
  const mask = masking(masks, { width, height })
  const ffmpeg = startFfmpeg(['-f', 'jpeg_pipe', '-threads', '1', '-i', 'pipe:0', ...mask.args, '-frames:v', '1', '-q:v', '4', '-f', 'image2pipe', '-c:v', 'mjpeg', 'pipe:1'], 'pipe', mask.picture)
  const parts: Buffer[] = []
  ffmpeg.child.stdout!.on('data', (chunk: Buffer) => parts.push(chunk))
  const timer = setTimeout(() => ffmpeg.stop(), DEADLINE_MS)
  ffmpeg.child.stdin?.end(jpeg)
  const code = await ffmpeg.ended
  clearTimeout(timer)
  if (code !== 0 || parts.length === 0) throw new RtspFault('protocol_error', `The picture could not be masked: ${ffmpeg.words()}`)
  return { ...picture, jpegBase64: Buffer.concat(parts).toString('base64'), width, height, masked: true }
}
