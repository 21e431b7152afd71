import { describe, expect, it } from 'vitest'
import type { Observation } from '../../../server/contract/health.js'
import { RecordsOn } from './records-on.js'

const event = (at: number, phase: string, type = 'motion') => ({ kind: 'camera_event', deviceId: 'a', at, type, source: '', phase, data: {} }) as Observation

describe('events that start a recording', () => {
  it('are told with their beginning and end, pulses as a moment, and others not at all', () => {
    const told: unknown[] = []
    const records = new RecordsOn((_id, e) => told.push([e.from, e.to]))
    for (const e of [event(1, 'begin'), event(5, 'end'), event(6, 'end'), event(7, 'pulse', 'line_crossed'), event(8, 'begin', 'storage_failure'), event(9, 'pulse', 'other')]) records.see(e)
    expect(told).toEqual([[1, null], [1, 5], [7, 7]])
  })
  it('go on for as long as they last', () => {
    const told: unknown[] = []
    const records = new RecordsOn((_id, e) => told.push([e.from, e.to]))
    records.see(event(0, 'begin'))
    for (let now = 0; now <= 700_000; now += 5000) records.tick(now)
    records.see(event(710_000, 'end'))
    expect(told).toEqual([[0, null], [0, 300_000], [300_000, null], [300_000, 600_000], [600_000, null], [600_000, 710_000]])
  })
})
