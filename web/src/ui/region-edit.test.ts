import { describe, expect, it } from 'vitest'
import { type Drawing, edit, type Edit, MAX_POINTS, MAX_REGIONS, type Point } from './region-edit.js'

const empty: Drawing = { regions: [], draft: [], selected: null }
const all = (changes: Edit[], from = empty) => changes.reduce(edit, from)
const point = (x: number, y: number): Edit => ({ do: 'point', at: [x, y] })

describe('regions that a person draws', () => {
  it('close at their first point, or when told to, from three points on', () => {
    expect(all([point(0.1, 0.1), point(0.5, 0.1), { do: 'close' }])).toMatchObject({ regions: [], draft: [[0.1, 0.1], [0.5, 0.1]] })
    expect(all([point(0.1, 0.1), point(0.5, 0.1), point(0.5, 0.5), point(0.11, 0.09)])).toEqual({ regions: [[[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]]], draft: [], selected: 0 })
    expect(all([point(0.1, 0.1), point(0.5, 0.1), point(0.5, 0.5), { do: 'close' }]).regions).toHaveLength(1)
  })
  it('stay inside of the picture, and their last point can be taken back', () => {
    expect(all([point(-1, 2), point(0.5, 0.5), { do: 'back' }]).draft).toEqual([[0, 1]])
    expect(all([{ do: 'rectangle' }, { do: 'move', region: 0, point: 1, at: [7, 0.2] }]).regions[0]![1]).toEqual([1, 0.2])
  })
  it('lose a point, or go when three are left', () => {
    const four = all([{ do: 'rectangle' }, { do: 'removePoint', region: 0, point: 0 }])
    expect(four.regions[0]).toHaveLength(3)
    expect(edit(four, { do: 'removePoint', region: 0, point: 0 })).toMatchObject({ regions: [], selected: null })
    expect(all([{ do: 'rectangle' }, { do: 'rectangle' }, { do: 'remove', region: 0 }]).regions).toHaveLength(1)
  })
  it('are at most as many as the server takes', () => {
    const many = all(Array.from({ length: MAX_REGIONS + 3 }, () => ({ do: 'rectangle' }) as const))
    expect(many.regions).toHaveLength(MAX_REGIONS)
    expect(edit(many, point(0.5, 0.5)).draft).toEqual([])
    const long = all(Array.from({ length: MAX_POINTS + 5 }, (_, i) => point(i / 30, 0.9) as Edit))
    expect(long.draft).toHaveLength(MAX_POINTS)
    expect(edit(long, { do: 'reset', regions: [[[0, 0], [1, 0], [1, 1]] as Point[]] })).toEqual({ regions: [[[0, 0], [1, 0], [1, 1]]], draft: [], selected: null })
  })
})
