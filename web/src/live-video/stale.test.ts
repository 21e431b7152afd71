import { describe, expect, it } from 'vitest'
import { pictureAgeMs, type PictureFacts, pictureState, staleLimitMs } from './stale.js'

const facts: PictureFacts = { newest: { atMs: 100_000, drawnAt: 5000 }, clock: { serverOffsetMs: 0, agentOffsetMs: 0 }, mode: 'all', keyIntervalMs: 1000, problem: null, wallNow: 100_050, monotonicNow: 5030 }
const later = (ms: number, over: Partial<PictureFacts> = {}): PictureFacts => ({ ...facts, wallNow: facts.wallNow + ms, monotonicNow: facts.monotonicNow + ms, ...over })

describe('the age of a picture', () => {
  it('is counted by the agent’s clock, corrected for its and this computer’s error', () => {
    expect(pictureAgeMs({ atMs: 100_000, drawnAt: 0 }, { serverOffsetMs: 7000, agentOffsetMs: 0 }, 93_050, 50)).toBe(50)
    expect(pictureAgeMs({ atMs: 103_000, drawnAt: 0 }, { serverOffsetMs: 0, agentOffsetMs: 3000 }, 100_050, 50)).toBe(50)
  })
  it('is never less than the time since it was drawn, whatever the clocks say', () => expect(pictureAgeMs({ atMs: 900_000, drawnAt: 1000 }, { serverOffsetMs: 0, agentOffsetMs: 0 }, 100_000, 4500)).toBe(3500))
  it('is the time since it was drawn while no clock is known', () => expect(pictureAgeMs({ atMs: 1, drawnAt: 1000 }, null, 100_000, 1200)).toBe(200))
})
describe('what a tile shows', () => {
  it('live until two seconds, frozen from then on', () => {
    expect(pictureState(facts).show).toBe('live')
    expect(pictureState(later(1900)).show).toBe('live')
    expect(pictureState(later(2000))).toEqual({ show: 'stale', ageMs: 2050, problem: null })
  })
  it('frozen when frames come but all of them old', () => expect(pictureState({ ...facts, newest: { atMs: 97_000, drawnAt: 5029 } }).show).toBe('stale'))
  it('keeps the last picture when the agent goes away, marked with its age and the cause', () => {
    expect(pictureState(later(12_000, { problem: { kind: 'agent_away' } }))).toEqual({ show: 'stale', ageMs: 12_050, problem: { kind: 'agent_away' } })
  })
  it.each(['disabled', 'removed', 'not_permitted', 'signed_out', 'unsupported'] as const)('takes the picture away when %s', kind => expect(pictureState({ ...facts, problem: { kind } }).show).toBe('blank'))
  it('tells a stream that never came from one that is still connecting', () => {
    expect(pictureState({ ...facts, newest: null }).show).toBe('connecting')
    expect(pictureState({ ...facts, newest: null, problem: { kind: 'stream', code: 'no_stream', detail: '' } }).show).toBe('blank')
  })
  it('allows key frames their interval, within a bound', () => {
    expect(staleLimitMs('keyframes', 1000)).toBe(2250)
    expect(staleLimitMs('keyframes', 4000)).toBe(6000)
    expect(staleLimitMs('keyframes', 60_000)).toBe(6000)
    expect(staleLimitMs('all', 60_000)).toBe(2000)
  })
})
