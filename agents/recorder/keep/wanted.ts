/** Is a camera to be recorded now? Pure. */
import type { GapCause, RecordingPlan, RecordingPolicy } from '../../../server/contract/recording.js'

/** `on`: write; `ready`: hold the pre-roll in memory; `off`: leave the camera alone. `cause`: why nothing is written. */
export interface Wanted { state: 'on' | 'ready' | 'off', cause: GapCause | null }

/** An event that asks for recording; `to` null while it lasts. */
export interface RecordEvent { from: number, to: number | null }

/** An event whose end never comes is over after this. */
export const LONGEST_EVENT_MS = 10 * 60_000
const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const formats = new Map<string, Intl.DateTimeFormat>()

/** Day of the week (Monday is 0) and minute of the day that the clocks of a zone show. */
export function wallClockOf (at: number, timeZone: string): { day: number, minute: number } {
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    formats.set(timeZone, format)
  }
  const parts = Object.fromEntries(format.formatToParts(at).map(p => [p.type, p.value]))
  return { day: weekdays.indexOf(parts.weekday!), minute: Number(parts.hour) * 60 + Number(parts.minute) }
}

/** By what the clocks show: in the night that the clocks are set back, a span counts for both of its hours. */
export function inSchedule (schedule: RecordingPolicy['schedule'], at: number, timeZone: string): boolean {
  const { day, minute } = wallClockOf(at, timeZone)
  return schedule.some(s => s.day === day && minute >= s.fromMin && minute < s.toMin)
}

/** From an event's beginning to `postRollMs` after its end. The pre-roll comes out of memory when recording begins. */
const inEvent = (events: readonly RecordEvent[], at: number, postRollMs: number) =>
  events.some(e => at >= e.from && at < Math.min(e.to ?? Number.POSITIVE_INFINITY, e.from + LONGEST_EVENT_MS) + postRollMs)

export function wantedNow ({ policy, timeZone }: RecordingPlan, at: number, events: readonly RecordEvent[]): Wanted {
  switch (policy.mode) {
    case 'off': return { state: 'off', cause: 'recording_off' }
    case 'continuous': return { state: 'on', cause: null }
    case 'scheduled': return inSchedule(policy.schedule, at, timeZone) ? { state: 'on', cause: null } : { state: 'off', cause: 'not_scheduled' }
    case 'event': {
      // A schedule beside it narrows when events count; without one they always do.
      if (policy.schedule.length > 0 && !inSchedule(policy.schedule, at, timeZone)) return { state: 'off', cause: 'not_scheduled' }
      return inEvent(events, at, policy.postRollS * 1000) ? { state: 'on', cause: null } : { state: 'ready', cause: 'no_event' }
    }
  }
}
