/** The text of the CSV file: cells in, cells out. What the cells mean is in csv-device.ts. Pure; any text whatever yields an answer. */
import { CsvError, parse } from 'csv-parse/sync'
import { type ImportColumn, importColumns, MAX_IMPORT_ROWS } from '../contract/inventory.js'

export type Cells = Partial<Record<ImportColumn, string>>
interface CsvRow {
  /** Line in the file where the row begins; the header's is 1. */
  line: number
  cells: Cells
}
interface FileFault { code: string, message: string }
interface ParsedCsv { columns: ReadonlySet<ImportColumn>, rows: CsvRow[], errors: FileFault[] }

const required: readonly ImportColumn[] = ['kind', 'name', 'address']
const known = new Set<string>(importColumns)
/** Taken as they are: a password may begin with a space or an apostrophe. */
const secretColumns = new Set<string>(['community', 'snmp_auth_key', 'snmp_priv_key', 'password'])
const MAX_RECORD_BYTES = 64 * 1024
const delimiters = [',', ';', '\t'] as const

/**
 * A spreadsheet runs a cell that begins so as a formula (OWASP, CSV injection). On the way out an apostrophe is set before it,
 * and before what would otherwise look like such a guarded cell; on the way in one is taken off.
 */
const looksLikeFormula = /^'*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/
const guard = (cell: string) => looksLikeFormula.test(cell) ? `'${cell}` : cell
const unguard = (cell: string) => cell.startsWith("'") && looksLikeFormula.test(cell) ? cell.slice(1) : cell

const headerCells = (line: string, delimiter: string) => line.split(delimiter).map(cell => cell.trim().replace(/^"(.*)"$/, '$1').trim().toLowerCase())

/** The delimiter under which most of the header's cells are columns that we know. */
function delimiterOf (header: string) {
  const score = (delimiter: string) => headerCells(header, delimiter).filter(cell => known.has(cell)).length
  return delimiters.reduce((best, next) => score(next) > score(best) ? next : best)
}

const failed = (code: string, message: string): ParsedCsv => ({ columns: new Set(), rows: [], errors: [{ code, message }] })

/** Quotes as RFC 4180 has them; line ends LF, CRLF or CR; a BOM and Excel's `sep=;` line are skipped. */
export function parseCsv (given: string): ParsedCsv {
  let text = given.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  const separator = /^sep=([,;\t])\n/i.exec(text)
  // The line stays, empty, so that line numbers are those of the file.
  if (separator) text = text.slice(separator[0].length - 1)
  const header = /^.*\S.*$/m.exec(text)?.[0]
  if (!header) return failed('empty_file', 'The file is empty: it needs a header line with the names of the columns.')
  const delimiter = separator?.[1] ?? delimiterOf(header)

  let records: { record: string[], info: { lines: number } }[]
  try {
    records = parse(text, {
      delimiter, record_delimiter: '\n', relax_column_count: true, skip_empty_lines: true, skip_records_with_empty_values: true,
      max_record_size: MAX_RECORD_BYTES, info: true, to: MAX_IMPORT_ROWS + 2
    }) as unknown as typeof records
  } catch (err) {
    if (!(err instanceof CsvError)) throw err
    const why = err.code === 'CSV_MAX_RECORD_SIZE' ? 'a row is longer than 64 KiB' : err.code === 'CSV_QUOTE_NOT_CLOSED' ? 'a quotation mark is opened and never closed' : 'quotation marks are misplaced: a quoted cell ends with a quotation mark, and one inside it is doubled'
    return failed('csv_syntax', `Line ${String(err.lines ?? '?')}: ${why}.`)
  }
  return readRecords(records.map(({ record, info }) => ({ record, line: info.lines - record.reduce((n, cell) => n + cell.split('\n').length - 1, 0) })))
}

function readRecords (records: { record: string[], line: number }[]): ParsedCsv {
  const [head, ...body] = records
  const names = (head?.record ?? []).map(cell => unguard(cell.trim()).trim().toLowerCase())
  while (names.at(-1) === '') names.pop()
  if (!names.some(name => known.has(name))) return failed('no_header', `The first line must name the columns, at least ${required.join(', ')}.`)
  const errors: FileFault[] = []
  for (const [i, name] of names.entries()) {
    const shown = JSON.stringify(name.slice(0, 60))
    if (!known.has(name)) errors.push({ code: 'unknown_column', message: `Column ${i + 1} is named ${shown}, which is not known. Known are: ${importColumns.join(', ')}.` })
    else if (names.indexOf(name) !== i) errors.push({ code: 'duplicate_column', message: `The column ${shown} stands there twice.` })
  }
  for (const name of required) if (!names.includes(name)) errors.push({ code: 'missing_column', message: `The column ${JSON.stringify(name)} is missing.` })
  if (body.length > MAX_IMPORT_ROWS) return failed('too_many_rows', `At most ${MAX_IMPORT_ROWS.toLocaleString('en')} devices fit into one import: split the file.`)
  if (body.length === 0) errors.push({ code: 'no_rows', message: 'There is no device below the header.' })
  if (errors.length > 0) return { columns: new Set(), rows: [], errors }

  const columns = names as ImportColumn[]
  const tooLong = body.find(({ record }) => record.slice(columns.length).some(cell => cell.trim() !== ''))
  if (tooLong) return failed('too_many_cells', `Line ${tooLong.line} has more cells than the header: a cell that contains the separator needs quotation marks.`)
  const rows = body.map(({ record, line }) => ({
    line, cells: Object.fromEntries(columns.map((column, i) => [column, secretColumns.has(column) ? record[i] ?? '' : unguard((record[i] ?? '').trim()).trim()])) as Cells
  }))
  return { columns: new Set(columns), rows, errors: [] }
}

const quoted = (cell: string) => /[",;\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell

/** RFC 4180 with a BOM, without which Excel reads Cyrillic as Windows-1251. Secrets are not among the columns that are written. */
export function formatCsv (rows: readonly Cells[]): string {
  const line = (cells: readonly string[]) => `${cells.map(quoted).join(',')}\r\n`
  return `\uFEFF${line(importColumns)}${rows.map(cells => line(importColumns.map(column => secretColumns.has(column) ? '' : guard(cells[column] ?? '')))).join('')}`
}
