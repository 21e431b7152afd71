import { describe, expect, it } from 'vitest'
import type { Layout } from '../../../server/contract/wall.js'
import { emptyArrangement, firstArrangement, neighbour, rearrange, recalled, toWrite, visibleCells } from './arrangement.js'

const nine = { ...firstArrangement(['a', 'b', 'c', 'd', 'e', 'f']), changed: false }
const layout: Layout = { id: 'l', name: 'Центр', ownerId: null, shared: true, grid: 4, cells: ['x', null, 'y', null], updatedAt: 1 }

describe('the arrangement of the wall', () => {
  it('starts with a grid that the cameras fill, sixteen at most', () => {
    expect(nine.grid).toBe(9)
    expect(firstArrangement(['a']).grid).toBe(1)
    expect(firstArrangement(Array.from({ length: 60 }, (_, i) => `${i}`)).grid).toBe(16)
  })
  it('swaps two cells, also with an empty one, and marks itself changed', () => {
    const next = rearrange(nine, { do: 'swap', from: 0, to: 8 })
    expect(visibleCells(next)).toEqual([null, 'b', 'c', 'd', 'e', 'f', null, null, 'a'])
    expect(next.changed).toBe(true)
  })
  it('shows a camera once: placing one that is shown changes places', () => {
    expect(visibleCells(rearrange(nine, { do: 'place', cell: 0, id: 'c' })).slice(0, 3)).toEqual(['c', 'b', 'a'])
    expect(visibleCells(rearrange(nine, { do: 'place', cell: 0, id: 'z' })).slice(0, 3)).toEqual(['z', 'b', 'c'])
  })
  it('remembers what a smaller grid hides', () => {
    const small = rearrange(nine, { do: 'grid', grid: 4 })
    expect(visibleCells(small)).toEqual(['a', 'b', 'c', 'd'])
    expect(visibleCells(rearrange(small, { do: 'grid', grid: 9 }))).toEqual(visibleCells(nine))
    expect(visibleCells(rearrange(rearrange(small, { do: 'place', cell: 0, id: 'f' }), { do: 'grid', grid: 9 }))).toEqual(['f', 'b', 'c', 'd', 'e', null, null, null, null])
  })
  it('fills only empty cells and never twice', () => {
    const next = rearrange(rearrange(nine, { do: 'remove', cell: 1 }), { do: 'fill', ids: ['a', 'g', 'h', 'i', 'j', 'k'] })
    expect(visibleCells(next)).toEqual(['a', 'g', 'c', 'd', 'e', 'f', 'h', 'i', 'j'])
  })
  it('loads and saves exactly the grid', () => {
    const loaded = rearrange(nine, { do: 'load', layout })
    expect(loaded).toMatchObject({ layoutId: 'l', name: 'Центр', shared: true, changed: false })
    expect(toWrite(loaded, 'Нова', false)).toEqual({ name: 'Нова', shared: false, grid: 4, cells: ['x', null, 'y', null] })
  })
  it('ignores what lies outside the grid', () => {
    expect(rearrange(nine, { do: 'swap', from: 0, to: 9 })).toBe(nine)
    expect(rearrange(nine, { do: 'place', cell: 12, id: 'q' })).toBe(nine)
  })
  it('recalls only what makes sense', () => {
    expect(recalled(JSON.stringify(nine))).toEqual(nine)
    expect(recalled('{"grid":7,"cells":[]}')).toBeNull()
    expect(recalled('{"grid":4,"cells":[1]}')).toBeNull()
    expect(recalled('nonsense')).toBeNull()
    expect(recalled(null)).toBeNull()
  })
})
it('arrows stop at the edge', () => {
  expect(neighbour(9, 4, 1, 0)).toBe(5)
  expect(neighbour(9, 5, 1, 0)).toBe(5)
  expect(neighbour(9, 7, 0, 1)).toBe(7)
  expect(neighbour(9, 0, 0, 1)).toBe(3)
  expect(neighbour(emptyArrangement.grid, 3, -1, -1)).toBe(0)
})
