/** One camera under control: who has it, what they do with it, and the trace of that in the audit. Lives in memory; a restart frees every camera. */
import type { Clock } from '../../../lib/clock.js'
import type { Log } from '../../../lib/log.js'
import { PTZ_AGENT_HOLD_MS, type PtzAnswer, type PtzLock, type PtzNote, type PtzOrder, type PtzPosition, type PtzRequest, type PtzTarget, type PtzTour, type PtzVelocity } from '../../contract/ptz.js'
import { type AuditWho, systemWho } from '../../identity/audit.js'
import { free, isTour, judgeLock, type LockInput, type LockState, type Seat, standingOf, TOUR_RANK, type Verdict } from './lock.js'
import { isOver, newPress, type Press, repeat } from './press.js'
import { resumeTour, startTour } from './tour.js'
import { TourGuide } from './tour-guide.js'

export interface PtzTimes { idleMs: number, resumeMs: number }
export interface DeskDeps {
  clock: Clock
  log: Log
  times: () => PtzTimes
  /** Rejects with a ServiceProblem. */
  order: (order: PtzOrder, timeoutMs: number) => Promise<PtzAnswer>
  audit: (who: AuditWho, action: string, details: Record<string, unknown>) => Promise<void>
  /** Of a preset, for people. */
  presetName: (token: string) => string
  /** The head is told to move, and has taken that or refused it. */
  turned: (phase: 'begins' | 'ends') => void
}
export interface Sitting { seat: Seat, who: AuditWho, tell: (note: PtzNote) => void }

const RENEW_MS = 400
const MOVE_TIMEOUT_MS = 4000
const STOP_TIMEOUT_MS = 10_000
const GO_TIMEOUT_MS = 8000

export class Desk {
  readonly #sittings = new Map<string, Sitting>()
  #lock: LockState = free
  #press: (Press & { sitting: Sitting, sentAt: number, sending: boolean, sent: PtzVelocity | null }) | null = null
  /** The highest press of each seat that is over: a late `move` of it must not begin it again. */
  readonly #over = new Map<string, number>()
  /** Of the one who has it: told to the audit before anything moves. */
  #begun: Promise<void> = Promise.resolve()
  #session: { sitting: Sitting, since: number, moves: number } | null = null
  #writes: Promise<void> = Promise.resolve()
  #position: PtzPosition | null = null
  readonly #guide: TourGuide
  #lastPersonAt: number | null = null

