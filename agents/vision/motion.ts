/**
 * Does something move in the regions that count? Pure: settings, what is remembered, one small grey picture, and its time. See docs/decisions/motion.md.
 * Each cell is compared with its own slow average; light that changes everywhere, grain, rain and snow are no motion, one thing large enough is.
 */
import type { MaskRegion } from '../../server/contract/footage.js'
import type { MotionPlan } from '../../server/contract/motion.js'

/** Grey pictures come in this size. */
export const MOTION_WIDTH = 160
export const MOTION_HEIGHT = 90
export const MOTION_BYTES = MOTION_WIDTH * MOTION_HEIGHT
const COLUMNS = MOTION_WIDTH / 2
const ROWS = MOTION_HEIGHT / 2
const CELLS = COLUMNS * ROWS

const limits = {
  /** Grey levels of difference at sensitivity 1 and 100. */
  coarsest: 48, finest: 6,
  /** A cell's own unrest counts so many times. */
  noiseTimes: 4,
  /** Share of a new picture in the average: where nothing changed, where something moves, and where it stands or only the light drifts. */
  calmShare: 0.06, movingShare: 0.012, driftShare: 0.1, noiseShare: 0.03,
  /** Grey levels from one picture to the next. */
  driftAtMost: 3.5,
  /** More of the whole picture than this changes with the light, not with a thing. */
  lightShare: 0.55,
  /** Of eight neighbours; rain and grain are lonely. */
  neighbours: 3,
  settleMs: 2500, lightSettleMs: 1200,
  picturesToBegin: 2,
  /** Of the level that begins it. */
  endShare: 0.6
} as const

/** What counts: a byte a cell, and how many there are. */
export interface MotionField { counts: Uint8Array, cells: number }
export interface MotionState { mean: Float32Array | null, last: Float32Array | null, unrest: Float32Array, settledAt: number, above: number, movedAt: number, moving: boolean }
export interface MotionSeen { percent: number, settling: boolean, event: 'begin' | 'end' | null }

export const newMotion = (): MotionState => ({ mean: null, last: null, unrest: new Float32Array(CELLS).fill(1.5), settledAt: Number.POSITIVE_INFINITY, above: 0, movedAt: 0, moving: false })

function inside (region: MaskRegion, x: number, y: number): boolean {
  let is = false
  for (let i = 0; i < region.length; i++) {
    const [ax, ay] = region[i]!
    const [bx, by] = region[(i + 1) % region.length]!
    if (ay > y !== by > y && x < ax + (y - ay) * (bx - ax) / (by - ay)) is = !is
  }
  return is
}

export function motionField ({ regions, ignore }: Pick<MotionPlan, 'regions' | 'ignore'>): MotionField {
  const counts = new Uint8Array(CELLS)
  let cells = 0
  for (let i = 0; i < CELLS; i++) {
    const [x, y] = [(i % COLUMNS + 0.5) / COLUMNS, (Math.floor(i / COLUMNS) + 0.5) / ROWS]
    if ((regions.length > 0 && !regions.some(r => inside(r, x, y))) || ignore.some(r => inside(r, x, y))) continue
    counts[i] = 1
    cells++
  }
  return { counts, cells }
}

const thresholdOf = (sensitivity: number) => limits.coarsest - (limits.coarsest - limits.finest) * (sensitivity - 1) / 99

function cellsOf (picture: Uint8Array): Float32Array {
  const cells = new Float32Array(CELLS)
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      const at = row * 2 * MOTION_WIDTH + column * 2
      cells[row * COLUMNS + column] = (picture[at]! + picture[at + 1]! + picture[at + MOTION_WIDTH]! + picture[at + MOTION_WIDTH + 1]!) / 4
    }
  }
  return cells
}

/** The light of the whole picture against the average's: what most cells did. */
function shiftOf (cells: Float32Array, mean: Float32Array): number {
  const sample = new Float32Array(CELLS / 8)
  for (let i = 0; i < sample.length; i++) sample[i] = cells[i * 8 + i % 8]! - mean[i * 8 + i % 8]!
  return sample.sort()[sample.length >> 1]!
}

