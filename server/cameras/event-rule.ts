/** One rule at one camera: when what it reports becomes an alarm, and when that is over. Pure in (rule, state, input, now). */
import type { EventRuleWrite } from '../contract/camera-events.js'
import type { CameraEventType } from '../contract/health.js'
import type { WeekSpan } from '../contract/recording.js'

export interface RuleState {
  /** What lasts now and counts, by `type source`: since when. */
  on: Readonly<Record<string, number>>
  /** The alarm that stands. `clearAt`: a pulse's end. */
  raised: { at: number, clearAt: number | null } | null
  lastRaisedAt: number | null
}
export interface RuleInput { type: CameraEventType, source: string, phase: 'begin' | 'end' | 'pulse', /** How things were when we began to listen; nothing that happened. */ initial: boolean }
export interface RuleStep {
  state: RuleState
  act: 'raise' | 'clear' | null
  /** Look again then, even if the camera says nothing. */
  wakeAt: number | null
}

export const quiet: RuleState = { on: {}, raised: null, lastRaisedAt: null }
/** Something lasts outside the schedule: whether it began is looked at this often. */
const scheduleLookMs = 60_000

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const formats = new Map<string, Intl.DateTimeFormat>()
/** By what the clocks of the zone show; an empty schedule is always. */
export function inSchedule (schedule: readonly WeekSpan[], at: number, timeZone: string): boolean {
  if (schedule.length === 0) return true
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  formats.set(timeZone, format)
  const parts = Object.fromEntries(format.formatToParts(at).map(p => [p.type, p.value]))
  const day = weekdays.indexOf(parts.weekday ?? '')
  const minute = Number(parts.hour) * 60 + Number(parts.minute)
  return schedule.some(s => s.day === day && minute >= s.fromMin && minute < s.toMin)
}

export const coversCamera = (rule: EventRuleWrite, camera: { id: string, groupId: string | null }) =>
  (rule.deviceIds.length === 0 && rule.groupIds.length === 0) || rule.deviceIds.includes(camera.id) || (camera.groupId !== null && rule.groupIds.includes(camera.groupId))

function taken (rule: EventRuleWrite, on: RuleState['on'], input: RuleInput, at: number): RuleState['on'] {
  const key = `${input.type} ${input.source}`
  if (input.phase === 'end') {
    if (!(key in on)) return on
    const { [key]: _gone, ...rest } = on
    return rest
  }
  if (input.phase === 'pulse' || input.initial || key in on || !rule.types.includes(input.type)) return on
  return { ...on, [key]: at }
}

export function step (rule: EventRuleWrite, before: RuleState, input: RuleInput | 'tick', at: number, timeZone: string): RuleStep {
  const on = input === 'tick' ? before.on : taken(rule, before.on, input, at)
  const begun = Object.values(on)
  const pulse = input !== 'tick' && input.phase === 'pulse' && !input.initial && rule.types.includes(input.type) && rule.minDurationS === 0
  const state = { ...before, on }
  if (before.raised) {
    const clearAt = pulse ? at + rule.clearAfterS * 1000 : before.raised.clearAt
    if (begun.length > 0 || (clearAt !== null && at < clearAt)) return { state: { ...state, raised: { ...before.raised, clearAt } }, act: null, wakeAt: begun.length > 0 ? null : clearAt }
    return { state: { ...state, raised: null }, act: 'clear', wakeAt: null }
  }
  if (begun.length === 0 && !pulse) return { state, act: null, wakeAt: null }
  const due = Math.max(pulse ? at : Math.min(...begun) + rule.minDurationS * 1000, before.lastRaisedAt === null ? 0 : before.lastRaisedAt + rule.cooldownS * 1000)
  if (at < due) return { state, act: null, wakeAt: begun.length > 0 ? due : null }
  if (!inSchedule(rule.schedule, at, timeZone)) return { state, act: null, wakeAt: begun.length > 0 ? at + scheduleLookMs : null }
  const clearAt = pulse ? at + rule.clearAfterS * 1000 : null
  return { state: { on, raised: { at, clearAt }, lastRaisedAt: at }, act: 'raise', wakeAt: begun.length > 0 ? null : clearAt }
}
