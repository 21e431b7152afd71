/** Mends what a crash or a lost disk left behind: at the start, and whenever a disk is back. A disk that is not there says nothing about its files. */
import type { Log } from '../../lib/log.js'
import type { Gaps } from './gaps.js'
import type { RecordingIndex } from './index-db.js'
import { isThere } from './keep/files.js'
import { adoptFiles, recoverSegment } from './recovery.js'
import type { Volumes } from './volumes.js'

const DAY_MS = 86_400_000
/** Of rows whose file was not there, in one look. */
const MISSING_AT_ONCE = 500

export interface MenderOptions {
  index: RecordingIndex
  volumes: Volumes
  gaps: Gaps
  log: Log
  /** Of this run of the agent. */
  startedAt: number
  /** The index was made anew: files of all days are looked for, not only of the last two. */
  everything: boolean
}

export class Mender {
  readonly #busy = new Set<string>()
  /** Segments that could not be mended yet. */
  readonly #waiting = new Set<string>()
  /** Volumes whose files were looked at since they were there last. */
  readonly #looked = new Set<string>()
  #running = false

  constructor (private readonly o: MenderOptions) {}

  /** Before anything is recorded. What lasted until now is the agent's absence, also where the file cannot be read yet. */
  async first () {
    const { index, gaps } = this.o
    for (const segment of index.open()) {
      const mended = await this.mend(segment.id) ?? segment
      // What was being fetched from a card says nothing of the live recording.
      if (!segment.refilled && !index.openGap(segment.deviceId)) gaps.begin(segment.deviceId, mended.startedAt + mended.wallMs, 'agent_down', 'The agent was not running')
    }
    await this.#takeIn()
  }

  /** After each look at the volumes. */
  async later () {
    if (this.#running) return
    this.#running = true
    try {
      for (const id of [...this.#waiting]) await this.mend(id)
      await this.#takeIn()
    } finally { this.#running = false }
  }

  /** Null when it cannot be done now; it is tried again when its disk is there. */
  async mend (segmentId: string) {
    const { index, volumes, gaps, log } = this.o
    const segment = index.segment(segmentId)
    if (this.#busy.has(segmentId)) return null
    this.#waiting.delete(segmentId)
    if (segment?.status !== 'open') return null
    this.#busy.add(segmentId)
    this.#waiting.add(segmentId)
    try {
      if (!await volumes.isThereNow(segment.volumeId)) return null
      const mended = await recoverSegment(index, volumes, segment, () => volumes.isThereNow(segment.volumeId))
      if (!mended) return null
      this.#waiting.delete(segmentId)
      if (!mended.refilled) gaps.footageUntil(mended.deviceId, mended.startedAt, mended.startedAt + mended.wallMs)
      return mended
    } catch (err) {
      log.error({ err, segmentId }, 'a segment could not be mended; it is tried again')
      return null
    } finally { this.#busy.delete(segmentId) }
  }

  /** Files that no row knows, and files that were missing, on volumes that were not there until now. */
  async #takeIn () {
    const { index, volumes, log, startedAt, everything } = this.o
    const days = everything ? null : new Set([0, DAY_MS].map(ms => new Date(startedAt - ms).toISOString().slice(0, 10)))
    for (const { id, place } of volumes.plans()) {
      if (!volumes.isThere(id)) this.#looked.delete(id)
      else if (!this.#looked.has(id)) {
        this.#looked.add(id)
        const adopted = await adoptFiles(index, { id, folder: place.path }, days)
        const found = await this.#foundAgain(id)
        if (adopted + found > 0) log.warn({ volume: id, adopted, found }, 'files that the index did not know, or held for missing, were taken in')
      }
    }
  }

  /** Held for missing, and there: the scrubber compares it with its hash before long. */
  async #foundAgain (volumeId: string): Promise<number> {
    const { index, volumes } = this.o
    let found = 0
    for (const segment of index.segmentsWhere(`WHERE volume_id = ? AND status = 'missing' AND sha256 IS NOT NULL LIMIT ${MISSING_AT_ONCE}`, volumeId)) {
      const file = volumes.fileOf(volumeId, segment.path)
      if (!file || !await isThere(file)) continue
      index.changeSegment(segment.id, { status: 'closed', detail: null })
      index.setChecked(segment.id, 0)
      found++
    }
    return found
  }
}
