import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Drive, halt, MOST_STOPS, moveTold, nextStep, REPEAT_MS, standing, stopTold, want } from './drive.js'

const right = { pan: 1, tilt: 0, zoom: 0 }
const moving = moveTold(want(standing, right, 1500), right, true, 0)

describe('what a head is told next', () => {
  it('a move at once, the same again before the camera ends it, and a stop when nobody asks any more', () => {
    expect(nextStep(want(standing, right, 1500), 0)).toEqual({ do: 'move', velocity: right })
    expect(nextStep(moving, 1)).toEqual({ do: 'wait', ms: REPEAT_MS - 1 })
    expect(nextStep(moving, REPEAT_MS)).toEqual({ do: 'move', velocity: right })
    expect(nextStep(moving, 1500)).toEqual({ do: 'stop' })
    expect(nextStep(stopTold(moving, true, 1500), 1501)).toEqual({ do: 'wait', ms: null })
  })
  it('another direction at once, no direction as a stop', () => {
    expect(nextStep(want(moving, { ...right, tilt: 1 }, 3000), 10)).toEqual({ do: 'move', velocity: { ...right, tilt: 1 } })
    expect(nextStep(want(moving, { pan: 0, tilt: 0, zoom: 0 }, 3000), 10)).toEqual({ do: 'stop' })
  })
  it('a stop even where we believe that it stands', () => {
    expect(nextStep(halt(standing), 0)).toEqual({ do: 'stop' })
  })
  it('a stop again where it failed, less and less often, and not for ever', () => {
    let drive = halt(moving)
    const waits: number[] = []
    for (let now = 1000, i = 0; i < MOST_STOPS; i++) {
      drive = stopTold(drive, false, now)
      const step = nextStep(drive, now)
      if (step.do !== 'wait' || step.ms === null) break
      waits.push(step.ms)
      now += step.ms
    }
    expect(waits).toEqual([200, 400, 800, 1600, 3000])
    expect(drive).toMatchObject({ told: null, mustStop: false })
  })
  it('a second stop behind a move whose fate is unknown', () => {
    const doubtful = halt(moveTold(want(standing, right, 1500), right, false, 0))
    const once = stopTold(doubtful, true, 400)
    expect(nextStep(once, 400)).toEqual({ do: 'wait', ms: 200 })
    expect(nextStep(once, 600)).toEqual({ do: 'stop' })
    expect(nextStep(stopTold(once, true, 600), 5000)).toEqual({ do: 'wait', ms: null })
  })
  it('stops within the hold after the last order, whatever was said and whatever failed before', () => {
    const act = fc.record({ after: fc.integer({ min: 0, max: 2000 }), say: fc.constantFrom('move', 'other', 'stop', 'nothing'), works: fc.boolean() })
    fc.assert(fc.property(fc.array(act, { maxLength: 30 }), acts => {
      let drive: Drive = standing
      let now = 0
      let head = false
      const step = (works: boolean) => {
        const next = nextStep(drive, now)
        if (next.do === 'move') { head ||= works; drive = moveTold(drive, next.velocity, works, now) }
        if (next.do === 'stop') { if (works) head = false; drive = stopTold(drive, works, now) }
        return next
      }
      for (const { after, say, works } of acts) {
        now += after
        if (say === 'move' || say === 'other') drive = want(drive, say === 'move' ? right : { pan: -1, tilt: 0.5, zoom: 0 }, now + 1500)
        if (say === 'stop') drive = halt(drive)
        step(works)
      }
      for (let i = 0; i < 20; i++) {
        const next = step(true)
        if (next.do === 'wait' && next.ms === null) break
        if (next.do === 'wait') now += next.ms!
      }
      expect(head).toBe(false)
      expect(nextStep(drive, now)).toEqual({ do: 'wait', ms: null })
    }))
  })
})
