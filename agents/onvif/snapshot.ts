/** A picture of a camera now: from its snapshot address, else from its stream. */
import { type Clock, systemClock } from '../../lib/clock.js'
import type { Picture, PlanDevice } from '../../server/contract/agent-link.js'
import { type CameraControl, OnvifCamera, targetOf } from './camera-control.js'
import { CameraFailure } from './failure.js'
import { readJpegSize } from './jpeg.js'
import { chooseProfiles } from './profiles.js'

/** 8 MB in the camera's answer would not fit the wire's 8,000,000 base64 characters; this does. */
const maxJpegBytes = 5_990_000
const pictureDeadlineMs = 8000

/** Makes a picture from the camera's stream; the RTSP side gives it. */
type StreamPicture = (device: PlanDevice, options: { signal: AbortSignal }) => Promise<Picture>
export interface SnapshotOptions { signal: AbortSignal, keyFramePicture?: StreamPicture | undefined, clock?: Clock }

/** Throws CameraFailure; `no_stream` where the camera has no snapshot address. */
export async function cameraPicture (control: CameraControl, signal: AbortSignal, clock: Clock): Promise<Picture> {
  const profiles = await control.profiles({ signal })
  const profile = chooseProfiles(profiles).main ?? profiles[0]
  const endpoint = profile ? await control.snapshotUri(profile, { signal }) : null
  if (!endpoint) throw new CameraFailure('no_stream', 'the camera gives no pictures by HTTP')
  const jpeg = await control.fetch(endpoint, maxJpegBytes, { signal, deadlineMs: pictureDeadlineMs })
  const { width, height } = readJpegSize(jpeg)
  return { jpegBase64: jpeg.toString('base64'), width, height, at: clock.now(), source: 'camera' }
}

/** Throws CameraFailure, or whatever `keyFramePicture` throws when that was the last resort. */
export async function takeSnapshot (device: PlanDevice, { signal, keyFramePicture, clock = systemClock }: SnapshotOptions): Promise<Picture> {
  if (device.camera?.onvif) {
    try {
      return await cameraPicture(new OnvifCamera(targetOf(device), { clock }), signal, clock)
    } catch (error) {
      if (signal.aborted || !keyFramePicture) throw error
    }
  }
  if (!keyFramePicture) throw new CameraFailure('no_stream', 'the camera has no ONVIF settings and its stream cannot be read here')
  return await keyFramePicture(device, { signal })
}
