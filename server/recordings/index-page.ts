/** A page of an agent's index, judged row by row: what cannot be kept is left out and told, and never holds up the rest. Pure. */
import type { TObject } from 'typebox'
import Compile from 'typebox/compile'
import { Gap, LONGEST_SEGMENT_MS, type RecordingPage, Segment, VolumeState } from '../contract/recording.js'

/** A row from further ahead is of a clock that cannot be believed. */
const FUTURE_MS = 86_400_000
/** Nothing of before then was recorded by this program: a clock that was never set. */
const EARLIEST = Date.UTC(2020, 0, 1)
const MOST_WORDS = 300

export type IndexRow = { kind: 'segment', row: Segment } | { kind: 'gap', row: Gap } | { kind: 'volume', row: VolumeState }
export interface LeftOut { id: string, why: 'contract' | 'implausible' | 'refused', detail: string }

const kinds = {
  segment: { schema: Segment, check: Compile(Segment) },
  gap: { schema: Gap, check: Compile(Gap) },
  volume: { schema: VolumeState, check: Compile(VolumeState) }
} as const

/** Neither a control character nor half of a pair is stored by every database. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
const tidy = (text: string) => text.replace(/[\u0000-\u001f\u007f]|\p{Surrogate}/gu, ' ')
const objectOf = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : null
const kindOf = (kind: unknown) => typeof kind === 'string' && Object.hasOwn(kinds, kind) ? kind as keyof typeof kinds : null

/** Only what the contract names, in words that can be stored. */
function known (schema: TObject, row: Record<string, unknown>) {
  const entries = Object.keys(schema.properties).filter(key => Object.hasOwn(row, key)).map(key => [key, typeof row[key] === 'string' ? tidy(row[key]) : row[key]] as const)
  return Object.fromEntries(entries)
}

const believable = (at: number, now: number) => at >= EARLIEST && at <= now + FUTURE_MS

function readRow (fact: unknown, now: number): IndexRow | LeftOut {
  const { kind: name, ...rest } = objectOf(fact) ?? {}
  const kind = kindOf(name)
  const given = kind && objectOf(rest[kind])
  if (!kind || !given) return { id: '', why: 'contract', detail: 'No row of a kind that is known' }
  const { schema, check } = kinds[kind]
  const row = known(schema, given)
  const id = typeof row.id === 'string' ? row.id.slice(0, 36) : ''
  if (!check.Check(row)) {
    const [fault] = check.Errors(row)
    return { id, why: 'contract', detail: `${kind} ${fault?.instancePath ?? ''} ${fault?.message ?? ''}`.slice(0, MOST_WORDS) }
  }
  const readable = { kind, row } as IndexRow
  if (readable.kind === 'segment') {
    const { startedAt, wallMs } = readable.row
    if (!believable(startedAt, now)) return { id, why: 'implausible', detail: `segment of ${startedAt}` }
    readable.row.wallMs = Math.min(wallMs, LONGEST_SEGMENT_MS)
  }
  if (readable.kind === 'gap') {
    const { from, to } = readable.row
    if (!believable(from, now) || (to !== null && to > now + FUTURE_MS)) return { id, why: 'implausible', detail: `gap of ${from} to ${to}` }
    if (to !== null) readable.row.to = Math.max(from, to)
  }
  return readable
}

/** Each row once, the last of those with the same id, in their order. */
export function readPage (page: RecordingPage, now: number): { rows: IndexRow[], leftOut: LeftOut[] } {
  const rows = new Map<string, IndexRow>()
  const leftOut: LeftOut[] = []
  for (const fact of page.facts) {
    const read = readRow(fact, now)
    if ('why' in read) leftOut.push(read)
    else {
      const key = `${read.kind} ${read.row.id}`
      rows.delete(key)
      rows.set(key, read)
    }
  }
  return { rows: [...rows.values()], leftOut }
}
