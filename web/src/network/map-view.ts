/** The plain map's projection and window. Pure. */
export type LngLat = readonly [longitude: number, latitude: number]
export interface Box { west: number, east: number, south: number, north: number }
/** Centre in projected units, and how many of them one pixel has. */
export interface MapView { x: number, y: number, scale: number }

/** Web Mercator, in units of the earth's circumference from 0 to 1, y downwards. */
export function project ([longitude, latitude]: LngLat): [number, number] {
  const sin = Math.sin(Math.max(-85, Math.min(85, latitude)) * Math.PI / 180)
  return [(longitude + 180) / 360, 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)]
}

export function boxOf (points: Iterable<LngLat>): Box | null {
  let box: Box | null = null
  for (const [lng, lat] of points) box = box ? { west: Math.min(box.west, lng), east: Math.max(box.east, lng), south: Math.min(box.south, lat), north: Math.max(box.north, lat) } : { west: lng, east: lng, south: lat, north: lat }
  return box
}

/** Some hundred metres at least, so that one closure does not fill the earth. */
const SMALLEST = 1e-5
export function viewOf (box: Box, width: number, height: number, margin = 40): MapView {
  const [left, bottom] = project([box.west, box.south])
  const [right, top] = project([box.east, box.north])
  return { x: (left + right) / 2, y: (top + bottom) / 2, scale: Math.max(SMALLEST, right - left, (bottom - top) * (width - 2 * margin) / Math.max(1, height - 2 * margin)) / Math.max(1, width - 2 * margin) }
}
export const toScreen = ({ x, y, scale }: MapView, [px, py]: readonly [number, number], width: number, height: number): [number, number] => [(px - x) / scale + width / 2, (py - y) / scale + height / 2]

const CLOSEST = 1e-10
const FARTHEST = 1e-3
/** Keeps what is under (cx, cy) in its place. */
export function zoom (view: MapView, factor: number, cx: number, cy: number, width: number, height: number): MapView {
  const scale = Math.min(FARTHEST, Math.max(CLOSEST, view.scale * factor))
  const [dx, dy] = [cx - width / 2, cy - height / 2]
  return { x: view.x + dx * (view.scale - scale), y: view.y + dy * (view.scale - scale), scale }
}
const EARTH_M = 40_075_017
/** A round length that is drawn about 100 px long, and how many pixels it has at this latitude. */
export function scaleBar (view: MapView): { metres: number, pixels: number } {
  const latitude = Math.atan(Math.sinh(Math.PI * (1 - 2 * view.y)))
  const perPixel = view.scale * EARTH_M * Math.cos(latitude)
  const power = 10 ** Math.floor(Math.log10(perPixel * 120))
  const metres = [5, 2, 1].map(n => n * power).find(m => m <= perPixel * 120) ?? power
  return { metres, pixels: metres / perPixel }
}
