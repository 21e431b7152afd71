/** What a day's timeline shows, beside what was done to the day. Pure. */
import { type GapCause, plannedCauses } from '../../server/contract/recording.js'

export interface Act { camera: string, from: number, to: number, cause: GapCause, what: string, slackMs: number }
export interface Shown { camera: string, from: number, to: number, cause: GapCause, detail: string }
export interface Judged { camera: string, what: string, cause: GapCause, from: number, to: number, shownFrom: number | null, shownTo: number | null, others: string[], right: boolean }

/** A step of the conductor and a picture. */
const SHORTEST_MS = 5000

/** A camera that is given to another agent is away for as long as a new connection takes, under whatever name. */
export interface Handover { camera: string, at: number, mostMs: number }

/** Each act with what is shown of it, and what is shown without anything having been done. */
export function compareDay (acts: readonly Act[], shown: readonly Shown[], handovers: readonly Handover[]): { judged: Judged[], invented: Shown[] } {
  const ofHandover = (g: Shown) => handovers.some(h => h.camera === g.camera && g.from >= h.at - SHORTEST_MS && g.to <= h.at + h.mostMs)
  const left = new Set(shown.filter(g => g.to - g.from >= SHORTEST_MS && !ofHandover(g)))
  const judged = acts.map(act => {
    const near = [...left].filter(g => g.camera === act.camera && g.from < act.to + act.slackMs && g.to > act.from - act.slackMs)
    for (const g of near) left.delete(g)
    const its = near.filter(g => g.cause === act.cause).sort((a, b) => a.from - b.from)
    const others = near.filter(g => g.cause !== act.cause).map(g => `${g.cause} ${Math.round((g.to - g.from) / 1000)} s`)
    const [shownFrom, shownTo] = [its[0]?.from ?? null, its.at(-1)?.to ?? null]
    const holes = its.slice(1).some((g, i) => g.from - its[i]!.to > SHORTEST_MS)
    const right = shownFrom !== null && shownTo !== null && !holes && others.length === 0 && Math.abs(shownFrom - act.from) <= act.slackMs && Math.abs(shownTo - act.to) <= act.slackMs
    return { camera: act.camera, what: act.what, cause: act.cause, from: act.from, to: act.to, shownFrom, shownTo, others, right }
  })
  return { judged, invented: [...left] }
}

/** Per cent of what was wanted of a day, as it must be told: planned absences are not wanted. */
export function expectedPercent (acts: readonly Act[], dayMs: number): number {
  const planned = acts.filter(a => plannedCauses.includes(a.cause)).reduce((sum, a) => sum + a.to - a.from, 0)
  const missing = acts.filter(a => !plannedCauses.includes(a.cause)).reduce((sum, a) => sum + a.to - a.from, 0)
  return (dayMs - planned - missing) / (dayMs - planned) * 100
}
