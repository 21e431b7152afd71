/** Pictures and trials out of a camera's stream, for snapshots and for "Test connection". */
import type { Picture, PlanDevice } from '../../server/contract/agent-link.js'
import type { KeyFrame } from './camera-source.js'
import type { VideoCollector } from './collector.js'
import { RtspFault } from './fault.js'
import { firstPicture } from './first-picture.js'
import { jpegSize, pictureFromKeyFrame } from './picture.js'

export interface StreamProbe {
  /** RFC 6381 */
  codec: string
  width: number | null
  height: number | null
  fps: number | null
  /** Annex B, with parameter sets. */
  keyFrame: Uint8Array | null
}
const MAX_WIDTH = 1280

const loginOf = ({ credential }: PlanDevice) => credential?.kind === 'password' ? { username: credential.username, password: credential.password } : null

/** Opens the stream, reads until the first key frame, closes it. @throws RtspFault */
export async function probeStream (device: PlanDevice, { port, path }: { port: number, path: string }, { signal }: { signal: AbortSignal }): Promise<StreamProbe> {
  const { init, keyFrame } = await firstPicture({ host: device.address, port, path, login: loginOf(device) }, { signal })
  return { codec: init.video.codec, width: init.video.width, height: init.video.height, fps: init.video.fps, keyFrame: keyFrame.annexB }
}

/** Decodes a probed key frame. @throws RtspFault */
export async function pictureOfProbe (probe: StreamProbe): Promise<Picture> {
  if (!probe.keyFrame) throw new RtspFault('no_stream', 'No key frame came')
  return toPicture({ codec: probe.codec.startsWith('avc') ? 'h264' : 'h265', annexB: Buffer.from(probe.keyFrame), atMs: Date.now() })
}

/** A picture of a camera of the plan: the key frame that its pull holds, or one fetched now. @throws RtspFault */
export function keyFramePicture ({ keyFrame }: Pick<VideoCollector, 'keyFrame'>, resolvePaths: (device: PlanDevice, options: { signal: AbortSignal }) => Promise<{ port: number, mainPath: string | null, subPath: string | null }>) {
  return async (device: PlanDevice, { signal }: { signal: AbortSignal }): Promise<Picture> => {
    const held = await keyFrame(device.id)
    if (held) return toPicture(held)
    const { port, mainPath, subPath } = await resolvePaths(device, { signal })
    const path = mainPath ?? subPath
    if (path === null) throw new RtspFault('no_stream', 'No stream path is known for this camera')
    return toPicture((await firstPicture({ host: device.address, port, path, login: loginOf(device) }, { signal })).keyFrame)
  }
}

async function toPicture (frame: KeyFrame): Promise<Picture> {
  const jpeg = await pictureFromKeyFrame(frame, MAX_WIDTH)
  return { jpegBase64: jpeg.toString('base64'), ...jpegSize(jpeg), at: Math.round(frame.atMs), source: 'stream' }
}
