/**
 * An agent's index of its footage: segments, gaps, locks, states of volumes. One writer (the agent), any number of readers in other
 * processes. The truth about this agent's disks; the server copies it by change numbers (docs/decisions/recording.md).
 */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { newId } from '../../lib/ids.js'
import { type Gap, type GapCause, type GapRefill, LONGEST_SEGMENT_MS, type LockPlan, type RecordingFact, type RecordingFacts, type Segment, type VolumeState } from '../../server/contract/recording.js'
import { migrate } from './index-schema.js'

type Row = Record<string, string | number | null>
const columns: Record<keyof Segment, string> = {
  id: 'id', deviceId: 'device_id', profile: 'profile', runId: 'run_id', runOffsetMs: 'run_offset_ms', startedAt: 'started_at', wallMs: 'wall_ms', mediaMs: 'media_ms',
  videoCodec: 'video_codec', audioCodec: 'audio_codec', width: 'width', height: 'height', frames: 'frames', keyFrames: 'key_frames', bytes: 'bytes', sha256: 'sha256',
  volumeId: 'volume_id', path: 'path', status: 'status', endReason: 'end_reason', refilled: 'refilled', detail: 'detail'
}
const fields = Object.keys(columns) as (keyof Segment)[]
const toSql = (value: unknown) => typeof value === 'boolean' ? Number(value) : value as string | number | null

function segmentOf (row: Row): Segment {
  const segment = Object.fromEntries(fields.map(field => [field, row[columns[field]]])) as unknown as Segment
  segment.refilled = row.refilled === 1
  return segment
}
const gapOf = (row: Row): Gap => ({ id: row.id as string, deviceId: row.device_id as string, from: row.from_at as number, to: row.to_at as number | null, cause: row.cause as GapCause, detail: row.detail as string, refill: row.refill === null ? null : JSON.parse(row.refill as string) as GapRefill })
const lockOf = (row: Row): LockPlan => ({ id: row.id as string, deviceId: row.device_id as string, from: row.from_at as number, to: row.to_at as number })

/** What any process may ask. Intervals are half open, ms of the wall clock. */
export class IndexReader {
  protected readonly db: Database.Database
  #prepared = new Map<string, Database.Statement>()

  constructor (db: Database.Database) { this.db = db }

  protected sql (text: string): Database.Statement {
    const known = this.#prepared.get(text)
    if (known) return known
    const statement = this.db.prepare(text)
    this.#prepared.set(text, statement)
    return statement
  }
  /** Statements of parts that work on the index with their own questions (retention, scrubber). */
  all<T = Row> (text: string, ...values: (string | number | null)[]): T[] { return this.sql(text).all(...values) as T[] }
  #segments (where: string, ...values: (string | number)[]): Segment[] { return (this.sql(`SELECT * FROM segments ${where}`).all(...values) as Row[]).map(segmentOf) }

  /** Changes when the index was made anew. */
  get indexId (): string { return this.meta('index_id') ?? '' }
  meta (key: string): string | null { return (this.sql('SELECT value FROM meta WHERE key = ?').get(key) as { value: string } | undefined)?.value ?? null }

