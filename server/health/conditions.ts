/** Which conditions deserve an alarm now, and what that means for the alarms already open. Pure. */
import { newId } from '../../lib/ids.js'
import type { Condition, DeviceState, Failure, PictureFault, Severity, StreamProfile } from '../contract/health.js'
import type { DeviceKind } from '../contract/inventory.js'
import { isUnstable } from './evidence.js'
import { cameraFaultOf, cameraFaultWakeAt, isFaulty } from './camera-faults.js'
import { limits, type Memory, type OpenAlarm, type StreamMemory, type Surroundings } from './memory.js'

interface AlarmRaise { kind: 'raise', id: string, condition: JudgedCondition, subject: string, severity: Severity, failure: Failure | null, at: number }
interface AlarmClear { kind: 'clear', id: string, condition: JudgedCondition, subject: string, at: number, affectedCount?: number }
export type AlarmIntent = AlarmRaise | AlarmClear

interface Wanted { condition: JudgedCondition, subject: string, failure: Failure | null }
/** `yes`: raise or keep; `hold`: keep if open, raise not. Whatever is not listed is over. */
interface Wishes { yes: Wanted[], hold: Set<string>, wakeAt: number | null }

const hardwareConditions = ['light_warning', 'light_alarm', 'hardware_failed'] as const
const cameraConditions = ['camera_storage', 'camera_tamper'] as const
const earlier = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.min(a, b))
const keyOf = (condition: JudgedCondition, subject: string) => `${condition}|${subject}`

/** Conditions that the judge knows; others have rooms of their own. */
export type JudgedCondition = Exclude<Condition, 'recording_stopped' | 'volume_failed' | 'footage_damaged' | 'lock_unconfirmed' | 'lock_review' | 'index_faulty' | 'camera_event'>
export function severityOf (condition: JudgedCondition, kind: DeviceKind): Severity {
  switch (condition) {
    case 'agent_silent': return 'critical'
    case 'device_down': return kind === 'switch' ? 'critical' : 'major'
    case 'stream_down': case 'port_down': case 'authentication_failed': case 'camera_storage': case 'camera_tamper': case 'picture_fault': case 'light_alarm': return 'major'
    case 'stream_degraded': case 'light_warning': case 'hardware_failed': return 'minor'
    case 'clock_offset': case 'restarted': return 'warning'
  }
}

export function streamFault (s: StreamMemory, at: number): Failure | null {
  if (isUnstable(s, at)) return { code: s.failure?.code ?? 'connection_reset', detail: `The stream broke ${limits.breaksToUnstable} times within ${limits.breaksWithinMs / 60_000} min` }
  if (s.lowFps !== null) return { code: 'low_frame_rate', detail: `${s.lowFps.toFixed(1)} frames/s instead of the usual ${s.usualFps?.toFixed(1)}` }
  if (s.longKeyFrameMs !== null) return { code: 'long_key_frame_interval', detail: `A key frame only every ${(s.longKeyFrameMs / 1000).toFixed(1)} s` }
  return null
}
export const clockFault = (offsetMs: number | null): Failure => ({ code: 'clock_offset', detail: offsetMs === null ? '' : `The device's clock is off by ${(offsetMs / 1000).toFixed(1)} s` })

export const pictureFault = (fault: PictureFault): Failure => ({ code: `picture_${fault}`, detail: '' })
export const deniedOf = (m: Memory) => Object.values(m.methods).find(x => x.denied)?.denied ?? null

function streamWishes (m: Memory, at: number, wishes: Wishes) {
  for (const [profile, s] of Object.entries(m.streams) as [StreamProfile, StreamMemory][]) {
    const fault = streamFault(s, at)
    const unstable = isUnstable(s, at)
    if (unstable) wishes.wakeAt = Math.min(wishes.wakeAt ?? Infinity, s.breaks!.at(-1)! + limits.stableMs)
    if (s.badSince !== null) {
      if (unstable) wishes.hold.add(keyOf('stream_degraded', profile))
      const proven = m.lastGoodAt !== null && m.lastGoodAt > s.badSince
      const due = Math.max(s.badSince + (proven ? limits.streamDwellMs : limits.unprovenStreamDwellMs), m.settleUntil ?? 0)
      if (at >= due) {
        wishes.yes.push({ condition: 'stream_down', subject: profile, failure: s.failure })
        continue
      }
      wishes.hold.add(keyOf('stream_down', profile))
      wishes.wakeAt = Math.min(wishes.wakeAt ?? Infinity, due)
    } else if (fault) wishes.yes.push({ condition: 'stream_degraded', subject: profile, failure: fault })
  }
}

const holdOpen = (m: Memory, wishes: Wishes, only: readonly JudgedCondition[]) => {
  for (const key of Object.keys(m.open)) if (only.some(condition => key.startsWith(`${condition}|`))) wishes.hold.add(key)
}
const everything: readonly JudgedCondition[] = ['device_down', 'stream_down', 'stream_degraded', 'port_down', 'clock_offset', 'authentication_failed', 'camera_storage', 'camera_tamper', 'picture_fault', ...hardwareConditions]

