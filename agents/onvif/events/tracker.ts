/**
 * One camera's facts as begins, ends and pulses: repeated states told once, states without "off" timed out, storms merged and counted.
 * Pure in (facts, now): it holds memory, but no clock and no timers.
 */
import type { CameraEventType, ObservationOf } from '../../../server/contract/health.js'
import type { CameraFact } from './topics.js'

export type Told = Pick<ObservationOf<'camera_event'>, 'type' | 'source' | 'phase' | 'data' | 'at'>
interface Open { type: CameraEventType, source: string, heardAt: number }

export const trackerLimits = {
  /** Events in a burst, and how fast that many may come again. */
  burst: 20, perSecond: 1,
  /** A storm is over once this many could be taken again. */
  calm: 10,
  /** A passing event still on, and not said again for so long, is over. */
  passingMs: 10 * 60_000,
  /** So long before that the camera is asked how it is, and how often at most. */
  askBeforeMs: 3 * 60_000, askEveryMs: 60_000,
  /** Pulses of one source closer than this are one. */
  samePulseMs: 1000,
  /** States kept of one camera. */
  maxOpen: 200
} as const

/** What passes by itself; the rest are states that may well last for weeks. */
const passing: ReadonlySet<CameraEventType> = new Set(['motion', 'line_crossed', 'field_intrusion', 'object', 'audio', 'other'])
export const stormSource = 'kalancha:storm'
export const subscriptionSource = 'kalancha:subscription'

export class EventTracker {
  readonly #open = new Map<string, Open>()
  readonly #pulses = new Map<string, number>()
  /** Sources already told to be off, so that an agent that starts anew ends what its predecessor left open. */
  readonly #off = new Set<string>()
  #tokens: number = trackerLimits.burst
  #refilledAt = 0
  /** `held`: states that came on under it, told after it if they still are. */
  #askedAt = Number.NEGATIVE_INFINITY
  #storm: { merged: number, held: Map<string, CameraFact> } | null = null

  get open () { return this.#open.size }

  take (fact: CameraFact, at: number, now: number): Told[] {
    const key = `${fact.type} ${fact.source}`
    const tell = (phase: Told['phase']): Told => ({ type: fact.type, source: fact.source, phase, data: fact.data, at })
    const open = this.#open.get(key)
    if (fact.sign === 'off') {
      // Ends are never dropped: there is one for each begin, and what stays open is worse than one more line.
      const first = !this.#off.has(key) && this.#off.size < trackerLimits.maxOpen
      this.#off.add(key)
      this.#open.delete(key)
      this.#storm?.held.delete(key)
      return open || first ? [tell('end')] : []
    }
    if (fact.sign === 'on') {
      if (open) {
        open.heardAt = now
        return []
      }
      if (this.#open.size >= trackerLimits.maxOpen) return []
      const storm = this.#spend(now)
      if (storm) {
        if (this.#storm && this.#storm.held.size < trackerLimits.maxOpen) this.#storm.held.set(key, fact)
        return storm
      }
      this.#open.set(key, { type: fact.type, source: fact.source, heardAt: now })
      this.#off.add(key)
      return [tell('begin')]
    }
    const last = this.#pulses.get(key)
    if (last !== undefined && now - last < trackerLimits.samePulseMs) return []
    const storm = this.#spend(now)
    if (storm) return storm
    this.#pulses.set(key, now)
    if (this.#pulses.size > trackerLimits.maxOpen) this.#pulses.delete(this.#pulses.keys().next().value!)
    return [tell('pulse')]
  }

  /** To be called every few seconds: what timed out, and a storm that is over. */
  tick (now: number): Told[] {
    this.#refill(now)
    const told: Told[] = []
    for (const [key, open] of this.#open) {
      if (!passing.has(open.type) || now - open.heardAt < trackerLimits.passingMs) continue
      this.#open.delete(key)
      told.push({ type: open.type, source: open.source, phase: 'end', data: { closed: 'timeout' }, at: now })
    }
    if (this.#storm && this.#tokens >= trackerLimits.calm) {
      const { merged, held } = this.#storm
      this.#storm = null
      told.push({ type: 'other', source: stormSource, phase: 'end', data: { merged: String(merged) }, at: now })
      for (const [key, { type, source, data }] of held) {
        this.#open.set(key, { type, source, heardAt: now })
        this.#off.add(key)
        told.push({ type, source, phase: 'begin', data, at: now })
      }
    }
    return told
  }

  /** Something passing has lasted long without being said again: is it still so? At most once a minute. */
  mustAsk (now: number): boolean {
    const due = now - (trackerLimits.passingMs - trackerLimits.askBeforeMs)
    if (now - this.#askedAt < trackerLimits.askEveryMs || ![...this.#open.values()].some(o => passing.has(o.type) && o.heardAt <= due)) return false
    this.#askedAt = now
    return true
  }

  /** Nothing more is heard of the camera: what was on is no longer known to be. */
  lost (now: number): Told[] {
    const told: Told[] = [...this.#open.values()].map(({ type, source }) => ({ type, source, phase: 'end', data: { closed: 'subscription_lost' }, at: now }))
    if (this.#storm) told.push({ type: 'other', source: stormSource, phase: 'end', data: { merged: String(this.#storm.merged) }, at: now })
    this.#storm = null
    this.#open.clear()
    this.#off.clear()
    return told
  }

  #refill (now: number) {
    if (this.#refilledAt === 0) this.#refilledAt = now
    // A clock set back gives nothing, and does not stop the filling.
    this.#tokens = Math.min(trackerLimits.burst, this.#tokens + Math.max(0, now - this.#refilledAt) / 1000 * trackerLimits.perSecond)
    this.#refilledAt = now
  }

  /** Null when there was room; otherwise the event is counted, and the first of a storm told. */
  #spend (now: number): Told[] | null {
    this.#refill(now)
    if (this.#tokens >= 1 && !this.#storm) {
      this.#tokens -= 1
      return null
    }
    if (this.#storm) {
      this.#storm.merged++
      // A storm that goes on keeps itself open.
      this.#tokens = Math.max(0, this.#tokens - 1)
      return []
    }
    this.#storm = { merged: 1, held: new Map() }
    return [{ type: 'other', source: stormSource, phase: 'begin', data: {}, at: now }]
  }
}
