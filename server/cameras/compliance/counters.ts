/** Reconnects and lost packets of the last day out of an agent's counters, and slow-moving averages of what flickers. Pure. */
import type { StreamProfile, StreamView } from '../../contract/health.js'
import type { HourCount, StreamCounts } from './state.js'

const HOUR_MS = 3_600_000
const HOURS = 24
/** Averages forget to a third in this time. */
const AVERAGE_MS = 180_000

export const noCounts: StreamCounts = { hours: [], last: {} }

/** A counter below what it was has begun anew. */
const risen = (now: number, before: number) => now >= before ? now - before : now

export function countStreams (before: StreamCounts, streams: readonly StreamView[], now: number): StreamCounts {
  const hour = Math.floor(now / HOUR_MS)
  const add: HourCount = { hour, reconnects: 0, lost: 0, packets: 0 }
  let last = before.last
  for (const { profile, at, reconnects, packetsLost, packets } of streams) {
    if (reconnects === null || last[profile]?.at === at) continue
    const seen = { at, reconnects, lost: packetsLost ?? 0, packets: packets ?? 0 }
    const known = last[profile]
    last = { ...last, [profile]: seen }
    // What happened before the first look is nobody's day.
    if (!known) continue
    add.reconnects += risen(seen.reconnects, known.reconnects)
    add.lost += risen(seen.lost, known.lost)
    add.packets += risen(seen.packets, known.packets)
  }
  if (last === before.last) return before
  const current = before.hours.at(-1)
  const hours = current?.hour === hour
    ? [...before.hours.slice(0, -1), { hour, reconnects: current.reconnects + add.reconnects, lost: current.lost + add.lost, packets: current.packets + add.packets }]
    : [...before.hours.filter(h => h.hour > hour - HOURS), add]
  return { hours, last }
}

/** Null before anything was counted. */
export function lastDay ({ hours }: StreamCounts, now: number): Omit<HourCount, 'hour'> | null {
  const from = Math.floor(now / HOUR_MS) - HOURS
  const counted = hours.filter(h => h.hour > from)
  if (counted.length === 0) return null
  return counted.reduce((sum, h) => ({ reconnects: sum.reconnects + h.reconnects, lost: sum.lost + h.lost, packets: sum.packets + h.packets }), { reconnects: 0, lost: 0, packets: 0 })
}

/** `since`: when this stream's averages began. */
export interface StreamAverage { profile: StreamProfile, at: number, since: number, fps: number | null, bitrateBps: number | null, keyFrameMs: number | null, /** Its bit rate counts sound too. */ audio: boolean }

export function averageStreams (before: readonly StreamAverage[], streams: readonly StreamView[]): StreamAverage[] {
  return streams.filter(s => s.status === 'playing' && s.fps !== null).map(s => {
    const known = before.find(b => b.profile === s.profile)
    // The first measure of a stream holds the burst with which it began.
    if (!known || known.at > s.at) return { profile: s.profile, at: s.at, since: s.at, fps: null, bitrateBps: null, keyFrameMs: s.keyFrameIntervalMs, audio: s.audioCodec !== null }
    if (known.at === s.at) return known
    const share = 1 - Math.exp(-(s.at - known.at) / AVERAGE_MS)
    const mix = (old: number | null, now: number | null) => now === null ? old : old === null ? now : old + (now - old) * share
    return { profile: s.profile, at: s.at, since: known.since, fps: mix(known.fps, s.fps), bitrateBps: mix(known.bitrateBps, s.bitrateBps), keyFrameMs: mix(known.keyFrameMs, s.keyFrameIntervalMs), audio: s.audioCodec !== null }
  })
}
