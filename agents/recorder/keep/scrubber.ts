/** Reads everything again, slowly, and compares it with its hash: what was altered, cut or taken away behind our back is found. */
import type { Clock } from '../../../lib/clock.js'
import type { Log } from '../../../lib/log.js'
import type { RecordingIndex } from '../index-db.js'
import type { Volumes } from '../volumes.js'
import { hashFile } from './files.js'

const BYTES_PER_S = 8 * 1024 * 1024
/** Nothing is read again sooner. */
const AGAIN_AFTER_MS = 12 * 3_600_000

export interface ScrubberOptions { index: RecordingIndex, volumes: Volumes, clock: Clock, log: Log, pause: (ms: number, signal: AbortSignal) => Promise<void>, againAfterMs?: number }

export class Scrubber {
  readonly counters = { files: 0, bytes: 0, damaged: 0, missing: 0 }
  constructor (private readonly o: ScrubberOptions) {}

  /** The file that was not looked at for longest. False when none is due. */
  async step (signal: AbortSignal): Promise<boolean> {
    const { index, volumes, clock, log } = this.o
    const [row] = index.all<{ id: string, checkedAt: number | null }>(`SELECT id, checked_at checkedAt FROM segments WHERE status IN ('closed', 'archived', 'damaged') ORDER BY checked_at LIMIT 1`)
    if (!row || (row.checkedAt !== null && clock.now() - row.checkedAt < (this.o.againAfterMs ?? AGAIN_AFTER_MS))) return false
    const segment = index.segment(row.id)
    index.setChecked(row.id, clock.now())
    const file = segment && volumes.fileOf(segment.volumeId, segment.path)
    // Of a volume that is not there nothing is known.
    if (!segment || !file || !volumes.isThere(segment.volumeId)) return true
    const fault = await this.#look(file, segment, signal)
    if (!fault) return true
    // The disk may have been unplugged since it was last looked at, and is not known to lack a file then.
    if (!await volumes.isThereNow(segment.volumeId)) return true
    // Retention may have taken it meanwhile, with its file.
    const now = index.segment(row.id)
    if (!now || !['closed', 'archived', 'damaged'].includes(now.status) || now.path !== segment.path || now.volumeId !== segment.volumeId) return true
    if (fault.status === now.status) return true
    this.counters[fault.status]++
    log.error({ segmentId: row.id, ...fault }, 'footage on a disk is not what was recorded')
    index.changeSegment(row.id, fault)
    return true
  }

  async #look (file: string, segment: { bytes: number, sha256: string | null }, signal: AbortSignal): Promise<{ status: 'damaged' | 'missing', detail: string } | null> {
    try {
      const found = await hashFile(file, { bytesPerS: BYTES_PER_S, signal, pause: ms => this.o.pause(ms, signal) })
      this.counters.files++
      this.counters.bytes += found.bytes
      if (found.bytes < segment.bytes) return { status: 'damaged', detail: `The file has ${found.bytes} of ${segment.bytes} bytes` }
      return found.sha256 === segment.sha256 ? null : { status: 'damaged', detail: 'The file is not what was recorded' }
    } catch (error) {
      if (signal.aborted) return null
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { status: 'missing', detail: 'The file is not there' }
      this.o.log.warn({ err: error, file }, 'a file of footage could not be read')
      return null
    }
  }
}
