/** Events that start the recording of a camera in event mode. */
import type { CameraEventType, Observation } from '../../../server/contract/health.js'

const recorded: ReadonlySet<CameraEventType> = new Set(['motion', 'line_crossed', 'field_intrusion', 'object', 'tamper', 'scene_change', 'digital_input', 'audio'])
/** No agent has more of them on at once. */
const maxOpen = 5000
/** The recorder takes no event for longer than ten minutes; one that lasts is told anew in good time. */
const againMs = 5 * 60_000

export type StartRecording = (deviceId: string, event: { from: number, to: number | null }) => void

export class RecordsOn {
  readonly #begun = new Map<string, { deviceId: string, from: number }>()

  constructor (private readonly record: StartRecording) {}

  /** To be called with each observation: tells the recorder of beginnings (`to` null), their ends and pulses. */
  see (o: Observation) {
    if (o.kind !== 'camera_event' || !recorded.has(o.type)) return
    const key = `${o.deviceId} ${o.type} ${o.source}`
    if (o.phase === 'pulse') this.record(o.deviceId, { from: o.at, to: o.at })
    else if (o.phase === 'begin' && this.#begun.size < maxOpen) {
      this.#begun.set(key, { deviceId: o.deviceId, from: o.at })
      this.record(o.deviceId, { from: o.at, to: null })
    } else if (o.phase === 'end') {
      const begun = this.#begun.get(key)
      this.#begun.delete(key)
      if (begun) this.record(o.deviceId, { from: begun.from, to: Math.max(begun.from, o.at) })
    }
  }

  tick (now: number) {
    for (const begun of this.#begun.values()) {
      if (now - begun.from < againMs) continue
      this.record(begun.deviceId, { from: begun.from, to: now })
      begun.from = now
      this.record(begun.deviceId, { from: now, to: null })
    }
  }
}