/** Rules 6, 7, 9, 10, 11. */
export function wishesFor (state: DeviceState, m: Memory, around: Surroundings, clockOffsetMs: number | null, at: number): Wishes {
  const wishes: Wishes = { yes: [], hold: new Set(), wakeAt: null }
  if (m.restartedAt !== null && at < m.restartedAt + limits.restartShownMs) {
    const key = keyOf('restarted', '')
    if (state === 'unknown') wishes.hold.add(key)
    else wishes.yes.push({ condition: 'restarted', subject: '', failure: { code: 'restarted', detail: '' } })
    wishes.wakeAt = m.restartedAt + limits.restartShownMs
  }
  if (state === 'unknown') {
    holdOpen(m, wishes, everything)
    return wishes
  }
  if (state === 'down' || state === 'unreachable') {
    if (state === 'down') wishes.yes.push({ condition: 'device_down', subject: '', failure: m.ownFailure })
    holdOpen(m, wishes, ['port_down', 'clock_offset', 'authentication_failed', 'picture_fault', ...cameraConditions, ...hardwareConditions])
    return wishes
  }
  // Held for its parent: what comes next names the cause better than its streams would.
  if (m.own === 'down') {
    holdOpen(m, wishes, everything)
    return wishes
  }
  const denied = deniedOf(m)
  if (denied) wishes.yes.push({ condition: 'authentication_failed', subject: '', failure: denied })
  else streamWishes(m, at, wishes)
  // Rule 19: what the last picture showed holds while none comes.
  if (denied || Object.values(m.streams).some(s => s.badSince !== null)) holdOpen(m, wishes, ['picture_fault'])
  else for (const fault of m.pictureFaults ?? []) wishes.yes.push({ condition: 'picture_fault', subject: fault, failure: pictureFault(fault) })
  for (const condition of cameraConditions) {
    const fault = m.cameraFaults?.[condition]
    if (!fault) continue
    if (isFaulty(fault, at)) wishes.yes.push({ condition, subject: '', failure: cameraFaultOf(condition, fault) })
    wishes.wakeAt = earlier(wishes.wakeAt, cameraFaultWakeAt(fault, at))
  }
  if (m.clockBad) wishes.yes.push({ condition: 'clock_offset', subject: '', failure: clockFault(clockOffsetMs) })
  for (const port of m.portsDown) {
    if (port.carried || around.portsInUse.has(port.name)) wishes.yes.push({ condition: 'port_down', subject: port.name, failure: { code: 'port_down', detail: '' } })
  }
  for (const { condition, subject, failure, held } of around.hardware) {
    if (held) wishes.hold.add(keyOf(condition, subject))
    else wishes.yes.push({ condition, subject, failure })
  }
  return wishes
}

interface Settled { open: Record<string, OpenAlarm>, raises: Record<string, number[]>, intents: AlarmIntent[], wakeAt: number | null }

/** Rule 12: an alarm raised `flapRaises` times within the window is cleared only after `flapClearMs` without its condition. */
function clearAt (raises: number[], goneAt: number) {
  const flapping = raises.length >= limits.flapRaises && goneAt - raises[0]! <= limits.flapWindowMs
  return flapping ? goneAt + limits.flapClearMs : goneAt
}

export function settle (m: Memory, wishes: Wishes, kind: DeviceKind, at: number): Settled {
  if (wishes.yes.length === 0 && Object.keys(m.open).length === 0) return { open: m.open, raises: m.raises, intents: [], wakeAt: wishes.wakeAt }
  const done: Settled = { open: {}, raises: m.raises, intents: [], wakeAt: wishes.wakeAt }
  for (const { condition, subject, failure } of wishes.yes) {
    const key = keyOf(condition, subject)
    const already = m.open[key] ?? done.open[key]
    if (already) {
      done.open[key] = already.goneAt === null ? already : { ...already, goneAt: null }
      continue
    }
    const id = newId()
    done.open[key] = { id, goneAt: null }
    done.raises = { ...done.raises, [key]: [...(done.raises[key] ?? []), at].slice(-limits.flapRaises) }
    done.intents.push({ kind: 'raise', id, condition, subject, severity: severityOf(condition, kind), failure, at })
  }
  for (const [key, alarm] of Object.entries(m.open)) {
    if (done.open[key]) continue
    if (wishes.hold.has(key)) {
      done.open[key] = alarm
      continue
    }
    const goneAt = alarm.goneAt ?? at
    const due = clearAt(m.raises[key] ?? [], goneAt)
    if (due <= at) {
      const [condition, subject] = [key.slice(0, key.indexOf('|')) as JudgedCondition, key.slice(key.indexOf('|') + 1)]
      done.intents.push({ kind: 'clear', id: alarm.id, condition, subject, at, affectedCount: alarm.most })
    } else {
      done.open[key] = { ...alarm, goneAt }
      done.wakeAt = Math.min(done.wakeAt ?? Infinity, due)
    }
  }
  if (done.intents.some(i => i.kind === 'clear')) done.raises = recent(done.raises, done.open, at)
  return done
}

/** Forgets old raisings, so that a switch with a thousand ports does not gather them for ever. */
const recent = (raises: Record<string, number[]>, open: Record<string, OpenAlarm>, at: number) =>
  Object.fromEntries(Object.entries(raises).filter(([key, times]) => open[key] || at - times.at(-1)! <= limits.flapWindowMs))
