/** Where a piece of recorded sound begins, as a pure rule. Seconds of the audio clock. */

/** Nearer to the end of the piece before, it joins that one: two clocks always differ a little, and a hole of a millisecond is a click. */
const JOIN_S = 0.06

/** Null: too late to be heard. `wanted` is its place beside the picture, `endsAt` the end of the piece before it. */
export function alignedStart (wanted: number, endsAt: number, now: number): number | null {
  const start = Math.abs(wanted - endsAt) <= JOIN_S ? endsAt : wanted
  if (start < now - JOIN_S) return null
  // Over the piece before it would be noise.
  if (start < endsAt && endsAt > now) return null
  return Math.max(start, now)
}
