import { describe, expect, it } from 'vitest'
import { follow } from './mse-rules.js'

describe('following the live edge', () => {
  it('jumps when more than a second behind, or left outside the data', () => {
    expect(follow({ ranges: [{ start: 0, end: 10 }], time: 8, keyframesOnly: false }).seekTo).toBeCloseTo(9.94)
    expect(follow({ ranges: [{ start: 0, end: 3 }, { start: 7, end: 7.5 }], time: 3, keyframesOnly: false }).seekTo).toBeCloseTo(7.44)
    expect(follow({ ranges: [{ start: 100, end: 100.02 }], time: 0, keyframesOnly: false }).seekTo).toBe(100)
  })
  it('plays faster in between and at its pace near the edge', () => {
    expect(follow({ ranges: [{ start: 0, end: 10 }], time: 9.5, keyframesOnly: false })).toEqual({ seekTo: null, rate: 1.44, removeBefore: 4.5 })
    expect(follow({ ranges: [{ start: 8, end: 10 }], time: 9.95, keyframesOnly: false })).toEqual({ seekTo: null, rate: 1, removeBefore: null })
  })
  it('shows the newest of single key frames', () => {
    expect(follow({ ranges: [{ start: 1, end: 1.04 }, { start: 2, end: 2.04 }], time: 1.02, keyframesOnly: true }).seekTo).toBe(2)
    expect(follow({ ranges: [{ start: 2, end: 2.04 }], time: 2.01, keyframesOnly: true }).seekTo).toBeNull()
  })
  it('does nothing without data', () => expect(follow({ ranges: [], time: 0, keyframesOnly: false })).toEqual({ seekTo: null, rate: 1, removeBefore: null }))
})
