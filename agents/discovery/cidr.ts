import ipaddr from 'ipaddr.js'

/** A /20: what one sweep may ask. */
const MAX_ADDRESSES = 4096

/** Host addresses of an IPv4 range in order; network and broadcast are left out from /30 up. Throws with why not. */
export function addressesOf (cidr: string): string[] {
  const [range, prefix] = ipaddr.parseCIDR(cidr)
  if (range.kind() !== 'ipv4') throw new Error('Only IPv4 ranges can be swept: an IPv6 network is too large')
  if (prefix < 20) throw new Error(`A range may hold at most ${MAX_ADDRESSES} addresses (/20)`)
  const size = 2 ** (32 - prefix)
  const first = (Buffer.from(range.toByteArray()).readUInt32BE(0) & (prefix === 0 ? 0 : -1 << (32 - prefix))) >>> 0
  const [from, to] = size > 2 ? [first + 1, first + size - 2] : [first, first + size - 1]
  return Array.from({ length: to - from + 1 }, (_, i) => [24, 16, 8, 0].map(shift => ((from + i) >>> shift) & 255).join('.'))
}
