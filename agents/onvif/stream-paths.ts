/** Where a camera's streams lie: explicit paths win, the rest is asked over ONVIF. */
import { type Clock, systemClock } from '../../lib/clock.js'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import { type CameraControl, OnvifCamera, type StreamPath, targetOf } from './camera-control.js'
import { CameraFailure } from './failure.js'
import { chooseProfiles, type Profile } from './profiles.js'

export interface StreamPaths { port: number, mainPath: string | null, subPath: string | null }
export interface FoundStreams { paths: StreamPaths, main: Profile | null, sub: Profile | null, profiles: Profile[] }
export interface AskOptions { signal: AbortSignal, clock?: Clock }

/** Throws CameraFailure: `unsupported_codec` where no profile is H.264 or H.265, `no_stream` where there are none at all. */
export async function askStreams (control: CameraControl, rtspPort: number, signal: AbortSignal): Promise<FoundStreams> {
  const profiles = await control.profiles({ signal })
  const { main, sub } = chooseProfiles(profiles)
  if (!main) {
    const codecs = [...new Set(profiles.flatMap(p => p.codec ?? []))].join(', ')
    throw profiles.length === 0
      ? new CameraFailure('no_stream', 'the camera has no media profile')
      : new CameraFailure('unsupported_codec', `no profile of the camera is H.264 or H.265 (it has ${codecs || 'none with video'})`)
  }
  const uriOf = (profile: Profile): Promise<StreamPath> => control.streamUri(profile, rtspPort, { signal })
  const mainUri = await uriOf(main)
  const subUri = sub ? await uriOf(sub) : null
  // One port for both: a sub-stream elsewhere would need settings that do not exist.
  const subPath = subUri?.port === mainUri.port && subUri.path !== mainUri.path ? subUri.path : null
  return { paths: { port: mainUri.port, mainPath: mainUri.path, subPath }, main, sub, profiles }
}

/**
 * Throws CameraFailure where nothing explicit is set and the camera cannot be asked. Where one path is explicit, a camera that cannot be
 * asked for the other costs only the other.
 */
export async function resolveStreamPaths (device: PlanDevice, { signal, clock = systemClock }: AskOptions): Promise<StreamPaths> {
  const settings = device.camera
  if (!settings) throw new CameraFailure('internal', 'the device is not a camera')
  const { port, mainPath, subPath } = settings.rtsp
  const explicit = { port, mainPath, subPath }
  if ((mainPath !== null && subPath !== null) || !settings.onvif) return explicit
  try {
    const { paths } = await askStreams(new OnvifCamera(targetOf(device), { clock }), port, signal)
    if (mainPath === null && subPath === null) return paths
    return { port, mainPath: mainPath ?? paths.mainPath, subPath: subPath ?? paths.subPath }
  } catch (error) {
    if (signal.aborted || (mainPath === null && subPath === null)) throw error
    return explicit
  }
}
