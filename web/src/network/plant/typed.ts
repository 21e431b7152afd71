/** What people type about a cable's way: points and slack, as text and back. Pure. */
import { parseCoordinates } from '../../admin/coordinates.js'

type LngLat = [longitude: number, latitude: number]
/** A point a line, latitude first as maps show it; or a pasted GeoJSON LineString. Null: the line of that number is none. */
export function routeOf (text: string): { route: LngLat[] | null } | { wrongLine: number } {
  const trimmed = text.trim()
  if (trimmed === '') return { route: null }
  if (trimmed.startsWith('{')) return geoJson(trimmed)
  const route: LngLat[] = []
  for (const [i, line] of trimmed.split('\n').entries()) {
    if (line.trim() === '') continue
    const point = parseCoordinates(line)
    if (point === null || point === 'blank') return { wrongLine: i + 1 }
    route.push([point.longitude, point.latitude])
  }
  return route.length < 2 ? { wrongLine: 1 } : { route }
}
function geoJson (text: string): { route: LngLat[] } | { wrongLine: number } {
  try {
    const value = JSON.parse(text) as { type?: string, geometry?: { coordinates?: unknown }, coordinates?: unknown }
    const coordinates = value.type === 'Feature' ? value.geometry?.coordinates : value.coordinates
    if (Array.isArray(coordinates) && coordinates.length > 1 && coordinates.every(c => Array.isArray(c) && Number.isFinite(c[0]) && Number.isFinite(c[1]))) return { route: (coordinates as number[][]).map(c => [c[0]!, c[1]!]) }
  } catch { /* told below */ }
  return { wrongLine: 1 }
}
export const routeText = (route: readonly (readonly [number, number])[] | null) => (route ?? []).map(([lng, lat]) => `${lat}, ${lng}`).join('\n')

export interface TypedSlack { atM: number, lengthM: number, node: string | null }
/** `120 + 15 @ М-7`, one a line: at which metre, how much, in which closure. */
export function slackOf (text: string): TypedSlack[] | { wrongLine: number } {
  const all: TypedSlack[] = []
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const found = /^\s*(\d+(?:[.,]\d+)?)\s*\+\s*(\d+(?:[.,]\d+)?)\s*(?:@\s*(.*\S))?\s*$/.exec(line)
    if (!found) return { wrongLine: i + 1 }
    all.push({ atM: Number(found[1]!.replace(',', '.')), lengthM: Number(found[2]!.replace(',', '.')), node: found[3] ?? null })
  }
  return all
}
export const slackText = (slack: readonly { atM: number, lengthM: number, nodeName: string | null }[]) => slack.map(s => `${s.atM} + ${s.lengthM}${s.nodeName ? ` @ ${s.nodeName}` : ''}`).join('\n')
