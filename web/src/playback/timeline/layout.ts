/** Where each thing of a camera's row stands on the timeline, px. Pure; drawn by draw.ts, found again under the pointer by `found`. */
import { plannedCauses, type TimelineRow } from '../../../../server/contract/recording.js'
import { spanOf, type View, xOf } from './view.js'

export type RowGap = TimelineRow['gaps'][number]
export type Thing =
  | { kind: 'gap', gap: RowGap, fault: boolean }
  | { kind: 'coverage', coverage: TimelineRow['coverage'][number] }
  | { kind: 'lock', lock: TimelineRow['locks'][number] }
  | { kind: 'bookmark', bookmark: TimelineRow['bookmarks'][number] }
  | { kind: 'event', event: TimelineRow['events'][number] }
  | { kind: 'alarm', alarm: TimelineRow['alarms'][number] }
export type Placed = Thing & { x: number, width: number }

/** Narrower than this a gap would be overlooked. */
export const GAP_PX = 3
const MARK_PX = 3
/** How far from a mark the pointer may be. */
const REACH_PX = 6

export const isFault = (gap: Pick<RowGap, 'cause'>) => !plannedCauses.includes(gap.cause)

function span (view: View, width: number, from: number, to: number, least: number) {
  if (to < view.from || from > view.to) return null
  const left = Math.max(0, xOf(view, width, from))
  const right = Math.min(width, xOf(view, width, to))
  if (right - left >= least) return { x: left, width: right - left }
  // Too narrow to be seen: widened about its middle, and kept inside.
  const x = Math.min(Math.max(0, (left + right - least) / 2), Math.max(0, width - least))
  return { x, width: least }
}

/** In the order of drawing: what hides nothing first, gaps over the coverage, marks over all. `now` ends what still goes on. */
export function placed (row: TimelineRow, view: View, width: number, now: number): Placed[] {
  const all: Placed[] = []
  const put = (thing: Thing, from: number, to: number, least: number) => {
    const where = span(view, width, from, to, least)
    if (where) all.push({ ...thing, ...where })
  }
  for (const coverage of row.coverage) put({ kind: 'coverage', coverage }, coverage.from, coverage.to, 1)
  // Faults after what was planned, so that no widened planned gap hides one.
  for (const fault of [false, true]) for (const gap of row.gaps) if (isFault(gap) === fault) put({ kind: 'gap', gap, fault }, gap.from, gap.open ? Math.max(gap.to, Math.min(now, view.to)) : gap.to, GAP_PX)
  for (const lock of row.locks) put({ kind: 'lock', lock }, lock.from, lock.to, MARK_PX)
  for (const event of row.events) put({ kind: 'event', event }, event.from, event.to ?? event.from, MARK_PX)
  for (const alarm of row.alarms) put({ kind: 'alarm', alarm }, alarm.from, alarm.from, MARK_PX)
  for (const bookmark of row.bookmarks) put({ kind: 'bookmark', bookmark }, bookmark.at, bookmark.at, MARK_PX)
  return all
}

const precedence: Record<Thing['kind'], number> = { bookmark: 0, alarm: 1, gap: 2, event: 3, lock: 4, coverage: 5 }
/** What a pointer at `x` means: the smallest and nearest first, so that a mark on a day of coverage can be met. */
export function found (things: readonly Placed[], x: number): Thing[] {
  const distance = (p: Placed) => x < p.x ? p.x - x : x > p.x + p.width ? x - p.x - p.width : 0
  const reach = (p: Placed) => p.kind === 'coverage' || p.kind === 'lock' ? 0 : REACH_PX
  return things.filter(p => distance(p) <= reach(p)).sort((a, b) => precedence[a.kind] - precedence[b.kind] || distance(a) - distance(b))
}

/** What was true at a moment, for the words under the timeline. */
export function thingsAt (row: TimelineRow, at: number, now: number): Thing[] {
  const view = { from: at - 500, to: at + 500 }
  return found(placed(row, view, 1000, now), 500)
}

/** Parts of the view that nobody has told us of yet. */
export function unknownParts (view: View, known: View | null): View[] {
  if (!known || known.to <= view.from || known.from >= view.to) return [view]
  return [{ from: view.from, to: Math.min(view.to, known.from) }, { from: Math.max(view.from, known.to), to: view.to }].filter(p => spanOf(p) > 0)
}
