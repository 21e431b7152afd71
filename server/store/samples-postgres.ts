/** Samples as a table of the PostgreSQL database, inserted in batches once a second. */
import { and, asc, count, eq, gte, inArray, lt, lte } from 'drizzle-orm'
import type { Log } from '../../lib/log.js'
import { bytesOf, Latest, numbersOf, type SampleRow, type SampleStore, SeriesBuilder } from './samples.js'
import type { Store } from './store.js'

const GROUP_COMMIT_MS = 1_000
const ROWS_AT_MOST = 50_000
const SLICE = 500
const PAGE = 2_000

export function openStoreSamples (store: Store, log: Log): SampleStore & { readonly droppedRows: number } {
  const latest = new Latest()
  const { samples, seriesNames } = store.read.t
  let pending: SampleRow[] = []
  let known = new Set<string>()
  let writing: Promise<void> = Promise.resolve()
  let droppedRows = 0

  async function write (rows: SampleRow[]) {
    await store.transaction(async tx => {
      const fresh = [...new Map(rows.filter(r => !known.has(r.namesKey)).map(r => [r.namesKey, r.names]))]
      for (let i = 0; i < fresh.length; i += SLICE) {
        await tx.insert(seriesNames).values(fresh.slice(i, i + SLICE).map(([key, names]) => ({ key, names }))).onConflictDoNothing()
      }
      for (let i = 0; i < rows.length; i += SLICE) {
        await tx.insert(samples).values(rows.slice(i, i + SLICE).map(r => ({ deviceId: r.deviceId, at: r.at, namesKey: r.namesKey, numbers: bytesOf(r.numbers) })))
      }
    })
    if (known.size > 50_000) known = new Set()
    for (const r of rows) known.add(r.namesKey)
  }

  function flush () {
    if (pending.length === 0) return writing
    const rows = pending
    pending = []
    writing = writing.then(() => write(rows)).catch((err: Error) => {
      droppedRows += rows.length
      log.warn({ err, rows: rows.length }, 'samples were not written')
    })
    return writing
  }
  const timer = setInterval(flush, GROUP_COMMIT_MS)

  return {
    get droppedRows () { return droppedRows },
    write (sets) {
      for (const set of sets) {
        const row = latest.take(set)
        if (pending.length < ROWS_AT_MOST) pending.push(row)
        else droppedRows++
      }
    },
    async query (request) {
      await flush()
      const range = and(eq(samples.deviceId, request.deviceId), gte(samples.at, request.fromMs), lte(samples.at, request.toMs))
      const [counted] = await store.read.select({ n: count() }).from(samples).where(range)
      const builder = new SeriesBuilder(request, counted!.n)
      const names = new Map<string, string[]>()
      for (let offset = 0; offset < counted!.n; offset += PAGE) {
        const rows = await store.read.select().from(samples).where(range).orderBy(asc(samples.at), asc(samples.namesKey)).limit(PAGE).offset(offset)
        const missing = [...new Set(rows.map(r => r.namesKey))].filter(key => !names.has(key))
        if (missing.length > 0) for (const row of await store.read.select().from(seriesNames).where(inArray(seriesNames.key, missing))) names.set(row.key, row.names)
        for (const row of rows) builder.add(row.at, row.namesKey, names.get(row.namesKey) ?? [], numbersOf(row.numbers))
      }
      return builder.answer()
    },
    latest: deviceId => latest.of(deviceId),
    async prune (beforeMs) {
      let removed = 0
      // One device a transaction: each is a range of the index, and no lock lasts long.
      for (const { deviceId } of await store.read.selectDistinct({ deviceId: samples.deviceId }).from(samples)) {
        const gone = await store.transaction(tx => tx.delete(samples).where(and(eq(samples.deviceId, deviceId), lt(samples.at, beforeMs))).returning({ at: samples.at }))
        removed += gone.length
      }
      return removed
    },
    async close () {
      clearInterval(timer)
      await flush()
    }
  }
}
