import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inRange, overlap, rangeFrom } from './range-rules.js'

const codeOf = (cidr: string) => { try { return rangeFrom(cidr).cidr } catch (err) { return (err as { code: string }).code } }

describe('a range', () => {
  it.each([
    ['192.0.2.77/24', '192.0.2.0/24'], [' 10.0.0.0/20 ', '10.0.0.0/20'], ['10.0.0.5/32', '10.0.0.5/32'], ['127.8.0.1/24', '127.8.0.0/24'], ['2001:DB8::7:1/116', '2001:db8::7:0/116'], ['fd00::1/128', 'fd00::1/128'],
    ['10.0.0.0/19', 'cidr_too_large'], ['0.0.0.0/0', 'cidr_too_large'], ['fd00::/64', 'cidr_too_large'], ['10.0.0.0', 'cidr_invalid'], ['10.0.0/24', 'cidr_invalid'], ['0x0a.0.0.0/24', 'cidr_invalid'],
    ['010.0.0.0/24', 'cidr_invalid'], ['10.0.0.0/33', 'cidr_invalid'], ['10.0.0.0/-1', 'cidr_invalid'], ['fe80::1%eth0/120', 'cidr_invalid'], ['example.org/24', 'cidr_invalid'], ['', 'cidr_invalid'],
    ['224.0.0.0/24', 'cidr_not_searchable'], ['255.255.255.255/32', 'cidr_not_searchable'], ['241.0.0.0/24', 'cidr_not_searchable'], ['ff02::1/128', 'cidr_not_searchable'], ['::ffff:10.0.0.0/120', 'cidr_not_searchable'], ['0.0.0.0/24', 'cidr_not_searchable']
  ])('%j becomes %j', (given, expected) => { expect(codeOf(given)).toBe(expected) })
  it('holds its own addresses and no others', () => {
    const range = rangeFrom('192.0.2.64/26')
    expect(['192.0.2.64', '192.0.2.127', '192.0.2.63', '192.0.2.128', '::ffff:192.0.2.65', 'cam', '192.0.2.65%x', '3221226049'].map(a => inRange(range, a))).toEqual([true, true, false, false, false, false, false, false])
  })
  it('overlaps exactly when some address lies in both', () => {
    const some = fc.record({ net: fc.nat(1023), prefix: fc.integer({ min: 22, max: 32 }) }).map(({ net, prefix }) => rangeFrom(`10.0.${net >> 8}.${net & 255}/${prefix}`))
    const all = Array.from({ length: 1024 }, (_, i) => `10.0.${i >> 8}.${i & 255}`)
    fc.assert(fc.property(some, some, (a, b) => overlap(a, b) === all.some(address => inRange(a, address) && inRange(b, address))), { numRuns: 60 })
    expect(overlap(rangeFrom('10.0.0.0/24'), rangeFrom('fd00::/120'))).toBe(false)
  })
  it('never lets any text through as more than 4,096 addresses', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: -1, max: 130 })).map(([a, p]) => `${a}/${p}`)), text => {
      try {
        const { address, prefix } = rangeFrom(text)
        expect((address.kind() === 'ipv4' ? 32 : 128) - prefix).toBeLessThanOrEqual(12)
      } catch (err) {
        expect((err as { kind: string }).kind).toBe('invalid')
      }
    }))
  })
})
