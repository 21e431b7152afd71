/** Where "next" and "previous" go. Pure. */
import type { TimelineRow } from '../../../../server/contract/recording.js'
import { isFault } from './layout.js'

export type JumpTo = 'mark' | 'gap'
/** Pressed again while it plays, "previous" must get past the mark that was just jumped to, ms. */
const PAST_MS = 1500

function moments (row: TimelineRow, to: JumpTo): number[] {
  const gaps = row.gaps.filter(g => to === 'gap' || isFault(g)).map(g => g.from)
  if (to === 'gap') return gaps
  return [...gaps, ...row.events.map(e => e.from), ...row.alarms.map(a => a.from), ...row.bookmarks.map(b => b.at)]
}
/** The nearest moment beyond `at` in that direction, of any of the rows; null when there is none in them. */
export function jump (rows: readonly TimelineRow[], at: number, direction: 1 | -1, to: JumpTo): number | null {
  const beyond = rows.flatMap(r => moments(r, to)).filter(m => direction > 0 ? m > at + 1 : m < at - PAST_MS)
  if (beyond.length === 0) return null
  return direction > 0 ? Math.min(...beyond) : Math.max(...beyond)
}
