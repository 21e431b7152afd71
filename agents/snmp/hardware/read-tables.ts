/** Reads the columns that a part of a profile names. A column that a device stumbles over costs that column only. */
import { SnmpFailure } from '../failures.js'
import type { SnmpSession } from '../session.js'
import type { Varbind } from '../values.js'
import { walk, type WalkLimits } from '../walk.js'

/** Where a profile's OID lies: the column that is walked, and what follows the row's index. */
function placeOf (oid: string): { column: string, suffix: string } {
  const star = oid.indexOf('.*')
  return star < 0 ? { column: oid, suffix: '' } : { column: oid.slice(0, star), suffix: oid.slice(star + 2) }
}

export interface Tables {
  /** By row index. */
  column (oid: string): ReadonlyMap<string, Varbind>
}

/** Side by side at most. */
const COLUMNS_AT_ONCE = 8

/** A device that fails here is there all the same; time-outs and aborts are not its tables' fault. */
const isStumble = (error: unknown) => error instanceof SnmpFailure && (error.code === 'protocol_error' || error.code === 'answer_too_large')

export async function readTables (session: SnmpSession, limits: WalkLimits, oids: readonly string[], o: { weight?: number, maxRows?: number } = {}): Promise<Tables> {
  const wanted = [...new Set(oids.map(oid => placeOf(oid).column))].sort()
  const read = new Map<string, Map<string, Varbind>>()
  async function readSome (columns: string[]): Promise<void> {
    try {
      const answer = await walk(session, limits, { columns, weight: o.weight, maxRows: o.maxRows })
      for (const [n, oid] of columns.entries()) {
        const { indexes, values } = answer.columns[n]!
        read.set(oid, new Map(indexes.map((index, row) => [index, values[row]!])))
      }
    } catch (error) {
      if (!isStumble(error)) throw error
      // One bad column must not hide its neighbours.
      if (columns.length > 1) for (const column of columns) await readSome([column])
    }
  }
  for (let i = 0; i < wanted.length; i += COLUMNS_AT_ONCE) await readSome(wanted.slice(i, i + COLUMNS_AT_ONCE))
  const none: ReadonlyMap<string, Varbind> = new Map()
  return {
    column (oid) {
      const { column, suffix } = placeOf(oid)
      const rows = read.get(column)
      if (!rows) return none
      if (suffix === '') return rows
      return new Map([...rows].flatMap(([index, v]) => index.endsWith(suffix) ? [[index.slice(0, -suffix.length), v] as const] : []))
    }
  }
}
