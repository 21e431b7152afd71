/** Is a camera as it should be? One pure function a check: (what is known, status before, now) -> verdict. Limits and reasons stand in docs/decisions/compliance.md. */
import type { ComplianceCheck, ComplianceReason, ComplianceResult, ComplianceStatus } from '../../contract/compliance.js'
import type { DeviceStateView, EncoderSetting, PictureFault, StreamProfile, StreamView } from '../../contract/health.js'
import type { CameraSettings } from '../../contract/inventory.js'
import type { StreamAverage } from './counters.js'
import type { CameraReport, HourCount, LoginCheckState } from './state.js'

const limits = {
  /** Averages of less than this are not judged. */
  averagedMs: 60_000,
  /** Of the configured frame rate; once it failed, the second. */
  lowFpsShare: 0.9, goodFpsShare: 0.93, highFpsShare: 1.25,
  highBitrateShare: 1.2, goodBitrateShare: 1.1, audioBps: 130_000,
  keyFrameMs: 2000, keyFrameToleranceMs: 100,
  lostShare: 0.001, leastPackets: 10_000,
  reconnectsADay: 10,
  clockMs: 2000, goodClockMs: 1500,
  certificateDays: 30,
  gapMs: 60_000, missingShare: 0.01
} as const
const DAY_MS = 86_400_000

export type PasswordStrength = 'good' | 'weak' | 'factory' | 'empty' | 'same'
export interface CameraFacts {
  settings: CameraSettings
  view: DeviceStateView
  /** Of the ONVIF checks; null before the first. */
  onvif: { failing: boolean, denied: boolean } | null
  /** Null while nobody has looked at its picture. */
  pictureFaults: readonly PictureFault[] | null
  identity: { manufacturer: string, model: string, firmware: string } | null
  report: CameraReport | null
  averages: readonly StreamAverage[]
  day: Omit<HourCount, 'hour'> | null
  hasPassword: boolean
  strength: PasswordStrength | null
  logins: Pick<LoginCheckState, 'outcome' | 'acceptedId'> | null
  acceptedUser: string | null
  approved: readonly string[]
  recording: { mode: string, openGap: { cause: string, from: number } | null, missingMs: number, everRecorded: boolean }
}

type Value = ComplianceResult['measured']
type Verdict = Omit<ComplianceResult, 'since'>
type Check = (c: CameraFacts, before: ComplianceStatus | undefined, now: number) => Verdict

const verdict = (status: ComplianceStatus, reason: ComplianceReason | null = null, measured: Value = null, wanted: Value = null, profile: StreamProfile | null = null): Verdict => ({ status, reason, measured, wanted, profile })
const pass = (measured: Value, wanted: Value, profile: StreamProfile | null = null) => verdict('pass', null, measured, wanted, profile)
const unknown = (reason: ComplianceReason, measured: Value = null, wanted: Value = null) => verdict('unknown', reason, measured, wanted)
const unjudged = (reason: ComplianceReason) => verdict('unjudged', reason)

const away = ({ view }: CameraFacts) => view.state === 'down' || view.state === 'unreachable' || view.state === 'unknown'
const encoderOf = (c: CameraFacts, profile: StreamProfile): EncoderSetting | undefined => c.report?.encoders?.find(e => e.profile === profile)
/** The worst of both streams: a failed one, then one that is not known, then the main one. */
function worst (verdicts: readonly Verdict[]): Verdict | undefined {
  return verdicts.find(v => v.status === 'fail') ?? verdicts.find(v => v.status === 'pass') ?? verdicts[0]
}
/** For what needs a stream that plays. */
function notPlaying (c: CameraFacts): Verdict {
  if (away(c)) return unknown('camera_away')
  return c.settings.pull === 'on_demand' ? unjudged('on_demand') : unknown('not_measured')
}

/** Main before sub. */
const playing = (c: CameraFacts) => c.averages.filter(a => a.at - a.since >= limits.averagedMs).sort((a, b) => (a.profile < b.profile ? -1 : 1))

function judgeStreams (c: CameraFacts, judge: (a: StreamAverage, e: EncoderSetting | undefined) => Verdict | null): Verdict {
  if (away(c)) return unknown('camera_away')
  return worst(playing(c).flatMap(a => judge(a, encoderOf(c, a.profile)) ?? [])) ?? notPlaying(c)
}

