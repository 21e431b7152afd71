/** What a timeline shows of one camera's segments and gaps. Pure. */
import type { GapCause, TimelineRow } from '../contract/recording.js'

export interface Span { from: number, to: number, kind: string }
type Gaps = TimelineRow['gaps']

/** Shorter holes are the space between two pictures. */
const SMALLEST_HOLE_MS = 1000
/** Segments that are gone are absences with a cause of their own. */
const lost: Record<string, GapCause> = { deleted: 'deleted', missing: 'missing', damaged: 'damaged' }

export function splitSpans (spans: readonly Span[]) {
  const coverage = spans.filter(s => !lost[s.kind]).map(s => ({ ...s, kind: s.kind as TimelineRow['coverage'][number]['kind'] }))
  const gone = spans.filter(s => lost[s.kind]).map(s => ({ id: null, from: s.from, to: s.to, cause: lost[s.kind]!, detail: '', open: false }))
  return { coverage, gone }
}

/** The parts of [from, to) that no interval covers. */
function holes (from: number, to: number, intervals: readonly { from: number, to: number }[]): { from: number, to: number }[] {
  const found: { from: number, to: number }[] = []
  let at = from
  for (const i of [...intervals].sort((a, b) => a.from - b.from)) {
    if (i.from > at) found.push({ from: at, to: Math.min(i.from, to) })
    at = Math.max(at, i.to)
    if (at >= to) return found.filter(h => h.to > h.from)
  }
  if (at < to) found.push({ from: at, to })
  return found
}

/** Known gaps, cut to where nothing covers them, and what neither footage nor a gap accounts for. `firstAt`: footage or gap known first of this camera. */
export function allGaps (from: number, to: number, coverage: readonly { from: number, to: number }[], known: Gaps, firstAt: number | null): Gaps {
  if (firstAt === null) return known
  const unexplained = holes(Math.max(from, firstAt), to, [...coverage, ...known]).filter(h => h.to - h.from >= SMALLEST_HOLE_MS)
    .map(h => ({ id: null, ...h, cause: 'unknown' as const, detail: '', open: false }))
  return [...known, ...unexplained].sort((a, b) => a.from - b.from)
}
