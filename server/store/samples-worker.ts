/** The writer of samples.db, in a thread of its own so that no poll waits for the disk. Started by samples-sqlite.ts. */
import { renameSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import type { SeriesAnswer } from '../contract/health.js'
import { bytesOf, numbersOf, type SampleRow, SeriesBuilder, type SeriesRequest } from './samples.js'

/** `names` travel once for each key. */
export type WireRow = Omit<SampleRow, 'names'> & { names: string[] | null }
export type WorkerRequest = { id: number } & (
  { op: 'write', rows: WireRow[] } | { op: 'query', request: SeriesRequest } | { op: 'prune', beforeMs: number } | { op: 'close' })
export interface WorkerAnswer { id: number, result?: SeriesAnswer | number | null, error?: string }

const CHECKPOINT_MS = 5_000
const SLICE = 5_000
const { file } = workerData as { file: string }

function open () {
  const db = new Database(file)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  db.pragma('wal_autocheckpoint = 0')
  db.exec(`create table if not exists series_names (key text primary key, names text not null) without rowid;
    create table if not exists samples (device_id text not null, at integer not null, names_key text not null, numbers blob not null);
    create index if not exists samples_device on samples (device_id, at);`)
  return db
}

/** Numbers are worth less than a server that starts: a broken file is put aside. */
function openOrRenew () {
  try {
    return open()
  } catch (err) {
    if (!/malformed|not a database/.test((err as Error).message)) throw err
    for (const suffix of ['', '-wal', '-shm']) {
      try { renameSync(file + suffix, `${file}.broken${suffix}`) } catch { /* there need not be one */ }
    }
    return open()
  }
}

const db = openOrRenew()
const insert = db.prepare('insert into samples (device_id, at, names_key, numbers) values (?, ?, ?, ?)')
const insertNames = db.prepare('insert or ignore into series_names (key, names) values (?, ?)')
const count = db.prepare('select count(*) as n from samples where device_id = ? and at >= ? and at <= ?')
const select = db.prepare('select at, names_key as namesKey, numbers from samples where device_id = ? and at >= ? and at <= ? order by at')
const selectNames = db.prepare('select names from series_names where key = ?')
const oldest = db.prepare('select rowid as id, at from samples order by rowid limit ?')
const remove = db.prepare('delete from samples where rowid = ?')

const write = db.transaction((rows: WireRow[]) => {
  for (const { deviceId, at, namesKey, names, numbers } of rows) {
    if (names) insertNames.run(namesKey, JSON.stringify(names))
    insert.run(deviceId, at, namesKey, bytesOf(numbers))
  }
})

const dictionary = new Map<string, string[]>()
function namesOf (key: string): string[] {
  let names = dictionary.get(key)
  if (!names) {
    const row = selectNames.get(key) as { names: string } | undefined
    names = row ? JSON.parse(row.names) as string[] : []
    if (dictionary.size > 5_000) dictionary.clear()
    dictionary.set(key, names)
  }
  return names
}

function query (request: SeriesRequest) {
  const range = [request.deviceId, request.fromMs, request.toMs]
  const builder = new SeriesBuilder(request, (count.get(...range) as { n: number }).n)
  for (const row of select.iterate(...range) as IterableIterator<{ at: number, namesKey: string, numbers: Buffer }>) {
    builder.add(row.at, row.namesKey, namesOf(row.namesKey), numbersOf(row.numbers))
  }
  return builder.answer()
}

/** Rows lie in the order of their writing, nearly that of time: from the front, slice by slice, with room for writes between. */
async function prune (beforeMs: number) {
  let removed = 0
  for (;;) {
    const slice = oldest.all(SLICE) as { id: number, at: number }[]
    const old = slice.filter(r => r.at < beforeMs)
    db.transaction(() => { for (const { id } of old) remove.run(id) })()
    removed += old.length
    if (old.length < SLICE) return removed
    await new Promise(resolve => setImmediate(resolve))
  }
}

async function answer (message: WorkerRequest): Promise<WorkerAnswer['result']> {
  switch (message.op) {
    case 'write': write(message.rows); return null
    case 'query': return query(message.request)
    case 'prune': return prune(message.beforeMs)
    case 'close':
      clearInterval(checkpoints)
      db.pragma('wal_checkpoint(TRUNCATE)')
      db.close()
      return null
  }
}

const checkpoints = setInterval(() => db.pragma('wal_checkpoint(PASSIVE)'), CHECKPOINT_MS)
parentPort!.on('message', (message: WorkerRequest) => {
  answer(message).then(
    result => parentPort!.postMessage({ id: message.id, result } satisfies WorkerAnswer),
    (err: Error) => parentPort!.postMessage({ id: message.id, error: err.message } satisfies WorkerAnswer)
  ).finally(() => { if (message.op === 'close') parentPort!.close() })
})