const fps: Check = (c, before) => judgeStreams(c, ({ fps: measured, profile }, e) => {
  if (measured === null) return null
  if (!e?.fps) return { ...unknown('not_configured', measured), profile }
  if (measured < e.fps * (before === 'fail' ? limits.goodFpsShare : limits.lowFpsShare)) return verdict('fail', 'below', measured, e.fps, profile)
  return measured > e.fps * limits.highFpsShare ? verdict('fail', 'above', measured, e.fps, profile) : pass(measured, e.fps, profile)
})

/** The configured rate is a limit of the picture alone: a still scene may send far less, sound comes on top. */
const bitrate: Check = (c, before) => judgeStreams(c, ({ bitrateBps: measured, profile, audio }, e) => {
  if (measured === null) return null
  if (!e?.bitrateBps) return { ...unknown('not_configured', measured), profile }
  const limit = e.bitrateBps * (before === 'fail' ? limits.goodBitrateShare : limits.highBitrateShare) + (audio ? limits.audioBps : 0)
  return measured > limit ? verdict('fail', 'above', measured, e.bitrateBps, profile) : pass(measured, e.bitrateBps, profile)
})

/** As measured; where nothing plays, as the camera is set. */
const keyFrames: Check = c => {
  const most = limits.keyFrameMs + limits.keyFrameToleranceMs
  const measured = judgeStreams(c, ({ keyFrameMs: ms, profile }) => ms === null ? null : ms > most ? verdict('fail', 'above', ms, limits.keyFrameMs, profile) : pass(ms, limits.keyFrameMs, profile))
  if (measured.measured !== null || away(c)) return measured
  const declared = (c.report?.encoders ?? []).flatMap(e => e.govLength && e.fps ? [{ ms: e.govLength / e.fps * 1000, profile: e.profile }] : [])
  return worst(declared.map(({ ms, profile }) => ms > most ? verdict('fail', 'above', ms, limits.keyFrameMs, profile) : verdict('pass', 'declared_only', ms, limits.keyFrameMs, profile))) ?? measured
}

const kindOf = (codec: string) => /^avc/i.test(codec) ? 'h264' : /^(hvc|hev)/i.test(codec) ? 'h265' : codec.toLowerCase()
const shownAs = (codec: string | null, width: number | null, height: number | null) => `${codec === null ? '?' : kindOf(codec).toUpperCase().replace(/^H26/, 'H.26')} ${width ?? '?'}×${height ?? '?'}`
const codec: Check = c => {
  if (away(c)) return unknown('camera_away')
  const broken = c.view.streams.find(s => s.failure?.code === 'unsupported_codec')
  if (broken) return verdict('fail', 'codec_unsupported', broken.codec, 'H.264, H.265', broken.profile)
  const judged = c.view.streams.filter(s => s.status === 'playing' && s.codec !== null).map((s: StreamView) => {
    const e = encoderOf(c, s.profile)
    const measured = shownAs(s.codec, s.width, s.height)
    if (!e?.codec) return { ...unknown('not_configured', measured), profile: s.profile }
    const wanted = shownAs(e.codec, e.width, e.height)
    if (e.codec !== kindOf(s.codec!)) return verdict('fail', 'codec_differs', measured, wanted, s.profile)
    const sizeDiffers = e.width !== null && s.width !== null && (e.width !== s.width || e.height !== s.height)
    return sizeDiffers ? verdict('fail', 'size_differs', measured, wanted, s.profile) : pass(measured, wanted, s.profile)
  })
  return worst(judged) ?? notPlaying(c)
}

const loss: Check = ({ day, settings }) => {
  const seen = day ? day.lost + day.packets : 0
  if (!day || seen < limits.leastPackets) return settings.pull === 'on_demand' && seen === 0 ? unjudged('on_demand') : unknown('not_measured', null, limits.lostShare)
  const share = day.lost / seen
  return share > limits.lostShare ? verdict('fail', 'above', share, limits.lostShare) : pass(share, limits.lostShare)
}

