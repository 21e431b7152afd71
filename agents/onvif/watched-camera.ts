/** What an agent observes of one ONVIF camera: one `check()` at a time, told through `emit`. Knows nothing of timers. */
import type { Clock } from '../../lib/clock.js'
import type { Failure } from '../../server/contract/health.js'
import type { Emit } from '../collector.js'
import type { CameraControl, Information } from './camera-control.js'
import { toCameraFailure } from './failure.js'
import { checkDeadlineMs, clockIsDue, identityIsDue, nextLoginMs, smoothedRtt } from './schedule.js'
import type { ReadClock } from './soap.js'

const loginDeadlineMs = 5000
const sameCamera = (a: Information, b: Information) => a.serial === b.serial && a.model === b.model && a.firmware === b.firmware && a.manufacturer === b.manufacturer

export class WatchedCamera {
  /** Failed checks in a row. */
  failures = 0
  #usualRttMs: number | null = null
  #clockTold: { at: number, offsetMs: number } | null = null
  #identity: Information | null = null
  #identityToldAt: number | null = null
  /** Why the camera refuses us; it is reachable all the same. */
  #denied: Failure | null = null
  #denials = 0
  #loginDueAt = 0

  constructor (private readonly deviceId: string, private readonly control: CameraControl, private readonly emit: Emit, private readonly clock: Clock) {}

  /** Whether it answered. Nothing is told once `signal` is aborted. `askedByPerson`: log in whatever the schedule says. */
  async check (signal: AbortSignal, askedByPerson: boolean): Promise<boolean> {
    const answered = await this.#reach(signal)
    if (signal.aborted) return false
    this.failures = answered ? 0 : this.failures + 1
    if (answered && (askedByPerson || this.clock.now() >= this.#loginDueAt)) await this.#logIn(signal)
    return answered
  }

  async #reach (signal: AbortSignal): Promise<boolean> {
    try {
      const read = await this.control.time({ signal, deadlineMs: checkDeadlineMs(this.#usualRttMs) })
      if (signal.aborted) return false
      this.#usualRttMs = smoothedRtt(this.#usualRttMs, read.rttMs)
      this.#tellReached(read.rttMs)
      this.#tellClock(read)
      return true
    } catch (error) {
      if (signal.aborted) return false
      const failure = toCameraFailure(error)
      if (failure.code === 'authentication_failed') {
        this.#denied = failure.toFailure()
        this.#tellReached(null)
        return true
      }
      // A camera that answers "not implemented" to the time is there and speaks ONVIF.
      if (failure.facts.soapFault !== undefined) {
        this.#tellReached(null)
        return true
      }
      this.emit.observation({ kind: 'reachability', deviceId: this.deviceId, at: this.clock.now(), ok: false, method: 'onvif', rttMs: null, failure: failure.toFailure() })
      this.emit.samples({ deviceId: this.deviceId, at: this.clock.now(), series: ['rtt_ms'], values: [null] })
      return false
    }
  }

  async #logIn (signal: AbortSignal) {
    try {
      const information = await this.control.information({ signal, deadlineMs: loginDeadlineMs })
      if (signal.aborted) return
      this.#denials = 0
      this.#loginDueAt = this.clock.now() + nextLoginMs(0)
      if (this.#denied) {
        this.#denied = null
        this.#tellReached(null)
      }
      this.#tellIdentity(information)
    } catch (error) {
      if (signal.aborted) return
      const failure = toCameraFailure(error)
      // Anything but a refusal says nothing about the password; the next check tries again.
      if (failure.code !== 'authentication_failed') return
      this.#denials++
      this.#loginDueAt = this.clock.now() + nextLoginMs(this.#denials)
      this.#denied = failure.toFailure()
      this.#tellReached(null)
    }
  }

  #tellReached (rttMs: number | null) {
    const at = this.clock.now()
    this.emit.observation({ kind: 'reachability', deviceId: this.deviceId, at, ok: this.#denied === null, method: 'onvif', rttMs: rttMs === null ? null : Math.round(rttMs * 10) / 10, failure: this.#denied })
    if (rttMs !== null) this.emit.samples({ deviceId: this.deviceId, at, series: ['rtt_ms'], values: [Math.round(rttMs * 10) / 10] })
  }

  #tellClock ({ offsetMs }: ReadClock) {
    const at = this.clock.now()
    if (offsetMs === null || !clockIsDue(this.#clockTold, offsetMs, at)) return
    this.#clockTold = { at, offsetMs }
    this.emit.observation({ kind: 'clock', deviceId: this.deviceId, at, offsetMs })
    this.emit.samples({ deviceId: this.deviceId, at, series: ['clock_offset_ms'], values: [offsetMs] })
  }

  #tellIdentity (information: Information) {
    const at = this.clock.now()
    if (this.#identity && sameCamera(this.#identity, information) && !identityIsDue(this.#identityToldAt, at)) return
    this.#identity = information
    this.#identityToldAt = at
    const { manufacturer, model, firmware, serial } = information
    this.emit.observation({ kind: 'identity', deviceId: this.deviceId, at, manufacturer, model, firmware, serial, description: `${manufacturer} ${model}`.trim(), sysObjectId: null, sysName: null })
  }
}