  constructor (private readonly deps: DeskDeps) { this.#guide = new TourGuide({ ...deps, tell: details => this.#write(systemWho, 'ptz.tour_moves', details) }) }

  get idle () { return this.#sittings.size === 0 && !this.#guide.run && !this.#press && !this.#lock.holder }
  get lock (): PtzLock | null {
    const { holder } = this.#lock
    if (!holder) return null
    const tour = isTour(holder.seat)
    return {
      by: tour ? 'tour' : 'person', name: holder.seat.name, userId: holder.seat.userId, since: holder.since, lastActAt: holder.lastActAt,
      until: tour || holder.moving ? null : holder.lastActAt + this.deps.times().idleMs
    }
  }
  get tourId () { return this.#guide.run?.tour.id ?? null }
  set position (position: PtzPosition | null) { this.#position = position }
  /** Somebody else than this seat's person moves it now. */
  heldFrom (userId: string) { const { holder } = this.#lock; return holder !== null && !isTour(holder.seat) && holder.seat.userId !== userId ? holder.seat.name : null }

  sit (sitting: Sitting) {
    this.#sittings.set(sitting.seat.id, sitting)
    this.#tellLock(sitting)
  }

  leave (seatId: string, reason: 'gone' | 'rights') {
    const sitting = this.#sittings.get(seatId)
    if (!sitting) return
    this.#sittings.delete(seatId)
    this.#over.delete(seatId)
    if (this.#press?.sitting === sitting) void this.#endPress('lost')
    this.#judge({ do: 'leave', seat: sitting.seat, reason })
  }

  heard (seatId: string, request: PtzRequest) {
    const sitting = this.#sittings.get(seatId)
    if (!sitting) return
    const { seat } = sitting
    switch (request.type) {
      case 'move': return this.#move(sitting, request.press, { pan: request.pan, tilt: request.tilt, zoom: request.zoom })
      case 'stop': return this.#letGo(sitting, request.press)
      case 'go': return void this.#go(sitting, request.press, request.to)
      case 'take': if (!this.#judge({ do: 'take', seat, over: request.over }).granted) sitting.tell({ type: 'refused', press: null, code: 'locked' }); return
      case 'release': return void this.#judge({ do: 'leave', seat, reason: 'released' })
      case 'ask': return void this.#judge({ do: 'ask', seat })
      case 'answer': return void this.#judge({ do: 'answer', seat, give: request.give })
    }
  }

  /** Time went on: what nobody holds stops, what nobody uses is free, and a tour goes its round. */
  tick () {
    const now = this.deps.clock.now()
    if (this.#press && isOver(this.#press, now)) void this.#endPress('hold')
    else if (this.#press && now - this.#press.sentAt >= RENEW_MS) this.#send()
    this.#judge({ do: 'tick' })
    this.#goRound(now)
  }

  /** Orders under way that move the head. */
  #turning = 0
  #begins () { this.#turning++; this.deps.turned('begins') }
  #ends () { if (--this.#turning === 0) this.deps.turned('ends') }

  /** Presets or tours changed. */
  changed () { for (const s of this.#sittings.values()) s.tell({ type: 'changed' }) }

  #move (sitting: Sitting, number: number, velocity: PtzVelocity) {
    if (number <= (this.#over.get(sitting.seat.id) ?? 0)) return
    const now = this.deps.clock.now()
    if (!this.#judge({ do: 'act', seat: sitting.seat, moving: true }).granted) {
      this.#over.set(sitting.seat.id, number)
      return sitting.tell({ type: 'refused', press: number, code: 'locked' })
    }
    if (this.#press && (this.#press.sitting !== sitting || this.#press.number !== number)) void this.#endPress('lost')
    if (!this.#press) {
      this.#press = { ...newPress(number, velocity, this.#position, now), sitting, sentAt: now, sending: false, sent: null }
      this.#begins()
      this.#position = null
    } else Object.assign(this.#press, repeat(this.#press, velocity, now))
    const { sent } = this.#press
    if (!sent || sent.pan !== velocity.pan || sent.tilt !== velocity.tilt || sent.zoom !== velocity.zoom) this.#send()
  }

  /** One order at a time on its way; the newest speed goes next. Nothing moves for somebody whose beginning is not written down. */
  #send () {
    const press = this.#press
    if (!press || press.sending) return
    press.sending = true
    const order = async () => {
      await this.#begun
      if (this.#press !== press) return
      press.sentAt = this.deps.clock.now()
      press.sent = press.velocity
      await this.deps.order({ do: 'move', velocity: press.velocity, holdMs: PTZ_AGENT_HOLD_MS }, MOVE_TIMEOUT_MS)
    }
    order().then(() => {
      press.sending = false
      const { sent, velocity } = press
      if (this.#press === press && sent && (sent.pan !== velocity.pan || sent.tilt !== velocity.tilt || sent.zoom !== velocity.zoom)) this.#send()
    }, (err: unknown) => {
      press.sending = false
      if (this.#press !== press) return
      this.#tellFailure(press.sitting, press.number, err)
      void this.#endPress('failed')
    })
  }

  #letGo (sitting: Sitting, number: number) {
    const { id } = sitting.seat
    if (this.#press?.sitting === sitting && this.#press.number <= number) return void this.#endPress('stop')
    this.#over.set(id, Math.max(number, this.#over.get(id) ?? 0))
  }

  /** The press is over at once; that the head stands is told when the camera has taken it. */
  async #endPress (reason: 'stop' | 'hold' | 'lost' | 'failed') {
    const press = this.#press
    if (!press) return
    this.#press = null
    const { sitting, number } = press
    this.#over.set(sitting.seat.id, Math.max(number, this.#over.get(sitting.seat.id) ?? 0))
    const session = this.#session
    if (session?.sitting === sitting) session.moves++
    const durationMs = this.deps.clock.now() - press.startedAt
    this.#judge({ do: 'rest', seat: sitting.seat })
    const stopped = this.deps.order({ do: 'stop' }, STOP_TIMEOUT_MS).then(({ position }) => {
      if (!this.#press) this.#position = position
      return position
    }, (err: unknown) => {
      this.#tellFailure(sitting, number, err)
      return null
    }).finally(() => this.#ends())
    sitting.tell({ type: 'ended', press: number, reason })
    this.#write(sitting.who, 'ptz.move', stopped.then(to => ({ way: 'continuous', ended: reason, startedAt: press.startedAt, durationMs, path: press.path, ...(press.skipped > 0 && { skipped: press.skipped }), from: press.from, to })))
    await stopped
  }

  async #go (sitting: Sitting, number: number, to: PtzTarget) {
    if (number <= (this.#over.get(sitting.seat.id) ?? 0)) return
    this.#over.set(sitting.seat.id, number)
    if (!this.#judge({ do: 'act', seat: sitting.seat, moving: false }).granted) return sitting.tell({ type: 'refused', press: number, code: 'locked' })
    const ended = this.#endPress('stop')
    const from = this.#position
    this.#position = null
    this.#begins()
    if (this.#session) this.#session.moves++
    let failure: string | undefined
    try {
      await this.#begun
      await ended
      await this.deps.order({ do: 'go', to }, GO_TIMEOUT_MS)
      sitting.tell({ type: 'ended', press: number, reason: 'stop' })
    } catch (err) {
      failure = this.#tellFailure(sitting, number, err)
    } finally {
      this.#ends()
    }
    this.#write(sitting.who, 'ptz.move', { way: to.kind, ...(to.kind === 'preset' && { preset: this.deps.presetName(to.token), token: to.token }), ...(to.kind === 'point' && { x: to.x, y: to.y }), from, failure })
  }

  #tellFailure (sitting: Sitting, press: number, err: unknown): string {
    const { code = 'internal', message = '' } = err as { code?: string, message?: string }
    sitting.tell({ type: 'failed', press, code, detail: message.slice(0, 500) })
    return code
  }

  #judge (input: LockInput): Verdict {
    const now = this.deps.clock.now()
    const before = this.#lock
    const verdict = judgeLock(before, input, now, this.deps.times().idleMs)
    this.#lock = verdict.state
    if (verdict.lost) this.#handOver(verdict.lost.seat, verdict.lost.reason, verdict.lost.to, now)
    if (verdict.gained) this.#begin(verdict.gained, verdict.lost?.seat.name ?? null, now)
    if (verdict.denied) this.#sittings.get(verdict.denied.id)?.tell({ type: 'denied' })
    const visible = (s: LockState) => JSON.stringify([s.holder?.seat.id, s.holder?.moving, s.asker?.id])
    if (visible(before) !== visible(verdict.state) || verdict.gained) for (const s of this.#sittings.values()) this.#tellLock(s)
    return verdict
  }

  #tellLock (sitting: Sitting) {
    const owner = this.#lock.holder?.seat.id === sitting.seat.id
    sitting.tell({ type: 'lock', lock: this.lock, you: standingOf(this.#lock, sitting.seat), serverTime: this.deps.clock.now(), askedBy: owner ? this.#lock.asker?.name ?? null : null })
  }

  #handOver (seat: Seat, reason: NonNullable<Verdict['lost']>['reason'], to: string | null, now: number) {
    if (this.#press?.sitting.seat.id === seat.id) void this.#endPress('lost')
    this.#sittings.get(seat.id)?.tell({ type: 'lost', reason, to })
    if (isTour(seat)) return this.#guide.tellSteps()
    this.#lastPersonAt = now
    const session = this.#session
    this.#session = null
    if (session) this.#write(session.sitting.who, 'ptz.end', { reason, to, durationMs: now - session.since, moves: session.moves })
    if (this.#guide.run) this.#guide.run = resumeTour(this.#guide.run, now)
  }

  #begin (seat: Seat, takenFrom: string | null, now: number) {
    const sitting = this.#sittings.get(seat.id)
    if (!sitting) return
    this.#session = { sitting, since: now, moves: 0 }
    this.#begun = this.deps.audit(sitting.who, 'ptz.begin', { takenFrom })
    this.#begun.catch(err => this.deps.log.error({ err }, 'the beginning of a camera\'s control could not be recorded: nothing is moved'))
  }

  /** In the order in which it happened; what is still to come of an act is waited for. */
  #write (who: AuditWho, action: string, details: Record<string, unknown> | Promise<Record<string, unknown>>) {
    this.#writes = this.#writes.then(async () => this.deps.audit(who, action, await details))
      .catch(err => this.deps.log.error({ err, action }, 'a move of a camera could not be recorded'))
  }

  startTour (tour: PtzTour) {
    this.#guide.run = startTour(tour, this.deps.clock.now())
    this.tick()
  }
  endTour () {
    const { holder } = this.#lock
    this.#guide.run = null
    if (holder && isTour(holder.seat)) this.#judge({ do: 'leave', seat: holder.seat, reason: 'tour_ended' })
  }

  #goRound (now: number) {
    const { run } = this.#guide
    const { holder } = this.#lock
    if (!run || !this.#guide.due(holder !== null && !isTour(holder.seat), this.#lastPersonAt, this.deps.times().resumeMs, now)) return
    const seat: Seat = { id: `tour ${run.tour.id}`, userId: null, name: run.tour.name, rank: TOUR_RANK }
    if (!this.#judge({ do: 'act', seat, moving: true }).granted) return
    this.#begins()
    this.#position = null
    void this.#guide.step(now).finally(() => this.#ends())
  }

  /** Everything said is written. */
  async close () {
    const ended = this.#endPress('lost')
    for (const id of [...this.#sittings.keys()]) this.leave(id, 'gone')
    this.endTour()
    this.#guide.tellSteps()
    await ended
    await this.#begun.catch(() => {})
    await this.#writes
  }
}
