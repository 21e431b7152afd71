import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type PortCounters, portRates, ratePerS, uptimeStep } from './rates.js'

test('a rate is the difference over the switch\'s own seconds', () => {
  expect(ratePerS(1000, 4000, 64, 10, null)).toBe(300)
  expect(ratePerS(2n ** 60n, 2n ** 60n + 500n, 64, 10, null)).toBe(50)
  expect(ratePerS(Number.MAX_SAFE_INTEGER, 2n ** 53n + 9n, 64, 10, null)).toBe(1)
})
test('a 32-bit counter wraps only when the line could have carried it', () => {
  expect(ratePerS(2 ** 32 - 500, 500, 32, 10, 125e6)).toBe(100)
  expect(ratePerS(4e9, 3e9, 32, 10, 125e5)).toBeNull() // 329 MB/s on a line of 12.5
  expect(ratePerS(2 ** 32 - 500, 500, 32, 10, null)).toBeNull()
})
test('a 64-bit counter that fell is a gap', () => {
  expect(ratePerS(2 ** 40, 5, 64, 10, 1e12)).toBeNull()
})
test('what is missing is a gap, and so is time that stood still', () => {
  expect(ratePerS(null, 5, 64, 10, 1)).toBeNull()
  expect(ratePerS(5, null, 64, 10, 1)).toBeNull()
  expect(ratePerS(1, 5, 64, 0, 1)).toBeNull()
})
test('no counters give a negative rate, nor a wrapped one above the line\'s', () => {
  const count = fc.integer({ min: 0, max: 2 ** 32 - 1 })
  fc.assert(fc.property(count, count, fc.integer({ min: 1, max: 1e6 }), (before, after, most) => {
    const rate = ratePerS(before, after, 32, 10, most)
    return rate === null || (rate >= 0 && (after >= before || rate <= most))
  }))
})

const counters = (change: Partial<PortCounters>): PortCounters => ({
  octetBits: 64, inOctets: 1000, outOctets: 1000, inErrors: 0, outErrors: 0, inDiscards: 0, outDiscards: 0, discontinuityTicks: 0, speedBps: 1e9, ...change
})
test('octets become bits', () => {
  expect(portRates(counters({}), counters({ inOctets: 2000, outOctets: 1010, inErrors: 20 }), 10)).toMatchObject({ inBps: 800, outBps: 8, inErrorsPerS: 2, outDiscardsPerS: 0 })
})
test('a discontinuity, another counter width and a new port are gaps in everything', () => {
  expect(portRates(counters({}), counters({ inOctets: 2000, discontinuityTicks: 77 }), 10).inBps).toBeNull()
  expect(portRates(counters({}), counters({ inOctets: 2000, octetBits: 32 }), 10).inBps).toBeNull()
  expect(portRates(undefined, counters({}), 10).inErrorsPerS).toBeNull()
})

test('sysUpTime going on gives its own seconds', () => {
  expect(uptimeStep({ ticks: 1000, atMs: 0 }, { ticks: 7100, atMs: 60_000 })).toEqual({ kind: 'continued', seconds: 61 })
})
test('sysUpTime falling is a restart', () => {
  expect(uptimeStep({ ticks: 500_000, atMs: 0 }, { ticks: 700, atMs: 60_000 })).toEqual({ kind: 'restarted', uptimeMs: 7000 })
  expect(uptimeStep({ ticks: 2 ** 32 - 1000, atMs: 0 }, { ticks: 700, atMs: 600_000 })).toMatchObject({ kind: 'restarted' })
})
test('sysUpTime wrapping after 497 days is none', () => {
  expect(uptimeStep({ ticks: 2 ** 32 - 3000, atMs: 0 }, { ticks: 3000, atMs: 60_000 })).toEqual({ kind: 'continued', seconds: 60 })
})
test('without sysUpTime our own clock counts', () => {
  expect(uptimeStep({ ticks: null, atMs: 0 }, { ticks: null, atMs: 30_000 })).toEqual({ kind: 'continued', seconds: 30 })
  expect(uptimeStep(null, { ticks: 5, atMs: 30_000 })).toEqual({ kind: 'unknown' })
})
