/** From hands to speeds: pure, so that what a finger does can be tested. */
import type { PtzVelocity } from '../../../server/contract/ptz.js'

export const still: PtzVelocity = { pan: 0, tilt: 0, zoom: 0 }
const clamp = (value: number) => Math.max(-1, Math.min(1, value))
const round = (value: number) => Math.round(value * 100) / 100 + 0

/** Small drags turn slowly, so that one can aim; the full way is full speed. */
const curve = (value: number) => Math.sign(value) * Math.abs(value) ** 1.6
/** A drag this short is a click that trembled. */
export const DRAG_FROM_PX = 7

/** A drag from where it began, px; `reach` is the way to full speed. */
export function dragVelocity (dx: number, dy: number, reach: number): PtzVelocity {
  const far = Math.hypot(dx, dy)
  if (far < DRAG_FROM_PX) return still
  const share = Math.min(1, (far - DRAG_FROM_PX) / reach) / far
  return { pan: round(curve(dx * share)), tilt: round(curve(-dy * share)), zoom: 0 }
}

const KEY_SPEED = 0.6
const SLOW_SPEED = 0.2
const byKey: Record<string, Partial<PtzVelocity>> = {
  ArrowLeft: { pan: -1 }, ArrowRight: { pan: 1 }, ArrowUp: { tilt: 1 }, ArrowDown: { tilt: -1 },
  Equal: { zoom: 1 }, NumpadAdd: { zoom: 1 }, Minus: { zoom: -1 }, NumpadSubtract: { zoom: -1 }
}
export const isMoveKey = (code: string) => code in byKey
/** Keys that are down, by `code`; opposite ones cancel each other. */
export function keyVelocity (codes: Iterable<string>, slow: boolean): PtzVelocity {
  const sum = { ...still }
  for (const code of codes) for (const [axis, way] of Object.entries(byKey[code] ?? {})) sum[axis as keyof PtzVelocity] += way
  const speed = slow ? SLOW_SPEED : KEY_SPEED
  return { pan: clamp(sum.pan) * speed, tilt: clamp(sum.tilt) * speed, zoom: clamp(sum.zoom) * speed }
}
/** 1 to 9 name presets; null for any other key. */
export function presetOfKey (code: string): number | null {
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(code)
  return digit ? Number(digit[1]) - 1 : null
}

/** A stick that rests is never quite in the middle. */
const DEAD = 0.14
const axis = (value: number | undefined) => value === undefined || Math.abs(value) < DEAD ? 0 : round(curve((value - Math.sign(value) * DEAD) / (1 - DEAD)))
/** A joystick or gamepad as browsers tell it: the first stick turns; the second one, a twist or the triggers zoom. */
export function padVelocity ({ axes, triggers }: { axes: readonly number[], triggers: readonly [out: number, into: number] }): PtzVelocity {
  const zoom = axis(axes.length > 3 ? -(axes[3] ?? 0) : axes[2])
  return { pan: axis(axes[0]), tilt: axis(-(axes[1] ?? 0)) + 0, zoom: zoom !== 0 ? zoom : axis(triggers[1] - triggers[0]) }
}

/** All hands together. */
export function together (hands: Iterable<PtzVelocity>): PtzVelocity {
  const sum = { ...still }
  for (const hand of hands) { sum.pan += hand.pan; sum.tilt += hand.tilt; sum.zoom += hand.zoom }
  return { pan: clamp(sum.pan), tilt: clamp(sum.tilt), zoom: clamp(sum.zoom) }
}
export const isStill = ({ pan, tilt, zoom }: PtzVelocity) => pan === 0 && tilt === 0 && zoom === 0
export const sameVelocity = (a: PtzVelocity, b: PtzVelocity) => a.pan === b.pan && a.tilt === b.tilt && a.zoom === b.zoom

/** Where in the picture a click went; null beside it. The picture keeps its shape inside the box. */
export function pointIn (box: { width: number, height: number }, aspect: number, x: number, y: number): { x: number, y: number } | null {
  const width = Math.min(box.width, box.height * aspect)
  const height = width / aspect
  const at = { x: (x - (box.width - width) / 2) / width, y: (y - (box.height - height) / 2) / height }
  return at.x >= 0 && at.x <= 1 && at.y >= 0 && at.y <= 1 ? at : null
}
