/** The latest committed events in memory, in order and without a gap, whatever order they were announced in. */
import type { ScopedWallEvent } from '../store/wall-events.js'

/** What a wall that was away may have missed and still gets as events; beyond it, a snapshot. */
export const EVENTS_KEPT = 10_000

export class EventLog {
  private kept: ScopedWallEvent[] = []
  private readonly early = new Map<number, ScopedWallEvent>()

  /** `last`: number of the newest committed event; `kept`: those up to it, in order. */
  constructor (private last: number, kept: ScopedWallEvent[] = []) { this.kept = kept }

  get lastSeq () { return this.last }
  /** Events wait for this number, which was committed and not announced. */
  get missing () { return this.early.size > 0 ? this.last + 1 : null }

  /** Takes events and returns those that now follow on without a gap. */
  take (events: readonly ScopedWallEvent[]): ScopedWallEvent[] {
    for (const e of events) if (e.event.seq > this.last) this.early.set(e.event.seq, e)
    const ready: ScopedWallEvent[] = []
    for (let next = this.early.get(this.last + 1); next; next = this.early.get(this.last + 1)) {
      this.early.delete(next.event.seq)
      this.last = next.event.seq
      ready.push(next)
    }
    this.kept.push(...ready)
    // Cut now and then instead of shifting each time.
    if (this.kept.length > EVENTS_KEPT * 1.2) this.kept = this.kept.slice(-EVENTS_KEPT)
    return ready
  }

  /** Everything after `seq`, or null if that reaches back too far (or into the future: another database). */
  after (seq: number): ScopedWallEvent[] | null {
    if (seq === this.last) return []
    if (seq > this.last) return null
    const first = this.kept[0]?.event.seq
    if (first === undefined || seq + 1 < first) return null
    return this.kept.slice(seq + 1 - first)
  }
}
