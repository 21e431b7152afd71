/** How a video element is brought to where the common clock is, and kept there. Pure; seconds. */
/** Farther off than this it is set anew rather than sped up. */
const JUMP_S = 0.3
const STILL_S = 0.02

export interface Range { start: number, end: number }
export interface ClockStep { seekTo: number | null, rate: number, /** There is a picture at that time. */ inside: boolean }
export function clockStep ({ target, time, rate, running, ranges }: { target: number, time: number, rate: number, running: boolean, ranges: readonly Range[] }): ClockStep {
  const range = ranges.find(r => target >= r.start - 0.05 && target <= r.end)
  if (!range) return { seekTo: null, rate, inside: false }
  const behind = target - time
  const wanted = Math.max(range.start, target)
  if (Math.abs(behind) > (running ? JUMP_S * Math.max(1, rate) : STILL_S)) return { seekTo: wanted, rate, inside: true }
  // A tenth of a second off is made good within a second, unseen.
  return { seekTo: null, rate: running ? Math.min(16, Math.max(0.0625, rate * (1 + Math.max(-0.3, Math.min(0.3, behind * 2))))) : rate, inside: true }
}

/** Is there something to show later than `target`? Also behind a hole: frames are lost now and then, and the clock goes on over them. */
export const laterThan = (ranges: readonly Range[], target: number) => ranges.some(r => r.end - 0.05 > target)
