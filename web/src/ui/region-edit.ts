/** Regions of a picture as a person draws them: pure. Coordinates are 0 to 1 of width and height. */
export type Point = [number, number]
type Region = Point[]
export interface Drawing { regions: readonly Region[], /** Points of a region that is not closed yet. */ draft: readonly Point[], selected: number | null }

export type Edit =
  | { do: 'point', at: Point }
  | { do: 'close' }
  | { do: 'back' }
  | { do: 'select', region: number | null }
  | { do: 'move', region: number, point: number, at: Point }
  | { do: 'remove', region: number }
  | { do: 'removePoint', region: number, point: number }
  | { do: 'rectangle' }
  | { do: 'reset', regions: readonly Region[] }

export const MAX_REGIONS = 20
export const MAX_POINTS = 20
/** A click so near to the first point closes the region. */
const NEAR = 0.025

const inside = ([x, y]: Point): Point => [Math.min(1, Math.max(0, x)), Math.min(1, Math.max(0, y))]
const near = (a: Point, b: Point) => Math.abs(a[0] - b[0]) < NEAR && Math.abs(a[1] - b[1]) < NEAR

export function edit (drawing: Drawing, change: Edit): Drawing {
  const { regions, draft } = drawing
  switch (change.do) {
    case 'point': {
      if (draft.length >= 3 && near(draft[0]!, change.at)) return edit(drawing, { do: 'close' })
      if (draft.length >= MAX_POINTS || (draft.length === 0 && regions.length >= MAX_REGIONS)) return drawing
      return { regions, draft: [...draft, inside(change.at)], selected: null }
    }
    case 'close': return draft.length < 3 ? drawing : { regions: [...regions, [...draft]], draft: [], selected: regions.length }
    case 'back': return { ...drawing, draft: draft.slice(0, -1) }
    case 'select': return { ...drawing, selected: change.region }
    case 'move': return { ...drawing, selected: change.region, regions: regions.map((region, i) => i === change.region ? region.map((p, j) => j === change.point ? inside(change.at) : p) : region) }
    case 'remove': return { ...drawing, selected: null, regions: regions.filter((_, i) => i !== change.region) }
    case 'removePoint': {
      if ((regions[change.region]?.length ?? 0) <= 3) return edit(drawing, { do: 'remove', region: change.region })
      return { ...drawing, regions: regions.map((region, i) => i === change.region ? region.filter((_, j) => j !== change.point) : region) }
    }
    case 'rectangle': {
      if (regions.length >= MAX_REGIONS) return drawing
      // Beside the one before, so that both are seen.
      const [from, to] = [0.3 + regions.length % 8 * 0.03, 0.5 + regions.length % 8 * 0.03]
      return { regions: [...regions, [[from, from], [to, from], [to, to], [from, to]]], draft: [], selected: regions.length }
    }
    case 'reset': return { regions: change.regions, draft: [], selected: null }
  }
}
