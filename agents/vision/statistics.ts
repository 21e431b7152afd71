/** What can be said of one small picture by itself, and against another. Pure. */

/** Pictures are looked at in this size, planar YUV 4:2:0. */
export const WIDTH = 320
export const HEIGHT = 180
export const PICTURE_BYTES = WIDTH * HEIGHT * 3 / 2
/** Blocks of 16x12 pixels: 20 by 15 of them. */
const COLUMNS = 20
const ROWS = 15
const BLOCK_W = WIDTH / COLUMNS
const BLOCK_H = HEIGHT / ROWS
export const BLOCKS = COLUMNS * ROWS

export interface Statistics {
  /** Luma, 0 to 255: mean, standard deviation, and the values that 2, 50 and 98 of a hundred pixels do not exceed. */
  mean: number, deviation: number, p2: number, median: number, p98: number
  /** Mean absolute Laplacian: how much fine detail there is. */
  detail: number
  /** Grain: the usual fine detail of the flattest blocks, where there is nothing to see. */
  grain: number
  /** Mean distance of the colours from grey, 0 to 128. */
  saturation: number
  /** Mean gradient of each block, which tells where edges are, whatever the light. */
  edges: Float32Array
  /** Mean luma of each block. */
  blocks: Float32Array
}

export function statisticsOf (picture: Uint8Array): Statistics {
  const pixels = WIDTH * HEIGHT
  const histogram = new Uint32Array(256)
  let sum = 0
  let squares = 0
  for (let i = 0; i < pixels; i++) {
    const y = picture[i]!
    histogram[y]!++
    sum += y
    squares += y * y
  }
  const mean = sum / pixels
  const edges = new Float32Array(BLOCKS)
  const blocks = new Float32Array(BLOCKS)
  const fine = new Float32Array(BLOCKS)
  let detail = 0
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      let gradient = 0
      let laplacian = 0
      let luma = 0
      const top = Math.max(1, row * BLOCK_H)
      const bottom = Math.min(HEIGHT - 1, (row + 1) * BLOCK_H)
      const left = Math.max(1, column * BLOCK_W)
      const right = Math.min(WIDTH - 1, (column + 1) * BLOCK_W)
      for (let y = top; y < bottom; y++) {
        for (let x = left, at = y * WIDTH + left; x < right; x++, at++) {
          const here = picture[at]!
          const l = picture[at - 1]!
          const r = picture[at + 1]!
          const u = picture[at - WIDTH]!
          const d = picture[at + WIDTH]!
          luma += here
          gradient += Math.abs(r - l) + Math.abs(d - u)
          laplacian += Math.abs(4 * here - l - r - u - d)
        }
      }
      const n = (bottom - top) * (right - left)
      const block = row * COLUMNS + column
      blocks[block] = luma / n
      edges[block] = gradient / n / 2
      fine[block] = laplacian / n / 4
      detail += laplacian
    }
  }
  let colour = 0
  for (let i = pixels; i < PICTURE_BYTES; i++) colour += Math.abs(picture[i]! - 128)
  const share = (part: number) => {
    let left = pixels * part
    let value = 0
    while (value < 255 && left > histogram[value]!) left -= histogram[value++]!
    return value
  }
  const flattest = [...fine].sort((a, b) => a - b)
  return {
    mean, deviation: Math.sqrt(Math.max(0, squares / pixels - mean * mean)), p2: share(0.02), median: share(0.5), p98: share(0.98),
    detail: detail / pixels / 4, grain: flattest[Math.floor(BLOCKS / 4)]!, saturation: colour / (pixels / 2), edges, blocks
  }
}

/** The largest mean difference of any block, and of the whole, in grey levels. */
export function difference (a: Statistics, b: Statistics): { most: number, mean: number } {
  let most = 0
  let sum = 0
  for (let i = 0; i < BLOCKS; i++) {
    const d = Math.abs(a.blocks[i]! - b.blocks[i]!)
    sum += d
    if (d > most) most = d
  }
  return { most, mean: sum / BLOCKS }
}

/** How alike two pictures are built, -1 to 1: correlation of where their edges are. Light and colour hardly count. */
export function likeness (a: Float32Array, b: Float32Array): number {
  let meanA = 0
  let meanB = 0
  const rooted = (v: number) => Math.sqrt(v)
  for (let i = 0; i < BLOCKS; i++) { meanA += rooted(a[i]!); meanB += rooted(b[i]!) }
  meanA /= BLOCKS
  meanB /= BLOCKS
  let both = 0
  let onlyA = 0
  let onlyB = 0
  for (let i = 0; i < BLOCKS; i++) {
    const x = rooted(a[i]!) - meanA
    const y = rooted(b[i]!) - meanB
    both += x * y
    onlyA += x * x
    onlyB += y * y
  }
  return onlyA < 1e-6 || onlyB < 1e-6 ? 0 : both / Math.sqrt(onlyA * onlyB)
}
