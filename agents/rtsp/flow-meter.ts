export interface Flow { fps: number | null, bitrateBps: number | null, keyFrameIntervalMs: number | null }

/** Counts frames and bytes between two readings. Times monotonic, ms. */
export class FlowMeter {
  private frames = 0
  private bytes = 0
  private since = -1
  private lastFrameMs = 0
  private lastKeyMs = -1
  private keySum = 0
  private keyCount = 0

  frame (bytes: number, key: boolean, audio: boolean, nowMs: number) {
    this.bytes += bytes
    if (audio) return
    if (this.since < 0) this.since = nowMs
    else this.frames++
    this.lastFrameMs = nowMs
    if (!key) return
    if (this.lastKeyMs >= 0) { this.keySum += nowMs - this.lastKeyMs; this.keyCount++ }
    this.lastKeyMs = nowMs
  }

  /** Since the last reading; nulls while there is too little to say. Starts the next span. */
  read (nowMs: number): Flow {
    const span = this.since < 0 ? 0 : this.lastFrameMs - this.since
    const flow = span < 1000
      ? { fps: null, bitrateBps: null, keyFrameIntervalMs: null }
      : { fps: round(this.frames * 1000 / span), bitrateBps: Math.round(this.bytes * 8000 / span), keyFrameIntervalMs: this.keyCount ? Math.round(this.keySum / this.keyCount) : this.lastKeyMs >= 0 ? Math.round(nowMs - this.lastKeyMs) : null }
    if (span >= 1000) {
      this.since = this.lastFrameMs
      this.frames = this.bytes = this.keySum = this.keyCount = 0
    }
    return flow
  }

  reset () {
    this.frames = this.bytes = this.keySum = this.keyCount = 0
    this.since = this.lastKeyMs = -1
  }
}

const round = (n: number) => Math.round(n * 100) / 100
