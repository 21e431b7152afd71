import { expect, it } from 'vitest'
import { between, levelAt } from './cursors.js'

const curve = { distanceM: [0, 1000, 2000, 2000, 4000], levelDb: [30, 29.8, 29.6, 28.6, 28.2] }
it('two cursors tell distance, loss and loss a kilometre, in whichever order', () => {
  expect(levelAt(curve, 500)).toBeCloseTo(29.9, 9)
  expect([levelAt(curve, -1), levelAt(curve, 4001), levelAt({ distanceM: [], levelDb: [] }, 0)]).toEqual([null, null, null])
  for (const [a, b] of [[1000, 3000], [3000, 1000]] as const) expect(between(curve, a, b)).toEqual({ lengthM: 2000, lossDb: expect.closeTo(1.4, 9), dbPerKm: expect.closeTo(0.7, 9) })
  expect(between(curve, 10, 10).dbPerKm).toBeNull()
  expect(between(curve, 10, 9000).lossDb).toBeNull()
})
