/** Reads columns of tables, many in one request, and believes nothing about order, end or size. */
import { SnmpFailure } from './failures.js'
import type { SnmpSession } from './session.js'
import { isMissing, type Varbind } from './values.js'

/** What a device has taught us about its limits; kept between polls. */
export interface WalkLimits {
  /** Most varbinds in one answer: 70 of about 20 bytes fit a datagram of 1400 bytes. Halved on tooBig and on cut answers. */
  maxVarbinds: number
  /** False for version 1 and for agents that break on GETBULK. */
  bulk: boolean
}
export const initialLimits = (bulk: boolean): WalkLimits => ({ maxVarbinds: 70, bulk })

interface Column { indexes: string[], values: Varbind[] }
export interface WalkOptions {
  /** Column OIDs, without a trailing dot. */
  columns: readonly string[]
  /** Scalars (with .0) read along in the first request. */
  once?: readonly string[]
  /** Rows that the table had last time; avoids reading past its end. */
  expectedRows?: number
  /** Long values: fewer fit a datagram. Default 1. */
  weight?: number
  /** Default 4096, as many ports as an observation may have. */
  maxRows?: number
}
export interface WalkAnswer { once: Varbind[], columns: Column[] }

interface Cursor { prefix: string, oid: string, last: string, lastNumber: number, done: boolean, column: Column }

/** `b` comes after `a`; both are index parts of OIDs such as `17` or `0.3.1`. */
export function follows (a: string, b: string): boolean {
  if (a === '') return true
  if (!a.includes('.') && !b.includes('.')) return Number(b) > Number(a)
  const x = a.split('.')
  const y = b.split('.')
  for (let i = 0; i < x.length && i < y.length; i++) {
    const difference = Number(y[i]) - Number(x[i])
    if (difference !== 0) return difference > 0
  }
  return y.length > x.length
}

/**
 * Walks the columns side by side. Fails with SnmpFailure; tooBig and cut answers are tried again with half as many
 * varbinds (remembered in `limits`), an agent that chokes on GETBULK with GETNEXT.
 */
export async function walk (session: SnmpSession, limits: WalkLimits, o: WalkOptions): Promise<WalkAnswer> {
  const cursors: Cursor[] = o.columns.map(oid => ({ prefix: `${oid}.`, oid, last: '', lastNumber: -1, done: false, column: { indexes: [], values: [] } }))
  const maxRows = o.maxRows ?? 4096
  let once: readonly string[] = o.once ?? []
  let onceValues: Varbind[] = []
  let rowsLeft = (o.expectedRows ?? maxRows) + 1
  while (cursors.some(c => !c.done) || once.length > 0) {
    const room = Math.max(1, Math.floor(limits.maxVarbinds / (o.weight ?? 1)))
    const group = cursors.filter(c => !c.done).slice(0, room)
    const repetitions = group.length === 0 ? 0 : Math.max(1, Math.min(127, Math.floor(room / group.length), Math.max(rowsLeft, 1)))
    try {
      const answer = await step(session, limits, once, group, repetitions)
      if (once.length > 0) onceValues = answer.once
      once = []
      const longest = advance(group, answer.columns, maxRows)
      rowsLeft = Math.max(rowsLeft - longest, 1)
    } catch (error) {
      if (!(error instanceof SnmpFailure) || !adapt(error, limits, group, once.length + group.length * repetitions)) throw error
    }
  }
  return { once: onceValues, columns: cursors.map(c => c.column) }
}

interface StepAnswer { once: Varbind[], columns: Varbind[][] }

async function step (session: SnmpSession, limits: WalkLimits, once: readonly string[], group: readonly Cursor[], repetitions: number): Promise<StepAnswer> {
  const names = group.map(c => c.oid)
  if (limits.bulk && session.version !== '1') {
    // GETBULK's non-repeaters are GETNEXTs: asking for the object without its instance (.0) yields the instance.
    const answer = await session.getBulk([...once.map(oid => oid.replace(/\.0$/, '')), ...names], once.length, repetitions)
    return { once: answer.once.map((v, i) => v.oid === once[i] ? v : { ...v, type: 0, value: null }), columns: answer.columns }
  }
  const onceValues = once.length > 0 ? await getSome(session, once) : []
  const next = names.length > 0 ? await session.getNext(names) : []
  return { once: onceValues, columns: next.map(v => [v]) }
}

/** GET of objects of which some may be missing; version 1 fails as a whole for one of them, so they go one by one then. */
export async function getSome (session: SnmpSession, oids: readonly string[]): Promise<Varbind[]> {
  try {
    return await session.get(oids)
  } catch (error) {
    if (!(error instanceof SnmpFailure) || error.kind !== 'noSuchName') throw error
    if (oids.length === 1) return [{ oid: oids[0]!, type: 0, value: null }]
    const values: Varbind[] = []
    for (const oid of oids) values.push(...await getSome(session, [oid]))
    return values
  }
}

/** Takes an answer into the columns; answers how many rows the longest grew. */
function advance (group: readonly Cursor[], columns: readonly Varbind[][], maxRows: number): number {
  let longest = 0
  for (const [i, cursor] of group.entries()) {
    const values = columns[i] ?? []
    // An answer without even one varbind for a column would be asked for again and again.
    if (values.length === 0) {
      if (i === 0) throw new SnmpFailure('protocol_error', 'the switch answered with nothing')
      continue
    }
    longest = Math.max(longest, takeColumn(cursor, values, maxRows))
  }
  return longest
}

function takeColumn (cursor: Cursor, values: readonly Varbind[], maxRows: number): number {
  const { prefix, column } = cursor
  const before = column.indexes.length
  for (const v of values) {
    if (isMissing(v) || !v.oid.startsWith(prefix)) {
      // Leaving the column must go forward too, or the agent goes in circles.
      if (!isMissing(v) && !follows(cursor.oid, v.oid)) throw new SnmpFailure('protocol_error', 'the switch answers a walk with objects that go backwards')
      cursor.done = true
      break
    }
    const index = v.oid.slice(prefix.length)
    // Most indexes are a single number, compared without taking them apart; NaN for the others.
    const number = index.includes('.') ? Number.NaN : Number(index)
    if (!(number > cursor.lastNumber) && !(Number.isNaN(number + cursor.lastNumber) && follows(cursor.last, index))) {
      throw new SnmpFailure('protocol_error', 'the switch repeats objects of a table, or gives them out of order')
    }
    if (column.indexes.length >= maxRows) throw new SnmpFailure('answer_too_large', `a table of the switch has more than ${maxRows} rows`)
    cursor.last = index
    cursor.lastNumber = number
    cursor.oid = v.oid
    column.indexes.push(index)
    column.values.push(v)
  }
  return column.indexes.length - before
}

/** Whether the step can be tried again in a smaller or simpler form; each form is tried once only. */
function adapt (error: SnmpFailure, limits: WalkLimits, group: readonly Cursor[], asked: number): boolean {
  if (error.kind === 'noSuchName') {
    const ended = group.length === 1 ? group[0] : group.find(c => c.oid === error.oid)
    if (ended) ended.done = true
    else limits.maxVarbinds = 1 // it does not say which: one column at a time
    return group.length > 0
  }
  if (error.kind === 'tooBig' || error.kind === 'truncated') {
    if (limits.maxVarbinds <= 1) return false
    limits.maxVarbinds = Math.max(1, Math.floor(Math.min(asked, limits.maxVarbinds) / 2))
    return true
  }
  if (error.kind === 'genErr' && limits.bulk) {
    limits.bulk = false
    return true
  }
  return false
}
