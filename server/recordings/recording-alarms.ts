/** Alarms of recording: what stands in the tables against what is open. Run after each page of an agent's index and every few seconds. */
import { and, count, eq, gt, inArray, isNull, lte, min, sql } from 'drizzle-orm'
import { newId } from '../../lib/ids.js'
import { clearAlarms, type NewAlarm, raiseAlarms, scopeOfAlarm } from '../alarms/alarm-rows.js'
import type { Condition, Severity } from '../contract/health.js'
import type { GapCause, VolumeState } from '../contract/recording.js'
import type { Writer } from '../store/store.js'
import { appendWallEvents, type ScopedWallEvent } from '../store/wall-events.js'

const recordingConditions = ['recording_stopped', 'volume_failed', 'footage_damaged', 'lock_unconfirmed', 'lock_review', 'index_faulty'] as const satisfies readonly Condition[]
type RecordingCondition = (typeof recordingConditions)[number]
const severity: Record<RecordingCondition, Severity> = { recording_stopped: 'major', volume_failed: 'critical', footage_damaged: 'major', lock_unconfirmed: 'minor', lock_review: 'warning', index_faulty: 'minor' }

/** Causes of a gap that are the recorder's or its disk's: the camera's own alarms do not tell of these. */
const stopping: readonly GapCause[] = ['disk_full', 'disk_failed', 'disk_slow', 'volume_missing', 'recorder_failed']
/** Shorter is not worth a person's time. */
const DWELL_MS = 10_000
/** An agent that is there takes a lock within seconds. */
const CONFIRM_MS = 10 * 60_000
/** How long people are told that rows of an agent's index could not be taken. */
const FAULTY_SHOWN_MS = 86_400_000

interface Wanted { sourceId: string, deviceId: string | null, agentId: string | null, condition: RecordingCondition, subject: string, detail: string }
const keyOf = (a: { sourceId: string, condition: string, subject: string }) => `${a.sourceId} ${a.condition} ${a.subject}`

/** As the partial index says it: a bound value would not use it. */
const damagedStatus = sql`status in ('damaged', 'missing')`
const ailing = (state: VolumeState | null) => state !== null && !['ok', 'disabled'].includes(state.status)

async function wantedAlarms (tx: Writer, now: number): Promise<Wanted[]> {
  const { gaps, volumes, segments, locks, recordingCursors } = tx.t
  const wanted: Wanted[] = []
  const stopped = await tx.select({ deviceId: gaps.deviceId, agentId: gaps.agentId, cause: gaps.cause, detail: gaps.detail }).from(gaps).where(and(isNull(gaps.to), inArray(gaps.cause, [...stopping]), lte(gaps.from, now - DWELL_MS)))
  for (const g of stopped) wanted.push({ sourceId: g.deviceId, deviceId: g.deviceId, agentId: g.agentId, condition: 'recording_stopped', subject: '', detail: g.cause })
  for (const v of await tx.select().from(volumes)) {
    if (v.enabled && ailing(v.state)) wanted.push({ sourceId: v.agentId, deviceId: null, agentId: v.agentId, condition: 'volume_failed', subject: v.name || 'recordings', detail: v.state!.status })
  }
  const damaged = await tx.select({ deviceId: segments.deviceId, agentId: min(segments.agentId), n: count() }).from(segments).where(damagedStatus).groupBy(segments.deviceId)
  for (const s of damaged) wanted.push({ sourceId: s.deviceId, deviceId: s.deviceId, agentId: s.agentId, condition: 'footage_damaged', subject: '', detail: String(s.n) })
  const held = await tx.select({ id: locks.id, deviceId: locks.deviceId, reviewAt: locks.reviewAt, confirmedAt: locks.confirmedAt, createdAt: locks.createdAt, to: locks.to }).from(locks).where(isNull(locks.releasedAt))
  for (const l of held) {
    if (l.reviewAt <= now) wanted.push({ sourceId: l.deviceId, deviceId: l.deviceId, agentId: null, condition: 'lock_review', subject: '', detail: '' })
    if (l.confirmedAt === null && l.createdAt <= now - CONFIRM_MS) wanted.push({ sourceId: l.deviceId, deviceId: l.deviceId, agentId: null, condition: 'lock_unconfirmed', subject: '', detail: '' })
  }
  const faulty = await tx.select({ agentId: recordingCursors.agentId, n: recordingCursors.leftOut, detail: recordingCursors.leftOutDetail }).from(recordingCursors).where(gt(recordingCursors.leftOutAt, now - FAULTY_SHOWN_MS))
  for (const f of faulty) wanted.push({ sourceId: f.agentId, deviceId: null, agentId: f.agentId, condition: 'index_faulty', subject: '', detail: `${f.n}: ${f.detail ?? ''}`.slice(0, 500) })
  return [...new Map(wanted.map(w => [keyOf(w), w])).values()]
}

/** Raises and clears so that what is open is what is wanted; answers what the walls must hear. */
export async function settleAlarms (tx: Writer, now: number): Promise<ScopedWallEvent[]> {
  const { alarms, devices, agents, sites } = tx.t
  const wanted = new Map((await wantedAlarms(tx, now)).map(w => [keyOf(w), w]))
  const open = await tx.select({ id: alarms.id, sourceId: alarms.sourceId, condition: alarms.condition, subject: alarms.subject }).from(alarms).where(and(isNull(alarms.clearedAt), inArray(alarms.condition, [...recordingConditions])))
  const over = open.filter(a => !wanted.has(keyOf(a)))
  for (const a of open) wanted.delete(keyOf(a))
  const fresh: NewAlarm[] = []
  for (const w of wanted.values()) {
    const [device] = w.deviceId ? await tx.select({ name: devices.name, groupId: devices.groupId, siteName: sites.name }).from(devices).leftJoin(sites, eq(sites.id, devices.siteId)).where(and(eq(devices.id, w.deviceId), gt(devices.createdAt, 0))) : []
    // A camera that was removed raises nothing any more; its footage and locks stay.
    if (w.deviceId && !device) continue
    const [agent] = w.deviceId ? [] : await tx.select({ name: agents.name }).from(agents).where(eq(agents.id, w.sourceId))
    fresh.push({
      id: newId(), sourceId: w.sourceId, deviceId: w.deviceId, deviceName: device?.name ?? agent?.name ?? '', deviceKind: w.deviceId ? 'camera' : null, agentId: w.agentId, groupId: device?.groupId ?? null, siteName: device?.siteName ?? null,
      condition: w.condition, subject: w.subject, severity: severity[w.condition], failure: { code: w.condition, detail: w.detail }, raisedAt: now, affectedCount: 0
    })
  }
  const changed = [...await raiseAlarms(tx, fresh), ...await clearAlarms(tx, over.map(({ id }) => ({ id, at: now })))]
  return appendWallEvents(tx, changed.map(alarm => ({ at: now, change: { kind: 'alarm' as const, alarm }, scope: scopeOfAlarm(alarm) })))
}
