/** Privacy regions as a picture that ffmpeg lays over the camera's: opaque inside of them, clear outside. */
import type { MaskRegion } from '../../server/contract/footage.js'

/** Grown by so many pixels, so that scaling and colour subsampling never bare an edge. */
const MARGIN_PX = 2
const COLOUR = [0x28, 0x28, 0x28, 0xff] as const

/** PAM (netpbm) with alpha; which ffmpeg reads without a library. */
export function maskPicture (masks: readonly MaskRegion[], width: number, height: number): Buffer {
  const head = Buffer.from(`P7\nWIDTH ${width}\nHEIGHT ${height}\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n`)
  const pixels = Buffer.alloc(width * height * 4)
  for (const mask of masks) {
    const points = mask.map(([x, y]) => [x * width, y * height] as const)
    for (let y = 0; y < height; y++) for (const [from, to] of spansAt(points, y)) fill(pixels, width, y, from, to)
  }
  return Buffer.concat([head, pixels])
}

/** Where a row of pixels meets the polygon (even-odd), looked at above, through and below the row, so that slivers are not missed. */
function spansAt (points: readonly (readonly [number, number])[], row: number): [number, number][] {
  const spans: [number, number][] = []
  for (const y of [row - MARGIN_PX, row, row + 0.5, row + 1, row + 1 + MARGIN_PX]) {
    const crossings: number[] = []
    for (let i = 0; i < points.length; i++) {
      const [ax, ay] = points[i]!
      const [bx, by] = points[(i + 1) % points.length]!
      if (ay <= y !== by <= y) crossings.push(ax + (y - ay) * (bx - ax) / (by - ay))
    }
    crossings.sort((a, b) => a - b)
    for (let i = 0; i + 1 < crossings.length; i += 2) spans.push([crossings[i]!, crossings[i + 1]!])
  }
  // The edges themselves, thick as the margin, also those that lie between two looks.
  for (let i = 0; i < points.length; i++) {
    const [ax, ay] = points[i]!
    const [bx, by] = points[(i + 1) % points.length]!
    const [top, bottom] = ay <= by ? [{ x: ax, y: ay }, { x: bx, y: by }] : [{ x: bx, y: by }, { x: ax, y: ay }]
    if (bottom.y < row - MARGIN_PX || top.y > row + 1 + MARGIN_PX) continue
    const at = (y: number) => bottom.y - top.y < 1e-9 ? null : top.x + (Math.min(bottom.y, Math.max(top.y, y)) - top.y) * (bottom.x - top.x) / (bottom.y - top.y)
    const ends = [at(row - MARGIN_PX) ?? top.x, at(row + 1 + MARGIN_PX) ?? bottom.x]
    spans.push([Math.min(...ends), Math.max(...ends)])
  }
  return spans
}

function fill (pixels: Buffer, width: number, row: number, from: number, to: number) {
  const last = Math.min(width - 1, Math.ceil(to + MARGIN_PX))
  for (let x = Math.max(0, Math.floor(from - MARGIN_PX)); x <= last; x++) {
    const at = (row * width + x) * 4
    for (let i = 0; i < 4; i++) pixels[at + i] = COLOUR[i]!
  }
}

/** The mask is drawn small and scaled up, its margin with it. */
const DRAWN_WIDTH = 640

export interface Masking { /** For `startFfmpeg`'s third pipe. */ picture: Buffer, /** After the first input. */ args: string[] }

/**
 * Lays the regions over the picture before anything else is done with it. `then` are further filters, or empty. Without regions only those.
 * @returns for ffmpeg; the picture has its own pipe, so that no file holds what somebody hides
 */
export function masking (masks: readonly MaskRegion[], { width, height }: { width: number, height: number }, then = ''): Masking | { picture: undefined, args: string[] } {
  if (masks.length === 0) return { picture: undefined, args: then === '' ? [] : ['-vf', then] }
  const drawn = Math.min(width, DRAWN_WIDTH)
  return {
    picture: maskPicture(masks, drawn, Math.max(1, Math.round(height * drawn / width))),
    args: ['-f', 'pam_pipe', '-i', 'pipe:3', '-filter_complex', `[1:v]scale=${width}:${height}:flags=neighbor[m];[0:v][m]overlay=eof_action=repeat${then && `,${then}`}[v]`, '-map', '[v]']
  }
}
