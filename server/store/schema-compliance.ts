/** Tables of the cameras' compliance; part of the *facts* database (see schema.ts). The JSON columns belong to server/cameras/compliance. */
import type { Columns } from './columns.js'

export function defineComplianceTables (c: Columns) {
  const cameraCompliance = c.table('camera_compliance', {
    deviceId: c.text('device_id').primaryKey(),
    /** What the camera told of itself last, with when. */
    report: c.json<unknown>('report'),
    /** Status of each check and since when. */
    checks: c.json<unknown>('checks'),
    /** Reconnects and lost packets of the last day, an hour each. */
    counts: c.json<unknown>('counts'),
    /** How far the trial of factory logins is; the ledger that keeps it slow. */
    logins: c.json<unknown>('logins')
  })

  /** Names as cameras tell them, compared exactly. */
  const approvedFirmware = c.table('approved_firmware', {
    manufacturer: c.text('manufacturer').notNull(), model: c.text('model').notNull(), version: c.text('version').notNull(),
    approvedAt: c.int('approved_at').notNull(), approvedBy: c.text('approved_by').notNull()
  }, t => [c.primaryKey({ columns: [t.manufacturer, t.model, t.version] })])

  return { cameraCompliance, approvedFirmware }
}
