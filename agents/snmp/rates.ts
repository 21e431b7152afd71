/** Rates from counters (RFC 2863 section 3.1.5-6). Pure. What cannot be known is null: a gap, never a zero and never a spike. */
import type { Count } from './values.js'

export interface PortCounters {
  /** Width of the octet counters. */
  octetBits: 32 | 64
  inOctets: Count | null, outOctets: Count | null
  inErrors: Count | null, outErrors: Count | null, inDiscards: Count | null, outDiscards: Count | null
  /** ifCounterDiscontinuityTime, hundredths of a second of sysUpTime; null where the switch has none. */
  discontinuityTicks: number | null
  speedBps: number | null
}
export interface PortRates { inBps: number | null, outBps: number | null, inErrorsPerS: number | null, outErrorsPerS: number | null, inDiscardsPerS: number | null, outDiscardsPerS: number | null }

/** The smallest Ethernet frame with preamble and gap takes 84 bytes of the line: more events than frames are no wrap. */
const SMALLEST_FRAME_BITS = 84 * 8

/** Events per second, or null. A 32-bit counter may have wrapped once, if the rate so implied is at most `mostPerS`. */
export function ratePerS (before: Count | null, after: Count | null, bits: 32 | 64, seconds: number, mostPerS: number | null): number | null {
  if (before === null || after === null || !(seconds > 0)) return null
  const difference = typeof before === 'number' && typeof after === 'number' ? after - before : Number(BigInt(after) - BigInt(before))
  if (difference >= 0) return difference / seconds
  if (bits === 64 || mostPerS === null) return null
  const wrapped = (difference + 2 ** 32) / seconds
  return wrapped >= 0 && wrapped <= mostPerS ? wrapped : null
}

export const noRates: Readonly<PortRates> = { inBps: null, outBps: null, inErrorsPerS: null, outErrorsPerS: null, inDiscardsPerS: null, outDiscardsPerS: null }

/** Rates of one port between two readings `seconds` of the switch's own time apart. */
export function portRates (before: PortCounters | undefined, after: PortCounters, seconds: number): Readonly<PortRates> {
  if (!before || before.octetBits !== after.octetBits || before.discontinuityTicks !== after.discontinuityTicks) return noRates
  const octets = after.speedBps ? after.speedBps / 8 : null
  const frames = after.speedBps ? after.speedBps / SMALLEST_FRAME_BITS : null
  const bits = (a: Count | null, b: Count | null) => {
    const rate = ratePerS(a, b, after.octetBits, seconds, octets)
    return rate === null ? null : rate * 8
  }
  return {
    inBps: bits(before.inOctets, after.inOctets), outBps: bits(before.outOctets, after.outOctets),
    inErrorsPerS: ratePerS(before.inErrors, after.inErrors, 32, seconds, frames), outErrorsPerS: ratePerS(before.outErrors, after.outErrors, 32, seconds, frames),
    inDiscardsPerS: ratePerS(before.inDiscards, after.inDiscards, 32, seconds, frames), outDiscardsPerS: ratePerS(before.outDiscards, after.outDiscards, 32, seconds, frames)
  }
}

export interface UptimeReading { ticks: number | null, atMs: number }
export type UptimeStep = { kind: 'continued', seconds: number } | { kind: 'restarted', uptimeMs: number } | { kind: 'unknown' }

/**
 * What happened between two readings of sysUpTime. It wraps after 497 days: a fall is a wrap only if the wrapped
 * difference agrees with our own clock within a tenth and ten seconds; otherwise the switch restarted.
 */
export function uptimeStep (before: UptimeReading | null, after: UptimeReading): UptimeStep {
  if (!before) return { kind: 'unknown' }
  const ownSeconds = (after.atMs - before.atMs) / 1000
  // A switch without sysUpTime: our own clock is all there is.
  if (before.ticks === null || after.ticks === null) return ownSeconds > 0 ? { kind: 'continued', seconds: ownSeconds } : { kind: 'unknown' }
  if (after.ticks > before.ticks) return { kind: 'continued', seconds: (after.ticks - before.ticks) / 100 }
  if (after.ticks === before.ticks) return { kind: 'unknown' }
  const wrapped = (after.ticks - before.ticks + 2 ** 32) / 100
  if (Math.abs(wrapped - ownSeconds) <= ownSeconds / 10 + 10) return { kind: 'continued', seconds: wrapped }
  return { kind: 'restarted', uptimeMs: after.ticks * 10 }
}
