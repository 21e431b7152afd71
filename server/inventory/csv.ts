/** The CSV file of devices. What its cells mean is in csv-device.ts. */
import { type ImportColumn, importColumns, MAX_IMPORT_ROWS } from '../contract/inventory.js'
import { type CsvCells, type CsvSort, formatTable, parseTable } from '../csv.js'

export type Cells = CsvCells<ImportColumn>
const sort: CsvSort<ImportColumn> = {
  columns: importColumns, required: ['kind', 'name', 'address'], secret: new Set(['community', 'snmp_auth_key', 'snmp_priv_key', 'password']), noun: 'device', maxRows: MAX_IMPORT_ROWS, maxRecordBytes: 64 * 1024
}

export const parseCsv = (text: string) => parseTable(text, sort)
export const formatCsv = (rows: readonly Cells[]) => formatTable(rows, sort)
