/** What is remembered of each camera, in memory and in `camera_compliance`: each column is written by itself. */
import { inArray, sql } from 'drizzle-orm'
import type { ObservationOf } from '../../contract/health.js'
import type { Reader, Store, Writer } from '../../store/store.js'
import { type StreamAverage, noCounts } from './counters.js'
import { breathe, slices } from './sources.js'
import { type CameraReport, type CheckHistory, joinReport, type LoginCheckState, type StreamCounts } from './state.js'

export interface Remembered {
  report: CameraReport | null
  checks: CheckHistory
  counts: StreamCounts
  /** Hour of the counts that were written last. */
  countsHour: number
  averages: StreamAverage[]
  logins: LoginCheckState | null
  /** To be written. */
  dirty: boolean
}
export type CameraMemory = Map<string, Remembered>
const nothing = (): Remembered => ({ report: null, checks: {}, counts: noCounts, countsHour: 0, averages: [], logins: null, dirty: false })
export function recall (memory: CameraMemory, id: string): Remembered {
  const known = memory.get(id) ?? nothing()
  memory.set(id, known)
  return known
}

export async function loadMemory (db: Reader): Promise<CameraMemory> {
  const memory: CameraMemory = new Map()
  for (const row of await db.select().from(db.t.cameraCompliance)) {
    const counts = (row.counts ?? noCounts) as StreamCounts
    memory.set(row.deviceId, { ...nothing(), report: row.report as CameraReport | null, checks: (row.checks ?? {}) as CheckHistory, counts, countsHour: counts.hours.at(-1)?.hour ?? 0, logins: row.logins as LoginCheckState | null })
  }
  return memory
}

const excluded = (column: string) => sql.raw(`excluded."${column}"`)

export async function writeLogins (tx: Writer, deviceId: string, logins: LoginCheckState) {
  const t = tx.t.cameraCompliance
  await tx.insert(t).values({ deviceId, logins }).onConflictDoUpdate({ target: t.deviceId, set: { logins } })
}

export interface ToldReport { deviceId: string, at: number, told: ObservationOf<'camera_report'> }

/** Inside the batch's transaction; `committed` follows the commit. */
export async function takeReports (tx: Writer, memory: CameraMemory, reports: readonly ToldReport[]) {
  const t = tx.t.cameraCompliance
  const joined = new Map<string, CameraReport>()
  for (const { deviceId, at, told } of reports) {
    const { encoders, certificate, openToAll } = told
    joined.set(deviceId, joinReport(joined.get(deviceId) ?? memory.get(deviceId)?.report ?? null, { encoders, certificate, openToAll }, at))
  }
  for (const some of slices([...joined], 100)) {
    await tx.insert(t).values(some.map(([deviceId, report]) => ({ deviceId, report }))).onConflictDoUpdate({ target: t.deviceId, set: { report: excluded('report') } })
  }
  return () => { for (const [deviceId, report] of joined) recall(memory, deviceId).report = report }
}

/** Checks and counts that changed. */
export async function writeChanged (store: Store, memory: CameraMemory) {
  const changed = [...memory].filter(([, m]) => m.dirty)
  for (const some of slices(changed, 100)) {
    await store.transaction(async tx => {
      const t = tx.t.cameraCompliance
      await tx.insert(t).values(some.map(([deviceId, { checks, counts }]) => ({ deviceId, checks, counts }))).onConflictDoUpdate({ target: t.deviceId, set: { checks: excluded('checks'), counts: excluded('counts') } })
    })
    for (const [, m] of some) m.dirty = false
    await breathe()
  }
}

/** Cameras that are no more. */
export async function forget (store: Store, memory: CameraMemory, ids: readonly string[]) {
  for (const some of slices(ids)) await store.transaction(tx => tx.delete(tx.t.cameraCompliance).where(inArray(tx.t.cameraCompliance.deviceId, [...some])))
  for (const id of ids) memory.delete(id)
}