const reconnects: Check = ({ day, settings }) => {
  if (!day) return settings.pull === 'on_demand' ? unjudged('on_demand') : unknown('not_measured', null, limits.reconnectsADay)
  return day.reconnects > limits.reconnectsADay ? verdict('fail', 'above', day.reconnects, limits.reconnectsADay) : pass(day.reconnects, limits.reconnectsADay)
}

const onvif: Check = c => {
  if (!c.settings.onvif) return unjudged('no_onvif')
  if (c.onvif?.denied) return verdict('fail', 'login_refused')
  if (away(c)) return unknown('camera_away')
  if (!c.onvif) return unknown('not_measured')
  return c.onvif.failing ? verdict('fail', 'no_answer') : verdict('pass')
}

const clock: Check = (c, before) => {
  if (!c.settings.onvif) return unjudged('no_onvif')
  if (away(c)) return unknown('camera_away')
  const offset = c.view.clockOffsetMs
  if (offset === null) return unknown('not_measured', null, limits.clockMs)
  return Math.abs(offset) > (before === 'fail' ? limits.goodClockMs : limits.clockMs) ? verdict('fail', 'above', offset, limits.clockMs) : pass(offset, limits.clockMs)
}

const storedReason = { factory: 'stored_factory', empty: 'stored_empty', same: 'stored_same', weak: 'stored_weak' } as const
const password: Check = ({ report, logins, acceptedUser, strength, hasPassword }) => {
  if (report?.openToAll) return verdict('fail', 'open_to_all')
  if (logins?.outcome === 'accepted') return verdict('fail', 'factory_accepted', acceptedUser)
  if (strength && strength !== 'good') return verdict('fail', storedReason[strength])
  if (logins?.outcome === 'locked') return unknown('locked_out')
  if (!hasPassword) return unknown('no_credential')
  if (!strength) return unknown('not_measured')
  return verdict('pass', logins?.outcome === 'none_accepted' ? 'factory_tried' : 'stored_good')
}

const firmware: Check = ({ identity, approved, settings }) => {
  if (!settings.onvif) return unjudged('no_onvif')
  if (!identity?.firmware) return unknown('not_measured')
  if (approved.length === 0) return unknown('none_approved', identity.firmware)
  const wanted = approved.join(', ')
  return approved.includes(identity.firmware) ? pass(identity.firmware, wanted) : verdict('fail', 'not_approved', identity.firmware, wanted)
}

const certificate: Check = ({ settings, report }, _before, now) => {
  if (!settings.onvif?.tls) return unjudged('no_tls')
  const shown = report?.certificate
  if (!shown) return unknown('not_measured', null, limits.certificateDays)
  const judged = (status: ComplianceStatus, reason: ComplianceReason | null) => verdict(status, reason, shown.notAfter, limits.certificateDays)
  if (now > shown.notAfter) return judged('fail', 'expired')
  if (now < shown.notBefore) return judged('fail', 'not_yet_valid')
  return shown.notAfter - now < limits.certificateDays * DAY_MS ? judged('fail', 'expires_soon') : judged('pass', null)
}

const recording: Check = ({ recording: { mode, openGap, missingMs, everRecorded } }, _before, now) => {
  if (mode === 'off') return unjudged('recording_off')
  const share = missingMs / DAY_MS
  if (openGap && now - openGap.from > limits.gapMs) return verdict('fail', 'gap_open', openGap.cause, limits.missingShare)
  if (!everRecorded) return unknown('no_footage', null, limits.missingShare)
  return share > limits.missingShare ? verdict('fail', 'gaps', share, limits.missingShare) : pass(share, limits.missingShare)
}

const picture: Check = c => {
  if (away(c)) return unknown('camera_away')
  if (c.settings.pull === 'on_demand') return unjudged('on_demand')
  if (!c.pictureFaults) return unknown('not_measured')
  return c.pictureFaults.length > 0 ? verdict('fail', 'picture_fault', c.pictureFaults.join(',')) : verdict('pass')
}

export const checks: Record<ComplianceCheck, Check> = { onvif, fps, bitrate, key_frames: keyFrames, codec, loss, reconnects, clock, password, firmware, certificate, recording, picture }
