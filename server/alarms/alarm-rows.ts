/** Raising, clearing and counting alarms inside somebody's transaction. One open row for each (source, condition, subject). */
import { and, eq, inArray, isNull } from 'drizzle-orm'
import type { Alarm, Condition, Failure, Severity } from '../contract/health.js'
import type { Schema } from '../store/schema.js'
import type { Writer } from '../store/store.js'
import { forEveryWall, type WallScope } from '../store/wall-events.js'

type Row = Schema['alarms']['$inferSelect']

/** Names are copied, since an alarm outlives its device. `sourceId` is the device's id, or the agent's for its own alarm. */
export interface NewAlarm {
  id: string, sourceId: string, deviceId: string | null, deviceName: string, deviceKind: string | null, agentId: string | null
  groupId: string | null, siteName: string | null, condition: Condition, subject: string, severity: Severity
  failure: Failure | null, raisedAt: number, affectedCount: number
}

export function alarmOf (row: Row): Alarm {
  const { sourceId: _s, searchText: _t, condition, severity, ...rest } = row
  return { ...rest, condition: condition as Condition, severity: severity as Severity }
}
export const scopeOfAlarm = (alarm: Pick<Alarm, 'deviceKind' | 'groupId'>): WallScope =>
  (alarm.deviceKind === 'camera' ? { isCamera: true, groupId: alarm.groupId } : forEveryWall)

const searchTextOf = (a: { deviceName: string, siteName: string | null, subject: string }) => `${a.deviceName}\n${a.siteName ?? ''}\n${a.subject}`.toLowerCase()

const SLICE = 100
function * slices<T> (items: readonly T[]) {
  for (let i = 0; i < items.length; i += SLICE) yield items.slice(i, i + SLICE)
}

/** Returns the rows that are new. One already open stays as it is (unique index), whoever raises it again. */
export async function raiseAlarms (tx: Writer, alarms: NewAlarm[]): Promise<Alarm[]> {
  const raised: Alarm[] = []
  for (const slice of slices(alarms)) {
    const rows = await tx.insert(tx.t.alarms).values(slice.map(a => ({ ...a, searchText: searchTextOf(a), clearedAt: null }))).onConflictDoNothing().returning()
    raised.push(...rows.map(alarmOf))
  }
  return raised
}

/** The id of the open alarm, for whoever lost a race to raise it. */
export async function openAlarmId (tx: Writer, sourceId: string, condition: Condition, subject: string) {
  const { alarms } = tx.t
  const [row] = await tx.select({ id: alarms.id }).from(alarms)
    .where(and(eq(alarms.sourceId, sourceId), eq(alarms.condition, condition), eq(alarms.subject, subject), isNull(alarms.clearedAt)))
  return row?.id ?? null
}

/** Clears those still open and returns them; clearing is never suppressed. `affectedCount` is what the alarm stood for in all, for the history. */
export async function clearAlarms (tx: Writer, clears: { id: string, at: number, affectedCount?: number }[]): Promise<Alarm[]> {
  const { alarms } = tx.t
  const cleared: Alarm[] = []
  const alike = new Map<string, typeof clears>()
  for (const clear of clears) {
    const key = `${clear.at} ${clear.affectedCount ?? ''}`
    alike.set(key, [...(alike.get(key) ?? []), clear])
  }
  for (const [{ at, affectedCount }, ids] of [...alike.values()].map(list => [list[0]!, list.map(c => c.id)] as const)) {
    for (const slice of slices(ids)) {
      const rows = await tx.update(alarms).set({ clearedAt: at, ...(affectedCount === undefined ? {} : { affectedCount }) }).where(and(inArray(alarms.id, slice), isNull(alarms.clearedAt))).returning()
      cleared.push(...rows.map(alarmOf))
    }
  }
  return cleared
}

/** Clears whatever is open of these sources: devices that were disabled or removed, agents that were revoked. */
export async function clearAlarmsOf (tx: Writer, sourceIds: string[], at: number): Promise<Alarm[]> {
  const { alarms } = tx.t
  const cleared: Alarm[] = []
  for (const slice of slices(sourceIds)) {
    const rows = await tx.update(alarms).set({ clearedAt: at }).where(and(inArray(alarms.sourceId, slice), isNull(alarms.clearedAt))).returning()
    cleared.push(...rows.map(alarmOf))
  }
  return cleared
}

/** Sets how many devices are unreachable because of each open alarm; returns those whose number changed. */
export async function countAffected (tx: Writer, counts: { id: string, affectedCount: number }[]): Promise<Alarm[]> {
  const { alarms } = tx.t
  const changed: Alarm[] = []
  for (const { id, affectedCount } of counts) {
    const rows = await tx.update(alarms).set({ affectedCount }).where(and(eq(alarms.id, id), isNull(alarms.clearedAt))).returning()
    changed.push(...rows.map(alarmOf))
  }
  return changed
}

/** A device was renamed or moved to another group: who may see its alarms follows. */
export async function renameAlarmSource (tx: Writer, deviceId: string, facts: { deviceName: string, groupId: string | null, siteName: string | null }): Promise<Alarm[]> {
  const { alarms } = tx.t
  const rows = await tx.update(alarms).set({ ...facts, searchText: searchTextOf({ ...facts, subject: '' }) }).where(eq(alarms.deviceId, deviceId)).returning()
  return rows.map(alarmOf).filter(a => a.clearedAt === null)
}