/** The largest patch of changed cells that hang together and count. */
function largestPatch (changed: Uint8Array, counts: Uint8Array): number {
  const kept = new Uint8Array(CELLS)
  for (let row = 1; row < ROWS - 1; row++) {
    for (let column = 1; column < COLUMNS - 1; column++) {
      const i = row * COLUMNS + column
      if (!changed[i]) continue
      const around = changed[i - COLUMNS - 1]! + changed[i - COLUMNS]! + changed[i - COLUMNS + 1]! + changed[i - 1]! + changed[i + 1]! + changed[i + COLUMNS - 1]! + changed[i + COLUMNS]! + changed[i + COLUMNS + 1]!
      if (around >= limits.neighbours) kept[i] = 1
    }
  }
  let largest = 0
  const next: number[] = []
  for (let start = 0; start < CELLS; start++) {
    if (!kept[start]) continue
    kept[start] = 0
    next.push(start)
    let size = 0
    for (let i = next.pop(); i !== undefined; i = next.pop()) {
      size += counts[i]!
      for (const n of [i - 1, i + 1, i - COLUMNS, i + COLUMNS]) if (kept[n]) { kept[n] = 0; next.push(n) }
    }
    largest = Math.max(largest, size)
  }
  return largest
}

/** Changes `state`. */
export function seeMotion (state: MotionState, field: MotionField, plan: Pick<MotionPlan, 'sensitivity' | 'minAreaPercent' | 'holdS'>, picture: Uint8Array, at: number): MotionSeen {
  const cells = cellsOf(picture)
  if (!state.mean) {
    Object.assign(state, { mean: Float32Array.from(cells), last: cells, settledAt: at + limits.settleMs })
    return { percent: 0, settling: true, event: null }
  }
  const { mean, unrest } = state
  const shift = shiftOf(cells, mean)
  const changed = new Uint8Array(CELLS)
  let all = 0
  for (let i = 0; i < CELLS; i++) {
    // As much of the shift as a cell of this brightness takes: dark ones hardly change with the light.
    const lit = shift * Math.min(1.6, (mean[i]! + 20) / 120)
    const difference = Math.abs(cells[i]! - mean[i]! - lit)
    if (difference <= Math.max(thresholdOf(plan.sensitivity), unrest[i]! * limits.noiseTimes)) continue
    changed[i] = 1
    all++
  }
  if (all > CELLS * limits.lightShare || Math.abs(shift) > limits.coarsest) {
    Object.assign(state, { mean: Float32Array.from(cells), last: cells, settledAt: at + limits.lightSettleMs })
    return { percent: 0, settling: true, event: ended(state, plan.holdS, at) }
  }
  for (let i = 0; i < CELLS; i++) {
    const difference = cells[i]! - mean[i]!
    const drifts = Math.abs(cells[i]! - state.last![i]!) < limits.driftAtMost
    mean[i]! += difference * (changed[i] ? (drifts ? limits.driftShare : limits.movingShare) : limits.calmShare)
    if (!changed[i]) unrest[i]! += (Math.min(12, Math.abs(difference - shift)) - unrest[i]!) * limits.noiseShare
  }
  state.last = cells
  if (at < state.settledAt) {
    // What was there while the average began is no ghost afterwards.
    for (let i = 0; i < CELLS; i++) mean[i]! += (cells[i]! - mean[i]!) * 0.2
    return { percent: 0, settling: true, event: ended(state, plan.holdS, at) }
  }
  const percent = field.cells === 0 ? 0 : Math.round(largestPatch(changed, field.counts) / field.cells * 1000) / 10
  return { percent, settling: false, event: eventOf(state, plan, percent, at) }
}

function ended (state: MotionState, holdS: number, at: number): 'end' | null {
  state.above = 0
  if (!state.moving || at - state.movedAt < holdS * 1000) return null
  state.moving = false
  return 'end'
}

function eventOf (state: MotionState, { minAreaPercent, holdS }: Pick<MotionPlan, 'minAreaPercent' | 'holdS'>, percent: number, at: number): 'begin' | 'end' | null {
  if (percent >= minAreaPercent * (state.moving ? limits.endShare : 1)) {
    state.above++
    if (state.moving || state.above >= limits.picturesToBegin) state.movedAt = at
    if (state.moving || state.above < limits.picturesToBegin) return null
    state.moving = true
    return 'begin'
  }
  return ended(state, holdS, at)
}
