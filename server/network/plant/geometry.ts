/** Lengths and places along a route. Pure. */
export type LngLat = readonly [longitude: number, latitude: number]

const EARTH_RADIUS_M = 6_371_008.8
const rad = (degrees: number) => degrees * Math.PI / 180

/** Great circle; within 0.5 % of the ellipsoid. */
function metresBetween (a: LngLat, b: LngLat) {
  const dLat = rad(b[1] - a[1])
  const dLng = rad(b[0] - a[0])
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(rad(a[1])) * Math.cos(rad(b[1])) * Math.sin(dLng / 2) ** 2
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)))
}

export function routeMetres (route: readonly LngLat[]) {
  let sum = 0
  for (let i = 1; i < route.length; i++) sum += metresBetween(route[i - 1]!, route[i]!)
  return sum
}

const between = (a: LngLat, b: LngLat, share: number): [number, number] => [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share]

/** The part of a route between two distances from its beginning; what lies outside is cut off. At least its first and last point. */
export function partOfRoute (route: readonly LngLat[], fromM: number, toM: number): [number, number][] {
  const part: [number, number][] = []
  let at = 0
  for (let i = 1; i < route.length; i++) {
    const [a, b] = [route[i - 1]!, route[i]!]
    const length = metresBetween(a, b)
    const end = at + length
    if (length > 0 && end >= fromM && at <= toM) {
      if (part.length === 0) part.push(between(a, b, Math.min(1, Math.max(0, (fromM - at) / length))))
      part.push(between(a, b, Math.min(1, Math.max(0, (toM - at) / length))))
    }
    at = end
  }
  const [first] = route
  if (part.length === 0 && first) part.push([...(fromM > at ? route.at(-1)! : first)])
  return part
}

export const placeOnRoute = (route: readonly LngLat[], atM: number): [number, number] => partOfRoute(route, atM, atM)[0]!
