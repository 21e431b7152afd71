/** A rule run over what cameras reported already. Pure. */
import type { EventRuleWrite, RulePreview } from '../contract/camera-events.js'
import type { CameraEventType } from '../contract/health.js'
import { quiet, type RuleInput, type RuleState, step } from './event-rule.js'

export interface PastEvent { deviceId: string, type: CameraEventType, source: string, from: number, to: number | null, data: Record<string, string> }
type Raised = RulePreview['latest'][number]

const MOST_LATEST = 20
const MOST_CAMERAS = 20

function inputsOf (events: readonly PastEvent[], until: number): { at: number, input: RuleInput }[] {
  const all = events.flatMap(e => {
    const input = (phase: RuleInput['phase']): RuleInput => ({ type: e.type, source: e.source, phase, initial: e.data.initial === 'true' })
    if (e.to === e.from) return [{ at: e.from, input: input('pulse') }]
    const begin = { at: e.from, input: input('begin') }
    return e.to === null || e.to > until ? [begin] : [begin, { at: e.to, input: input('end') }]
  })
  // At one moment an end comes before a beginning of the same.
  return all.sort((a, b) => a.at - b.at || (a.input.phase === 'end' ? -1 : 0) - (b.input.phase === 'end' ? -1 : 0))
}

function raisedBy (rule: EventRuleWrite, events: readonly PastEvent[], timeZone: string, until: number): { at: number, type: CameraEventType, source: string }[] {
  const raised: { at: number, type: CameraEventType, source: string }[] = []
  let state: RuleState = quiet
  let wakeAt: number | null = null
  let last: RuleInput | null = null
  const look = (input: RuleInput | 'tick', at: number) => {
    const done = step(rule, state, input, at, timeZone)
    state = done.state
    wakeAt = done.wakeAt
    if (input !== 'tick' && input.phase !== 'end') last = input
    if (done.act === 'raise' && last) raised.push({ at, type: last.type, source: last.source })
  }
  // What fell due in between is looked at first, as it would have been live.
  const upTo = (at: number) => { for (let i = 0; wakeAt !== null && wakeAt <= at && i < 100_000; i++) look('tick', wakeAt) }
  for (const { at, input } of inputsOf(events, until)) {
    upTo(at)
    look(input, at)
  }
  upTo(until)
  return raised
}

export function previewOf (rule: EventRuleWrite, events: readonly PastEvent[], nameOf: (deviceId: string) => string, timeZone: string, until: number): Pick<RulePreview, 'events' | 'raised' | 'days' | 'cameras' | 'latest'> {
  const byCamera = new Map<string, PastEvent[]>()
  for (const e of events) {
    const own = byCamera.get(e.deviceId)
    if (own) own.push(e)
    else byCamera.set(e.deviceId, [e])
  }
  const all: Raised[] = []
  for (const [deviceId, own] of byCamera) all.push(...raisedBy(rule, own, timeZone, until).map(r => ({ deviceId, deviceName: nameOf(deviceId), ...r })))
  all.sort((a, b) => b.at - a.at)
  const day = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const count = (key: (r: Raised) => string) => {
    const counts = new Map<string, number>()
    for (const r of all) counts.set(key(r), (counts.get(key(r)) ?? 0) + 1)
    return counts
  }
  return {
    events: events.length, raised: all.length, latest: all.slice(0, MOST_LATEST),
    days: [...count(r => day.format(r.at))].map(([d, raised]) => ({ day: d, raised })).sort((a, b) => (a.day < b.day ? -1 : 1)),
    cameras: [...count(r => r.deviceId)].map(([deviceId, raised]) => ({ deviceId, deviceName: nameOf(deviceId), raised })).sort((a, b) => b.raised - a.raised).slice(0, MOST_CAMERAS)
  }
}
