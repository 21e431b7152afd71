import { describe, expect, it } from 'vitest'
import type { EventRuleWrite } from '../contract/camera-events.js'
import { coversCamera, inSchedule, quiet, type RuleInput, type RuleState, step } from './event-rule.js'

/** Monday, 4 May 2026, 00:00 in Kyiv. */
const MONDAY = Date.parse('2026-05-03T21:00:00Z')
const base: EventRuleWrite = { name: 'r', enabled: true, deviceIds: [], groupIds: [], types: ['motion', 'line_crossed'], schedule: [], minDurationS: 0, cooldownS: 0, clearAfterS: 30, severity: 'minor', record: false, bookmark: false }

class Rule {
  state: RuleState = quiet
  wakeAt: number | null = null
  log: string[] = []
  constructor (readonly rule: Partial<EventRuleWrite> = {}) {}
  at (s: number, input: RuleInput | 'tick') {
    const done = step({ ...base, ...this.rule }, this.state, input, MONDAY + s * 1000, 'Europe/Kyiv')
    this.state = done.state
    this.wakeAt = done.wakeAt
    if (done.act) this.log.push(`${done.act} ${s}`)
    return this
  }
  begin (s: number, initial = false, type: RuleInput['type'] = 'motion') { return this.at(s, { type, source: '', phase: 'begin', initial }) }
  end (s: number) { return this.at(s, { type: 'motion', source: '', phase: 'end', initial: false }) }
  pulse (s: number, type: RuleInput['type'] = 'line_crossed') { return this.at(s, { type, source: '', phase: 'pulse', initial: false }) }
  tick (s: number) { return this.at(s, 'tick') }
  get wake () { return this.wakeAt === null ? null : (this.wakeAt - MONDAY) / 1000 }
}

describe('a rule at a camera', () => {
  it('raises at the beginning and clears at the end', () => expect(new Rule().begin(1).begin(2).end(5).end(6).log).toEqual(['raise 1', 'clear 5']))
  it('waits for the minimum duration, and asks to be looked at then', () => {
    const r = new Rule({ minDurationS: 10 }).begin(1)
    expect(r.wake).toBe(11)
    expect(r.tick(5).tick(11).end(20).log).toEqual(['raise 11', 'clear 20'])
    expect(new Rule({ minDurationS: 10 }).begin(1).end(9).tick(11).log).toEqual([])
    expect(new Rule({ minDurationS: 10 }).pulse(1).tick(20).log).toEqual([])
  })
  it('clears a pulse after its time, which further pulses lengthen', () => {
    const r = new Rule().pulse(0).pulse(20)
    expect(r.wake).toBe(50)
    expect(r.tick(30).tick(50).log).toEqual(['raise 0', 'clear 50'])
  })
  it('rests between alarms; what still lasts afterwards raises then', () => {
    const r = new Rule({ cooldownS: 60 }).begin(0).end(5).begin(10).end(15).begin(40)
    expect([r.log, r.wake]).toEqual([['raise 0', 'clear 5'], 60])
    expect(r.tick(60).log.at(-1)).toBe('raise 60')
    expect(new Rule({ cooldownS: 60 }).pulse(0).tick(30).pulse(40).tick(60).log).toEqual(['raise 0', 'clear 30'])
  })
  it('raises nothing for how things were at the start, and nothing of other types', () => {
    expect(new Rule().begin(0, true).tick(100).end(101).log).toEqual([])
    expect(new Rule().begin(0, false, 'tamper').pulse(1, 'audio').log).toEqual([])
  })
  it('stands until everything that began is over', () => {
    const r = new Rule().begin(0).at(1, { type: 'motion', source: 'b', phase: 'begin', initial: false }).end(5)
    expect(r.log).toEqual(['raise 0'])
    expect(r.at(9, { type: 'motion', source: 'b', phase: 'end', initial: false }).log).toEqual(['raise 0', 'clear 9'])
  })
  it('keeps to its schedule, in the centre\'s zone; what lasts into it counts', () => {
    const night = [{ day: 0, fromMin: 60, toMin: 120 }]
    expect([inSchedule(night, MONDAY + 59 * 60_000, 'Europe/Kyiv'), inSchedule(night, MONDAY + 60 * 60_000, 'Europe/Kyiv'), inSchedule(night, MONDAY + 60 * 60_000, 'UTC'), inSchedule([], 0, 'UTC')]).toEqual([false, true, false, true])
    expect(new Rule({ schedule: night }).pulse(100).log).toEqual([])
    const r = new Rule({ schedule: night }).begin(3570)
    expect(r.wake).toBe(3630)
    expect(r.tick(3630).log).toEqual(['raise 3630'])
  })
  it('is of all cameras, of named ones, or of groups', () => {
    const camera = { id: 'a', groupId: 'g' }
    expect([coversCamera(base, camera), coversCamera({ ...base, deviceIds: ['b'] }, camera), coversCamera({ ...base, deviceIds: ['b'], groupIds: ['g'] }, camera), coversCamera({ ...base, groupIds: ['x'] }, { id: 'a', groupId: null })]).toEqual([true, false, true, false])
  })
})
