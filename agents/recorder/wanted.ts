/** Is a camera to be recorded now? Pure. */
import type { GapCause, RecordingPlan } from '../../server/contract/recording.js'

/** `on`: write; `ready`: hold the pre-roll in memory; `off`: leave the camera alone. `cause`: why nothing is written. `until`: when to ask again, ms; null when only a change of the plan or an event matters. */
export interface Wanted { state: 'on' | 'ready' | 'off', cause: GapCause | null, until: number | null }

/** An event that asks for recording, server or camera made; `to` null while it lasts. */
export interface RecordEvent { from: number, to: number | null }

export function wantedNow ({ policy }: RecordingPlan, _now: number, _events: readonly RecordEvent[]): Wanted {
  if (policy.mode === 'off') return { state: 'off', cause: 'recording_off', until: null }
  return { state: 'on', cause: null, until: null }
}
