/** Leads one camera round its tour, and remembers where it went for the audit. */
import type { Clock } from '../../../lib/clock.js'
import type { Log } from '../../../lib/log.js'
import type { PtzAnswer, PtzOrder } from '../../contract/ptz.js'
import { arrived, mayGo, missed, nextStep, type TourRun } from './tour.js'

export interface GuideDeps {
  clock: Clock
  log: Log
  order: (order: PtzOrder, timeoutMs: number) => Promise<PtzAnswer>
  presetName: (token: string) => string
  /** To the audit: several steps in one entry. */
  tell: (details: { tour: string, steps: [at: number, preset: string][] }) => void
}
const GO_TIMEOUT_MS = 8000
const STEPS_AN_ENTRY = 20

export class TourGuide {
  run: TourRun | null = null
  #steps: [at: number, preset: string][] = []
  #of = ''
  #busy = false

  constructor (private readonly deps: GuideDeps) {}

  due (heldByPerson: boolean, lastPersonAt: number | null, resumeMs: number, now: number) {
    return this.run !== null && !this.#busy && mayGo(this.run, heldByPerson, lastPersonAt, resumeMs, now)
  }

  /** Resolves when the camera has taken it, or not. */
  async step (now: number) {
    const { run, deps } = this
    if (!run) return
    this.#busy = true
    const next = nextStep(run)
    if (this.#of !== run.tour.name) this.tellSteps()
    this.#of = run.tour.name
    let then: TourRun
    try {
      await deps.order({ do: 'go', to: { kind: 'preset', token: next.token } }, GO_TIMEOUT_MS)
      this.#steps.push([now, deps.presetName(next.token)])
      then = arrived(next.run, next.dwellMs, deps.clock.now())
    } catch (err) {
      deps.log.warn({ reason: (err as Error).message, tour: run.tour.name }, 'a step of a tour was not taken')
      then = missed(next.run, deps.clock.now())
    }
    this.#busy = false
    // Stopped, changed or interrupted meanwhile: that counts.
    if (this.run === run) this.run = then
    if (this.#steps.length >= STEPS_AN_ENTRY) this.tellSteps()
  }

  tellSteps () {
    const steps = this.#steps.splice(0)
    if (steps.length > 0) this.deps.tell({ tour: this.#of, steps })
  }
}
