/** The device's clock, read from GetSystemDateAndTime (ONVIF Core, section 8.3.5), which needs no authentication. */
import { isTrue, numberAt, at, textAt, type XmlNode } from './xml.js'

export type DeviceTime =
  /** `atMs` is the middle of the second that the device named, UTC. */
  | { source: 'utc' | 'local', atMs: number }
  /** The device has a clock in local time without a zone that we can read, or none at all. */
  | { source: 'none', why: string }

function readDateTime (node: XmlNode | undefined): number | null {
  const parts = [['Date', 'Year'], ['Date', 'Month'], ['Date', 'Day'], ['Time', 'Hour'], ['Time', 'Minute'], ['Time', 'Second']]
    .map(path => numberAt(node, ...path))
  const [year, month, day, hour, minute, second] = parts
  if (year == null || month == null || day == null || hour == null || minute == null || second == null) return null
  if (parts.some(part => !Number.isInteger(part))) return null
  if (year < 1970 || year > 2200 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || hour < 0 || minute < 0 || minute > 59 || second < 0 || second > 60) return null
  const ms = Date.UTC(year, month - 1, day, hour, minute, Math.min(second, 59))
  // 31 February would silently become March.
  return new Date(ms).getUTCDate() === day ? ms : null
}

/**
 * Minutes east of UTC for a POSIX TZ text such as `EET-2EEST,M3.5.0/3,M10.5.0/4` or `<+08>-8`, with summer time on or off;
 * null where it cannot be read. POSIX counts west as positive.
 */
export function posixZoneOffsetMin (zone: string, summer: boolean): number | null {
  const match = /^(?:[A-Za-z]{3,12}|<[A-Za-z0-9+-]{3,12}>)([+-]?)(\d{1,2})(?::(\d{2}))?(?::\d{2})?(?:([A-Za-z]{3,12}|<[A-Za-z0-9+-]{3,12}>)(?:([+-]?)(\d{1,2})(?::(\d{2}))?)?)?(?:,.*)?$/.exec(zone.slice(0, 120))
  if (!match) return null
  const offset = (sign?: string, hours?: string, minutes?: string) => ((sign === '-' ? 1 : -1) * (Number(hours) * 60 + Number(minutes ?? 0))) || 0
  const standard = offset(match[1], match[2], match[3])
  if (!summer || match[4] === undefined) return standard
  return match[6] === undefined ? standard + 60 : offset(match[5], match[6], match[7])
}

/** Reads the body of a GetSystemDateAndTimeResponse. Devices tell whole seconds: half a second is added to stand in the middle. */
export function readDeviceTime (response: XmlNode): DeviceTime {
  const node = at(response, 'SystemDateAndTime')
  const utc = readDateTime(at(node, 'UTCDateTime'))
  if (utc !== null) return { source: 'utc', atMs: utc + 500 }
  const local = readDateTime(at(node, 'LocalDateTime'))
  if (local === null) return { source: 'none', why: 'the camera did not tell its time' }
  const zone = textAt(node, 'TimeZone', 'TZ')
  const offsetMin = posixZoneOffsetMin(zone, isTrue(textAt(node, 'DaylightSavings')))
  if (offsetMin === null) return { source: 'none', why: 'the camera told its local time without a time zone that can be read' }
  return { source: 'local', atMs: local - offsetMin * 60_000 + 500 }
}

/** Device minus ours, ms, taking the device's answer to lie in the middle of the exchange. Good to about half a second. */
export const clockOffsetMs = (deviceMs: number, sentAt: number, receivedAt: number) => Math.round(deviceMs - (sentAt + receivedAt) / 2)
