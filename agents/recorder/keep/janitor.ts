/**
 * What stays and what goes (docs/decisions/retention.md). Deleting: decided in one transaction that looks for locks, then the file, then the row;
 * a crash between any two is finished at the next round. Nothing that overlaps a lock is ever chosen.
 */
import type { Clock } from '../../../lib/clock.js'
import type { Log } from '../../../lib/log.js'
import type { RecordingIndex } from '../index-db.js'
import { lookAt, type Volumes } from '../volumes.js'
import { copyFile, isThere, removeFile } from './files.js'
import { archiveBefore, type Footage, forRoom, type Keeping, keepFrom, marginBytes, overBytes, restFrom, roomWanted, type Space } from './rules.js'

/** Files a round: deleting must not take the disk from those who write. */
const MOST_A_ROUND = 200
/** A full disk gets room even where the rules alone would take the whole round. */
const LEAST_FOR_ROOM = 50
/** Moving ends with the file that is begun within this; a minute of 200 cameras in a minute needs 34 files a round. */
const MOVING_MS = 8000
const MOVES_A_ROUND = 100
const BYTES_EVERY_MS = 60_000
const FORGET_AFTER_MS = 7 * 86_400_000

/** Unlocked footage that may be deleted. `{}` is where a camera or a volume is named. */
const free = (where: string, limit: number) => `SELECT id, device_id deviceId, started_at startedAt, wall_ms wallMs, bytes FROM segments s WHERE ${where} AND status IN ('closed', 'archived', 'damaged') AND pending IS NULL
  AND NOT EXISTS (SELECT 1 FROM locks l WHERE l.device_id = s.device_id AND l.from_at < s.started_at + s.wall_ms AND l.to_at > s.started_at) ORDER BY started_at LIMIT ${limit}`
/** Every camera that the index knows, without reading all of it. */
const CAMERAS = `WITH RECURSIVE d(id) AS (SELECT min(device_id) FROM segments UNION ALL SELECT (SELECT min(device_id) FROM segments WHERE device_id > d.id) FROM d WHERE d.id IS NOT NULL) SELECT id FROM d WHERE id IS NOT NULL`

