/**
 * What stays and what goes (docs/decisions/retention.md). Deleting: decided in one transaction that looks for locks, then the file, then the row;
 * a crash between any two is finished at the next round. Nothing that overlaps a lock is ever chosen.
 */
import type { Clock } from '../../../lib/clock.js'
import type { Log } from '../../../lib/log.js'
import type { RecordingIndex } from '../index-db.js'
import { lookAt, type Volumes } from '../volumes.js'
import { copyFile, removeFile } from './files.js'
import { archiveBefore, type Footage, forRoom, type Keeping, keepFrom, marginBytes, overBytes, restFrom, roomWanted } from './rules.js'

/** Files a round: deleting must not take the disk from those who write. */
const MOST_A_ROUND = 200
const MOVES_A_ROUND = 5
const BYTES_EVERY_MS = 60_000
const FORGET_AFTER_MS = 7 * 86_400_000

/** Unlocked footage that may be deleted. `{}` is where a camera or a volume is named. */
const free = (where: string, limit: number) => `SELECT id, device_id deviceId, started_at startedAt, wall_ms wallMs, bytes FROM segments s WHERE ${where} AND status IN ('closed', 'archived', 'damaged') AND pending IS NULL
  AND NOT EXISTS (SELECT 1 FROM locks l WHERE l.device_id = s.device_id AND l.from_at < s.started_at + s.wall_ms AND l.to_at > s.started_at) ORDER BY started_at LIMIT ${limit}`
/** Every camera that the index knows, without reading all of it. */
const CAMERAS = `WITH RECURSIVE d(id) AS (SELECT min(device_id) FROM segments UNION ALL SELECT (SELECT min(device_id) FROM segments WHERE device_id > d.id) FROM d WHERE d.id IS NOT NULL) SELECT id FROM d WHERE id IS NOT NULL`

export interface JanitorOptions {
  index: RecordingIndex
  volumes: Volumes
  clock: Clock
  log: Log
  keepingOf: (deviceId: string) => Keeping
  /** Priorities of the cameras that are recorded now. */
  recording: () => number[]
  /** The server was heard lately, so every lock is known. */
  trusted: () => boolean
  /** From which priority on recording rests; 6: nobody. */
  rest: (from: number) => void
  /** What the server has copied of the index. */
  replicated: () => number
}

export class Janitor {
  #running: Promise<void> | null = null
  #bytesAt = 0
  #restFrom = 6

  constructor (private readonly o: JanitorOptions) {}

  /** One round; a second call while one runs waits for that one. */
  round (): Promise<void> {
    this.#running ??= this.#round().finally(() => { this.#running = null })
    return this.#running
  }

