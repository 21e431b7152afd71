import { describe, expect, it } from 'vitest'
import { upCamera } from './test-bench.js'

const event = (type: string, phase: string, source = 'V1', data: Record<string, string> = {}) => ({ kind: 'camera_event' as const, type, phase, source, data })

describe('rule 18: what a camera reports of itself', () => {
  it('degrades it after 10 s, and is over 30 s after its end', () => {
    const b = upCamera().see(1, event('tamper', 'begin')).tick(5)
    expect([b.state, b.open]).toEqual(['up', []])
    b.tick(11)
    expect([b.state, b.open]).toEqual(['degraded', ['camera_tamper|']])
    b.see(20, event('tamper', 'end')).ok(21).tick(49)
    expect(b.open).toEqual(['camera_tamper|'])
    b.tick(50)
    expect([b.state, b.open]).toEqual(['up', []])
    expect(b.log).toEqual(['raise camera_tamper', 'clear camera_tamper'])
  })
  it('asks to be judged at those moments', () => {
    const b = upCamera().see(1, event('storage_failure', 'begin', 'SD'))
    expect(b.wakeAt).toBe(1_700_000_011_000)
  })
  it('is nothing when it passes sooner, and one alarm when it comes and goes', () => {
    const b = upCamera().see(1, event('tamper', 'begin')).see(4, event('tamper', 'end')).tick(60)
    expect(b.log).toEqual([])
    b.see(61, event('tamper', 'begin')).tick(72)
    for (let s = 80; s < 200; s += 10) b.see(s, event('tamper', s % 20 === 0 ? 'end' : 'begin')).tick(s + 5)
    expect(b.log).toEqual(['raise camera_tamper'])
  })
  it('holds while another source still says so, and when only the subscription was lost', () => {
    const b = upCamera().see(1, event('tamper', 'begin')).see(2, event('scene_change', 'begin')).tick(12).see(13, event('tamper', 'end')).tick(60)
    expect(b.open).toEqual(['camera_tamper|'])
    b.see(61, event('scene_change', 'end', 'V1', { closed: 'subscription_lost' })).ok(62).tick(200)
    expect(b.open).toEqual(['camera_tamper|'])
    b.see(201, event('scene_change', 'end')).tick(232)
    expect(b.open).toEqual([])
  })
  it('is not made by motion or by pulses', () => {
    const b = upCamera().see(1, event('motion', 'begin')).see(1, event('tamper', 'pulse')).tick(60)
    expect([b.state, b.open]).toEqual(['up', []])
  })
})
