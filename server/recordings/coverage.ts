/** What became of each moment of a camera: footage, or an absence with one cause. Pure. */
import type { GapCause, TimelineRow } from '../contract/recording.js'

interface Interval { from: number, to: number }
export interface Span extends Interval { kind: string }
export type Coverage = TimelineRow['coverage']
export type Gap = TimelineRow['gaps'][number]

/** Shorter holes are the space between two pictures. */
const SMALLEST_HOLE_MS = 1000
/** That an agent has fallen silent is known only after a while. */
const NOTICED_MS = 2 * 60_000
/** Segments that are gone are absences with a cause of their own. */
const lost: Record<string, GapCause> = { deleted: 'deleted', missing: 'missing', damaged: 'damaged' }

export function splitSpans (spans: readonly Span[]): { coverage: Coverage, gone: Gap[] } {
  const coverage = spans.filter(s => !lost[s.kind]).map(s => ({ ...s, kind: s.kind as Coverage[number]['kind'] }))
  const gone = spans.filter(s => lost[s.kind]).map(s => ({ id: null, from: s.from, to: s.to, cause: lost[s.kind]!, detail: '', open: false }))
  return { coverage, gone }
}

const byFrom = (a: Interval, b: Interval) => a.from - b.from

/** Disjoint and in order; what lies closer than the smallest hole is one. */
function joined (intervals: readonly Interval[]): Interval[] {
  const found: Interval[] = []
  for (const { from, to } of [...intervals].sort(byFrom)) {
    const last = found.at(-1)
    if (last && from - last.to < SMALLEST_HOLE_MS) last.to = Math.max(last.to, to)
    else found.push({ from, to })
  }
  return found
}

/** `parts` less `taken`; both disjoint and in order. */
function without<T extends Interval> (parts: readonly T[], taken: readonly Interval[]): T[] {
  const left: T[] = []
  let i = 0
  for (const part of parts) {
    while (i < taken.length && taken[i]!.to <= part.from) i++
    let at = part.from
    for (let k = i; k < taken.length && taken[k]!.from < part.to; k++) {
      if (taken[k]!.from > at) left.push({ ...part, from: at, to: taken[k]!.from })
      at = Math.max(at, taken[k]!.to)
    }
    if (at < part.to) left.push({ ...part, from: at })
  }
  return left
}

/** Of absences told at once: what became of a file before all; that a camera is not for this agent says least; else the news. */
const weight = (g: Gap) => g.id === null ? 2 : g.cause === 'disabled' ? 0 : 1
const stronger = (a: Gap, b: Gap) => weight(a) !== weight(b) ? weight(a) > weight(b) : a.from !== b.from ? a.from > b.from : (a.id ?? '') > (b.id ?? '')

/** Each moment with one absence; parts that follow each other with one cause are one. */
function decided (gaps: readonly Gap[]): Gap[] {
  const waiting = [...gaps].sort(byFrom)
  const edges = [...new Set(gaps.flatMap(g => [g.from, g.to]))].sort((a, b) => a - b)
  const found: Gap[] = []
  let active: Gap[] = []
  let next = 0
  for (const [i, from] of edges.entries()) {
    active = active.filter(g => g.to > from)
    while (next < waiting.length && waiting[next]!.from <= from) active.push(waiting[next++]!)
    const best = active.reduce<Gap | null>((b, g) => b === null || stronger(g, b) ? g : b, null)
    if (!best) continue
    const to = edges[i + 1]!
    const last = found.at(-1)
    if (last && last.to === from && last.cause === best.cause && last.detail === best.detail) Object.assign(last, { to, open: best.open && to === best.to })
    else found.push({ ...best, from, to, open: best.open && to === best.to })
  }
  return found
}

export interface Known {
  /** The window; `to` is not later than now. */
  from: number, to: number
  coverage: readonly Interval[]
  /** Told by agents, and segments that are gone; may overlap each other and the footage. */
  told: readonly Gap[]
  /** Footage or gap known first of this camera; null when nothing is known. */
  firstAt: number | null
  /** Since when nothing was heard of its agent; null while it is there. */
  silentSince: number | null
}

/** Every absence of the window, disjoint, in order, none of them where there is footage. */
export function allGaps ({ from, to, coverage, told, firstAt, silentSince }: Known): Gap[] {
  const covered = joined(coverage)
  const known = without(decided(told), covered).filter(g => g.to > from && g.from < to)
  if (firstAt === null) return known
  const begin = Math.max(from, firstAt)
  if (begin >= to) return known
  const holes = without([{ from: begin, to }], joined([...covered, ...known])).filter(h => h.to - h.from >= SMALLEST_HOLE_MS)
  return [...known, ...holes.flatMap(h => unexplained(h, to, silentSince))].sort(byFrom)
}

/** What nobody told of. A silent agent may tell yet: until then its silence is the cause. */
function unexplained ({ from, to }: Interval, end: number, silentSince: number | null): Gap[] {
  const hole = (cause: GapCause, a: number, b: number): Gap => ({ id: null, from: a, to: b, cause, detail: '', open: cause === 'agent_down' && b === end })
  if (silentSince === null || to <= silentSince) return [hole('unknown', from, to)]
  if (from >= silentSince - NOTICED_MS) return [hole('agent_down', from, to)]
  return [hole('unknown', from, silentSince), hole('agent_down', silentSince, to)]
}

/** For a wide view: footage closer than a point is drawn as one, and so are small holes within a point that nobody told of. */
export function coarser (coverage: Coverage, gaps: readonly Gap[], pointMs: number): { coverage: Coverage, gaps: Gap[] } {
  const spans: Coverage = []
  const lastOf = new Map<string, Coverage[number]>()
  for (const span of coverage) {
    const last = lastOf.get(span.kind)
    if (last && span.from - last.to <= pointMs) last.to = Math.max(last.to, span.to)
    else {
      const copy = { ...span }
      lastOf.set(span.kind, copy)
      spans.push(copy)
    }
  }
  const kept: Gap[] = []
  for (const gap of gaps) {
    const last = kept.at(-1)
    if (last && last.id === null && gap.id === null && last.cause === gap.cause && !gap.open && gap.to - last.from <= pointMs) last.to = gap.to
    else kept.push({ ...gap })
  }
  return { coverage: spans, gaps: kept }
}
