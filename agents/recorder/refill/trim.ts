/** What of a card's pictures goes into an absence: from the first key frame in it to the moment where our own footage goes on, in order. */
import type { MediaFragment, MediaInit, PullSink } from '../../rtsp/pull.js'
import type { Stretch } from './rules.js'

/** Arrival and recording differ by so much: such a key frame is the one that the absence begins with. */
const EARLY_MS = 100
/** A camera begins at the key frame before what was asked for; from further away it is another time. */
const STRANGE_MS = 30_000
const MOST_STRANGE = 250
/** Pictures in the order of decoding go back by a few frames; more is a recording that starts again. */
const REORDERED_MS = 1000

export interface TrimEvents {
  /** Nothing further of this part is wanted. */
  reached (): void
  /** Pictures of another time come. `later`: only of after the part, as from a camera that goes on with what it has next. */
  strange (detail: string, later: boolean): void
}

export class TrimmingSink implements PullSink {
  /** Of pictures that were used. */
  firstAt: number | null = null
  lastAt: number | null = null
  /** Pictures of the card within the part, used or not. */
  seenFrom: number | null = null
  seenTo: number | null = null
  private strangers = 0
  private onlyLater = true
  private over = false

  constructor (private readonly part: Stretch, private readonly sink: PullSink, private readonly events: TrimEvents) {}

  init (init: MediaInit) { this.sink.init(init) }

  fragment (fragment: MediaFragment) {
    if (this.over) return
    const { atMs, audio, key } = fragment
    if (audio) {
      if (this.firstAt !== null && atMs < this.part.to) this.sink.fragment(fragment)
      return
    }
    if (atMs < this.part.from - STRANGE_MS || atMs > this.part.to + STRANGE_MS) return this.stranger(atMs)
    if (atMs >= this.part.to) return this.end()
    if (atMs < this.part.from - EARLY_MS) return
    this.seenFrom ??= Math.max(atMs, this.part.from)
    this.seenTo = Math.max(this.seenTo ?? 0, atMs)
    if (this.lastAt === null && !key) return
    const last = this.lastAt ?? Number.NEGATIVE_INFINITY
    if (atMs < last - REORDERED_MS) return this.stranger(atMs)
    const at = Math.max(this.part.from, atMs, last + 1)
    if (at >= this.part.to) return this.end()
    this.firstAt ??= at
    this.lastAt = at
    this.strangers = 0
    this.sink.fragment({ ...fragment, atMs: at })
  }

  private end () {
    this.over = true
    this.events.reached()
  }

  private stranger (atMs: number) {
    if (atMs < this.part.to) this.onlyLater = false
    if (++this.strangers < MOST_STRANGE) return
    this.over = true
    this.events.strange(`The card plays pictures of ${new Date(atMs).toISOString()} where ${new Date(this.part.from).toISOString()} was asked for`, this.onlyLater)
  }
}
