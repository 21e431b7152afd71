import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ComplianceCheck, complianceChecks, type ComplianceReason, type ComplianceStatus } from '../../contract/compliance.js'
import type { DeviceState, EncoderSetting, StreamView } from '../../contract/health.js'
import { type CameraFacts, checks } from './rules.js'

const NOW = 1_800_000_000_000
const DAY = 86_400_000
const stream = (over: Partial<StreamView> = {}): StreamView => ({
  profile: 'sub', status: 'playing', client: 'own', failure: null, codec: 'avc1.64001f', width: 640, height: 360, fps: 10, bitrateBps: 300_000, keyFrameIntervalMs: 1000, audioCodec: null, packetsLost: 0, reconnects: 0, packets: 1, at: NOW, ...over
})
const encoder = (over: Partial<EncoderSetting> = {}): EncoderSetting => ({ profile: 'sub', codec: 'h264', width: 640, height: 360, fps: 10, bitrateBps: 384_000, govLength: 10, ...over })
const average = (over: Partial<CameraFacts['averages'][number]> = {}) => ({ profile: 'sub' as const, at: NOW, since: NOW - 60_000, fps: 10, bitrateBps: 300_000, keyFrameMs: 1000, audio: false, ...over })
type Camera = CameraFacts['settings']
const settings = (over: Partial<Camera> = {}): Camera => ({ onvif: { port: 80, tls: true }, rtsp: { port: 554, mainPath: null, subPath: null }, pull: 'always', ...over })
const report = (over: Partial<NonNullable<CameraFacts['report']>> = {}): NonNullable<CameraFacts['report']> => ({
  at: NOW, encoders: [encoder()], certificate: { notBefore: NOW - DAY, notAfter: NOW + 90 * DAY, subject: 'c', issuer: 'c', sha256: '0' }, openToAll: false, ...over
})
const view = (over: Partial<CameraFacts['view']> = {}): CameraFacts['view'] => ({ state: 'up', since: NOW, observedAt: NOW, reason: null, causeDeviceId: null, rttMs: 1, clockOffsetMs: 100, streams: [stream()], ...over })
const recording = (over: Partial<CameraFacts['recording']> = {}): CameraFacts['recording'] => ({ mode: 'continuous', openGap: null, missingMs: 0, everRecorded: true, ...over })
/** A camera with which all is well. */
const well: CameraFacts = {
  settings: settings(), view: view(), onvif: { failing: false, denied: false }, pictureFaults: [], identity: { manufacturer: 'M', model: 'X', firmware: '2.1' }, report: report(), averages: [average()],
  day: { reconnects: 1, lost: 5, packets: 1_000_000 }, hasPassword: true, strength: 'good', logins: null, acceptedUser: null, approved: ['2.0', '2.1'], recording: recording()
}

it('all is well with a camera that is as it should be', () => {
  expect(Object.fromEntries(complianceChecks.map(c => [c, checks[c](well, undefined, NOW).status]))).toEqual(Object.fromEntries(complianceChecks.map(c => [c, 'pass'])))
})

