/** A moment as a person types it, in the centre's zone. Pure. */
import { momentOf } from '../../../lib/zoned-day.js'
import { DAY_MS } from './timeline/view.js'
import { dateText, localMs } from './timeline/zone.js'

const two = (n: string) => n.padStart(2, '0')
/**
 * "26.11.2026 14:05:30", "26.11 14:05", "2026-11-26 14:05", "14:05", "14:05:30". Without a date it is the day of `near`, or the day before when
 * that lies in the future of `now`. Null for anything else.
 */
export function momentTyped (text: string, zone: string, near: number, now: number): number | null {
  const found = /^(?:(?:(\d{1,2})\.(\d{1,2})(?:\.(\d{4}))?|(\d{4})-(\d{1,2})-(\d{1,2}))[\sT,]+)?(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text.trim())
  if (!found) return null
  const [, d1, m1, y1, y2, m2, d2, hour, minute, second = '00'] = found
  const [day, month, year] = dateText(near, zone).split('.') as [string, string, string]
  const date = `${y1 ?? y2 ?? year}-${two(m1 ?? m2 ?? month)}-${two(d1 ?? d2 ?? day)}`
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null
  const at = momentOf(`${date}T${two(hour!)}:${minute}:${second}`, zone)
  if (at === undefined || dateText(at, zone) !== date.split('-').reverse().join('.')) return null
  if (d1 === undefined && d2 === undefined && at > now) return momentOf(`${new Date(localMs(at - DAY_MS, zone)).toISOString().slice(0, 10)}T${two(hour!)}:${minute}:${second}`, zone) ?? null
  return at
}
