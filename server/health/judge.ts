/**
 * What the server holds true about a device: `judge(subject, input, around, at)`, a pure function. The numbered rules stand in
 * docs/decisions/health-rules.md; the tests are named after them.
 */
import type { DeviceState, Failure, Observation } from '../contract/health.js'
import { type AlarmIntent, clockFault, deniedOf, pictureFault, settle, streamFault, wishesFor } from './conditions.js'
import { cameraComplaint } from './camera-faults.js'
import { absorb, type KnownPorts } from './evidence.js'
import { limits, type Memory, type MethodMemory, type Subject, type Surroundings } from './memory.js'

/** Something an agent saw, or only the passing of time (or a change around the device). */
export type Input = { observation: Observation, agentOffsetMs: number, knownPorts: KnownPorts } | 'tick'

export interface Verdict {
  subject: Subject
  /** Set when the state, its reason or its cause changed. */
  change: { from: DeviceState, to: DeviceState } | null
  alarms: AlarmIntent[]
  /** Judge again at this time even if nobody says anything. */
  wakeAt: number | null
  /** Those in front, whose own evidence would settle this device sooner: ask them now. */
  suspectsParent: boolean
  /** A fault in front began or ended, or a stream broke: what the device itself says is wanted now. */
  asksSelf: boolean
}

const failing = (m: MethodMemory, at: number) => m.fails >= limits.failuresToDown || (m.fails > 0 && m.confirmAt !== null && at >= m.confirmAt)

interface Own { own: Memory['own'], failure: Failure | null, failedFrom: number | null }

/** Rules 1 to 4: the device's own evidence over all the ways it is asked. */
function ownVerdict (m: Memory, at: number): Own {
  const methods = Object.values(m.methods)
  // Nearly always.
  if (m.own === 'up' && methods.every(x => x.fails === 0)) return { own: 'up', failure: null, failedFrom: null }
  const bad = methods.filter(x => failing(x, at))
  const failedFrom = bad.length > 0 ? Math.min(...bad.map(x => x.firstFailAt ?? at)) : null
  const failure = bad.find(x => x.failure)?.failure ?? null
  const asBefore: Own = { own: m.own, failure: failure ?? m.ownFailure, failedFrom: m.failedFrom }
  const up: Own = { own: 'up', failure: null, failedFrom: null }
  switch (m.own) {
    case 'unknown':
      if (methods.some(x => x.goods > 0)) return up
      return bad.length > 0 ? { own: 'down', failure, failedFrom } : asBefore
    case 'up': {
      const saved = methods.some(x => !failing(x, at) && x.okAt !== null && failedFrom !== null && x.okAt >= failedFrom)
      return bad.length > 0 && !saved ? { own: 'down', failure, failedFrom } : asBefore
    }
    case 'down': return methods.some(x => x.goods >= limits.goodsToUp) ? up : asBefore
  }
}

/** Rule 13: the fault in front explains this device, unless it spoke since or failed long before. */
function explains (fault: NonNullable<Surroundings['fault']>, m: Memory) {
  if (m.lastGoodAt !== null && m.lastGoodAt > fault.since + limits.clockSkewMs) return false
  return !(m.cause === null && m.own === 'down' && m.failedFrom !== null && m.failedFrom < fault.since - limits.independentMs)
}

