/** What a camera tells of itself, read once: its encoders, its certificate, and whether strangers get what only users should. */
import type { Clock } from '../../lib/clock.js'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import type { CertificateFacts, EncoderSetting, StreamProfile } from '../../server/contract/health.js'
import { OnvifCamera, targetOf } from '../onvif/camera-control.js'
import { CameraFailure } from '../onvif/failure.js'
import { chooseProfiles, type Profile } from '../onvif/profiles.js'
import { describeRtsp } from '../rtsp/client.js'
import { RtspFault } from '../rtsp/fault.js'
import { readCertificate } from './certificate.js'

interface Report { encoders: EncoderSetting[] | null, certificate: CertificateFacts | null, openToAll: boolean | null }
export interface ReportRead { report: Report, /** The camera refused its login: it must not be shown again soon. */ denied: boolean }
interface Asked { signal: AbortSignal, clock: Clock, /** The stored login may be shown. */ mayLogIn: boolean }

const DEADLINE_MS = 8000
/** More profiles than this are not asked for their addresses. */
const MOST_ASKED = 8

const encoderOf = (profile: StreamProfile, p: Profile): EncoderSetting => ({
  profile, codec: p.codec, width: p.width, height: p.height, fps: p.fps, bitrateBps: p.bitrateKbps === null ? null : p.bitrateKbps * 1000, govLength: p.govLength
})
const wordOf = (path: string) => path.split('?', 1)[0]!.replace(/\/+$/, '')

/** The profiles behind the streams that we pull: by their paths where the plan names them, otherwise as we choose them. */
async function readEncoders (camera: OnvifCamera, device: PlanDevice, signal: AbortSignal): Promise<{ encoders: EncoderSetting[], path: string | null }> {
  const { rtsp } = device.camera!
  const options = { signal, deadlineMs: DEADLINE_MS }
  const profiles = await camera.profiles(options)
  const chosen = chooseProfiles(profiles)
  const paths = new Map<Profile, string>()
  const named = rtsp.mainPath !== null || rtsp.subPath !== null
  for (const p of named ? profiles.filter(p => p.codec !== null).slice(0, MOST_ASKED) : chosen.main ? [chosen.main] : []) {
    const found = await camera.streamUri(p, rtsp.port, options).catch(() => null)
    if (found) paths.set(p, found.path)
  }
  const behind = (path: string | null, otherwise: Profile | null) => path === null ? otherwise
    : [...paths].find(([, told]) => told === path)?.[0] ?? [...paths].find(([, told]) => wordOf(told) === wordOf(path))?.[0] ?? null
  const pulled: [StreamProfile, Profile | null][] = [['main', behind(rtsp.mainPath, chosen.main)], ['sub', behind(rtsp.subPath, chosen.sub)]]
  return { encoders: pulled.flatMap(([profile, p]) => p ? [encoderOf(profile, p)] : []), path: rtsp.mainPath ?? (chosen.main && paths.get(chosen.main)) ?? null }
}

/** True, false, or null where the answer says neither. */
async function answersStrangers (ask: () => Promise<unknown>): Promise<boolean | null> {
  try {
    await ask()
    return true
  } catch (error) {
    const refused = (error instanceof CameraFailure || error instanceof RtspFault) && (error.code === 'authentication_failed' || error.code === 'not_permitted')
    return refused ? false : null
  }
}
const either = (a: boolean | null, b: boolean | null) => a === true || b === true ? true : a ?? b

export async function readReport (device: PlanDevice, { signal, clock, mayLogIn }: Asked): Promise<ReportRead> {
  const { onvif, rtsp } = device.camera!
  const report: Report = { encoders: null, certificate: null, openToAll: null }
  let denied = false
  let path = rtsp.mainPath ?? rtsp.subPath
  if (onvif) {
    const target = targetOf(device)
    if (onvif.tls) report.certificate = await readCertificate(target, signal)
    if (mayLogIn || !target.login) {
      try {
        const read = await readEncoders(new OnvifCamera(target, { clock }), device, signal)
        report.encoders = read.encoders
        path ??= read.path
      } catch (error) {
        denied = error instanceof CameraFailure && error.code === 'authentication_failed'
      }
    }
    report.openToAll = await answersStrangers(() => new OnvifCamera({ ...target, login: null }, { clock }).information({ signal, deadlineMs: DEADLINE_MS }))
  }
  if (path !== null && report.openToAll !== true) {
    const stream = { host: device.address, port: rtsp.port, path, login: null }
    report.openToAll = either(report.openToAll, await answersStrangers(() => describeRtsp(stream, signal)))
  }
  return { report, denied }
}
