/** The recorder's part inside a media worker: a tap on each camera that is to be recorded. */
import type { StreamProfile } from '../../server/contract/health.js'
import type { CameraSource } from '../rtsp/camera-source.js'
import type { Time } from '../rtsp/timeline.js'
import type { RecordOrder, RecorderFromWorker, RecorderToWorker } from './messages.js'
import { RecordingTap } from './tap.js'

/** Each report is a row a camera in two databases; what is being written counts as going on until the next. */
const PROGRESS_MS = 10_000

interface Entry { order: RecordOrder, tap: RecordingTap, source: CameraSource | null, leave: () => void }

export class WorkerRecorder {
  private readonly entries = new Map<string, Entry>()
  /** By the segment that waits for its place. */
  private readonly asking = new Map<string, RecordingTap>()
  private progressMs: number
  private readonly told = new Map<string, number>()

  constructor (private readonly sourceOf: (deviceId: string, profile: StreamProfile) => CameraSource | null, private readonly tell: (message: RecorderFromWorker) => void, private readonly time: Time) {
    this.progressMs = time.mono()
  }

  handle (message: RecorderToWorker) {
    if (message.type === 'segment_place') {
      this.asking.get(message.id)?.placed(message.id, message.place, message.reason, message.detail)
      this.asking.delete(message.id)
      return
    }
    const entry = this.entries.get(message.deviceId)
    if (!message.order) {
      this.entries.delete(message.deviceId)
      entry?.tap.setOrder(null)
      return entry?.leave()
    }
    if (entry) {
      entry.order = message.order
      this.attach(message.deviceId, entry)
      return entry.tap.setOrder(message.order)
    }
    const tap: RecordingTap = new RecordingTap({ deviceId: message.deviceId, time: this.time, tell: m => {
      if (m.type === 'segment_wanted') this.asking.set(m.segment.id, tap)
      this.tell(m)
    } })
    const made: Entry = { order: message.order, tap, source: null, leave: () => {} }
    this.entries.set(message.deviceId, made)
    tap.setOrder(message.order)
    this.attach(message.deviceId, made)
  }

  /** Cameras came, went, or have another source now. */
  sync () { for (const [id, entry] of this.entries) this.attach(id, entry) }

  private attach (deviceId: string, entry: Entry) {
    const source = this.sourceOf(deviceId, entry.order.profile)
    if (source === entry.source) return
    entry.leave()
    if (entry.source) entry.tap.close('stream_lost')
    entry.source = source
    entry.leave = source ? source.watch(entry.tap) : () => {}
  }

  /** Of the files that are being written of this camera. */
  progressOf (deviceId: string) { return this.entries.get(deviceId)?.tap.progress() ?? [] }

  /** Call a few times a second. */
  tick () {
    if (this.time.mono() - this.progressMs < PROGRESS_MS) return
    this.progressMs = this.time.mono()
    const all = [...this.entries.values()].flatMap(e => e.tap.progress())
    const segments = all.filter(s => s.bytes > 0 && this.told.get(s.id) !== s.bytes)
    this.told.clear()
    for (const s of all) this.told.set(s.id, s.bytes)
    if (segments.length > 0) this.tell({ type: 'segment_progress', segments })
  }

  /** Ends all runs; resolves when their files are closed, or after `ms`. */
  async stop (ms: number) {
    for (const entry of this.entries.values()) {
      entry.leave()
      entry.tap.close('recorder_stopped')
    }
    const until = this.time.mono() + ms
    while (this.time.mono() < until && [...this.entries.values()].some(e => e.tap.progress().length > 0)) await new Promise(resolve => setTimeout(resolve, 20))
  }
}
