/** Are the cameras as they should be: a table of checks with what was measured and what was wanted. See docs/decisions/compliance.md. */
import Type, { type Static } from 'typebox'
import { Id, Nullable, PageOf, TimeMs } from './common.js'
import { StreamProfile } from './health.js'

export const complianceChecks = ['onvif', 'fps', 'bitrate', 'key_frames', 'codec', 'loss', 'reconnects', 'clock', 'password', 'firmware', 'certificate', 'recording', 'picture'] as const
export const ComplianceCheck = Type.Enum([...complianceChecks])
export type ComplianceCheck = (typeof complianceChecks)[number]
/** `unknown`: it should be known and is not. `unjudged`: does not apply to this camera. */
export const complianceStatuses = ['pass', 'fail', 'unknown', 'unjudged'] as const
export const ComplianceStatus = Type.Enum([...complianceStatuses])
export type ComplianceStatus = (typeof complianceStatuses)[number]

/** Why a check has its status, beyond the two values. */
export const complianceReasons = [
  'camera_away', 'not_measured', 'not_configured', 'on_demand', 'no_onvif', 'declared_only',
  'no_answer', 'login_refused', 'below', 'above', 'codec_differs', 'size_differs', 'codec_unsupported',
  'open_to_all', 'factory_accepted', 'stored_factory', 'stored_empty', 'stored_same', 'stored_weak', 'stored_good', 'factory_tried', 'no_credential', 'locked_out',
  'none_approved', 'not_approved', 'no_tls', 'expired', 'expires_soon', 'not_yet_valid',
  'recording_off', 'gap_open', 'gaps', 'no_footage', 'picture_fault'
] as const
export const ComplianceReason = Type.Enum([...complianceReasons])
export type ComplianceReason = (typeof complianceReasons)[number]

const Value = Nullable(Type.Union([Type.Number(), Type.String()]))
/**
 * Values are in the check's own unit: frames/s, bit/s, ms between key frames, share lost (0 to 1), reconnects a day, ms of clock offset,
 * time in ms of a certificate's end (wanted: days left), share of footage missing; texts elsewhere.
 */
export const ComplianceResult = Type.Object({
  status: ComplianceStatus,
  /** Of this status. */
  since: TimeMs,
  reason: Nullable(ComplianceReason), measured: Value, wanted: Value, profile: Nullable(StreamProfile)
})
export type ComplianceResult = Static<typeof ComplianceResult>

const Verdicts = Type.Object(Object.fromEntries(complianceChecks.map(c => [c, ComplianceResult])) as Record<ComplianceCheck, typeof ComplianceResult>)
export const ComplianceRow = Type.Object({
  id: Id, name: Type.String(), siteName: Nullable(Type.String()), groupName: Nullable(Type.String()), address: Type.String(),
  state: Type.String(), manufacturer: Nullable(Type.String()), model: Nullable(Type.String()), firmware: Nullable(Type.String()),
  failed: Type.Integer(), checks: Verdicts
})
export type ComplianceRow = Static<typeof ComplianceRow>

const Counts = Type.Object(Object.fromEntries(complianceStatuses.map(s => [s, Type.Integer()])) as Record<ComplianceStatus, ReturnType<typeof Type.Integer>>)
export type ComplianceCounts = Static<typeof Counts>
/** `counts` are over all that the other filters leave; `failing` is the cameras with at least one failed check among them. */
export const CompliancePage = Type.Object({
  ...PageOf(ComplianceRow).properties, at: TimeMs, cameras: Type.Integer(), failing: Type.Integer(),
  counts: Type.Object(Object.fromEntries(complianceChecks.map(c => [c, Counts])) as Record<ComplianceCheck, typeof Counts>)
})
export type CompliancePage = Static<typeof CompliancePage>

