import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { newId } from '../../lib/ids.js'
import { makeLog } from '../../lib/log.js'
import type { Observation, SampleSet } from '../../server/contract/health.js'
import { createBatcher, FLUSH_MS, URGENT_MS } from './batcher.js'

const log = makeLog('test', 'silent')
const deviceId = newId()
const reach = (ok: boolean): Observation => ({ kind: 'reachability', deviceId, at: 1, ok, method: 'icmp', rttMs: null, failure: null })
const clock = (): Observation => ({ kind: 'clock', deviceId, at: 1, offsetMs: 3 })
const numbers: SampleSet = { deviceId, at: 1, series: ['rtt_ms'], values: [1] }

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })
function set () {
  const batches: { observations: Observation[], samples: SampleSet[] }[] = []
  return { batches, batcher: createBatcher({ log, append: (observations, samples) => { batches.push({ observations, samples }) } }) }
}

describe('the batcher', () => {
  it('gathers what does not hurry', () => {
    const { batches, batcher } = set()
    batcher.observation(clock())
    batcher.samples(numbers)
    vi.advanceTimersByTime(FLUSH_MS - 1)
    expect(batches).toHaveLength(0)
    vi.advanceTimersByTime(1)
    expect(batches).toEqual([{ observations: [clock()], samples: [numbers] }])
  })
  it('sends a change within milliseconds, and a repetition with the rest', () => {
    const { batches, batcher } = set()
    batcher.observation(reach(true))
    vi.advanceTimersByTime(URGENT_MS)
    expect(batches).toHaveLength(1)
    batcher.observation(reach(true))
    vi.advanceTimersByTime(URGENT_MS)
    expect(batches).toHaveLength(1)
    batcher.observation(reach(false))
    vi.advanceTimersByTime(URGENT_MS)
    expect(batches.map(b => b.observations)).toEqual([[reach(true)], [reach(true), reach(false)]])
  })
  it('splits a flood into batches that the wire takes', () => {
    const { batches, batcher } = set()
    for (let i = 0; i < 12_000; i++) batcher.observation(clock())
    batcher.flush()
    expect(batches.map(b => b.observations.length)).toEqual([5000, 5000, 2000])
  })
  it('drops what breaks the contract instead of poisoning its batch', () => {
    const { batches, batcher } = set()
    batcher.observation({ ...clock(), deviceId: 'x' })
    batcher.observation(clock())
    batcher.flush()
    expect(batches).toEqual([{ observations: [clock()], samples: [] }])
  })
  it('keeps observations in memory while the disk refuses', () => {
    let full = true
    const kept: Observation[] = []
    const batcher = createBatcher({ log, append (observations) { if (full) throw new Error('ENOSPC'); kept.push(...observations) } })
    batcher.observation(reach(true))
    vi.advanceTimersByTime(FLUSH_MS)
    full = false
    vi.advanceTimersByTime(FLUSH_MS * 5)
    expect(kept).toEqual([reach(true)])
  })
})
