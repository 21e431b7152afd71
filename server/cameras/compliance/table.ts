/** The table itself, in memory: a row a camera, a verdict a check. Made anew now and then; what changed its status is kept. */
import { type ComplianceCheck, complianceChecks, type ComplianceResult } from '../../contract/compliance.js'
import type { DeviceStateView } from '../../contract/health.js'
import { averageStreams, countStreams, lastDay } from './counters.js'
import { usernameOf } from './login-rules.js'
import type { Remembered } from './memory.js'
import { type CameraFacts, checks as rules } from './rules.js'
import { type Camera, firmwareKey, noGaps, type RecordingFacts } from './sources.js'
import { nextState } from './state.js'

/** What health holds of a camera. */
export interface HealthEntry {
  view: DeviceStateView
  identity: Record<string, string | null> | null
  memory: { methods: Record<string, { fails: number, okAt: number | null, denied: unknown }>, pictureFaults?: CameraFacts['pictureFaults'] & object }
}
export interface Known { gaps: ReadonlyMap<string, RecordingFacts>, modes: ReadonlyMap<string, string>, recorded: ReadonlySet<string>, approved: ReadonlyMap<string, readonly string[]> }

export interface TableRow {
  camera: Camera
  identity: CameraFacts['identity']
  state: string
  failed: number
  checks: Record<ComplianceCheck, ComplianceResult>
  /** Lower case, for search. */
  text: string
}

const noView = (now: number): DeviceStateView => ({ state: 'unknown', since: now, observedAt: null, reason: null, causeDeviceId: null, rttMs: null, clockOffsetMs: null, streams: [] })
const FAILING = 2
const onvifOf = (entry: HealthEntry | undefined): CameraFacts['onvif'] => {
  const method = entry?.memory.methods.onvif
  if (!method || (method.okAt === null && method.fails < FAILING)) return null
  return { failing: method.fails >= FAILING, denied: method.denied !== null }
}
const identityOf = (entry: HealthEntry | undefined): CameraFacts['identity'] => {
  const { manufacturer, model, firmware } = entry?.identity ?? {}
  return manufacturer == null && model == null ? null : { manufacturer: manufacturer ?? '', model: model ?? '', firmware: firmware ?? '' }
}

function factsOf (camera: Camera, entry: HealthEntry | undefined, m: Remembered, known: Known, now: number): CameraFacts {
  const identity = identityOf(entry)
  const { openGap, missingMs } = known.gaps.get(camera.id) ?? noGaps
  return {
    settings: camera.settings, view: entry?.view ?? noView(now), onvif: onvifOf(entry), pictureFaults: entry?.memory.pictureFaults ?? null, identity, report: m.report,
    averages: m.averages, day: lastDay(m.counts, now), hasPassword: camera.hasPassword, strength: camera.strength, logins: m.logins, acceptedUser: usernameOf(m.logins?.acceptedId ?? null),
    approved: identity ? known.approved.get(firmwareKey(identity.manufacturer, identity.model)) ?? [] : [],
    recording: { mode: known.modes.get(camera.id) ?? 'off', openGap, missingMs, everRecorded: known.recorded.has(camera.id) }
  }
}

/** Judges a camera; `m` is brought up to date, and marked where it must be written. */
export function judgeRow (camera: Camera, entry: HealthEntry | undefined, m: Remembered, known: Known, now: number): TableRow {
  const streams = entry?.view.streams ?? []
  m.averages = averageStreams(m.averages, streams)
  m.counts = countStreams(m.counts, streams, now)
  const hour = m.counts.hours.at(-1)?.hour ?? 0
  if (hour !== m.countsHour) [m.countsHour, m.dirty] = [hour, true]
  const facts = factsOf(camera, entry, m, known, now)
  const results = {} as TableRow['checks']
  let failed = 0
  let changed = false
  const history = { ...m.checks }
  for (const check of complianceChecks) {
    const before = history[check]
    const verdict = rules[check](facts, before?.status, now)
    const state = nextState(before, verdict.status, now)
    if (state !== before) {
      history[check] = state
      changed = true
    }
    if (verdict.status === 'fail') failed++
    results[check] = { ...verdict, since: state.since }
  }
  if (changed) [m.checks, m.dirty] = [history, true]
  const { identity } = facts
  const text = [camera.name, camera.address, camera.siteName, camera.groupName, identity?.manufacturer, identity?.model, identity?.firmware].filter(Boolean).join(' ').toLowerCase()
  return { camera, identity, state: facts.view.state, failed, checks: results, text }
}
