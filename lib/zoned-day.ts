/** Days and minutes of the centre's calendar as moments, wherever the browser stands. Pure. */

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
  return inZone(utc + days * 86_400_000, zone)
}

/** `utc` is what the zone's clocks show, read as if they showed UTC. */
function inZone (utc: number, zone: string) {
  const guess = utc - offsetAt(utc, zone)
  // Where the clocks change between the guess and that time, the second look is right.
  return utc - offsetAt(guess, zone)
}

/** The moment when the zone's clocks show 2026-03-29T14:05, as an input of type `datetime-local` writes it; undefined for other text. */
export function momentOf (text: string, zone: string): number | undefined {
  const utc = Date.parse(`${text}Z`)
  return !/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text) || Number.isNaN(utc) ? undefined : inZone(utc, zone)
}
/** What the zone's clocks show then, to the minute, for such an input. */
export const localText = (at: number, zone: string) => new Date(at + offsetAt(at, zone)).toISOString().slice(0, 16)