const onDemand = { settings: settings({ pull: 'on_demand' }), averages: [], view: view({ streams: [] }) }
const cases: [ComplianceCheck, string, Partial<CameraFacts>, ComplianceStatus, ComplianceReason | null, (ComplianceStatus | undefined)?][] = [
  ['fps', 'declares 25 and sends 21', { report: report({ encoders: [encoder({ fps: 25 })] }), averages: [average({ fps: 21 })] }, 'fail', 'below'],
  ['fps', 'sends nine tenths', { averages: [average({ fps: 9 })] }, 'pass', null],
  ['fps', 'is not good again before it is clearly good', { averages: [average({ fps: 9.2 })] }, 'fail', 'below', 'fail'],
  ['fps', 'sends far more than it is set to', { averages: [average({ fps: 13 })] }, 'fail', 'above'],
  ['fps', 'does not tell how it is set', { report: null }, 'unknown', 'not_configured'],
  ['fps', 'does not play although it should', { averages: [], view: view({ streams: [] }) }, 'unknown', 'not_measured'],
  ['fps', 'is pulled on demand only', onDemand, 'unjudged', 'on_demand'],
  ['fps', 'has one bad stream of two', { report: report({ encoders: [encoder(), encoder({ profile: 'main', fps: 25 })] }), averages: [average(), average({ profile: 'main', fps: 12 })] }, 'fail', 'below'],
  ['fps', 'has only just begun to play', { averages: [average({ fps: 1, since: NOW - 59_000 })] }, 'unknown', 'not_measured'],
  ['bitrate', 'sends far less than it may', { averages: [average({ bitrateBps: 20_000 })] }, 'pass', null],
  ['bitrate', 'sends a fifth more than it may', { averages: [average({ bitrateBps: 384_000 * 1.21 })] }, 'fail', 'above'],
  ['bitrate', 'sends sound on top of what its picture may', { averages: [average({ bitrateBps: 384_000 * 1.21, audio: true })] }, 'pass', null],
  ['bitrate', 'is not good again before it is clearly good', { averages: [average({ bitrateBps: 384_000 * 1.15 })] }, 'fail', 'above', 'fail'],
  ['key_frames', 'has two seconds between key frames, and some jitter', { averages: [average({ keyFrameMs: 2080 })] }, 'pass', null],
  ['key_frames', 'has four seconds between key frames', { averages: [average({ keyFrameMs: 4000 })] }, 'fail', 'above'],
  ['key_frames', 'is not pulled, and set to ten seconds', { ...onDemand, report: report({ encoders: [encoder({ govLength: 100 })] }) }, 'fail', 'above'],
  ['key_frames', 'is not pulled, and set to a second', onDemand, 'pass', 'declared_only'],
  ['key_frames', 'is not pulled and tells nothing', { ...onDemand, report: null }, 'unjudged', 'on_demand'],
  ['codec', 'sends H.265 where it is set to H.264', { view: view({ streams: [stream({ codec: 'hvc1.1.6.L93.B0' })] }) }, 'fail', 'codec_differs'],
  ['codec', 'sends another size', { view: view({ streams: [stream({ width: 704, height: 576 })] }) }, 'fail', 'size_differs'],
  ['codec', 'sends what nobody can play', { view: view({ state: 'degraded', streams: [stream({ status: 'failed', codec: null, failure: { code: 'unsupported_codec', detail: '' } })] }) }, 'fail', 'codec_unsupported'],
  ['codec', 'does not tell how it is set', { report: null }, 'unknown', 'not_configured'],
  ['loss', 'lost one packet of five hundred', { day: { reconnects: 0, lost: 2000, packets: 998_000 } }, 'fail', 'above'],
  ['loss', 'has sent too little to say', { day: { reconnects: 0, lost: 50, packets: 100 } }, 'unknown', 'not_measured'],
  ['loss', 'is pulled on demand only', { ...onDemand, day: null }, 'unjudged', 'on_demand'],
  ['reconnects', 'broke eleven times in a day', { day: { reconnects: 11, lost: 0, packets: 0 } }, 'fail', 'above'],
  ['reconnects', 'broke ten times in a day', { day: { reconnects: 10, lost: 0, packets: 0 } }, 'pass', null],
  ['reconnects', 'was not counted yet', { day: null }, 'unknown', 'not_measured'],
  ['clock', 'is three seconds behind', { view: view({ clockOffsetMs: -3000 }) }, 'fail', 'above'],
  ['clock', 'is not good again before it is clearly good', { view: view({ clockOffsetMs: 1800 }) }, 'fail', 'above', 'fail'],
  ['clock', 'has never told its time', { view: view({ clockOffsetMs: null }) }, 'unknown', 'not_measured'],
  ['clock', 'has no ONVIF', { settings: settings({ onvif: null }) }, 'unjudged', 'no_onvif'],
  ['onvif', 'refuses our login, even while away', { onvif: { failing: false, denied: true }, view: view({ state: 'degraded' }) }, 'fail', 'login_refused'],
  ['onvif', 'plays and does not answer ONVIF', { onvif: { failing: true, denied: false }, view: view({ state: 'degraded' }) }, 'fail', 'no_answer'],
  ['onvif', 'was never asked', { onvif: null }, 'unknown', 'not_measured'],
  ['onvif', 'has no ONVIF', { settings: settings({ onvif: null }) }, 'unjudged', 'no_onvif'],
  ['password', 'asks nobody for one', { report: report({ openToAll: true }) }, 'fail', 'open_to_all'],
  ['password', 'let a factory login in', { logins: { outcome: 'accepted', acceptedId: 'admin-admin' }, acceptedUser: 'admin' }, 'fail', 'factory_accepted'],
  ['password', 'has a factory login stored', { strength: 'factory' }, 'fail', 'stored_factory'],
  ['password', 'has a weak one stored', { strength: 'weak' }, 'fail', 'stored_weak'],
  ['password', 'has none stored', { strength: 'empty' }, 'fail', 'stored_empty'],
  ['password', 'has its user name stored', { strength: 'same' }, 'fail', 'stored_same'],
  ['password', 'locked itself', { logins: { outcome: 'locked', acceptedId: null } }, 'unknown', 'locked_out'],
  ['password', 'has no login', { hasPassword: false, strength: null }, 'unknown', 'no_credential'],
  ['password', 'has one that nobody has judged', { strength: null }, 'unknown', 'not_measured'],
  ['password', 'has a good one and was tried', { logins: { outcome: 'none_accepted', acceptedId: null } }, 'pass', 'factory_tried'],
  ['password', 'has a good one and was not tried', {}, 'pass', 'stored_good'],
  ['firmware', 'has a version that nobody approved', { identity: { manufacturer: 'M', model: 'X', firmware: '1.9' } }, 'fail', 'not_approved'],
  ['firmware', 'is of a model without approved versions', { approved: [] }, 'unknown', 'none_approved'],
  ['firmware', 'does not tell it', { identity: { manufacturer: 'M', model: 'X', firmware: '' } }, 'unknown', 'not_measured'],
  ['firmware', 'never told who it is', { identity: null }, 'unknown', 'not_measured'],
  ['certificate', 'has 29 days left', { report: report({ certificate: { notBefore: 0, notAfter: NOW + 29 * DAY, subject: '', issuer: '', sha256: '' } }) }, 'fail', 'expires_soon'],
  ['certificate', 'has expired', { report: report({ certificate: { notBefore: 0, notAfter: NOW - 1, subject: '', issuer: '', sha256: '' } }) }, 'fail', 'expired'],
  ['certificate', 'is not valid yet', { report: report({ certificate: { notBefore: NOW + 1, notAfter: NOW + 90 * DAY, subject: '', issuer: '', sha256: '' } }) }, 'fail', 'not_yet_valid'],
  ['certificate', 'was never seen', { report: report({ certificate: null }) }, 'unknown', 'not_measured'],
  ['certificate', 'speaks without TLS', { settings: settings({ onvif: { port: 80 } }) }, 'unjudged', 'no_tls'],
  ['recording', 'is not to be recorded', { recording: recording({ mode: 'off', openGap: { cause: 'disk_full', from: 0 } }) }, 'unjudged', 'recording_off'],
  ['recording', 'has not been recorded for two minutes', { recording: recording({ openGap: { cause: 'disk_full', from: NOW - 120_000 } }) }, 'fail', 'gap_open'],
  ['recording', 'has just stopped', { recording: recording({ openGap: { cause: 'stream_lost', from: NOW - 30_000 } }) }, 'pass', null],
  ['recording', 'misses half an hour of the day', { recording: recording({ missingMs: 1_800_000 }) }, 'fail', 'gaps'],
  ['recording', 'was never recorded', { recording: recording({ everRecorded: false }) }, 'unknown', 'no_footage'],
  ['picture', 'is covered', { pictureFaults: ['covered'] }, 'fail', 'picture_fault'],
  ['picture', 'was never looked at', { pictureFaults: null }, 'unknown', 'not_measured'],
  ['picture', 'is pulled on demand only', onDemand, 'unjudged', 'on_demand']
]
describe.each(complianceChecks)('%s', check => {
  it.each(cases.filter(c => c[0] === check))('%s: a camera that %s', (_check, _what, facts, status, reason, before) => {
    const v = checks[check]({ ...well, ...facts }, before, NOW)
    expect([v.status, v.reason]).toEqual([status, reason])
  })
})

