/** What changed between a strand's reference trace and a newer one, by the events that the instruments found. Pure. */
import type { SorEvent, SorFile, TraceDifference } from '../../contract/otdr.js'

/** A trace with the fibre before the strand taken off. */
export interface Measured { file: Pick<SorFile, 'fixed' | 'events'>, launchM: number }

/** Smaller changes are within what two measurements of one fibre differ by. */
const LOSS_CHANGE_DB = 0.15
const REFLECTION_CHANGE_DB = 6
const NEW_LOSS_DB = 0.08

const C = 299_792_458
/** How long the pulse is on the fibre, by what an OTDR sees of it. */
export const pulseMetres = (fixed: Pick<SorFile['fixed'], 'pulses' | 'refractiveIndex'>) => Math.max(...fixed.pulses.map(p => p.widthNs)) * 1e-9 * C / fixed.refractiveIndex / 2
const spacing = (fixed: SorFile['fixed']) => Math.max(...fixed.pulses.map(p => p.spacingM))

/** Within this two events are one and the same. */
function toleranceM (a: Measured, b: Measured, distanceM: number) {
  return Math.max(10, pulseMetres(a.file.fixed), pulseMetres(b.file.fixed), 3 * spacing(a.file.fixed), 3 * spacing(b.file.fixed)) + Math.abs(distanceM) * 0.001
}

interface At { at: number, event: SorEvent }
const eventsOf = ({ file, launchM }: Measured): At[] => file.events.map(event => ({ at: event.distanceM - launchM, event }))
const endOf = (events: readonly At[]) => events.find(e => e.event.end) ?? null

export function compareTraces (reference: Measured, current: Measured): TraceDifference[] {
  const before = eventsOf(reference)
  const now = eventsOf(current)
  const wasEnd = endOf(before)
  const end = endOf(now)
  const differences: TraceDifference[] = []
  const add = (kind: TraceDifference['kind'], at: number, changeDb: number | null) => { differences.push({ kind, distanceM: at, changeDb, wasDistanceM: null }) }
  if (wasEnd && end) {
    const tolerance = toleranceM(reference, current, wasEnd.at)
    const kind = end.at < wasEnd.at - tolerance ? 'ends_early' : end.at > wasEnd.at + tolerance ? 'ends_late' : null
    if (kind) differences.push({ kind, distanceM: end.at, changeDb: null, wasDistanceM: wasEnd.at })
  }
  const horizon = end?.at ?? Infinity
  const matched = new Set<At>()
  for (const found of now.filter(e => e !== end && e.at < horizon)) {
    const tolerance = toleranceM(reference, current, found.at)
    const same = before.filter(e => e !== wasEnd && !matched.has(e) && Math.abs(e.at - found.at) <= tolerance).sort((a, b) => Math.abs(a.at - found.at) - Math.abs(b.at - found.at))[0]
    if (same) {
      matched.add(same)
      const change = found.event.lossDb - same.event.lossDb
      if (Math.abs(change) >= LOSS_CHANGE_DB) add(change > 0 ? 'more_loss' : 'less_loss', found.at, change)
      const brighter = found.event.reflectanceDb - same.event.reflectanceDb
      if (found.event.reflectanceDb < 0 && same.event.reflectanceDb < 0 && brighter >= REFLECTION_CHANGE_DB) add('more_reflection', found.at, brighter)
    } else if (found.event.lossDb >= NEW_LOSS_DB) add('new_loss', found.at, found.event.lossDb)
    else if (found.event.reflectanceDb < 0) add('new_reflection', found.at, found.event.reflectanceDb)
  }
  for (const lost of before.filter(e => e !== wasEnd && !matched.has(e))) {
    if (lost.at < horizon - toleranceM(reference, current, lost.at) && lost.event.lossDb >= LOSS_CHANGE_DB) add('loss_gone', lost.at, -lost.event.lossDb)
  }
  return differences.sort((a, b) => a.distanceM - b.distanceM)
}
