/** What is left of an absence while it is being filled: its row keeps the first rest, further ones get rows of their own. Each call is one transaction, or part of the caller's. */
import { newId } from '../../../lib/ids.js'
import type { Gap, RefillReason } from '../../../server/contract/recording.js'
import type { RecordingIndex } from '../index-db.js'
import type { RefillOutcome } from './messages.js'
import { afterTry, AUTOMATIC_MS, restsOf, type Stretch } from './rules.js'

type Ended = Gap & { to: number, refill: NonNullable<Gap['refill']> }
const isEnded = (gap: Gap): gap is Ended => gap.to !== null && Boolean(gap.refill)

/** All rows that still miss something of the same absence. */
function restsOfAbsence (index: RecordingIndex, { deviceId, refill }: Ended): Ended[] {
  return index.gaps(deviceId, refill.from, refill.to).filter(isEnded).filter(g => g.to > g.from && g.refill.from === refill.from && g.refill.to === refill.to)
}

/** Takes what came out of the absence that this row is of. */
export function cutGap (index: RecordingIndex, gapId: string, covered: readonly Stretch[]) {
  index.transaction(() => {
    const gap = index.gap(gapId)
    if (!gap || !isEnded(gap)) return
    for (const part of restsOfAbsence(index, gap)) {
      if (!covered.some(c => c.from < part.to && c.to > part.from)) continue
      const [rest, ...more] = restsOf(part, covered)
      index.changeGap(part.id, rest ? { from: rest.from, to: rest.to } : { to: part.from })
      for (const span of more) index.addGap({ ...part, id: newId(), ...span })
    }
  })
}

/** The card had pictures there which could not be used, since its next key frame is further on. */
const reasonFor = (rest: Stretch, seen: readonly Stretch[]): RefillReason => seen.some(s => s.from < rest.to && s.to > rest.from) ? 'no_key_frame' : 'card_empty'

/** A try is over. `tried` ends where it was to end: what is behind it of a long absence has its turn later. */
export function concludeRefill (index: RecordingIndex, tried: { id: string, to: number | null }, outcome: RefillOutcome, now: number) {
  index.transaction(() => {
    const gap = index.gap(tried.id)
    if (!gap || !isEnded(gap)) return
    const rests = restsOfAbsence(index, gap)
    // Its own row may be used up while others of the same absence are not: segments close in any order.
    if (gap.to <= gap.from) index.changeGap(gap.id, { refill: { ...gap.refill, status: 'done', percent: 100, reason: null, detail: '', at: now, nextAt: null, tries: gap.refill.tries + 1 } })
    for (const rest of rests) {
      const refill = rest.to > tried.to! && outcome.reason === null
        ? { ...rest.refill, status: 'waiting' as const, percent: 0, at: now, nextAt: now, reason: null, detail: '' }
        : afterTry(rest, now, { reason: outcome.reason ?? reasonFor(rest, outcome.seen), detail: outcome.detail })
      index.changeGap(rest.id, { refill })
    }
  })
}

/** After a start: what was being fetched was cut off somewhere. Its segments have been mended; now the gaps, which go on. */
export function settleRefills (index: RecordingIndex, now: number) {
  for (const gap of index.gapsChangedAfter(0, now - 7 * AUTOMATIC_MS)) {
    if (gap.refill?.status !== 'running' || !isEnded(gap)) continue
    index.transaction(() => {
      const came = index.overlapping(gap.deviceId, gap.refill.from, gap.refill.to).filter(s => s.refilled && ['closed', 'archived'].includes(s.status))
      cutGap(index, gap.id, came.map(s => ({ from: s.startedAt, to: s.startedAt + s.wallMs })))
      const after = index.gap(gap.id)!
      index.changeGap(gap.id, { refill: after.to! > after.from ? { ...gap.refill, status: 'waiting', percent: 0, nextAt: now } : { ...gap.refill, status: 'done', percent: 100, at: now } })
    })
  }
}