it('nothing that needs the camera is judged while it is away; what is known of it stays', () => {
  for (const state of ['down', 'unreachable', 'unknown'] as DeviceState[]) {
    const facts = { ...well, view: view({ state }) }
    const statuses = Object.fromEntries(complianceChecks.map(c => [c, checks[c](facts, 'fail', NOW).status]))
    expect(statuses).toMatchObject({ onvif: 'unknown', fps: 'unknown', bitrate: 'unknown', key_frames: 'unknown', codec: 'unknown', clock: 'unknown', picture: 'unknown', password: 'pass', firmware: 'pass', certificate: 'pass', recording: 'pass', loss: 'pass' })
  }
})

it('never throws and never calls a failure without a reason', () => {
  fc.assert(fc.property(fc.record({
    fps: fc.option(fc.double({ noNaN: true, min: -5, max: 1e9 })), state: fc.constantFrom<DeviceState>('up', 'degraded', 'down', 'unreachable', 'unknown'), encoders: fc.option(fc.constantFrom<EncoderSetting[]>([], [encoder()], [encoder({ fps: 0, govLength: 0, bitrateBps: null })])),
    offset: fc.option(fc.integer()), strength: fc.constantFrom('good', 'weak', null), gap: fc.option(fc.integer({ min: 0, max: NOW })), at: fc.integer({ min: 0, max: 2 * NOW }), before: fc.constantFrom<ComplianceStatus | undefined>('pass', 'fail', 'unknown', 'unjudged', undefined)
  }), o => {
    const facts: CameraFacts = {
      ...well, view: view({ state: o.state, clockOffsetMs: o.offset }), averages: [average({ fps: o.fps })], report: o.encoders === null ? null : report({ encoders: o.encoders }), strength: o.strength as 'good' | 'weak' | null,
      recording: recording({ openGap: o.gap === null ? null : { cause: 'unknown', from: o.gap } })
    }
    for (const check of complianceChecks) {
      const v = checks[check](facts, o.before, o.at)
      if (v.status === 'fail' || v.status === 'unjudged' || v.status === 'unknown') expect(v.reason).not.toBeNull()
    }
  }), { numRuns: 300 })
})
