/** What can be said of one small picture by itself, and of two beside each other. Pure. */

/** Pictures are looked at in this size, planar YUV 4:2:0. */
export const WIDTH = 320
export const HEIGHT = 180
export const PICTURE_BYTES = WIDTH * HEIGHT * 3 / 2
/** Blocks of 8x6 pixels, in which edges are counted. */
const COLUMNS = 40
const ROWS = 30
export const BLOCKS = COLUMNS * ROWS
const BLOCK_W = WIDTH / COLUMNS
const BLOCK_H = HEIGHT / ROWS
/** Cells of 4x4 pixels: the picture made small, without its grain. */
const CELL = 4
const CELL_COLUMNS = WIDTH / CELL
const CELL_ROWS = HEIGHT / CELL
const CELLS = CELL_COLUMNS * CELL_ROWS

export interface Statistics {
  /** Luma, 0 to 255: mean, and the value that half of the pixels do not exceed. */
  mean: number, median: number
  /** Shares of pixels that are not dark, and that are white. */
  lit: number, white: number
  /** Between the darkest and the brightest tenth of the cells: what contrast there is, whatever is written over a corner. */
  contrast: number
  /** Mean fine and broad detail (Laplacian of the pixels, and of the cells). Contrast changes both, sharpness only the first. */
  fine: number, broad: number
  /** Fine detail of the flattest blocks, where there is nothing to see. */
  grain: number
  /** Mean distance of the colours from grey, 0 to 128. */
  saturation: number
  /** Gradient of each block: where edges are, whatever the light. */
  edges: Float32Array
  /** Mean luma of each cell. */
  cells: Float32Array
  /** The picture in 16 by 9 tones: how the light falls. */
  tones: Float32Array
}

export function statisticsOf (picture: Uint8Array): Statistics {
  const pixels = WIDTH * HEIGHT
  const histogram = new Uint32Array(256)
  let sum = 0
  for (let i = 0; i < pixels; i++) {
    const y = picture[i]!
    histogram[y]!++
    sum += y
  }
  const edges = new Float32Array(BLOCKS)
  const flat = new Float32Array(BLOCKS)
  let fine = 0
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      let gradient = 0
      let laplacian = 0
      const top = Math.max(1, row * BLOCK_H)
      const bottom = Math.min(HEIGHT - 1, (row + 1) * BLOCK_H)
      const left = Math.max(1, column * BLOCK_W)
      const right = Math.min(WIDTH - 1, (column + 1) * BLOCK_W)
      for (let y = top; y < bottom; y++) {
        for (let x = left, at = y * WIDTH + left; x < right; x++, at++) {
          const l = picture[at - 1]!
          const r = picture[at + 1]!
          const u = picture[at - WIDTH]!
          const d = picture[at + WIDTH]!
          gradient += Math.abs(r - l) + Math.abs(d - u)
          laplacian += Math.abs(4 * picture[at]! - l - r - u - d)
        }
      }
      const n = (bottom - top) * (right - left)
      const block = row * COLUMNS + column
      edges[block] = gradient / n / 2
      flat[block] = laplacian / n / 4
      fine += laplacian
    }
  }
  const cells = cellsOf(picture)
  let colour = 0
  for (let i = pixels; i < PICTURE_BYTES; i++) colour += Math.abs(picture[i]! - 128)
  const above = (value: number) => {
    let n = 0
    for (let v = value; v < 256; v++) n += histogram[v]!
    return n / pixels
  }
  const sorted = Float32Array.from(cells).sort()
  return {
    mean: sum / pixels, median: median(histogram, pixels), lit: above(60), white: above(222), contrast: sorted[Math.floor(CELLS * 0.9)]! - sorted[Math.floor(CELLS * 0.1)]!,
    fine: fine / pixels / 4, broad: broadOf(cells), grain: flat.sort()[BLOCKS >> 2]!, saturation: colour / (pixels / 2), edges, cells, tones: tonesOf(cells)
  }
}

function median (histogram: Uint32Array, pixels: number) {
  let left = pixels / 2
  let value = 0
  while (value < 255 && left > histogram[value]!) left -= histogram[value++]!
  return value
}

function cellsOf (picture: Uint8Array) {
  const cells = new Float32Array(CELLS)
  for (let y = 0; y < HEIGHT; y++) {
    const row = Math.floor(y / CELL) * CELL_COLUMNS
    for (let x = 0, at = y * WIDTH; x < WIDTH; x++, at++) cells[row + (x >> 2)]! += picture[at]!
  }
  for (let i = 0; i < CELLS; i++) cells[i]! /= CELL * CELL
  return cells
}

