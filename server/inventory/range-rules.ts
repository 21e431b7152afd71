/** Ranges of addresses that may be searched. Pure. */
import ipaddr from 'ipaddr.js'
import { invalidField } from '../problems.js'

/** 4,096 addresses: at 50 probes a second a sweep ends within the hour. */
const MIN_PREFIX_V4 = 20
const MIN_PREFIX_V6 = 116
/** What is no ordinary unicast network. Loopback stays allowed: a simulated town may live there. */
const refusedRanges: readonly string[] = ['unspecified', 'broadcast', 'multicast', 'ipv4Mapped']
/** 240.0.0.0/4, RFC 1112: never used. */
const isClassE = (address: ipaddr.IPv4 | ipaddr.IPv6) => address.kind() === 'ipv4' && (address as ipaddr.IPv4).octets[0]! >= 240

export interface Range { address: ipaddr.IPv4 | ipaddr.IPv6, prefix: number, cidr: string }

/** Reads `192.0.2.77/24` as 192.0.2.0/24. Throws `invalid` with what is wrong. */
export function rangeFrom (given: string): Range {
  const text = given.trim()
  const wrong = (code: string, message: string) => invalidField('/cidr', code, message)
  const v4 = ipaddr.IPv4.isValidCIDRFourPartDecimal(text)
  if (!v4 && !ipaddr.IPv6.isValidCIDR(text)) throw wrong('cidr_invalid', 'Not a range: write it like 192.0.2.0/24.')
  if (text.includes('%')) throw wrong('cidr_invalid', 'A range has no zone.')
  const [, prefix] = v4 ? ipaddr.IPv4.parseCIDR(text) : ipaddr.IPv6.parseCIDR(text)
  const least = v4 ? MIN_PREFIX_V4 : MIN_PREFIX_V6
  if (prefix < least) throw wrong('cidr_too_large', `At most a /${least} can be searched at once: split the range.`)
  const address = v4 ? ipaddr.IPv4.networkAddressFromCIDR(text) : ipaddr.IPv6.networkAddressFromCIDR(text)
  if (refusedRanges.includes(address.range()) || isClassE(address)) throw wrong('cidr_not_searchable', 'There are no devices in this range: it is multicast, broadcast or reserved.')
  return { address, prefix, cidr: `${address.toString()}/${prefix}` }
}

export function inRange (range: Range, address: string): boolean {
  const parsed = parseAddress(address)
  return parsed !== null && parsed.kind() === range.address.kind() && parsed.match(range.address, range.prefix)
}

/** One contains the other's network address; ranges of prefixes never cross otherwise. */
export const overlap = (a: Range, b: Range) => inRange(a, b.address.toString()) || inRange(b, a.address.toString())

/** Strictly: `0x7f.1` is an address to some, not here. */
export function parseAddress (text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text)
  return text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : null
}
