/** What the zone's clocks show, fast enough to ask for each tick: offsets are looked up once a quarter of an hour. */
const QUARTER_MS = 900_000
/** Enough for a month of quarters and some; then it begins anew. */
const KEPT = 6000
const formats = new Map<string, Intl.DateTimeFormat>()
const offsets = new Map<string, number>()

function formatOf (zone: string) {
  const found = formats.get(zone) ?? new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' })
  formats.set(zone, found)
  return found
}
/** How far the zone is ahead of UTC, ms. Clocks change at whole quarters of an hour everywhere. */
export function offsetMs (at: number, zone: string): number {
  const quarter = Math.floor(at / QUARTER_MS)
  const key = `${zone} ${quarter}`
  const known = offsets.get(key)
  if (known !== undefined) return known
  const parts = formatOf(zone).formatToParts(quarter * QUARTER_MS)
  const part = (type: string) => Number(parts.find(p => p.type === type)?.value)
  const offset = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) - quarter * QUARTER_MS
  if (offsets.size > KEPT) offsets.clear()
  offsets.set(key, offset)
  return offset
}
/** The zone's clocks, read as if they showed UTC. */
export const localMs = (at: number, zone: string) => at + offsetMs(at, zone)

const two = (n: number) => String(n).padStart(2, '0')
/** 14:05:09, and with `tenths` 14:05:09.4. */
export function timeText (at: number, zone: string, { seconds = true, tenths = false } = {}) {
  const d = new Date(localMs(at, zone))
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}${seconds ? `:${two(d.getUTCSeconds())}` : ''}${tenths ? `.${Math.floor(d.getUTCMilliseconds() / 100)}` : ''}`
}
/** 26.11.2026, in every language: it stands beside times on pictures. */
export function dateText (at: number, zone: string) {
  const d = new Date(localMs(at, zone))
  return `${two(d.getUTCDate())}.${two(d.getUTCMonth() + 1)}.${d.getUTCFullYear()}`
}