  async #round () {
    await this.#finish()
    const { index, clock, replicated } = this.o
    let left = MOST_A_ROUND
    // Who does not know all locks deletes only where a disk would otherwise be full.
    if (this.o.trusted()) {
      left -= await this.#byRule(left)
      await this.#archive()
    }
    await this.#bySpace(left)
    index.forget(replicated(), clock.now() - FORGET_AFTER_MS)
  }

  /** What an earlier round, or an earlier life, had decided. */
  async #finish () {
    for (const row of this.o.index.all<{ id: string, pending: string, path: string, volumeId: string }>(`SELECT id, pending, path, volume_id volumeId FROM segments WHERE pending IS NOT NULL LIMIT ${MOST_A_ROUND}`)) {
      if (row.pending === 'delete') await this.#delete(row.id, null)
      else if (row.pending.startsWith('drop:')) await this.#drop(row.id, row.pending.slice(5), row.path)
      // A copy that was not finished is made anew when its turn comes.
      else this.o.index.changeSegment(row.id, { pending: null })
    }
  }

  async #byRule (most: number): Promise<number> {
    const { index, clock, keepingOf } = this.o
    const now = clock.now()
    const weigh = now - this.#bytesAt >= BYTES_EVERY_MS
    if (weigh) this.#bytesAt = now
    let done = 0
    for (const { id } of index.all<{ id: string }>(CAMERAS)) {
      const keeping = keepingOf(id)
      const from = keepFrom(keeping, now)
      const old = from === null || done >= most ? [] : index.all<Footage>(free('device_id = ? AND started_at + wall_ms <= ?', most - done), id, from)
      for (const f of old) if (await this.#delete(f.id, `Older than ${keeping.keepDays} days`)) done++
      if (!weigh || keeping.keepBytes === null || done >= most) continue
      const [sum] = index.all<{ bytes: number | null }>(`SELECT sum(bytes) bytes FROM segments WHERE device_id = ? AND status IN ('closed', 'archived', 'damaged')`, id)
      const heavy = overBytes(index.all<Footage>(free('device_id = ?', most - done), id), sum?.bytes ?? 0, keeping.keepBytes)
      for (const f of heavy) if (await this.#delete(f.id, 'More than the camera\'s bytes')) done++
    }
    return done
  }

  async #bySpace (most: number) {
    const { volumes, keepingOf, log } = this.o
    for (const plan of volumes.plans()) {
      const { status, freeBytes, totalBytes } = await lookAt(plan)
      if (freeBytes === null || totalBytes === null || (status !== 'ok' && status !== 'full')) continue
      const space = { freeBytes, totalBytes, floorBytes: plan.floorBytes }
      const wanted = roomWanted(space)
      const candidates = wanted === 0 ? [] : this.#candidates(plan.id, most)
      const gone = forRoom(candidates, id => keepingOf(id).priority, wanted).slice(0, Math.max(1, most))
      if (gone.length > 0) log.warn({ volume: plan.id, files: gone.length, freeBytes, marginBytes: marginBytes(space) }, 'a disk is short of room: the least important and oldest footage goes before its time')
      for (const f of gone) await this.#delete(f.id, 'The disk was full')
      if (plan.tier === 'primary') this.#restIf(space, wanted === 0 || gone.length > 0)
    }
  }

  /** The oldest unlocked footage of the volume, of each camera, so that the least important ones are among it. */
  #candidates (volumeId: string, most: number): Footage[] {
    const cameras = this.o.index.all<{ id: string }>(CAMERAS).sort((a, b) => this.o.keepingOf(b.id).priority - this.o.keepingOf(a.id).priority)
    const found: Footage[] = []
    for (const { id } of cameras) {
      if (found.length >= most * 4) break
      found.push(...this.o.index.all<Footage>(free('device_id = ? AND volume_id = ?', most), id, volumeId))
    }
    return found
  }

  #restIf (space: { freeBytes: number, totalBytes: number, floorBytes: number }, canDelete: boolean) {
    const next = restFrom(this.#restFrom, space, canDelete, this.o.recording())
    if (next === this.#restFrom) return
    this.o.log.error({ from: next, before: this.#restFrom }, next < this.#restFrom ? 'only locked footage is left on a full disk: recording of the least important cameras rests' : 'there is room again: recording goes on')
    this.#restFrom = next
    this.o.rest(next)
  }

  /** `why` null: decided before. False when a lock holds it, or it is gone already. */
  async #delete (id: string, why: string | null): Promise<boolean> {
    const { index, volumes, log } = this.o
    const segment = index.transaction(() => {
      const s = index.segment(id)
      if (!s || s.status === 'open' || s.status === 'deleted') return null
      if (why === null) return s
      if (index.locks(s.deviceId, s.startedAt, s.startedAt + s.wallMs).length > 0) return null
      index.changeSegment(id, { pending: 'delete', detail: why })
      return s
    })
    if (!segment) return false
    const file = volumes.fileOf(segment.volumeId, segment.path)
    // Of a volume that is not there now: when it is back.
    if (!file || !volumes.isThere(segment.volumeId)) return false
    try { await removeFile(file) } catch (err) {
      log.warn({ err, segmentId: id }, 'a file of footage could not be deleted; it is tried again')
      return false
    }
    index.changeSegment(id, { status: 'deleted', pending: null })
    return true
  }

  async #archive () {
    const { index, volumes, clock, keepingOf } = this.o
    const target = volumes.plans().find(v => v.tier === 'archive' && v.enabled && volumes.statusOf(v.id) === 'ok')
    if (!target) return
    let left = MOVES_A_ROUND
    for (const { id } of index.all<{ id: string }>(CAMERAS)) {
      const before = archiveBefore(keepingOf(id), clock.now())
      if (before === null || left <= 0) continue
      for (const row of index.all<{ id: string }>(`SELECT id FROM segments WHERE device_id = ? AND started_at + wall_ms <= ? AND status = 'closed' AND status IN ('closed', 'archived', 'damaged') AND pending IS NULL AND volume_id <> ? ORDER BY started_at LIMIT ?`, id, before, target.id, left)) {
        await this.#move(row.id, target.id)
        left--
      }
    }
  }

  /** Copied, compared, then the row, then the old file. Locked footage may move: it is not deleted. */
  async #move (id: string, targetId: string) {
    const { index, volumes, log } = this.o
    const segment = index.segment(id)
    const from = segment && volumes.fileOf(segment.volumeId, segment.path)
    const to = segment && volumes.fileOf(targetId, segment.path)
    if (!segment || !from || !to || !volumes.isThere(segment.volumeId)) return
    index.changeSegment(id, { pending: `move:${targetId}` })
    try {
      const sha256 = await copyFile(from, to)
      if (sha256 !== segment.sha256) {
        await removeFile(to)
        index.changeSegment(id, { pending: null, status: 'damaged', detail: 'The file is not what was recorded (found while moving it)' })
        return
      }
      index.changeSegment(id, { pending: `drop:${segment.volumeId}`, volumeId: targetId, status: 'archived' })
      await this.#drop(id, segment.volumeId, segment.path)
    } catch (err) {
      log.warn({ err, segmentId: id }, 'a segment could not be moved to the archive; it is tried again')
      index.changeSegment(id, { pending: null })
    }
  }

  async #drop (id: string, volumeId: string, path: string) {
    const { index, volumes, log } = this.o
    const file = volumes.fileOf(volumeId, path)
    if (file && !volumes.isThere(volumeId)) return
    try { if (file) await removeFile(file) } catch (err) {
      log.warn({ err, segmentId: id }, 'the file of a moved segment could not be removed; it is tried again')
      return
    }
    index.changeSegment(id, { pending: null })
  }
}