/** Rules 13 and 15: under a fault, or just out from under it. */
function behind (m: Memory, around: Surroundings, at: number): Memory {
  const fault = around.fault && explains(around.fault, m) ? around.fault : null
  if (fault) {
    const same = m.cause?.deviceId === fault.deviceId && m.cause.port === fault.port
    return same ? m : { ...m, cause: { deviceId: fault.deviceId, port: fault.port }, causeSince: fault.since, askAt: m.cause === null ? at + limits.clockSkewMs + 100 : m.askAt, holdUntil: null, awaitingSince: null, settleUntil: null }
  }
  if (m.cause === null) return settled(m, at)
  const since = (m.causeSince ?? at) + limits.clockSkewMs
  const free = {
    ...m, cause: null, causeSince: null, askAt: null, ownFailure: null, failedFrom: null, ownSince: at, settleUntil: at + (m.cause.port === null ? limits.bootMs : limits.settleMs),
    // Good checks since are what lifts it; failures belong to the fault that was.
    methods: Object.fromEntries(Object.entries(m.methods).filter(([, x]) => x.fails === 0 && x.okAt !== null && x.okAt > since)),
    streams: Object.fromEntries(Object.entries(m.streams).map(([profile, s]) => [profile, s.badSince === null ? s : { ...s, badSince: at }]))
  }
  // Its own word lifted it: one good check is enough, as from unknown.
  if (m.lastGoodAt !== null && m.lastGoodAt > since) return { ...free, own: 'up' }
  return { ...free, own: 'unknown', awaitingSince: at }
}

/** Rule 15: the end of the time in which failures did not count. */
function settled (m: Memory, at: number): Memory {
  if (m.settleUntil === null || at < m.settleUntil) return m
  return { ...m, settleUntil: null, awaitingSince: m.awaitingSince === null ? null : at }
}

const excused = (m: Memory, { parent }: Surroundings) => parent === null || (parent.lastGoodAt !== null && parent.lastGoodAt > (m.failedFrom ?? m.ownSince))

/** Rule 14: a child waits for its parent's evidence, unless the parent already answered after the child failed. */
function hold (m: Memory, around: Surroundings, at: number): Memory {
  if (m.holdUntil === null) return m
  const until = m.ownSince + (around.parent?.doubtful ? limits.doubtfulParentHoldMs : limits.parentHoldMs)
  const holdUntil = m.own !== 'down' || excused(m, around) || at >= until ? null : until
  return holdUntil === m.holdUntil ? m : { ...m, holdUntil }
}

function takeEvidence (m: Memory, around: Surroundings, at: number): Memory {
  const { own, failure, failedFrom } = ownVerdict(m, at)
  if (own === m.own) return hold(failure === m.ownFailure && failedFrom === m.failedFrom ? m : { ...m, ownFailure: failure, failedFrom }, around, at)
  return hold({ ...m, own, ownSince: at, ownFailure: failure, failedFrom, awaitingSince: null, holdUntil: at }, around, at)
}

/** Rules 5, 7, 8, 10: what is wrong with a device that answers. */
function complaint (m: Memory, clockOffsetMs: number | null, at: number): Failure | null {
  const denied = deniedOf(m)
  if (denied) return denied
  const streams = Object.values(m.streams)
  const broken = streams.find(s => s.badSince !== null)
  if (broken) return broken.failure
  const poor = streams.map(s => streamFault(s, at)).find(f => f !== null)
  if (poor) return poor
  const [shows] = m.pictureFaults ?? []
  if (shows) return pictureFault(shows)
  const reported = cameraComplaint(m, at)
  if (reported) return reported
  if (m.clockBad) return clockFault(clockOffsetMs)
  const partly = Object.values(m.methods).find(x => failing(x, at) && at - x.heardAt < limits.methodForgottenMs)
  return partly ? partly.failure ?? { code: 'timeout', detail: '' } : null
}

interface Shown { state: DeviceState, reason: Failure | null, causeDeviceId: string | null, wakeAt: number | null }

