/** The part of time that the timeline shows, and how a person moves it. Pure. */
import { localMs, offsetMs } from './zone.js'

export interface View { from: number, to: number }

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
export const DAY_MS = 24 * HOUR
export const MIN_SPAN_MS = 2 * SECOND
export const MAX_SPAN_MS = 35 * DAY_MS
/** Nobody recorded before; and clocks may be a little off. */
const EARLIEST = Date.UTC(2015, 0, 1)

export const spanOf = (view: View) => view.to - view.from
export const xOf = (view: View, width: number, at: number) => (at - view.from) / spanOf(view) * width
export const timeAt = (view: View, width: number, x: number) => view.from + x / Math.max(1, width) * spanOf(view)

/** Keeps the span within its limits and the view between the first recordings and an hour (or a tenth of the span) after now. */
export function within (view: View, now: number): View {
  const span = Math.min(MAX_SPAN_MS, Math.max(MIN_SPAN_MS, spanOf(view)))
  const latest = now + Math.max(10 * SECOND, span / 10)
  const to = Math.max(EARLIEST + span, Math.min(latest, (view.from + view.to + span) / 2))
  return { from: to - span, to }
}
/** The moment under the pointer stays there. */
export function zoomed (view: View, about: number, factor: number, now: number): View {
  const span = Math.min(MAX_SPAN_MS, Math.max(MIN_SPAN_MS, spanOf(view) * factor))
  const from = about - (about - view.from) / spanOf(view) * span
  return within({ from, to: from + span }, now)
}
export const panned = (view: View, byMs: number, now: number): View => within({ from: view.from + byMs, to: view.to + byMs }, now)
export const around = (at: number, spanMs: number, now: number): View => within({ from: at - spanMs / 2, to: at + spanMs / 2 }, now)

/** While it plays, the view turns its page when the playhead leaves it; the same view otherwise. */
export function following (view: View, at: number, forward: boolean, now: number): View {
  const span = spanOf(view)
  if (at >= view.from && at <= view.to - (forward ? span * 0.02 : 0)) return view
  const from = at - span * (forward ? 0.1 : 0.9)
  const next = within({ from, to: from + span }, now)
  return at < next.from || at > next.to ? around(at, span, now) : next.from === view.from ? view : next
}

export interface Tick { at: number, label: string, /** A new day begins here. */ day: boolean }
const STEPS = [SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY_MS, 2 * DAY_MS, 7 * DAY_MS]

/** The first moment after `at` at which the zone's clocks show a whole number of steps; a hidden hour's tick stands where the clocks change. */
export function nextTick (at: number, stepMs: number, zone: string): number {
  const whole = Math.floor(localMs(at, zone) / stepMs) * stepMs + stepMs
  const guess = whole - offsetMs(at, zone)
  if (localMs(guess, zone) % stepMs === 0) return guess
  const mended = whole - offsetMs(guess, zone)
  return mended > at ? mended : guess
}

const two = (n: number) => String(n).padStart(2, '0')
function labelOf (local: number, stepMs: number, dayText: (at: number) => string): Pick<Tick, 'label' | 'day'> {
  const d = new Date(local)
  const day = local % DAY_MS === 0
  if (day && stepMs >= MINUTE) return { label: dayText(local), day }
  const clock = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`
  return { label: stepMs < MINUTE ? `${clock}:${two(d.getUTCSeconds())}` : clock, day }
}

/** Ticks with at least `apartPx` between them. `dayText` names a day given the zone's clocks read as UTC. */
export function ticks (view: View, width: number, zone: string, dayText: (local: number) => string, apartPx = 74): Tick[] {
  const least = spanOf(view) / Math.max(1, width) * apartPx
  const step = STEPS.find(s => s >= least) ?? STEPS.at(-1)!
  const found: Tick[] = []
  for (let at = nextTick(view.from - 1, step, zone); at <= view.to && found.length < 500; at = nextTick(at, step, zone)) found.push({ at, ...labelOf(localMs(at, zone), step, dayText) })
  return found
}

/**
 * What is asked of the server for a view: rounded, so that small moves need nothing new, and wider, so that the next move finds
 * something there. `points` are about one a pixel.
 */
export function windowFor (view: View, width: number): { from: number, to: number, points: number } {
  const span = spanOf(view)
  const grid = Math.max(SECOND, 2 ** Math.ceil(Math.log2(span)) / 4)
  const from = Math.max(0, Math.floor((view.from - span * 0.4) / grid) * grid)
  const to = Math.ceil((view.to + span * 0.4) / grid) * grid
  const points = Math.round(width * (to - from) / span / 100) * 100
  return { from: Math.floor(from), to: Math.ceil(to), points: Math.max(200, Math.min(5000, points)) }
}
