/** Days of the centre's calendar as moments, wherever the browser stands. Pure. */

/** How far the zone is ahead of UTC at a moment, ms. */
function offsetAt (at: number, zone: string) {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' }).formatToParts(at)
  const part = (type: string) => Number(parts.find(p => p.type === type)?.value)
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) - Math.floor(at / 1000) * 1000
}

/** The first moment of a day written as 2026-03-29; undefined for text that is no day. `days` may be 1 for the day after. */
export function startOfDay (day: string, zone: string, days = 0): number | undefined {
  const utc = Date.parse(`${day}T00:00:00Z`)
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(utc)) return undefined
  const midnight = utc + days * 86_400_000
  const guess = midnight - offsetAt(midnight, zone)
  // Where the clocks change between the guess and midnight, the second look is right.
  return midnight - offsetAt(guess, zone)
}