function shown ({ view }: Subject, m: Memory, at: number): Shown {
  const plain = (state: DeviceState, reason: Failure | null = null, wakeAt: number | null = null): Shown => ({ state, reason, causeDeviceId: null, wakeAt })
  if (m.cause) return { ...plain('unreachable', { code: m.cause.port === null ? 'parent_down' : 'port_down', detail: m.cause.port ?? '' }), causeDeviceId: m.cause.deviceId }
  if (m.own === 'down') {
    if (m.holdUntil === null) return plain('down', m.ownFailure)
    return { state: view.state, reason: view.reason, causeDeviceId: view.causeDeviceId, wakeAt: m.holdUntil }
  }
  if (m.own === 'unknown') {
    const until = m.awaitingSince === null ? 0 : (m.settleUntil ?? m.awaitingSince) + limits.recoveryMs
    if (view.state === 'unreachable' && at < until) return { state: 'unreachable', reason: view.reason, causeDeviceId: view.causeDeviceId, wakeAt: until }
    return plain('unknown')
  }
  const reason = complaint(m, view.clockOffsetMs, at)
  return plain(reason ? 'degraded' : 'up', reason)
}

/** Rule 6: with its agent silent nothing is known; what was counted before counts no more. */
function silenced (m: Memory): Memory {
  return { ...m, own: 'unknown', ownFailure: null, failedFrom: null, methods: {}, cause: null, causeSince: null, awaitingSince: null, settleUntil: null, holdUntil: null }
}

const brokenStreams = (m: Memory) => Object.values(m.streams).filter(s => s.badSince !== null).length
const earliest = (...times: (number | null)[]) => times.reduce((a, b) => (a === null ? b : b === null ? a : Math.min(a, b)), null)
const pendingConfirmation = (m: Memory, at: number) => earliest(...Object.values(m.methods).map(x => (x.confirmAt !== null && x.confirmAt > at ? x.confirmAt : null)))

export function judge (before: Subject, input: Input, around: Surroundings, at: number): Verdict {
  const subject = input === 'tick' ? before : absorb(before, input.observation, at, input.agentOffsetMs, input.knownPorts)
  let memory = subject.memory
  let now: Shown
  if (around.unwatched) {
    memory = silenced(memory)
    now = { state: 'unknown', reason: { code: around.unwatched, detail: '' }, causeDeviceId: null, wakeAt: null }
  } else {
    memory = takeEvidence(behind(memory, around, at), around, at)
    now = shown(subject, memory, at)
  }
  // Nobody would ever clear the alarms of a device that nobody watches any more; a silent agent comes back and says how things are.
  const wishes = around.unwatched && around.unwatched !== 'agent_silent' ? { yes: [], hold: new Set<string>(), wakeAt: null } : wishesFor(now.state, memory, around, subject.view.clockOffsetMs, at)
  const alarms = settle(memory, wishes, subject.kind, at)
  const was = before.view
  // It may lie on a ring that carries on: its own word says so.
  const askNow = memory.cause !== null && memory.askAt !== null && at >= memory.askAt
  if (askNow) memory = { ...memory, askAt: null }
  const streamBroke = memory.own === 'up' && memory.cause === null && !around.unwatched && brokenStreams(memory) > brokenStreams(before.memory)
  const lifted = before.memory.cause !== null && memory.cause === null && !around.unwatched
  const changed = was.state !== now.state || was.reason?.code !== now.reason?.code || was.causeDeviceId !== now.causeDeviceId
  return {
    subject: {
      kind: subject.kind,
      memory: { ...memory, open: alarms.open, raises: alarms.raises, judgedAt: Math.max(memory.judgedAt, at) },
      view: { ...subject.view, state: now.state, reason: now.reason, causeDeviceId: now.causeDeviceId, since: was.state === now.state ? was.since : at }
    },
    change: changed ? { from: was.state, to: now.state } : null,
    alarms: alarms.intents,
    wakeAt: earliest(now.wakeAt, alarms.wakeAt, memory.settleUntil, memory.cause && memory.askAt, around.unwatched ? null : pendingConfirmation(memory, at)),
    suspectsParent: memory.cause === null && ((memory.holdUntil !== null && before.memory.holdUntil === null) || streamBroke || (lifted && around.fault !== null)),
    asksSelf: lifted || askNow || streamBroke || (before.memory.settleUntil !== null && memory.settleUntil === null && memory.own === 'unknown' && memory.cause === null && !around.unwatched)
  }
}
