/** What two cursors on a curve measure. Pure. */
interface Curve { distanceM: readonly number[], levelDb: readonly number[] }

/** The level at a distance, between its two neighbours; null outside of the curve. */
export function levelAt ({ distanceM, levelDb }: Curve, at: number): number | null {
  const last = distanceM.length - 1
  if (last < 1 || at < distanceM[0]! || at > distanceM[last]!) return null
  let low = 0
  let high = last
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (distanceM[middle]! <= at) low = middle
    else high = middle
  }
  const span = distanceM[high]! - distanceM[low]!
  return span <= 0 ? levelDb[low]! : levelDb[low]! + (levelDb[high]! - levelDb[low]!) * (at - distanceM[low]!) / span
}

/** Loss from the nearer to the farther one, and what that is a kilometre. */
export function between (curve: Curve, a: number, b: number): { lossDb: number | null, lengthM: number, dbPerKm: number | null } {
  const [near, far] = a <= b ? [a, b] : [b, a]
  const [from, to] = [levelAt(curve, near), levelAt(curve, far)]
  const lossDb = from === null || to === null ? null : from - to
  return { lossDb, lengthM: far - near, dbPerKm: lossDb === null || far - near < 1 ? null : lossDb / (far - near) * 1000 }
}
