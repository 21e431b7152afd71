/** What is remembered of each camera between two looks, as JSON: columns of `camera_compliance`. */
import type { ComplianceCheck, ComplianceStatus } from '../../contract/compliance.js'
import type { ObservationOf, StreamProfile } from '../../contract/health.js'

type Told = Omit<ObservationOf<'camera_report'>, 'kind' | 'deviceId' | 'at'>
/** The last that was told of each; null was never told. */
export interface CameraReport extends Told { at: number }
export const joinReport = (before: CameraReport | null, told: Told, at: number): CameraReport => ({
  at, encoders: told.encoders ?? before?.encoders ?? null, certificate: told.certificate ?? before?.certificate ?? null, openToAll: told.openToAll ?? before?.openToAll ?? null
})

/** `was`: what stood before it became unknown, and until when. */
export interface CheckState { status: ComplianceStatus, since: number, was?: { status: ComplianceStatus, since: number, until: number } }
export type CheckHistory = Partial<Record<ComplianceCheck, CheckState>>

/** What is not known for a while (a restart, a camera that was away) does not make an old fault a new one. */
const FORGOTTEN_MS = 30 * 60_000
export function nextState (before: CheckState | undefined, status: ComplianceStatus, now: number): CheckState {
  if (before?.status === status) return before
  if (status === 'unknown' && before) return { status, since: now, was: { status: before.status, since: before.since, until: now } }
  const { was } = before ?? {}
  return { status, since: was?.status === status && now - was.until <= FORGOTTEN_MS ? was.since : now }
}

export interface HourCount { hour: number, reconnects: number, lost: number, packets: number }
export interface StreamCounts {
  /** At most 25, oldest first; `hour` counts from the epoch. */
  hours: HourCount[]
  /** The agent's counters as they were seen last. */
  last: Partial<Record<StreamProfile, { at: number, reconnects: number, lost: number, packets: number }>>
}

/** See login-rules.ts. */
export interface LoginCheckState {
  /** Who asked for this round; null: the weekly one. */
  askedBy: string | null
  /** Set while a round runs. */
  startedAt: number | null
  finishedAt: number | null
  /** Of this round, in order. */
  tried: string[]
  /** Times of the logins shown in the last week, by whatever round. */
  shownAt: number[]
  /** Trials in a row that did not come about. */
  misses: number
  outcome: 'none_accepted' | 'accepted' | 'locked' | 'unreachable' | null
  /** The login that was let in. */
  acceptedId: string | null
}
export const noLoginCheck: LoginCheckState = { askedBy: null, startedAt: null, finishedAt: null, tried: [], shownAt: [], misses: 0, outcome: null, acceptedId: null }