const TONE_CELLS = 5
function tonesOf (cells: Float32Array) {
  const columns = CELL_COLUMNS / TONE_CELLS
  const tones = new Float32Array(columns * CELL_ROWS / TONE_CELLS)
  for (let i = 0; i < CELLS; i++) tones[Math.floor(i / CELL_COLUMNS / TONE_CELLS) * columns + Math.floor(i % CELL_COLUMNS / TONE_CELLS)]! += cells[i]! / (TONE_CELLS * TONE_CELLS)
  return tones
}

function broadOf (cells: Float32Array) {
  let sum = 0
  for (let y = 1; y < CELL_ROWS - 1; y++) {
    for (let x = 1, at = y * CELL_COLUMNS + 1; x < CELL_COLUMNS - 1; x++, at++) sum += Math.abs(4 * cells[at]! - cells[at - 1]! - cells[at + 1]! - cells[at - CELL_COLUMNS]! - cells[at + CELL_COLUMNS]!)
  }
  return sum / CELLS / 4
}

/** Grey levels by which a living sensor's cell may be taken to stand still. */
const STILL = 0.3
/** The share of a picture's cells that stand still from one look to the next. */
export function stillShare (a: Statistics, b: Statistics): number {
  let still = 0
  for (let i = 0; i < CELLS; i++) if (Math.abs(a.cells[i]! - b.cells[i]!) < STILL) still++
  return still / CELLS
}

/** Of the blocks where `before` had edges, the share that lost most of them. */
export function lostShare (before: ArrayLike<number>, now: Float32Array): number {
  let had = 0
  let lost = 0
  for (let i = 0; i < BLOCKS; i++) {
    if (before[i]! < 4) continue
    had++
    if (now[i]! < before[i]! * 0.35) lost++
  }
  return had < BLOCKS / 20 ? 0 : lost / had
}

/** How alike two pictures are built, -1 to 1: correlation of where their edges are, with `now` moved by so many blocks. Light and colour hardly count. */
export function likeness (before: ArrayLike<number>, now: ArrayLike<number>, dx = 0, dy = 0): number {
  let [n, sumA, sumB, aa, bb, ab] = [0, 0, 0, 0, 0, 0]
  for (let y = Math.max(0, -dy); y < Math.min(ROWS, ROWS - dy); y++) {
    for (let x = Math.max(0, -dx); x < Math.min(COLUMNS, COLUMNS - dx); x++) {
      const a = Math.sqrt(before[y * COLUMNS + x]!)
      const b = Math.sqrt(now[(y + dy) * COLUMNS + x + dx]!)
      n++
      sumA += a
      sumB += b
      aa += a * a
      bb += b * b
      ab += a * b
    }
  }
  const [spreadA, spreadB] = [aa - sumA * sumA / n, bb - sumB * sumB / n]
  return spreadA < 1e-6 || spreadB < 1e-6 ? 0 : (ab - sumA * sumB / n) / Math.sqrt(spreadA * spreadB)
}

/** How alike the light falls in two pictures, -1 to 1. */
export function lightLikeness (a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [sumA, sumB, aa, bb, ab] = [0, 0, 0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    sumA += a[i]!
    sumB += b[i]!
    aa += a[i]! * a[i]!
    bb += b[i]! * b[i]!
    ab += a[i]! * b[i]!
  }
  const n = a.length
  const spread = (aa - sumA * sumA / n) * (bb - sumB * sumB / n)
  return spread < 1e-6 ? 0 : (ab - sumA * sumB / n) / Math.sqrt(spread)
}

const FARTHEST_X = 12
const FARTHEST_Y = 8
/** The shift under which two pictures are most alike. */
export function bestShift (before: ArrayLike<number>, now: ArrayLike<number>): { dx: number, dy: number, likeness: number } {
  let best = { dx: 0, dy: 0, likeness: likeness(before, now) }
  for (let dy = -FARTHEST_Y; dy <= FARTHEST_Y; dy++) {
    for (let dx = -FARTHEST_X; dx <= FARTHEST_X; dx++) {
      const found = likeness(before, now, dx, dy)
      if (found > best.likeness) best = { dx, dy, likeness: found }
    }
  }
  return best
}
