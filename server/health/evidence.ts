/** Takes one observation into the memory. Pure; every decision is left to `conclude` in judge.ts. */
import type { Failure, FailureCode, Observation, ObservationOf, StreamView } from '../contract/health.js'
import { cameraEvent } from './camera-faults.js'
import { type DownPort, limits, type Memory, type MethodMemory, type StreamMemory, type Subject } from './memory.js'

/** Codes that say the device could not be reached at all, when a stream ends with one. */
const unreached: ReadonlySet<FailureCode> = new Set(['address_unresolved', 'connection_refused', 'connection_timeout', 'network_unreachable', 'timeout'])

const newMethod = (at: number): MethodMemory => ({ fails: 0, goods: 0, firstFailAt: null, lastFailAt: null, okAt: null, failure: null, confirmAt: null, denied: null, heardAt: at })

/** `provenAt`: the latest time for which this proves that the device answered. */
function good (m: Memory, name: string, at: number, denied: Failure | null = null, provenAt = at): Memory {
  const method = m.methods[name] ?? newMethod(at)
  return {
    ...m, lastGoodAt: Math.max(m.lastGoodAt ?? 0, provenAt),
    methods: { ...m.methods, [name]: { ...method, fails: 0, goods: method.goods + 1, firstFailAt: null, lastFailAt: null, failure: null, confirmAt: null, denied, okAt: at, heardAt: at } }
  }
}

/** Rule 3: unreachable network is definite; a refused port only if nothing else of the device answered lately. */
const isDefinite = (m: Memory, name: string, code: FailureCode, at: number) => code === 'network_unreachable' || (code === 'connection_refused' &&
  !Object.entries(m.methods).some(([other, x]) => other !== name && x.fails === 0 && x.okAt !== null && at - x.okAt < limits.otherMethodFreshMs))

/** Rule 15: an attempt that failed now may have begun under the fault in front. */
const isSettling = (m: Memory, at: number) => m.settleUntil !== null && at < m.settleUntil

function bad (m: Memory, name: string, at: number, failure: Failure | null): Memory {
  if (isSettling(m, at)) return m
  const method = m.methods[name] ?? newMethod(at)
  const again = method.lastFailAt !== null && at - method.lastFailAt < limits.sameFailureMs
  const definite = failure !== null && isDefinite(m, name, failure.code, at)
  return {
    ...m,
    methods: {
      ...m.methods,
      [name]: {
        ...method, goods: 0, denied: null, failure: failure ?? method.failure, heardAt: at, lastFailAt: again ? method.lastFailAt : at,
        fails: again ? method.fails : method.fails + 1, firstFailAt: method.firstFailAt ?? at,
        confirmAt: method.confirmAt ?? (definite ? at + limits.definiteDwellMs : null)
      }
    }
  }
}

function reachability ({ view, memory, kind }: Subject, o: ObservationOf<'reachability'>, at: number): Subject {
  const next = { kind, view: { ...view, rttMs: o.ok ? o.rttMs : view.rttMs } }
  if (o.ok) return { ...next, memory: good(memory, o.method, at) }
  // Rule 5: who refuses our password is there.
  if (o.failure?.code === 'authentication_failed') return { ...next, memory: good(memory, o.method, at, o.failure) }
  return { ...next, memory: bad(memory, o.method, at, o.failure) }
}

const newStream: StreamMemory = { badSince: null, failure: null, usualFps: null, lowInARow: 0, lowSince: null, lowFps: null, longKeyFrameMs: null }

/** Rule 8. */
function frameRate (s: StreamMemory, fps: number | null, at: number): StreamMemory {
  if (fps === null || fps < 0) return s
  if (s.usualFps === null) return fps > 0 ? { ...s, usualFps: fps } : s
  const low = fps < s.usualFps * (s.lowFps === null ? limits.lowFpsShare : limits.goodFpsShare)
  if (!low) return { ...s, usualFps: s.usualFps + (fps - s.usualFps) * 0.05, lowInARow: 0, lowSince: null, lowFps: null }
  const lowSince = s.lowSince ?? at
  if (at - lowSince >= limits.relearnFpsMs && fps > 0) return { ...s, usualFps: fps, lowInARow: 0, lowSince: null, lowFps: null }
  return { ...s, lowInARow: s.lowInARow + 1, lowSince, lowFps: s.lowInARow + 1 >= limits.lowFpsInARow ? fps : null }
}

const keyFrames = (s: StreamMemory, intervalMs: number | null): StreamMemory => (intervalMs === null ? s
  : { ...s, longKeyFrameMs: intervalMs > (s.longKeyFrameMs === null ? limits.longKeyFrameMs : limits.goodKeyFrameMs) ? intervalMs : null })

/** Rule 17. */
export function isUnstable ({ breaks = [] }: StreamMemory, at: number) {
  const last = breaks.at(-1)
  return last !== undefined && breaks.length >= limits.breaksToUnstable && last - breaks[0]! <= limits.breaksWithinMs && at < last + limits.stableMs
}

