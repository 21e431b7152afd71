/** Coordinates as people have them: decimal degrees, typed or pasted from a map. Pure. */
export interface Coordinates { latitude: number, longitude: number }

const number = String.raw`[-+−]?\d{1,3}(?:[.,]\d+)?`
/** "48.9226, 24.7111", "48,9226; 24,7111", "48.9226 24.7111", "(48.9226° N, 24.7111° E)". */
const pair = new RegExp(String.raw`^\(?\s*(${number})\s*°?\s*([NSПнПд]{0,2})\s*(?:[,;]\s*|\s+)(${number})\s*°?\s*([EWСхЗх]{0,2})\s*\)?$`, 'iu')
/** With decimal commas, a comma with a space after it may still part the two. */
const toNumber = (text: string) => Number(text.replace('−', '-').replace(',', '.'))

/** Null for text that is no pair of coordinates within their ranges; `blank` for none at all. */
export function parseCoordinates (text: string): Coordinates | 'blank' | null {
  const trimmed = text.trim()
  if (trimmed === '') return 'blank'
  const found = pair.exec(trimmed)
  if (!found) return null
  const south = /^(s|пд)$/i.test(found[2]!)
  const west = /^(w|зх)$/i.test(found[4]!)
  const latitude = toNumber(found[1]!) * (south ? -1 : 1)
  const longitude = toNumber(found[3]!) * (west ? -1 : 1)
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? { latitude, longitude } : null
}
/** Six decimals are a decimetre. */
const short = (n: number) => String(Number(n.toFixed(6)))
export const coordinatesText = (site: { latitude: number | null, longitude: number | null }) =>
  site.latitude === null || site.longitude === null ? '' : `${short(site.latitude)}, ${short(site.longitude)}`