interface Unfinished { id: string, pending: string, path: string, volumeId: string }

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
  /** Volumes that refused a deletion in this round: the rest of theirs waits for the next. */
  readonly #refused = new Set<string>()

  constructor (private readonly o: JanitorOptions) {}

  /** One round; a second call while one runs waits for that one. */
  round (): Promise<void> {
    this.#running ??= this.#round().finally(() => { this.#running = null })
    return this.#running
  }

  async #round () {
    this.#refused.clear()
    await this.#finish()
    const { index, clock, replicated } = this.o
    let left = MOST_A_ROUND
    // Who does not know all locks deletes only where a disk would otherwise be full.
    if (this.o.trusted()) {
      left -= await this.#byRule(left)
      await this.#archive()
    }
    await this.#bySpace(Math.max(LEAST_FOR_ROOM, left))
    index.forget(replicated(), clock.now() - FORGET_AFTER_MS)
  }

  /** What an earlier round, or an earlier life, did not bring to its end. */
  async #finish () {
    const { index } = this.o
    for (const row of index.all<Unfinished>(`SELECT id, pending, path, volume_id volumeId FROM segments WHERE pending IS NOT NULL LIMIT ${MOST_A_ROUND}`)) {
      const [work] = row.pending.split(':', 1)
      const about = row.pending.slice(row.pending.indexOf(':') + 1)
      if (work === 'delete') await this.#finishDelete(row, about)
      else if (work === 'drop') await this.#drop(row.id, about, row.path)
      else await this.#undoMove(row, about)
    }
  }

  /** Gone: told. Still there: a lock may have come since it was decided, so it is decided anew. */
  async #finishDelete ({ id, path, volumeId }: Unfinished, why: string) {
    const { index, volumes, log } = this.o
    const file = volumes.fileOf(volumeId, path)
    if (!file || !await volumes.isThereNow(volumeId)) return
    try {
      if (await isThere(file)) return void index.changeSegment(id, { pending: null })
      await removeFile(file)
      index.changeSegment(id, { status: 'deleted', pending: null, detail: why })
    } catch (err) { log.warn({ err, segmentId: id }, 'whether a file was deleted could not be seen; it is tried again') }
  }

  /** The row still names the original; what was copied of it so far goes. The copy is made anew when its turn comes. */
  async #undoMove ({ id, path }: Unfinished, targetId: string) {
    const { index, volumes, log } = this.o
    const copy = volumes.fileOf(targetId, path)
    if (copy && !await volumes.isThereNow(targetId)) return
    try {
      if (copy) for (const file of [`${copy}.part`, copy]) await removeFile(file)
      index.changeSegment(id, { pending: null })
    } catch (err) { log.warn({ err, segmentId: id }, 'half of a copy could not be removed; it is tried again') }
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
    const used = new Set(volumes.recordedTo().map(v => v.id))
    const primary: { space: Space, canDelete: boolean }[] = []
    for (const plan of volumes.plans()) {
      const { status, freeBytes, totalBytes } = await lookAt(plan)
      if (freeBytes === null || totalBytes === null || (status !== 'ok' && status !== 'full')) continue
      const space = { freeBytes, totalBytes, floorBytes: plan.floorBytes }
      const wanted = roomWanted(space)
      const candidates = wanted === 0 ? [] : this.#candidates(plan.id, most)
      const chosen = forRoom(candidates, id => keepingOf(id).priority, wanted).slice(0, most)
      if (chosen.length > 0) log.warn({ volume: plan.id, files: chosen.length, freeBytes, marginBytes: marginBytes(space) }, 'a disk is short of room: the least important and oldest footage goes before its time')
      let gone = 0
      for (const f of chosen) if (await this.#delete(f.id, 'The disk was full')) gone++
      if (used.has(plan.id)) primary.push({ space, canDelete: wanted === 0 || gone > 0 })
    }
    this.#restIf(primary)
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

  #restIf (primary: readonly { space: Space, canDelete: boolean }[]) {
    const next = restFrom(this.#restFrom, primary, this.o.recording())
    if (next === this.#restFrom) return
    this.o.log.error({ from: next, before: this.#restFrom }, next < this.#restFrom ? 'only locked footage is left on full disks: recording of the least important cameras rests' : 'there is room again: recording goes on')
    this.#restFrom = next
    this.o.rest(next)
  }

  /** False when a lock holds it, it is gone already, or its disk does not do it now. */
  async #delete (id: string, why: string): Promise<boolean> {
    const { index, volumes, log } = this.o
    const segment = index.transaction(() => {
      const s = index.segment(id)
      // Of a volume that is not there now: when it is back.
      if (!s || s.status === 'open' || s.status === 'deleted' || !volumes.isThere(s.volumeId) || this.#refused.has(s.volumeId)) return null
      if (index.locks(s.deviceId, s.startedAt, s.startedAt + s.wallMs).length > 0) return null
      index.changeSegment(id, { pending: `delete:${why}` })
      return s
    })
    const file = segment && volumes.fileOf(segment.volumeId, segment.path)
    if (!file) return false
    // A disk that was unplugged says of each file that it is gone: decided anew when it is back.
    if (!await volumes.isThereNow(segment.volumeId)) return false
    try { await removeFile(file) } catch (err) {
      log.warn({ err, segmentId: id }, 'a file of footage could not be deleted; it is tried again')
      this.#refused.add(segment.volumeId)
      return false
    }
    index.changeSegment(id, { status: 'deleted', pending: null, detail: why })
    return true
  }

  async #archive () {
    const { index, volumes, clock, keepingOf } = this.o
    const target = volumes.plans().find(v => v.tier === 'archive' && v.enabled && volumes.statusOf(v.id) === 'ok')
    if (!target) return
    const until = performance.now() + MOVING_MS
    let left = MOVES_A_ROUND
    for (const { id } of index.all<{ id: string }>(CAMERAS)) {
      const before = archiveBefore(keepingOf(id), clock.now())
      if (before === null || left <= 0) continue
      for (const row of index.all<{ id: string }>(`SELECT id FROM segments WHERE device_id = ? AND started_at + wall_ms <= ? AND status = 'closed' AND pending IS NULL AND volume_id <> ? ORDER BY started_at LIMIT ?`, id, before, target.id, left)) {
        if (performance.now() >= until) return
        if (!await this.#move(row.id, target.id)) return
        left--
      }
    }
  }

  /** Copied, compared, then the row, then the old file. Locked footage may move: it is not deleted. False: no more of it now. */
  async #move (id: string, targetId: string): Promise<boolean> {
    const { index, volumes, log } = this.o
    const segment = index.segment(id)
    const from = segment && volumes.fileOf(segment.volumeId, segment.path)
    const to = segment && volumes.fileOf(targetId, segment.path)
    if (!segment || !from || !to || !volumes.isThere(segment.volumeId)) return true
    // A missing mount must not fill the disk below it.
    if (!await volumes.isThereNow(targetId)) return false
    index.changeSegment(id, { pending: `move:${targetId}` })
    try {
      const sha256 = await copyFile(from, to)
      if (sha256 !== segment.sha256) {
        await removeFile(to)
        index.changeSegment(id, { pending: null, status: 'damaged', detail: 'The file is not what was recorded (found while moving it)' })
        return true
      }
      index.changeSegment(id, { pending: `drop:${segment.volumeId}`, volumeId: targetId, status: 'archived' })
      await this.#drop(id, segment.volumeId, segment.path)
      return true
    } catch (err) {
      const gone = (err as NodeJS.ErrnoException).code === 'ENOENT' && ['ok', 'full'].includes((await lookAt(volumes.planOf(segment.volumeId)!)).status) && !await isThere(from)
      if (gone) index.changeSegment(id, { pending: null, status: 'missing', detail: 'The file is not there (found while moving it)' })
      else log.warn({ err, segmentId: id }, 'a segment could not be moved to the archive; it is tried again')
      return gone
    }
  }

  async #drop (id: string, volumeId: string, path: string) {
    const { index, volumes, log } = this.o
    const file = volumes.fileOf(volumeId, path)
    if (file && !await volumes.isThereNow(volumeId)) return
    try {
      if (file) await removeFile(file)
      index.changeSegment(id, { pending: null })
    } catch (err) { log.warn({ err, segmentId: id }, 'the file of a moved segment could not be removed; it is tried again') }
  }
}
