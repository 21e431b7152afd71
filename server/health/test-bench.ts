/** One device under the judge, for tests: what is seen, second by second, and what the judge makes of it. */
import type { Failure, FailureCode, Observation } from '../contract/health.js'
import type { AlarmIntent } from './conditions.js'
import type { KnownPorts } from './evidence.js'
import { type Input, judge } from './judge.js'
import { newMemory, newView, type Subject, type Surroundings } from './memory.js'

export const T = 1_700_000_000_000
export const alone: Surroundings = { unwatched: null, fault: null, parent: null, portsInUse: new Set(), hardware: [] }
const ID = '018f0000-0000-7000-8000-000000000001'
export const failure = (code: FailureCode): Failure => ({ code, detail: '' })

/** One device under the judge; times are seconds after T. */
export class Bench {
  subject: Subject
  around: Surroundings = alone
  alarms: AlarmIntent[] = []
  wakeAt: number | null = null
  asked: string[] = []
  known: KnownPorts = () => undefined
  constructor (kind: Subject['kind'] = 'camera') { this.subject = { kind, view: newView(T), memory: newMemory(T) } }

  private take (input: Input, s: number) {
    const verdict = judge(this.subject, input, this.around, T + s * 1000)
    this.subject = verdict.subject
    this.alarms.push(...verdict.alarms)
    this.wakeAt = verdict.wakeAt
    if (verdict.suspectsParent) this.asked.push(`parent ${s}`)
    if (verdict.asksSelf) this.asked.push(`self ${s}`)
    return this
  }
  see (s: number, o: Record<string, unknown> & { kind: Observation['kind'] }) {
    return this.take({ observation: { deviceId: ID, at: T + s * 1000, ...o } as unknown as Observation, agentOffsetMs: 0, knownPorts: this.known }, s)
  }
  ok (s: number, method = 'rtsp') { return this.see(s, { kind: 'reachability', ok: true, method, rttMs: 3, failure: null }) }
  fail (s: number, code: FailureCode = 'timeout', method = 'rtsp') { return this.see(s, { kind: 'reachability', ok: false, method, rttMs: null, failure: failure(code) }) }
  stream (s: number, status: string, more: Record<string, unknown> = {}) {
    return this.see(s, { kind: 'stream', profile: 'sub', status, client: 'own', failure: null, codec: 'h264', width: 640, height: 360, fps: 25, bitrateBps: 1e6,
      keyFrameIntervalMs: 1000, audioCodec: null, packetsLost: 0, reconnects: 0, ...more })
  }
  tick (s: number) { return this.take('tick', s) }
  get state () { return this.subject.view.state }
  get open () { return Object.keys(this.subject.memory.open).sort() }
  get log () { return this.alarms.map(a => `${a.kind} ${a.condition}${a.subject && ` ${a.subject}`}`) }
}
export const upCamera = () => new Bench().ok(0)
