/** Rows of what cameras report, inside somebody's transaction. One open row for each (device, type, source). */
import { and, eq, inArray, isNull, lt, sql } from 'drizzle-orm'
import { newId } from '../../lib/ids.js'
import type { CameraEventType, ObservationOf } from '../contract/health.js'
import type { Reader, Store, Writer } from '../store/store.js'

/** Something a camera reported, at the server's time, with the camera as it is called now. */
export interface SeenEvent extends Pick<ObservationOf<'camera_event'>, 'type' | 'source' | 'phase' | 'data'> { camera: SeenCamera, at: number }
export interface SeenCamera { id: string, name: string, groupId: string | null, siteName: string | null, agentId: string | null }

const SLICE = 100
/** What passes by itself. Agents ask their cameras about what lasts; longer than a day means that an agent's word was lost. */
const passing: readonly CameraEventType[] = ['motion', 'line_crossed', 'field_intrusion', 'object', 'audio']
const PASSING_MS = 86_400_000

/** In the order in which they were seen. An event that is open already stays as it is; an end of nothing is nothing. */
export async function writeEvents (tx: Writer, events: readonly SeenEvent[]) {
  const t = tx.t.cameraEvents
  let rows: (typeof t.$inferInsert)[] = []
  const flush = async () => {
    for (let i = 0; i < rows.length; i += SLICE) await tx.insert(t).values(rows.slice(i, i + SLICE)).onConflictDoNothing()
    rows = []
  }
  for (const e of events) {
    if (e.phase !== 'end') {
      rows.push({ id: newId(), deviceId: e.camera.id, type: e.type, source: e.source, from: e.at, to: e.phase === 'pulse' ? e.at : null, data: e.data })
      continue
    }
    await flush()
    const closed = Object.keys(e.data).filter(k => k === 'closed' || k === 'merged')
    const open = and(eq(t.deviceId, e.camera.id), eq(t.type, e.type), eq(t.source, e.source), isNull(t.to))
    const ended = await tx.update(t).set({ to: sql`case when ${t.from} > ${e.at} then ${t.from} else ${e.at} end` }).where(open).returning({ id: t.id, data: t.data })
    for (const row of closed.length > 0 ? ended : []) await tx.update(t).set({ data: { ...row.data, ...e.data } }).where(eq(t.id, row.id))
  }
  await flush()
}

export interface OpenRow { deviceId: string, type: CameraEventType, source: string, from: number, data: Record<string, string> }
export async function openRows (db: Reader): Promise<OpenRow[]> {
  const t = db.t.cameraEvents
  const rows = await db.select({ deviceId: t.deviceId, type: t.type, source: t.source, from: t.from, data: t.data }).from(t).where(isNull(t.to))
  return rows as OpenRow[]
}

/** `gone`: since when the camera cannot be heard; null while it can, undefined where nobody knows it any more. */
export function isStale (row: OpenRow, gone: number | null | undefined, now: number): { to: number, closed: string } | null {
  if (gone === undefined) return { to: now, closed: 'camera_removed' }
  if (gone !== null) return { to: Math.max(row.from, gone), closed: 'camera_lost' }
  return passing.includes(row.type) && now - row.from >= PASSING_MS ? { to: now, closed: 'timeout' } : null
}

/** Ended events older than this go, a few thousand at a time. */
export const EVENTS_KEPT_MS = 90 * 86_400_000
const PRUNED_AT_ONCE = 5000
export async function pruneEvents (store: Store, now: number): Promise<number> {
  let gone = 0
  for (;;) {
    const n = await store.transaction(async tx => {
      const t = tx.t.cameraEvents
      const old = await tx.select({ id: t.id }).from(t).where(lt(t.from, now - EVENTS_KEPT_MS)).limit(PRUNED_AT_ONCE)
      for (let i = 0; i < old.length; i += 500) await tx.delete(t).where(inArray(t.id, old.slice(i, i + 500).map(r => r.id)))
      return old.length
    })
    gone += n
    if (n < PRUNED_AT_ONCE) return gone
  }
}
