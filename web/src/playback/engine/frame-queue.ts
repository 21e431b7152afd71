/** Decoded pictures of one camera in the order of playing, and which of them the clock wants. Pure but for closing what is passed over. */
export interface Picture { atMs: number, close: () => void }

export class FrameQueue<T extends Picture> {
  private readonly frames: T[] = []
  private shownAny = false
  private forward = true
  private lastAt: number | null = null
  private floor = -Infinity
  /** Nothing more comes before the next gap or the end: what is there is all there is. */
  settled = false

  get length () { return this.frames.length }
  get newestAt () { return this.frames.at(-1)?.atMs ?? null }
  get nextAt () { return this.frames[0]?.atMs ?? null }

  /** `floor`: forward, of the frames at or before it only the last will be wanted. */
  clear (forward: boolean, floor = -Infinity) {
    this.floor = floor
    for (const f of this.frames) f.close()
    this.frames.length = 0
    this.shownAny = false
    this.settled = false
    this.lastAt = null
    this.forward = forward
  }

  push (frame: T) {
    // A camera whose clock was set back must not make the pictures jump about.
    if (this.lastAt !== null && (this.forward ? frame.atMs < this.lastAt : frame.atMs > this.lastAt)) { frame.close(); return }
    this.lastAt = frame.atMs
    // On the way from the key frame: gone at once, so that the decoder goes on at its own pace.
    if (this.forward && !this.shownAny && frame.atMs <= this.floor) for (const f of this.frames.splice(0)) f.close()
    this.frames.push(frame)
  }

  /**
   * The picture that is due and was not shown yet; those before it are closed. Before the first one is shown, the frames between the key frame
   * and the wanted moment pass unseen: it is not known to be the last one at or before that moment until a later one is there.
   */
  take (mediaMs: number): T | null {
    const passed = (f: T) => this.forward ? f.atMs <= mediaMs : f.atMs >= mediaMs
    let due = 0
    while (due < this.frames.length && passed(this.frames[due]!)) due++
    if (!this.forward && !this.shownAny && due === 0 && this.frames.length > 0) due = 1
    if (due === 0) return null
    const early = this.forward && !this.shownAny && due === this.frames.length && !this.settled
    const keep = early ? due - 1 : due
    for (const f of this.frames.splice(0, early ? keep : keep - 1)) f.close()
    if (early) return null
    this.shownAny = true
    return this.frames.shift()!
  }
}
