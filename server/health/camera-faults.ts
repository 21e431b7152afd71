/** Rule 18: what a camera reports of itself degrades it: a storage that failed, a lens that was tampered with or turned away. Pure. */
import type { Failure, ObservationOf } from '../contract/health.js'
import { type CameraFault, limits, type Memory } from './memory.js'

type Kind = keyof NonNullable<Memory['cameraFaults']>
const kinds: Partial<Record<ObservationOf<'camera_event'>['type'], Kind>> = { storage_failure: 'camera_storage', tamper: 'camera_tamper', scene_change: 'camera_tamper' }
const maxSources = 20
const none: CameraFault = { sources: [], since: null, gone: null, on: false }

/** It lasts for 10 s before it counts, and must be gone for 30 s before it does not. */
export const isFaulty = (f: CameraFault, at: number) => (f.on || (f.since !== null && at >= f.since + limits.cameraFaultMs)) && !(f.gone !== null && at >= f.gone + limits.cameraFaultGoneMs)

export function cameraFaultWakeAt (f: CameraFault, at: number): number | null {
  const due = f.gone !== null ? f.gone + limits.cameraFaultGoneMs : f.since !== null && !f.on ? f.since + limits.cameraFaultMs : null
  return due !== null && due > at ? due : null
}

/** That nothing is heard of a camera any more does not mend it: such ends do not count, and pulses say nothing that lasts. */
export function cameraEvent (memory: Memory, o: ObservationOf<'camera_event'>, at: number): Memory {
  const kind = kinds[o.type]
  if (!kind || o.phase === 'pulse' || o.data.closed === 'subscription_lost') return memory
  const before = memory.cameraFaults?.[kind] ?? none
  const source = `${o.type} ${o.source}`
  const others = before.sources.filter(s => s !== source)
  if (o.phase === 'end' && others.length === before.sources.length) return memory
  const sources = o.phase === 'begin' ? [...others, source].slice(-maxSources) : others
  // It counts on from where it was, so that one that comes and goes neither clears nor starts anew.
  const on = isFaulty(before, at)
  const since = sources.length === 0 ? before.since : before.sources.length === 0 && !on ? at : before.since
  return { ...memory, cameraFaults: { ...memory.cameraFaults, [kind]: sources.length === 0 ? (on ? { sources, since, gone: at, on } : none) : { sources, since, gone: null, on } } }
}

export function cameraFaultOf (kind: Kind, fault: CameraFault): Failure {
  return { code: kind, detail: fault.sources.join(', ').slice(0, 500) }
}

export function cameraComplaint (m: Memory, at: number): Failure | null {
  for (const kind of ['camera_tamper', 'camera_storage'] as const) {
    const fault = m.cameraFaults?.[kind]
    if (fault && isFaulty(fault, at)) return cameraFaultOf(kind, fault)
  }
  return null
}