  segment (id: string): Segment | null { return this.#segments('WHERE id = ?', id)[0] ?? null }
  segmentsWhere (where: string, ...values: (string | number)[]): Segment[] { return this.#segments(where, ...values) }
  /** Whatever their status, by their beginning; one that is open counts as lasting until now. */
  overlapping (deviceId: string, from: number, to: number): Segment[] {
    return this.#segments(`WHERE device_id = ? AND started_at < ? AND started_at >= ? AND (status = 'open' OR started_at + wall_ms > ?) ORDER BY started_at, id`, deviceId, to, from - LONGEST_SEGMENT_MS, from)
  }
  /** The last readable one that began at or before `at`. */
  startedBy (deviceId: string, at: number): Segment | null {
    return this.#segments(`WHERE device_id = ? AND started_at <= ? AND status NOT IN ('deleted', 'missing') ORDER BY started_at DESC, id DESC LIMIT 1`, deviceId, at)[0] ?? null
  }
  /** The next readable one that begins after `at`. */
  startedAfter (deviceId: string, at: number): Segment | null {
    return this.#segments(`WHERE device_id = ? AND started_at > ? AND status NOT IN ('deleted', 'missing') ORDER BY started_at, id LIMIT 1`, deviceId, at)[0] ?? null
  }
  /** The one whose recording ended last, whatever became of it. */
  last (deviceId: string): Segment | null { return this.#segments('WHERE device_id = ? ORDER BY started_at DESC, id DESC LIMIT 1', deviceId)[0] ?? null }
  open (): Segment[] { return this.#segments(`WHERE status = 'open'`) }

  gaps (deviceId: string, from: number, to: number): Gap[] {
    return (this.sql('SELECT * FROM gaps WHERE device_id = ? AND from_at < ? AND (to_at IS NULL OR to_at > ?) ORDER BY from_at').all(deviceId, to, from) as Row[]).map(gapOf)
  }
  openGap (deviceId: string): Gap | null {
    const row = this.sql('SELECT * FROM gaps WHERE device_id = ? AND to_at IS NULL').get(deviceId) as Row | undefined
    return row ? gapOf(row) : null
  }
  gap (id: string): Gap | null {
    const row = this.sql('SELECT * FROM gaps WHERE id = ?').get(id) as Row | undefined
    return row ? gapOf(row) : null
  }
  /** Changed after that, and over since `endedAfter`. */
  gapsChangedAfter (change: number, endedAfter: number): Gap[] { return (this.sql('SELECT * FROM gaps WHERE change > ? AND to_at > ? ORDER BY change').all(change, endedAfter) as Row[]).map(gapOf) }
  openGaps (): Gap[] { return (this.sql('SELECT * FROM gaps WHERE to_at IS NULL').all() as Row[]).map(gapOf) }

  locks (deviceId: string, from: number, to: number): LockPlan[] {
    return (this.sql('SELECT * FROM locks WHERE device_id = ? AND from_at < ? AND to_at > ?').all(deviceId, to, from) as Row[]).map(lockOf)
  }

  get cursor (): number { return (this.sql('SELECT change FROM counter').get() as { change: number }).change }
  /** What changed after `cursor`, each row once and as it is now. Another index's cursor means: from the beginning. */
  changesAfter (indexId: string | null, cursor: number, limit: number): RecordingFacts {
    const from = indexId === this.indexId ? cursor : 0
    const page = (table: string) => this.sql(`SELECT * FROM ${table} WHERE change > ? ORDER BY change LIMIT ?`).all(from, limit + 1) as (Row & { change: number })[]
    const rows: { change: number, fact: RecordingFact }[] = [
      ...page('segments').map(row => ({ change: row.change, fact: { kind: 'segment' as const, segment: segmentOf(row) } })),
      ...page('gaps').map(row => ({ change: row.change, fact: { kind: 'gap' as const, gap: gapOf(row) } })),
      ...page('volumes').map(row => ({ change: row.change, fact: { kind: 'volume' as const, volume: JSON.parse(row.state as string) as VolumeState } }))
    ].sort((a, b) => a.change - b.change)
    const facts = rows.slice(0, limit)
    return { indexId: this.indexId, cursor: facts.at(-1)?.change ?? this.cursor, more: rows.length > limit, facts: facts.map(r => r.fact) }
  }
  close () { this.db.close() }
}

/** For other processes than the agent's. @throws Error while there is no index yet. */
export function openIndexReader (file: string): IndexReader {
  const db = new Database(file, { readonly: true, fileMustExist: true })
  db.pragma('busy_timeout = 5000')
  return new IndexReader(db)
}

export class RecordingIndex extends IndexReader {
  /** Creates it where there is none. synchronous = FULL: what is committed survives a power cut. */
  static open (file: string): RecordingIndex {
    mkdirSync(dirname(file), { recursive: true })
    const db = new Database(file)
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('busy_timeout = 5000')
    migrate(db)
    db.prepare('INSERT OR IGNORE INTO meta VALUES (?, ?)').run('index_id', newId())
    return new RecordingIndex(db)
  }

  /** All or nothing; may be nested. */
  transaction<T> (work: () => T): T { return this.db.inTransaction ? work() : this.db.transaction(work).immediate() }
  setMeta (key: string, value: string) { this.sql('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(key, value) }
  #next (): number { return (this.sql('UPDATE counter SET change = change + 1 RETURNING change').get() as { change: number }).change }

  addSegment (segment: Segment) {
    const names = fields.map(f => columns[f])
    this.transaction(() => this.sql(`INSERT INTO segments (${names.join(', ')}, change) VALUES (${names.map(() => '?').join(', ')}, ?)`).run(...fields.map(f => toSql(segment[f])), this.#next()))
  }
  /** `pending` see the schema. Answers whether there is such a segment. */
  changeSegment (id: string, change: Partial<Omit<Segment, 'id'>> & { pending?: string | null }): boolean {
    const names = Object.keys(change) as (keyof typeof change)[]
    const set = names.map(n => `${n === 'pending' ? 'pending' : columns[n]} = ?`).join(', ')
    return this.transaction(() => this.sql(`UPDATE segments SET ${set}, change = ? WHERE id = ?`).run(...names.map(n => toSql(change[n])), this.#next(), id).changes > 0)
  }
  /** Rows of footage that is gone are of no use here once the server has them. Answers how many went. */
  forget (replicated: number, before: number): number {
    return this.sql(`DELETE FROM segments WHERE status = 'deleted' AND pending IS NULL AND change <= ? AND started_at < ?`).run(replicated, before).changes
  }
  /** Not replicated, hence no change number. */
  setChecked (id: string, at: number) { this.sql('UPDATE segments SET checked_at = ? WHERE id = ?').run(at, id) }

  addGap (gap: Gap) {
    this.transaction(() => this.sql('INSERT INTO gaps (id, device_id, from_at, to_at, cause, detail, refill, change) VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(gap.id, gap.deviceId, gap.from, gap.to, gap.cause, gap.detail, gap.refill ? JSON.stringify(gap.refill) : null, this.#next()))
  }
  changeGap (id: string, change: Partial<Pick<Gap, 'from' | 'to' | 'cause' | 'detail' | 'refill'>>) {
    const names: Record<string, string> = { from: 'from_at', to: 'to_at', cause: 'cause', detail: 'detail', refill: 'refill' }
    const keys = Object.keys(change) as (keyof typeof change)[]
    this.transaction(() => this.sql(`UPDATE gaps SET ${keys.map(k => `${names[k]} = ?`).join(', ')}, change = ? WHERE id = ?`).run(...keys.map(k => k === 'refill' && change.refill ? JSON.stringify(change.refill) : change[k] as string | number | null ?? null), this.#next(), id))
  }

  /** The whole set, as the server told it. */
  setLocks (locks: readonly LockPlan[]) {
    this.transaction(() => {
      this.sql('DELETE FROM locks').run()
      for (const lock of locks) this.sql('INSERT OR REPLACE INTO locks VALUES (?, ?, ?, ?)').run(lock.id, lock.deviceId, lock.from, lock.to)
    })
  }
  setVolume (state: VolumeState) {
    this.transaction(() => this.sql('INSERT INTO volumes VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state, change = excluded.change').run(state.id, JSON.stringify(state), this.#next()))
  }
}
