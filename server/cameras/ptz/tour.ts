/** A round of presets that a camera goes by itself while nobody moves it. Pure. */
import type { PtzTour } from '../../contract/ptz.js'

export interface TourRun {
  tour: PtzTour
  /** The step it stands at; -1 before the first. */
  step: number
  /** The next step is due. */
  dueAt: number
  /** Steps in a row that the camera did not take. */
  failures: number
}

export const startTour = (tour: PtzTour, now: number): TourRun => ({ tour, step: -1, dueAt: now, failures: 0 })
/** It goes on where it was: the step that a person interrupted comes again. */
export const resumeTour = (run: TourRun, now: number): TourRun => ({ ...run, step: run.step < 0 ? -1 : run.step - 1, dueAt: now })

/** How long nobody has touched the camera counts; somebody who has it is waited for. */
export const mayGo = (run: TourRun, heldByPerson: boolean, lastPersonAt: number | null, resumeMs: number, now: number) =>
  !heldByPerson && now >= run.dueAt && (lastPersonAt === null || now - lastPersonAt >= resumeMs)

export function nextStep (run: TourRun): { run: TourRun, token: string, dwellMs: number } {
  const step = (run.step + 1) % run.tour.steps.length
  const { token, dwellS } = run.tour.steps[step]!
  return { run: { ...run, step }, token, dwellMs: dwellS * 1000 }
}

export const arrived = (run: TourRun, dwellMs: number, now: number): TourRun => ({ ...run, dueAt: now + dwellMs, failures: 0 })
/** A preset that is gone is passed over; a camera that takes none of them is asked less and less often. */
export const missed = (run: TourRun, now: number): TourRun => ({ ...run, failures: run.failures + 1, dueAt: now + Math.min(5000 * 2 ** run.failures, 120_000) })
