/** Events that start the recording of a camera in event mode, on their way to the server. */
import type { CameraEventType, Observation } from '../../../server/contract/health.js'

const recorded: ReadonlySet<CameraEventType> = new Set(['motion', 'line_crossed', 'field_intrusion', 'object', 'tamper', 'scene_change', 'digital_input', 'audio'])
/** No camera has more of them on at once. */
const maxOpen = 5000

/** What to call with each observation: passes it on, and tells `record` of beginnings (`to` null), their ends and pulses. */
export function recordsOn (emit: { observation (o: Observation): void }, record: (deviceId: string, event: { from: number, to: number | null }) => void) {
  const begun = new Map<string, number>()
  return (o: Observation) => {
    emit.observation(o)
    if (o.kind !== 'camera_event' || !recorded.has(o.type)) return
    const key = `${o.deviceId} ${o.type} ${o.source}`
    if (o.phase === 'pulse') record(o.deviceId, { from: o.at, to: o.at })
    else if (o.phase === 'begin' && begun.size < maxOpen) {
      begun.set(key, o.at)
      record(o.deviceId, { from: o.at, to: null })
    } else if (o.phase === 'end') {
      const from = begun.get(key)
      begun.delete(key)
      if (from !== undefined) record(o.deviceId, { from, to: Math.max(from, o.at) })
    }
  }
}
