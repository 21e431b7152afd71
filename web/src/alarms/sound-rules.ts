/** When the wall sounds: pure rules. A new alarm sounds once; an unacknowledged critical one again and again; nobody mutes for ever. */
import { type Severity, severities } from '../../../server/contract/health.js'

/** Between the sounds of an unacknowledged critical alarm, ms. */
export const REPEAT_MS = 15_000
/** The longest that a wall may be silent: a 12-hour shift. */
export const MAX_MUTE_MS = 12 * 3_600_000

export interface Sounding { id: string, severity: Severity, acknowledgedAt: number | null }
export interface SoundMemory { known: ReadonlySet<string>, lastCriticalAt: number | null, primed: boolean }
export const silentMemory: SoundMemory = { known: new Set(), lastCriticalAt: null, primed: false }

/**
 * Which sound to play now, if any. Alarms that stood before the wall opened do not sound as new, except critical ones
 * that nobody acknowledged. Muting silences but does not forget: a critical alarm sounds once the mute ends.
 */
export function nextSound (memory: SoundMemory, alarms: readonly Sounding[], now: number, mutedUntil: number): { memory: SoundMemory, play: Severity | null } {
  const waiting = alarms.filter(a => a.acknowledgedAt === null)
  const fresh = memory.primed ? waiting.filter(a => !memory.known.has(a.id)) : []
  const known = new Set(alarms.map(a => a.id))
  const critical = waiting.some(a => a.severity === 'critical')
  if (now < mutedUntil) return { memory: { known, lastCriticalAt: null, primed: true }, play: null }
  const due = critical && (memory.lastCriticalAt === null || now - memory.lastCriticalAt >= REPEAT_MS)
  const worst = severities.find(s => fresh.some(a => a.severity === s)) ?? null
  const play = due || worst === 'critical' ? 'critical' : worst
  const lastCriticalAt = !critical ? null : play === 'critical' ? now : memory.lastCriticalAt
  return { memory: { known, lastCriticalAt, primed: true }, play }
}

/** The end of the shift that runs now, by the centre's clock: shifts change at 8 and 20. `hour` and `minute` are local. */
export function shiftEnd (now: number, hour: number, minute: number) {
  const minutes = hour * 60 + minute
  const until = minutes < 8 * 60 ? 8 * 60 - minutes : minutes < 20 * 60 ? 20 * 60 - minutes : 32 * 60 - minutes
  return Math.floor(now / 60_000) * 60_000 + until * 60_000
}
/** A mute that is in the past, too long, or nonsense from the browser's store counts as none. */
export const validMute = (until: number, now: number) => Number.isFinite(until) && until > now && until <= now + MAX_MUTE_MS ? until : 0
