/** One camera's events for as long as it is planned: subscribes, pulls, renews, backs off, and tells what changed. */
import type { Clock } from '../../../lib/clock.js'
import type { Log } from '../../../lib/log.js'
import type { Observation } from '../../../server/contract/health.js'
import { CameraFailure, toCameraFailure } from '../failure.js'
import type { Gate } from '../gate.js'
import { isUnsupported, pullPauseMs, renewAt, retryAfterMs } from './backoff.js'
import { type CameraMessage, messageTime } from './messages.js'
import { PullPoint, type PullPointControl } from './pull-point.js'
import { normalise } from './topics.js'
import { EventTracker, subscriptionSource, type Told } from './tracker.js'

export interface EventSourceDeps {
  emit: { observation (o: Observation): void }
  clock: Clock
  log: Log
  /** New subscriptions are made a few at a time, however many cameras come back together. */
  subscribing: Gate
  /** Resolves after so long, or at once when the signal is aborted. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Failures in a row after which nothing is known any more; one is a camera that restarts its event service. */
const lostAfter = 2

export class EventSource {
  readonly #tracker = new EventTracker()
  #failures = 0
  #complained = ''

  constructor (private readonly deviceId: string, private readonly control: PullPointControl, private readonly deps: EventSourceDeps) {}

  /** Until the signal is aborted; never rejects for anything that a camera does. */
  async run (signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const point = new PullPoint(this.control, () => this.deps.clock.now())
      let failure: CameraFailure | null = null
      try {
        await this.#subscription(point, signal)
      } catch (error) {
        failure = toCameraFailure(error)
      }
      // The camera's few places are given back, also when our own pull failed; not awaited longer than two seconds.
      await point.unsubscribe(signal.aborted ? {} : { signal })
      if (signal.aborted) break
      if (failure) await this.#failed(failure, signal)
    }
    this.#tell(this.#tracker.lost(this.deps.clock.now()))
  }

  /** Every few seconds, for what ends by itself. */
  tick () { this.#tell(this.#tracker.tick(this.deps.clock.now())) }

  /** Returns when the subscription must be made anew. */
  async #subscription (point: PullPoint, signal: AbortSignal) {
    const { clock, subscribing, wait } = this.deps
    await subscribing.run(async () => { signal.throwIfAborted(); await point.create({ signal }) })
    let madeAt = clock.now()
    while (!signal.aborted) {
      const began = clock.now()
      const messages = await point.pull({ signal })
      if (signal.aborted) return
      this.#well()
      for (const message of messages) this.#take(message)
      if (this.#tracker.mustAsk(clock.now())) await this.#ask(point, signal)
      if (clock.now() >= renewAt(madeAt, point.expiresAt)) {
        if (!await this.#renewed(point, signal)) return
        madeAt = clock.now()
      }
      await wait(pullPauseMs(clock.now() - began, messages.length), signal)
    }
  }

  /** Motion that truly lasts is told from one whose end the camera never sends. */
  async #ask (point: PullPoint, signal: AbortSignal) {
    try {
      await point.synchronize({ signal })
    } catch (error) {
      if (!(error instanceof CameraFailure) || error.facts.soapFault === undefined || error.code === 'authentication_failed') throw error
      // It cannot say; then the time-out decides.
    }
  }

  /** A camera that cannot renew gets a new subscription in time; one that is away is a failure. */
  async #renewed (point: PullPoint, signal: AbortSignal): Promise<boolean> {
    try {
      await point.renew({ signal })
      return true
    } catch (error) {
      if (error instanceof CameraFailure && error.facts.soapFault !== undefined && error.code !== 'authentication_failed') return false
      throw error
    }
  }

  #take (message: CameraMessage) {
    const fact = normalise(message)
    if (!fact) return
    const now = this.deps.clock.now()
    this.#tell(this.#tracker.take(fact, messageTime(message.utcTime, this.control.clockOffsetMs, now), now))
  }

  #well () {
    this.#failures = 0
    if (this.#complained === '') return
    this.#complained = ''
    this.#tell([{ type: 'other', source: subscriptionSource, phase: 'end', data: {}, at: this.deps.clock.now() }])
  }

  async #failed (failure: CameraFailure, signal: AbortSignal) {
    this.#failures++
    const now = this.deps.clock.now()
    const certain = isUnsupported(failure) || failure.code === 'authentication_failed'
    if ((this.#failures >= lostAfter || certain) && this.#complained !== failure.code) {
      if (this.#complained === '') this.#tell(this.#tracker.lost(now))
      else this.#tell([{ type: 'other', source: subscriptionSource, phase: 'end', data: {}, at: now }])
      this.#complained = failure.code
      const code = isUnsupported(failure) ? 'not_supported' : failure.code
      this.#tell([{ type: 'other', source: subscriptionSource, phase: 'begin', data: { code, detail: failure.detail.slice(0, 200) }, at: now }])
      this.deps.log.info({ deviceId: this.deviceId, code, detail: failure.detail }, 'a camera gives no events')
    }
    await this.deps.wait(retryAfterMs(failure, this.#failures), signal)
  }

  #tell (told: readonly Told[]) {
    for (const t of told) this.deps.emit.observation({ kind: 'camera_event', deviceId: this.deviceId, ...t })
  }
}
