/** A curve for a screen: no more points than it can show, and no peak lost. Pure. */
import type { CurveQuery, OtdrCurve } from '../../contract/otdr.js'
import type { SorCurve } from './sor.js'

const DEFAULT_POINTS = 4000
const round = (n: number, digits: number) => Number(n.toFixed(digits))

/** Distances from the beginning of the strand. Of each stretch its lowest and its highest point, in their order. */
export function curveFor ({ distanceM, levelDb }: SorCurve, launchM: number, { fromM, toM, points = DEFAULT_POINTS }: CurveQuery): OtdrCurve {
  const inside = (i: number) => (fromM === undefined || distanceM[i]! - launchM >= fromM) && (toM === undefined || distanceM[i]! - launchM <= toM)
  let first = 0
  while (first < distanceM.length && !inside(first)) first++
  let last = distanceM.length - 1
  while (last > first && !inside(last)) last--
  // The line goes on to the edge of the picture.
  first = Math.max(0, first - 1)
  last = Math.min(distanceM.length - 1, last + 1)
  const total = Math.max(0, last - first + 1)
  const picked: number[] = []
  const stretch = Math.max(1, Math.ceil(total / (points / 2)))
  for (let at = first; at <= last; at += stretch) {
    let low = at
    let high = at
    for (let i = at; i < Math.min(at + stretch, last + 1); i++) {
      if (levelDb[i]! < levelDb[low]!) low = i
      if (levelDb[i]! > levelDb[high]!) high = i
    }
    picked.push(...new Set([low, high].sort((a, b) => a - b)))
  }
  return { distanceM: picked.map(i => round(distanceM[i]! - launchM, 2)), levelDb: picked.map(i => round(levelDb[i]!, 3)), total }
}
