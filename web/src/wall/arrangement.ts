/** What stands in which cell of the wall, and how that changes. Pure. */
import { type Layout, type LayoutWrite, wallGrids } from '../../../server/contract/wall.js'

export type Grid = (typeof wallGrids)[number]
const MOST = 25
export interface Arrangement {
  /** The saved layout that this one came from. */
  layoutId: string | null
  name: string
  shared: boolean
  grid: Grid
  /** Always 25: a smaller grid shows the first of them, and going back to a larger one brings the rest again. */
  cells: ReadonlyArray<string | null>
  changed: boolean
}
export type Rearrange =
  | { do: 'grid', grid: Grid }
  | { do: 'place', cell: number, id: string }
  | { do: 'swap', from: number, to: number }
  | { do: 'remove', cell: number }
  | { do: 'clear' }
  | { do: 'fill', ids: readonly string[] }
  | { do: 'load', layout: Layout }
  | { do: 'saved', layout: Layout }
  | { do: 'follow', layouts: readonly Layout[] }

const padded = (cells: ReadonlyArray<string | null>) => Array.from({ length: MOST }, (_, i) => cells[i] ?? null)
export const emptyArrangement: Arrangement = { layoutId: null, name: '', shared: false, grid: 4, cells: padded([]), changed: false }
export const sideOf = (grid: Grid) => Math.sqrt(grid)
export const visibleCells = (a: Arrangement) => a.cells.slice(0, a.grid)

/** A wall nobody has arranged yet: as many cameras as fit into a grid that they fill. */
export function firstArrangement (ids: readonly string[]): Arrangement {
  const grid = wallGrids.find(g => g >= Math.min(ids.length, 16)) ?? 16
  return { ...emptyArrangement, grid, cells: padded(ids.slice(0, grid)) }
}
const fromLayout = (l: Layout): Arrangement => ({ layoutId: l.id, name: l.name, shared: l.shared, grid: l.grid, cells: padded(l.cells), changed: false })

function swapped (cells: ReadonlyArray<string | null>, a: number, b: number) {
  const next = [...cells]
  next[a] = cells[b] ?? null
  next[b] = cells[a] ?? null
  return next
}
const put = (cells: ReadonlyArray<string | null>, cell: number, id: string | null) => cells.map((c, i) => i === cell ? id : c)

function placed (a: Arrangement, cell: number, id: string) {
  const at = a.cells.indexOf(id)
  // A camera stands once: shown elsewhere it changes places, hidden behind a smaller grid it moves here.
  if (at >= 0 && at < a.grid) return swapped(a.cells, at, cell)
  return put(at >= 0 ? put(a.cells, at, null) : a.cells, cell, id)
}
function filled (a: Arrangement, ids: readonly string[]) {
  const shown = new Set(visibleCells(a))
  const rest = ids.filter(id => !shown.has(id))
  const cells = a.cells.map((c, i) => i < a.grid ? c : c !== null && rest.slice(0, a.grid).includes(c) ? null : c)
  return cells.map((c, i) => i < a.grid && c === null ? rest.shift() ?? null : c)
}

/** What others saved shows at once, but never over what is not saved here; a layout that was deleted leaves its pictures. */
function following (a: Arrangement, layouts: readonly Layout[]): Arrangement {
  if (a.layoutId === null) return a
  const layout = layouts.find(l => l.id === a.layoutId)
  if (!layout) return { ...a, layoutId: null, name: '', shared: false, changed: true }
  if (a.changed) return a
  const next = fromLayout(layout)
  return JSON.stringify(next) === JSON.stringify(a) ? a : next
}

/**
 * What a wall opens with: what this window showed last, unsaved changes included; else the first shared layout, else an own one;
 * else as many cameras as fit. `layouts` is null when they could not be read.
 */
export function opening (last: Arrangement | null, layouts: readonly Layout[] | null, cameraIds: readonly string[]): Arrangement {
  if (last && layouts === null) return last
  const first = layouts?.find(l => l.shared) ?? layouts?.[0]
  const followed = last && following(last, layouts ?? [])
  // An unsaved arrangement is somebody's work; a layout that is another person's own, or gone, is not.
  const gone = last?.layoutId != null && followed?.layoutId === null && !last.changed
  if (followed && !gone && (followed.layoutId !== null || followed.changed)) return followed
  return first ? fromLayout(first) : firstArrangement(cameraIds)
}

/** Whether the opening depends on which cameras there are: before they are known it would be an empty wall. */
export const needsCameras = (last: Arrangement | null, layouts: readonly Layout[] | null) =>
  layouts === null ? last === null : layouts.length === 0 && (last === null || (last.layoutId === null && !last.changed))

export function rearrange (a: Arrangement, step: Rearrange): Arrangement {
  const inside = (cell: number) => cell >= 0 && cell < a.grid
  switch (step.do) {
    case 'grid': return step.grid === a.grid ? a : { ...a, grid: step.grid, changed: true }
    case 'place': return inside(step.cell) && a.cells[step.cell] !== step.id ? { ...a, cells: placed(a, step.cell, step.id), changed: true } : a
    case 'swap': return step.from !== step.to && inside(step.from) && inside(step.to) ? { ...a, cells: swapped(a.cells, step.from, step.to), changed: true } : a
    case 'remove': return a.cells[step.cell] ? { ...a, cells: put(a.cells, step.cell, null), changed: true } : a
    case 'clear': return { ...a, cells: padded([]), changed: true }
    case 'fill': return { ...a, cells: filled(a, step.ids), changed: true }
    case 'load': case 'saved': return fromLayout(step.layout)
    case 'follow': return following(a, step.layouts)
  }
}
export const toWrite = (a: Arrangement, name: string, shared: boolean): LayoutWrite => ({ name, shared, grid: a.grid, cells: visibleCells(a) })

/** The cell an arrow leads to; the edge holds. */
export function neighbour (grid: Grid, cell: number, dx: number, dy: number) {
  const side = sideOf(grid)
  const x = Math.max(0, Math.min(side - 1, cell % side + dx))
  const y = Math.max(0, Math.min(side - 1, Math.floor(cell / side) + dy))
  return y * side + x
}

const STORED = 'kalancha.wall'
/** Null when the browser remembers nothing usable. */
export function recalled (text: string | null): Arrangement | null {
  try {
    const stored = JSON.parse(text ?? 'null') as Partial<Arrangement> | null
    if (!stored || !wallGrids.includes(stored.grid as Grid) || !Array.isArray(stored.cells) || !stored.cells.every(c => c === null || typeof c === 'string')) return null
    return { layoutId: stored.layoutId ?? null, name: stored.name ?? '', shared: stored.shared === true, grid: stored.grid as Grid, cells: padded(stored.cells), changed: stored.changed === true }
  } catch { return null }
}
/** A wall of several windows: each keeps its own over a reload, and a new one begins with the latest of this browser. */
export const recall = () => recalled(sessionStorage.getItem(STORED)) ?? recalled(localStorage.getItem(STORED))
export function remember (a: Arrangement) {
  for (const storage of [sessionStorage, localStorage]) storage.setItem(STORED, JSON.stringify(a))
}
