import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dragVelocity, isStill, keyVelocity, padVelocity, pointIn, presetOfKey, still, together } from './stick.js'

describe('hands on a camera', () => {
  it('a drag turns the way it goes, slowly at first, never faster than fully', () => {
    expect(dragVelocity(5, 3, 200)).toEqual(still)
    expect(dragVelocity(1000, 0, 200)).toEqual({ pan: 1, tilt: 0, zoom: 0 })
    expect(dragVelocity(0, 1000, 200)).toEqual({ pan: 0, tilt: -1, zoom: 0 })
    const half = dragVelocity(107, 0, 200).pan
    expect(half).toBeGreaterThan(0)
    expect(half).toBeLessThan(0.5)
    fc.assert(fc.property(fc.integer({ min: -3000, max: 3000 }), fc.integer({ min: -3000, max: 3000 }), (x, y) => {
      const { pan, tilt } = dragVelocity(x, y, 200)
      expect(Math.abs(pan)).toBeLessThanOrEqual(1)
      expect(pan * x).toBeGreaterThanOrEqual(0)
      expect(tilt * y).toBeLessThanOrEqual(0)
    }))
  })
  it('keys: arrows turn, plus and minus zoom, Shift is slow, opposite ones cancel', () => {
    expect(keyVelocity(['ArrowLeft', 'ArrowUp'], false)).toEqual({ pan: -0.6, tilt: 0.6, zoom: 0 })
    expect(keyVelocity(['NumpadAdd'], true)).toEqual({ pan: 0, tilt: 0, zoom: 0.2 })
    expect(isStill(keyVelocity(['ArrowLeft', 'ArrowRight'], false))).toBe(true)
    expect([presetOfKey('Digit1'), presetOfKey('Numpad9'), presetOfKey('Digit0'), presetOfKey('KeyA')]).toEqual([0, 8, null, null])
  })
  it('a joystick at rest does nothing; pushed forward it looks up; its second stick or its triggers zoom', () => {
    expect(isStill(padVelocity({ axes: [0.05, -0.1, 0, 0.02], triggers: [0, 0] }))).toBe(true)
    expect(padVelocity({ axes: [1, -1, 0, -1], triggers: [0, 0] })).toEqual({ pan: 1, tilt: 1, zoom: 1 })
    expect(padVelocity({ axes: [0, 0], triggers: [1, 0] })).toEqual({ pan: 0, tilt: 0, zoom: -1 })
    expect(together([{ pan: 1, tilt: 0, zoom: 0 }, { pan: 0.5, tilt: -0.5, zoom: 0.2 }])).toEqual({ pan: 1, tilt: -0.5, zoom: 0.2 })
  })
  it('a click means a place in the picture, not in the bars beside it', () => {
    expect(pointIn({ width: 1600, height: 900 }, 16 / 9, 800, 450)).toEqual({ x: 0.5, y: 0.5 })
    expect(pointIn({ width: 2000, height: 900 }, 16 / 9, 100, 450)).toBe(null)
    expect(pointIn({ width: 2000, height: 900 }, 16 / 9, 200, 0)).toEqual({ x: 0, y: 0 })
  })
})
