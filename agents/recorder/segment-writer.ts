/** The disk's side of one segment: batches go in whole, in order, hashed on their way; the caller never waits. */
import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { EndReason } from '../../server/contract/recording.js'
import { giveBack, joined } from './batch-memory.js'
import type { SegmentProgress } from './messages.js'

/** What may wait for a slow disk, bytes of one segment; beyond it the run ends, and the camera goes on without this file. */
const MAX_QUEUED_BYTES = 16 * 1024 * 1024

export interface BatchFacts { frames: number, keyFrames: number, wallMs: number, mediaMs: number }
export interface WriterEvents {
  /** Bytes that nobody can bring to the disk any more. The writer closes what it has by itself. */
  failed (reason: EndReason, detail: string): void
  /** All that was accepted is on the disk and the file is closed; `sha256` null when not. */
  closed (progress: SegmentProgress, sha256: string | null, detail: string | null): void
}
export interface SegmentFiles { open: typeof open, mkdir: typeof mkdir }

const nodeFiles: SegmentFiles = { open, mkdir }
const reasons: Record<string, EndReason> = { ENOSPC: 'disk_full', EDQUOT: 'disk_full', ENOENT: 'volume_missing', ENODEV: 'volume_missing', ENXIO: 'volume_missing' }
const reasonOf = (error: unknown): EndReason => reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? 'disk_failed'

export class SegmentWriter {
  #file: string | null = null
  #queue: { bytes: Buffer, facts: BatchFacts | null, held: boolean }[] = []
  #queuedBytes = 0
  /** Of them, what had been in memory already: bounded by its buffer, and no sign of a slow disk. */
  #heldBytes = 0
  #written = 0
  #facts: BatchFacts = { frames: 0, keyFrames: 0, wallMs: 0, mediaMs: 0 }
  readonly #hash = createHash('sha256')
  #handle: FileHandle | null = null
  #running = false
  #ended = false
  #over = false

  constructor (readonly id: string, private readonly events: WriterEvents, private readonly files: SegmentFiles = nodeFiles) {}

  get progress (): SegmentProgress { return { id: this.id, bytes: this.#written, ...this.#facts } }

  /** The agent chose a place. What was accepted before waits for it, behind the file's head. */
  place (file: string, head: Buffer[]) {
    if (this.#file || this.#over) return
    this.#file = file
    this.#queue.unshift({ bytes: joined(head), facts: null, held: false })
    this.#queuedBytes += this.#queue[0]!.bytes.length
    void this.#run()
  }

  /** `facts` are totals of the segment once this batch is on the disk; `held`: it comes out of the pre-roll's buffer. */
  write (parts: Buffer[], facts: BatchFacts, held = false) {
    if (this.#ended) return
    // Joined: the pull's memory is free again, and one write of one piece costs the process half of a vector of frames (measured).
    const bytes = joined(parts)
    if (!held && this.#queuedBytes - this.#heldBytes + bytes.length > MAX_QUEUED_BYTES) return this.fail('disk_slow', `${Math.round(this.#queuedBytes / 2 ** 20)} MB wait for the disk`)
    this.#queue.push({ bytes, facts, held })
    this.#queuedBytes += bytes.length
    if (held) this.#heldBytes += bytes.length
    void this.#run()
  }

  /** No more comes; `closed` follows when all of it is on the disk. */
  end () {
    this.#ended = true
    void this.#run()
  }

  /** Nothing more can be written: what is whole stays. */
  fail (reason: EndReason, detail: string) {
    // One that has ended and still waits for its place must hear that there is none.
    if (this.#ended && (this.#file || this.#over)) return
    this.#ended = true
    this.#queue = []
    this.#queuedBytes = 0
    this.#heldBytes = 0
    this.events.failed(reason, detail)
    void this.#run()
  }

  /** What was accepted waits for its place. */
  get #canGoOn () { return !this.#over && (this.#file ? this.#queue.length > 0 || this.#ended : this.#ended && this.#queue.length === 0) }

  async #run () {
    if (this.#running) return
    this.#running = true
    try {
      while (this.#canGoOn) {
        if (this.#queue.length > 0) await this.#writeNext()
        else await this.#close()
      }
    } catch (error) {
      await this.#broken(error)
    } finally { this.#running = false }
    // Something may have come in while the last step ended.
    if (this.#canGoOn) void this.#run()
  }

  async #writeNext () {
    if (!this.#handle) {
      await this.files.mkdir(dirname(this.#file!), { recursive: true })
      this.#handle = await this.files.open(this.#file!, 'wx', 0o640)
    }
    const batch = this.#queue[0]!
    const { bytesWritten } = await this.#handle.write(batch.bytes, 0, batch.bytes.length, this.#written)
    if (bytesWritten < batch.bytes.length) throw Object.assign(new Error('The disk took a part of the data only'), { code: 'ENOSPC' })
    this.#hash.update(batch.bytes)
    this.#written += batch.bytes.length
    giveBack(batch.bytes)
    if (batch.facts) this.#facts = batch.facts
    // A failure may have emptied the queue meanwhile.
    if (this.#queue[0] === batch) {
      this.#queue.shift()
      this.#queuedBytes -= batch.bytes.length
      if (batch.held) this.#heldBytes -= batch.bytes.length
    }
  }

  async #close () {
    this.#over = true
    if (!this.#handle) return this.events.closed(this.progress, null, 'nothing was written')
    await this.#handle.truncate(this.#written).catch(() => {})
    await this.#handle.sync()
    await this.#handle.close()
    await this.#syncFolder()
    this.events.closed(this.progress, this.#hash.digest('hex'), null)
  }

  async #syncFolder () {
    const folder = await this.files.open(dirname(this.#file!), 'r')
    try { await folder.sync() } finally { await folder.close() }
  }

  /** What was written before stays if it can be closed; the recovery at the agent's next start looks at it again. */
  async #broken (error: unknown) {
    const detail = (error as Error).message.slice(0, 300)
    if (!this.#ended) this.fail(reasonOf(error), detail)
    if (this.#over) {
      await this.#handle?.close().catch(() => {})
      return this.events.closed(this.progress, null, detail)
    }
    try { await this.#close() } catch (again) {
      await this.#handle?.close().catch(() => {})
      this.events.closed(this.progress, null, (again as Error).message.slice(0, 300))
    }
  }
}
