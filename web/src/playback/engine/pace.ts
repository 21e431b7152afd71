/** Whether the common clock may run, from how each camera stands. Pure. */
import type { GapCause } from '../../../../server/contract/recording.js'

export interface KnownGap { from: number, to: number | null, cause: GapCause | null }
export type Standing =
  /** Its picture is right for the clock's moment, and the next is there. */
  | { is: 'ready' }
  | { is: 'waiting' }
  /** Nothing was recorded at the clock's moment; backward `from` is where it goes on. */
  | { is: 'gap', gap: KnownGap }
  /** Nothing more comes in this direction. */
  | { is: 'ended' }
  | { is: 'failed' }

/** One slow camera holds the others no longer than this, ms; then it catches up on its own, marked as waiting. */
const PATIENCE_MS = 4000

export interface Pace {
  /** The clock stands still although it should run. */
  hold: boolean
  /** Go on here at once: nobody has anything before it. */
  skipTo: number | null
  /** There is nothing more in this direction. */
  over: boolean
}
const going: Pace = { hold: false, skipTo: null, over: false }

/** `heldMs`: how long it has been held already. */
export function pace (cameras: readonly Standing[], forward: boolean, heldMs: number): Pace {
  if (cameras.length === 0) return { ...going, hold: true }
  const waiting = cameras.filter(c => c.is === 'waiting').length
  const ready = cameras.some(c => c.is === 'ready')
  if (waiting > 0) return { ...going, hold: !ready || heldMs < PATIENCE_MS }
  if (ready) return going
  const edges = cameras.map(c => c.is === 'gap' ? forward ? c.gap.to : c.gap.from : null).filter(edge => edge !== null)
  if (edges.length > 0) return { ...going, skipTo: forward ? Math.min(...edges) : Math.max(...edges) - 1 }
  return { ...going, hold: true, over: true }
}

/** Where the clock is stopped between its last look (`before`) and now, so that it passes nobody's reach by more than it had. */
export function heldAt (mediaMs: number, before: number, forward: boolean, reaches: ReadonlyArray<number | null>): number {
  const known = reaches.filter(reach => reach !== null)
  if (known.length < reaches.length || known.length === 0) return before
  return forward ? Math.min(mediaMs, Math.max(before, Math.min(...known))) : Math.max(mediaMs, Math.min(before, Math.max(...known)))
}
