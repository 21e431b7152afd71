/** The text of a CSV file: cells in, cells out. What the cells mean, its rooms know. Pure; any text whatever yields an answer. */
import { CsvError, parse } from 'csv-parse/sync'

/** What a file of this sort holds. */
export interface CsvSort<Column extends string> {
  columns: readonly Column[]
  required: readonly Column[]
  /** Taken as they are: a password may begin with a space or an apostrophe. Never written. */
  secret: ReadonlySet<string>
  /** A row, in the messages: `device`. */
  noun: string
  maxRows: number
  maxRecordBytes: number
}
export type CsvCells<Column extends string> = Partial<Record<Column, string>>
interface CsvRow<Column extends string> {
  /** Line in the file where the row begins; the header's is 1. */
  line: number
  cells: CsvCells<Column>
}
interface FileFault { code: string, message: string }
interface ParsedCsv<Column extends string> { columns: ReadonlySet<Column>, rows: CsvRow<Column>[], errors: FileFault[] }

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
function delimiterOf (header: string, known: readonly string[]) {
  const score = (delimiter: string) => headerCells(header, delimiter).filter(cell => known.includes(cell)).length
  return delimiters.reduce((best, next) => score(next) > score(best) ? next : best)
}

const failed = (code: string, message: string) => ({ columns: new Set<never>(), rows: [], errors: [{ code, message }] })

/** Quotes as RFC 4180 has them; line ends LF, CRLF or CR; a BOM and Excel's `sep=;` line are skipped. */
export function parseTable<Column extends string> (given: string, sort: CsvSort<Column>): ParsedCsv<Column> {
  let text = given.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  const separator = /^sep=([,;\t])\n/i.exec(text)
  // The line stays, empty, so that line numbers are those of the file.
  if (separator) text = text.slice(separator[0].length - 1)
  const header = /^.*\S.*$/m.exec(text)?.[0]
  if (!header) return failed('empty_file', 'The file is empty: it needs a header line with the names of the columns.')
  const delimiter = separator?.[1] ?? delimiterOf(header, sort.columns)

  let records: { record: string[], info: { lines: number } }[]
  try {
    records = parse(text, {
      delimiter, record_delimiter: '\n', relax_column_count: true, skip_empty_lines: true, skip_records_with_empty_values: true,
      max_record_size: sort.maxRecordBytes, info: true, to: sort.maxRows + 2
    }) as unknown as typeof records
  } catch (err) {
    if (!(err instanceof CsvError)) throw err
    const why = err.code === 'CSV_MAX_RECORD_SIZE' ? `a row is longer than ${sort.maxRecordBytes / 1024} KiB` : err.code === 'CSV_QUOTE_NOT_CLOSED' ? 'a quotation mark is opened and never closed' : 'quotation marks are misplaced: a quoted cell ends with a quotation mark, and one inside it is doubled'
    return failed('csv_syntax', `Line ${String(err.lines ?? '?')}: ${why}.`)
  }
  return readRecords(records.map(({ record, info }) => ({ record, line: info.lines - record.reduce((n, cell) => n + cell.split('\n').length - 1, 0) })), sort)
}

function readRecords<Column extends string> (records: { record: string[], line: number }[], { columns: all, required, secret, noun, maxRows }: CsvSort<Column>): ParsedCsv<Column> {
  const known = new Set<string>(all)
  const [head, ...body] = records
  const names = (head?.record ?? []).map(cell => unguard(cell.trim()).trim().toLowerCase())
  while (names.at(-1) === '') names.pop()
  if (!names.some(name => known.has(name))) return failed('no_header', `The first line must name the columns, at least ${required.join(', ')}.`)
  const errors: FileFault[] = []
  for (const [i, name] of names.entries()) {
    const shown = JSON.stringify(name.slice(0, 60))
    if (!known.has(name)) errors.push({ code: 'unknown_column', message: `Column ${i + 1} is named ${shown}, which is not known. Known are: ${all.join(', ')}.` })
    else if (names.indexOf(name) !== i) errors.push({ code: 'duplicate_column', message: `The column ${shown} stands there twice.` })
  }
  for (const name of required) if (!names.includes(name)) errors.push({ code: 'missing_column', message: `The column ${JSON.stringify(name)} is missing.` })
  if (body.length > maxRows) return failed('too_many_rows', `At most ${maxRows.toLocaleString('en')} ${noun}s fit into one import: split the file.`)
  if (body.length === 0) errors.push({ code: 'no_rows', message: `There is no ${noun} below the header.` })
  if (errors.length > 0) return { columns: new Set(), rows: [], errors }

  const columns = names as Column[]
  const tooLong = body.find(({ record }) => record.slice(columns.length).some(cell => cell.trim() !== ''))
  if (tooLong) return failed('too_many_cells', `Line ${tooLong.line} has more cells than the header: a cell that contains the separator needs quotation marks.`)
  const rows = body.map(({ record, line }) => ({
    line, cells: Object.fromEntries(columns.map((column, i) => [column, secret.has(column) ? record[i] ?? '' : unguard((record[i] ?? '').trim()).trim()])) as CsvCells<Column>
  }))
  return { columns: new Set(columns), rows, errors: [] }
}

const quoted = (cell: string) => /[",;\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell

/** RFC 4180 with a BOM, without which Excel reads Cyrillic as Windows-1251. */
export function formatTable<Column extends string> (rows: readonly CsvCells<Column>[], { columns, secret }: Pick<CsvSort<Column>, 'columns' | 'secret'>): string {
  const line = (cells: readonly string[]) => `${cells.map(quoted).join(',')}\r\n`
  return `\uFEFF${line(columns)}${rows.map(cells => line(columns.map(column => secret.has(column) ? '' : guard(cells[column] ?? '')))).join('')}`
}
