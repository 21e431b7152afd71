import type { SenderReport } from './rtp.js'

/** Time on this machine: `wall` for people, ms since 1970; `mono` for spans, ms since any moment, never set back. */
export interface Time { wall (): number, mono (): number }
export const systemTime: Time = { wall: () => Date.now(), mono: () => performance.now() }

/** A step beyond what the wall clock allows, seconds: the camera set its clock. */
const MAX_LEAD_S = 10

/**
 * Time of a stream in its own clock, made continuous: 32-bit wraps are undone, jumps of a rebooted clock re-anchored. Where
 * timestamps go back and forth (pictures sent out of display order) the arrival tells the time.
 */
export class MediaTimeline {
  private last = -1
  private lastMs = 0
  private time = 0
  private reordered = false

  /** `startTicks` is where this run begins on the stream's timeline, which outlives reconnections. */
  constructor (private readonly clockRate: number, private readonly startTicks: number) {}

  /** @returns ticks, rising. `monotonicMs` is when the frame arrived. */
  at (timestamp: number, monotonicMs: number): number {
    if (this.last < 0) this.time = Math.round(this.startTicks)
    else {
      const step = (timestamp - this.last) | 0
      const elapsed = Math.round(((monotonicMs - this.lastMs) / 1000) * this.clockRate)
      if (step < 0 && step > -this.clockRate) this.reordered = true
      const trusted = !this.reordered && step > 0 && step < elapsed + MAX_LEAD_S * this.clockRate
      this.time += trusted ? step : Math.max(1, elapsed)
    }
    this.last = timestamp
    this.lastMs = monotonicMs
    return this.time
  }

  /** Moves what follows by `ticks`, never behind what was given out. */
  shift (ticks: number) { this.time = Math.max(0, this.time + Math.round(ticks)) }
}

/** Two streams of one camera brought together by its sender reports (RFC 3550 6.4). */
export class LipSync {
  private reports: (SenderReport | null)[] = [null, null]
  private seen: ({ timestamp: number, seconds: number } | null)[] = [null, null]
  private done = false

  constructor (private readonly clockRates: readonly [number, number]) {}

  report (track: 0 | 1, report: SenderReport | null) { if (report) this.reports[track] = report }
  frame (track: 0 | 1, timestamp: number, ticks: number) {
    if (!this.done) this.seen[track] = { timestamp, seconds: ticks / this.clockRates[track]! }
  }

  /** Once, when all is known: seconds to add to track 1 (sound). Null until then and ever after. */
  correction (): number | null {
    const [video, audio] = this.seen
    if (this.done || !video || !audio || !this.reports[0] || !this.reports[1]) return null
    this.done = true
    const ntp = (track: 0 | 1, timestamp: number) => this.reports[track]!.ntpMs / 1000 + ((timestamp - this.reports[track]!.rtpTimestamp) | 0) / this.clockRates[track]!
    const truth = ntp(1, audio.timestamp) - ntp(0, video.timestamp)
    const off = truth - (audio.seconds - video.seconds)
    // Beyond this a camera's two clocks are simply unrelated.
    return Math.abs(off) > 0.02 && Math.abs(off) < 5 ? off : null
  }
}
