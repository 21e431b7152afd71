import { describe, expect, it } from 'vitest'
import { EventTracker, stormSource, trackerLimits } from './tracker.js'
import type { CameraFact } from './topics.js'

const fact = (sign: CameraFact['sign'], type: CameraFact['type'] = 'motion', source = 'V1'): CameraFact => ({ type, source, sign, data: {} })
const phases = (told: { phase: string, type: string, source: string }[]) => told.map(t => `${t.phase} ${t.type} ${t.source}`)

describe('a camera\'s facts', () => {
  it('tells a state once, however often the camera repeats it', () => {
    const t = new EventTracker()
    expect(phases(t.take(fact('on'), 0, 0))).toEqual(['begin motion V1'])
    expect(t.take(fact('on'), 1000, 1000)).toEqual([])
    expect(phases(t.take(fact('off'), 2000, 2000))).toEqual(['end motion V1'])
    expect(t.take(fact('off'), 3000, 3000)).toEqual([])
  })
  it('tells an end that it saw no beginning of once: another agent may have told that', () => {
    const t = new EventTracker()
    expect(phases(t.take(fact('off'), 0, 0))).toEqual(['end motion V1'])
    expect(t.take(fact('off'), 1, 1)).toEqual([])
  })
  it('times out what never ends, from when it was last said, and lets states of the camera last', () => {
    const t = new EventTracker()
    t.take(fact('on'), 0, 0)
    t.take(fact('on', 'storage_failure', 'SD'), 0, 0)
    t.take(fact('on'), 60_000, 60_000)
    expect(t.tick(trackerLimits.passingMs)).toEqual([])
    expect(phases(t.tick(60_000 + trackerLimits.passingMs))).toEqual(['end motion V1'])
    expect(t.tick(30 * 86_400_000)).toEqual([])
  })
  it('asks about what lasts before it times out, once a minute, and only about what passes', () => {
    const t = new EventTracker()
    t.take(fact('on', 'storage_failure', 'SD'), 0, 0)
    expect(t.mustAsk(86_400_000)).toBe(false)
    t.take(fact('on'), 0, 0)
    expect([6 * 60_000, 7 * 60_000, 7.5 * 60_000, 8 * 60_000].map(now => t.mustAsk(now))).toEqual([false, true, false, true])
    t.take(fact('on'), 8 * 60_000, 8 * 60_000)
    expect([t.mustAsk(10 * 60_000), t.tick(11 * 60_000)]).toEqual([false, []])
  })
  it('joins pulses of one source within a second', () => {
    const t = new EventTracker()
    expect(t.take(fact('pulse', 'line_crossed'), 0, 0)).toHaveLength(1)
    expect(t.take(fact('pulse', 'line_crossed'), 500, 500)).toHaveLength(0)
    expect(t.take(fact('pulse', 'line_crossed'), 1500, 1500)).toHaveLength(1)
  })
  it('merges a storm, tells it once with its size, then what is still on', () => {
    const t = new EventTracker()
    const told = Array.from({ length: 500 }, (_, i) => t.take(fact('pulse', 'line_crossed', `rule ${i}`), i, i)).flat()
    expect(told).toHaveLength(trackerLimits.burst + 1)
    expect(told.at(-1)).toMatchObject({ phase: 'begin', source: stormSource })
    expect(t.take(fact('on', 'tamper'), 600, 600)).toEqual([])
    expect(t.tick(5000)).toEqual([])
    const after = t.tick(20_000)
    expect(phases(after)).toEqual([`end other ${stormSource}`, 'begin tamper V1'])
    expect(after[0]!.data).toEqual({ merged: String(500 - trackerLimits.burst + 1) })
  })
  it('ends everything when the camera is lost, saying so', () => {
    const t = new EventTracker()
    t.take(fact('on'), 0, 0)
    expect(t.lost(1000)).toEqual([{ type: 'motion', source: 'V1', phase: 'end', data: { closed: 'subscription_lost' }, at: 1000 }])
    expect(t.open).toBe(0)
  })
  it('holds a bounded memory against a camera that invents sources', () => {
    const t = new EventTracker()
    for (let i = 0; i < 5000; i++) t.take(fact('on', 'motion', `s${i}`), i * 2000, i * 2000)
    expect(t.open).toBeLessThanOrEqual(trackerLimits.maxOpen)
  })
})
