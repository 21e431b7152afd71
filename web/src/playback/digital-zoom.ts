/** An enlarged part of a picture; `x` and `y` are the shift of its upper left corner in shares of the tile, 0 to 1 - scale. Pure. */
export interface Zoom { scale: number, x: number, y: number }
export const wholePicture: Zoom = { scale: 1, x: 0, y: 0 }
const MOST = 12

const inside = (shift: number, scale: number) => Math.min(0, Math.max(1 - scale, shift))
/** The point under the pointer (shares of the tile, 0 to 1) stays there. */
export function enlarged (zoom: Zoom, px: number, py: number, factor: number): Zoom {
  const scale = Math.min(MOST, Math.max(1, zoom.scale * factor))
  if (scale < 1.01) return wholePicture
  const keep = (p: number, shift: number) => inside(p - (p - shift) / zoom.scale * scale, scale)
  return { scale, x: keep(px, zoom.x), y: keep(py, zoom.y) }
}
export const moved = (zoom: Zoom, dx: number, dy: number): Zoom => ({ ...zoom, x: inside(zoom.x + dx, zoom.scale), y: inside(zoom.y + dy, zoom.scale) })
export const transformOf = ({ scale, x, y }: Zoom) => scale === 1 ? undefined : `translate(${x * 100}%, ${y * 100}%) scale(${scale})`
