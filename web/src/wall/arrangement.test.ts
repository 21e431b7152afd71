import { describe, expect, it } from 'vitest'
import type { Layout } from '../../../server/contract/wall.js'
import { emptyArrangement, firstArrangement, needsCameras, neighbour, opening, rearrange, recalled, toWrite, visibleCells } from './arrangement.js'

const nine = { ...firstArrangement(['a', 'b', 'c', 'd', 'e', 'f']), changed: false }
const layout: Layout = { id: 'l', name: 'Центр', ownerId: null, shared: true, grid: 4, cells: ['x', null, 'y', null], updatedAt: 1 }

describe('the arrangement of the wall', () => {
  it('starts with a grid that the cameras fill, sixteen at most', () => {
    expect(nine.grid).toBe(9)
    expect(firstArrangement(['a']).grid).toBe(1)
    expect(firstArrangement(Array.from({ length: 60 }, (_, i) => `${i}`)).grid).toBe(16)
  })
  it('waits for the cameras before it opens with them: a reload without a layout is no empty wall', () => {
    expect(needsCameras(null, [])).toBe(true)
    expect(needsCameras(nine, [])).toBe(true)
    expect(needsCameras(nine, null)).toBe(false)
    expect(needsCameras({ ...nine, changed: true }, [])).toBe(false)
    expect(needsCameras(nine, [layout])).toBe(false)
    expect(opening(nine, [], ['p', 'q']).cells.slice(0, 2)).toEqual(['p', 'q'])
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
describe('the wall opens', () => {
  const other: Layout = { ...layout, id: 'm', name: 'Моя', shared: false }
  const asLoaded = rearrange(nine, { do: 'load', layout })
  it('with what it showed last, as that layout is now', () => {
    expect(opening(asLoaded, [other, { ...layout, name: 'Інша', cells: ['q', null, null, null] }], ['a'])).toMatchObject({ layoutId: 'l', name: 'Інша', changed: false })
    expect(opening(asLoaded, null, ['a'])).toBe(asLoaded)
  })
  it('with unsaved work, even of a layout that is gone', () => {
    const work = rearrange(asLoaded, { do: 'remove', cell: 0 })
    expect(opening(work, [layout], [])).toBe(work)
    expect(opening(work, [], [])).toMatchObject({ layoutId: null, changed: true, cells: work.cells })
  })
  it('with the first shared layout when it is new, or its layout is gone', () => {
    for (const last of [null, nine, rearrange(nine, { do: 'load', layout: { ...layout, id: 'gone' } })]) expect(opening(last, [other, layout], ['a'])).toMatchObject({ layoutId: 'l' })
    expect(opening(null, [other], ['a'])).toMatchObject({ layoutId: 'm' })
    expect(opening(null, [], ['a', 'b'])).toMatchObject({ layoutId: null, grid: 4, changed: false })
  })
})
it('follows what others save, but not over unsaved changes', () => {
  const loaded = rearrange(nine, { do: 'load', layout })
  const saved = { ...layout, cells: ['n', null, null, null], updatedAt: 9 }
  expect(visibleCells(rearrange(loaded, { do: 'follow', layouts: [saved] }))[0]).toBe('n')
  expect(rearrange(loaded, { do: 'follow', layouts: [layout] })).toBe(loaded)
  const work = rearrange(loaded, { do: 'swap', from: 0, to: 1 })
  expect(rearrange(work, { do: 'follow', layouts: [saved] })).toBe(work)
  expect(rearrange(loaded, { do: 'follow', layouts: [] })).toMatchObject({ layoutId: null, name: '', changed: true, cells: loaded.cells })
})
it('arrows stop at the edge', () => {
  expect(neighbour(9, 4, 1, 0)).toBe(5)
  expect(neighbour(9, 5, 1, 0)).toBe(5)
  expect(neighbour(9, 7, 0, 1)).toBe(7)
  expect(neighbour(9, 0, 0, 1)).toBe(3)
  expect(neighbour(emptyArrangement.grid, 3, -1, -1)).toBe(0)
})
