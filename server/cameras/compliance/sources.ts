/** What the table of compliance reads of other rooms' tables: cameras as inventory has them, recording as planned and as it was, approved firmware. */
import { and, eq, exists, gt, inArray, isNull, notInArray, or } from 'drizzle-orm'
import type { ApprovedFirmware } from '../../contract/compliance.js'
import type { CameraSettings } from '../../contract/inventory.js'
import { plannedCauses } from '../../contract/recording.js'
import type { Reader } from '../../store/store.js'
import type { PasswordStrength } from './rules.js'

const DAY_MS = 86_400_000
const SLICE = 500
export function* slices<T> (items: readonly T[], size = SLICE) {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size)
}
/** Lets others in between slices of work on one thread. */
export const breathe = () => new Promise<void>(resolve => { setImmediate(resolve) })

export interface Camera {
  id: string, name: string, address: string, siteId: string | null, siteName: string | null, groupId: string | null, groupName: string | null, agentId: string | null
  settings: CameraSettings, hasPassword: boolean, strength: PasswordStrength | null
}
const judged: readonly (string | null)[] = ['good', 'weak', 'factory', 'empty', 'same'] satisfies PasswordStrength[]

/** Enabled cameras: all, or these. */
export async function readCameras (db: Reader, ids?: readonly string[]): Promise<Camera[]> {
  const { devices, sites, cameraGroups, credentials } = db.t
  const found: Camera[] = []
  const wanted = ids ?? (await db.select({ id: devices.id }).from(devices).where(and(eq(devices.kind, 'camera'), eq(devices.enabled, true)))).map(r => r.id)
  for (const some of slices(wanted)) {
    const rows = await db.select({
      id: devices.id, name: devices.name, address: devices.address, siteId: devices.siteId, siteName: sites.name, groupId: devices.groupId, groupName: cameraGroups.name, agentId: devices.agentId,
      settings: devices.settings, user: credentials.deviceId, strength: credentials.strength
    }).from(devices).leftJoin(sites, eq(sites.id, devices.siteId)).leftJoin(cameraGroups, eq(cameraGroups.id, devices.groupId)).leftJoin(credentials, eq(credentials.deviceId, devices.id))
      .where(and(inArray(devices.id, [...some]), eq(devices.kind, 'camera'), eq(devices.enabled, true)))
    for (const { settings, user, strength, ...row } of rows) {
      if (settings.camera) found.push({ ...row, settings: settings.camera, hasPassword: user !== null, strength: judged.includes(strength) ? strength as PasswordStrength : null })
    }
    await breathe()
  }
  return found
}

export interface RecordingFacts { openGap: { cause: string, from: number } | null, missingMs: number }
export const noGaps: RecordingFacts = { openGap: null, missingMs: 0 }

/** Unplanned gaps of the last day, by camera. */
export async function readGaps (db: Reader, now: number): Promise<Map<string, RecordingFacts>> {
  const { gaps: t } = db.t
  const rows = await db.select({ deviceId: t.deviceId, from: t.from, to: t.to, cause: t.cause }).from(t).where(and(or(isNull(t.to), gt(t.to, now - DAY_MS)), notInArray(t.cause, [...plannedCauses])))
  const found = new Map<string, RecordingFacts>()
  for (const { deviceId, from, to, cause } of rows) {
    const known = found.get(deviceId) ?? noGaps
    const missingMs = known.missingMs + Math.max(0, Math.min(to ?? now, now) - Math.max(from, now - DAY_MS))
    found.set(deviceId, { openGap: to === null ? { cause, from } : known.openGap, missingMs })
  }
  return found
}

/** Which of these cameras were ever recorded. */
export async function everRecorded (db: Reader, ids: readonly string[]): Promise<string[]> {
  const { devices, segments } = db.t
  const found: string[] = []
  for (const some of slices(ids)) {
    const rows = await db.select({ id: devices.id }).from(devices).where(and(inArray(devices.id, [...some]), exists(db.select({ id: segments.id }).from(segments).where(eq(segments.deviceId, devices.id)))))
    found.push(...rows.map(r => r.id))
    await breathe()
  }
  return found
}

export const firmwareKey = (manufacturer: string, model: string) => `${manufacturer}\n${model}`
/** Approved versions by maker and model. */
export async function readApproved (db: Reader): Promise<{ rows: ApprovedFirmware[], byModel: Map<string, string[]> }> {
  const rows = await db.select().from(db.t.approvedFirmware)
  const byModel = new Map<string, string[]>()
  for (const { manufacturer, model, version } of rows.toSorted((a, b) => a.approvedAt - b.approvedAt)) {
    const key = firmwareKey(manufacturer, model)
    byModel.set(key, [...byModel.get(key) ?? [], version])
  }
  return { rows, byModel }
}