function streamMemory (before: StreamMemory, o: ObservationOf<'stream'>, at: number, settling: boolean): StreamMemory {
  switch (o.status) {
    case 'playing': {
      const playing = { ...before, badSince: null, failure: isUnstable(before, at) ? before.failure : null }
      // The first measure after a break covers the break too.
      return settling ? playing : keyFrames(frameRate(playing, o.fps, at), o.keyFrameIntervalMs)
    }
    case 'stalled':
    case 'failed': return { ...before, ...(before.badSince === null && !settling ? { breaks: [...(before.breaks ?? []), at].slice(-limits.breaksToUnstable) } : {}), badSince: before.badSince ?? at, lowInARow: 0, lowSince: null, lowFps: null, longKeyFrameMs: null,
      failure: o.failure ?? before.failure ?? { code: o.status === 'stalled' ? 'stream_stalled' : 'no_stream', detail: '' } }
    case 'stopped': return { ...newStream, usualFps: before.usualFps }
    case 'connecting': return before
  }
}

function stream ({ view, memory, kind }: Subject, o: ObservationOf<'stream'>, at: number): Subject {
  const { kind: _kind, deviceId: _deviceId, at: _at, ...measured } = o
  const shown: StreamView = { ...measured, at }
  const streams = [...view.streams.filter(s => s.profile !== o.profile), shown].sort((a, b) => (a.profile < b.profile ? -1 : 1))
  let next: Memory = { ...memory, streams: { ...memory.streams, [o.profile]: streamMemory(memory.streams[o.profile] ?? newStream, o, at, isSettling(memory, at)) } }
  // Rule 2: the stream is itself a check, the same one as the RTSP check.
  if (o.status === 'playing') next = good(next, 'rtsp', at, null, at - limits.streamLagMs)
  else if (o.status === 'failed' && o.failure?.code === 'authentication_failed') next = good(next, 'rtsp', at, o.failure)
  else if (o.status === 'failed' && o.failure && unreached.has(o.failure.code)) next = bad(next, 'rtsp', at, o.failure)
  return { kind, view: { ...view, streams }, memory: next }
}

/** The port table before an observation, for what was up and since when. */
interface KnownPort { oper: string, since: number }
export type KnownPorts = (ifIndex: number) => KnownPort | undefined

/** Rule 9: what the switch says about a port holds at once. */
function portStatus (down: DownPort[], o: { ifIndex: number, name: string, admin: string, oper: string }, at: number, known: KnownPort | undefined): DownPort[] {
  const before = down.find(p => p.ifIndex === o.ifIndex)
  const others = down.filter(p => p.ifIndex !== o.ifIndex)
  const isDown = o.admin === 'up' && (o.oper === 'down' || o.oper === 'lower_layer_down' || o.oper === 'not_present')
  if (!isDown) return before ? others : down
  if (before && (!o.name || o.name === before.name)) return down
  const carried = before?.carried ?? (known?.oper === 'up' && at - known.since >= limits.portCarriedMs)
  return [...others, { ifIndex: o.ifIndex, name: o.name || before?.name || `#${o.ifIndex}`, since: before?.since ?? at, carried }]
}

function portTable (memory: Memory, o: ObservationOf<'ports'>, at: number, known: KnownPorts): Memory {
  const present = new Set(o.ports.map(p => p.ifIndex))
  let portsDown = memory.portsDown.filter(p => present.has(p.ifIndex))
  for (const port of o.ports) portsDown = portStatus(portsDown, port, at, known(port.ifIndex))
  return { ...memory, portsDown }
}

/** `at` is the observation's time on the server's clock; `agentOffsetMs` the agent's clock minus the server's. */
export function absorb (subject: Subject, o: Observation, at: number, agentOffsetMs: number, known: KnownPorts): Subject {
  const { memory, view } = subject
  const seen = { ...subject, view: { ...view, observedAt: Math.max(view.observedAt ?? 0, at) } }
  switch (o.kind) {
    case 'reachability': return reachability(seen, o, at)
    case 'stream': return stream(seen, o, at)
    case 'clock': {
      const offset = o.offsetMs + agentOffsetMs
      const clockBad = Math.abs(offset) > (memory.clockBad ? limits.clockGoodMs : limits.clockBadMs)
      return { ...seen, view: { ...seen.view, clockOffsetMs: offset }, memory: { ...memory, clockBad } }
    }
    case 'ports': return { ...seen, memory: portTable(memory, o, at, known) }
    case 'port_status': return { ...seen, memory: { ...memory, portsDown: portStatus(memory.portsDown, o, at, known(o.ifIndex)) } }
    case 'restart': return { ...seen, memory: { ...memory, restartedAt: at } }
    case 'picture': return { ...seen, memory: { ...memory, pictureFaults: o.faults } }
    case 'camera_event': return { ...seen, memory: cameraEvent(memory, o, at) }
    case 'camera_report':
    case 'identity': case 'hardware': return seen
  }
}
