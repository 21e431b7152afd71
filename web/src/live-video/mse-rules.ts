/** How a video element follows the live edge, as a pure rule. Times in seconds of the media. */

/** Aim this far behind the newest data: enough for one late frame. */
const TARGET_S = 0.06
/** From this gap on it plays faster, and from the next it jumps. */
const FASTER_S = 0.09
const JUMP_S = 1
/** Buffered media kept behind the play head. */
const KEEP_S = 5

export interface Range { start: number, end: number }
export interface Following { ranges: readonly Range[], time: number, keyframesOnly: boolean }
export interface Step { seekTo: number | null, rate: number, removeBefore: number | null }

export function follow ({ ranges, time, keyframesOnly }: Following): Step {
  const last = ranges.at(-1)
  const first = ranges[0]
  if (!last || !first) return { seekTo: null, rate: 1, removeBefore: null }
  const removeBefore = time - first.start > KEEP_S + 1 ? time - KEEP_S : null
  // Single key frames have holes between them: show the newest one.
  if (keyframesOnly) return { seekTo: time < last.start || time > last.end ? last.start : null, rate: 1, removeBefore }
  const gap = last.end - time
  if (gap > JUMP_S || time < last.start - 0.001 || gap < -0.5) return { seekTo: Math.max(last.start, last.end - TARGET_S), rate: 1, removeBefore }
  return { seekTo: null, rate: gap > FASTER_S ? Math.min(1.5, 1 + (gap - TARGET_S)) : gap < TARGET_S / 3 ? 0.97 : 1, removeBefore }
}