const complianceSorts = ['failed', 'name', 'site', 'model', ...complianceChecks] as const
export const ComplianceFilter = Type.Object({
  /** With `status` alone: any check has it. With `check` alone: it failed. */
  check: Type.Optional(ComplianceCheck), status: Type.Optional(ComplianceStatus),
  siteId: Type.Optional(Id), groupId: Type.Optional(Id),
  /** Every word must occur in name, address, site, maker, model or firmware. */
  q: Type.Optional(Type.String({ maxLength: 120 })),
  /** The worst first; texts rising. */
  sort: Type.Optional(Type.Enum([...complianceSorts])), descending: Type.Optional(Type.Boolean())
}, { additionalProperties: false })
export type ComplianceFilter = Static<typeof ComplianceFilter>
export const ComplianceQuery = Type.Object({
  ...ComplianceFilter.properties,
  cursor: Type.Optional(Type.String({ maxLength: 500 })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 }))
}, { additionalProperties: false })
export type ComplianceQuery = Static<typeof ComplianceQuery>

const Part = Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' })
export const ApprovedFirmware = Type.Object({ manufacturer: Type.String(), model: Type.String(), version: Type.String(), approvedAt: TimeMs, approvedBy: Type.String() })
export type ApprovedFirmware = Static<typeof ApprovedFirmware>
/** A version that cameras have, or that was approved; `cameras` counts those that the reader may see. */
export const FirmwareVersion = Type.Object({ manufacturer: Type.String(), model: Type.String(), version: Type.String(), cameras: Type.Integer(), approvedAt: Nullable(TimeMs), approvedBy: Nullable(Type.String()) })
export type FirmwareVersion = Static<typeof FirmwareVersion>
export const FirmwareList = Type.Object({ versions: Type.Array(FirmwareVersion) })
export type FirmwareList = Static<typeof FirmwareList>
export const FirmwareWrite = Type.Object({ manufacturer: Part, model: Part, version: Part, approved: Type.Boolean() }, { additionalProperties: false })
export type FirmwareWrite = Static<typeof FirmwareWrite>

/** `off`: nobody tries a login at a camera. `on_request`: when a person asks. `weekly`: every camera, once a week. */
export const loginCheckModes = ['off', 'on_request', 'weekly'] as const
export const ComplianceSettings = Type.Object({ loginChecks: Type.Enum([...loginCheckModes]) }, { additionalProperties: false })
export type ComplianceSettings = Static<typeof ComplianceSettings>

const loginCheckStates = ['never', 'waiting', 'none_accepted', 'accepted', 'locked', 'unreachable'] as const
/** How far the trial of factory logins at a camera is. */
export const LoginCheck = Type.Object({
  state: Type.Enum([...loginCheckStates]), tried: Type.Integer(), of: Type.Integer(), at: Nullable(TimeMs), nextAt: Nullable(TimeMs),
  /** User name of the accepted login. */
  username: Nullable(Type.String())
})
export type LoginCheck = Static<typeof LoginCheck>
export const LoginCheckRequest = Type.Object({ deviceIds: Type.Array(Id, { minItems: 1, maxItems: 500, uniqueItems: true }) }, { additionalProperties: false })
export type LoginCheckRequest = Static<typeof LoginCheckRequest>
/** `refused` are cameras where it would be reckless: locked lately, not reachable, or without an agent. */
export const LoginCheckStarted = Type.Object({ started: Type.Integer(), refused: Type.Array(Type.Object({ id: Id, reason: Type.Enum(['locked', 'too_soon', 'no_agent', 'running']) })) })
export type LoginCheckStarted = Static<typeof LoginCheckStarted>

const Encoder = Type.Object({ profile: StreamProfile, codec: Nullable(Type.String()), width: Nullable(Type.Number()), height: Nullable(Type.Number()), fps: Nullable(Type.Number()), bitrateBps: Nullable(Type.Number()), govLength: Nullable(Type.Number()) })
/** GET /devices/:id/compliance. */
export const CameraCompliance = Type.Object({
  ...ComplianceRow.properties,
  /** How the camera's encoders are set, as it told itself; null while it did not. */
  encoders: Nullable(Type.Array(Encoder)),
  certificate: Nullable(Type.Object({ subject: Type.String(), issuer: Type.String(), notBefore: TimeMs, notAfter: TimeMs })),
  reportedAt: Nullable(TimeMs),
  approved: Type.Array(Type.String()),
  loginCheck: LoginCheck
})
export type CameraCompliance = Static<typeof CameraCompliance>
