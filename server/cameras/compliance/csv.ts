/** The table for a spreadsheet: RFC 4180 with a BOM; a cell that a spreadsheet would run as a formula is guarded. */
import { type ComplianceCheck, complianceChecks, type ComplianceResult } from '../../contract/compliance.js'
import type { TableRow } from './table.js'

const guarded = (text: string) => /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text
const cell = (value: string | number | null) => {
  if (typeof value === 'number') return String(value)
  const text = guarded(value ?? '')
  return /[",;\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
const line = (cells: readonly (string | number | null)[]) => `${cells.map(cell).join(',')}\r\n`

/** Numbers without the noise of averages; times as ISO 8601. */
function shownValue (check: ComplianceCheck, value: ComplianceResult['measured']): string | number | null {
  if (typeof value !== 'number') return value
  if (check === 'certificate') return new Date(value).toISOString()
  return check === 'loss' || check === 'recording' ? Number(value.toFixed(5)) : Math.round(value * 100) / 100
}

const head = ['camera', 'site', 'group', 'address', 'state', 'manufacturer', 'model', 'firmware', 'failed', ...complianceChecks.flatMap(c => [c, `${c}_reason`, `${c}_measured`, `${c}_wanted`, `${c}_since`])]

export function* csvOf (rows: readonly TableRow[]): Generator<string> {
  yield `\uFEFF${line(head)}`
  for (const { camera, identity, state, failed, checks } of rows) {
    yield line([
      camera.name, camera.siteName, camera.groupName, camera.address, state, identity?.manufacturer ?? '', identity?.model ?? '', identity?.firmware ?? '', failed,
      ...complianceChecks.flatMap(c => {
        const { status, reason, measured, wanted, since } = checks[c]
        return [status, reason ?? '', shownValue(c, measured), c === 'certificate' ? wanted : shownValue(c, wanted), new Date(since).toISOString()]
      })
    ])
  }
}
