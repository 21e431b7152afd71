import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { enlarged, moved, transformOf, wholePicture } from './digital-zoom.js'

describe('an enlarged picture', () => {
  it('keeps the point under the pointer and never shows beyond its edge', () => {
    fc.assert(fc.property(fc.array(fc.record({ px: fc.double({ min: 0, max: 1, noNaN: true }), py: fc.double({ min: 0, max: 1, noNaN: true }), factor: fc.double({ min: 0.3, max: 3, noNaN: true }) })), steps => {
      let zoom = wholePicture
      for (const { px, py, factor } of steps) {
        zoom = moved(enlarged(zoom, px, py, factor), px - 0.5, py - 0.5)
        expect(zoom.scale).toBeGreaterThanOrEqual(1)
        for (const shift of [zoom.x, zoom.y]) { expect(shift).toBeLessThanOrEqual(0); expect(shift).toBeGreaterThanOrEqual(1 - zoom.scale - 1e-9) }
      }
    }))
    const zoom = enlarged(wholePicture, 0.25, 0.5, 2)
    expect((0.25 - zoom.x) / zoom.scale).toBeCloseTo(0.25)
    expect(transformOf(zoom)).toBe('translate(-25%, -50%) scale(2)')
    expect(enlarged(zoom, 0, 0, 0.1)).toBe(wholePicture)
  })
})
