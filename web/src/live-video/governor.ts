/**
 * Shares a page's decoding power among its tiles, as a pure function. Tiles that the machine cannot keep up with fall back to
 * key frames (the server then sends nothing else) and come back one at a time, ever more slowly if that fails.
 */
export type Mode = 'all' | 'keyframes'
export interface TileLoad {
  id: string
  focused: boolean
  mode: Mode
  /** How long the oldest undecoded frame has waited here, ms. */
  waitingMs: number
  /** Age of the newest drawn picture when it was drawn, ms; null before the first. */
  drawnAgeMs: number | null
  /** Pixels a second in full, to know who costs most. */
  pixelsPerS: number
}
export interface GovernorState {
  keyframes: ReadonlySet<string>
  changedAt: number
  calmSince: number
  /** How long it must be calm before one tile comes back, ms. */
  holdMs: number
  /** When a tile last came back. */
  promotedAt: number | null
}
export const startGovernor = (now: number): GovernorState => ({ keyframes: new Set(), changedAt: now - 10_000, calmSince: now, holdMs: HOLD_MS, promotedAt: null })

export const WAITING_LIMIT_MS = 350
export const AGE_LIMIT_MS = 1000
/** Nothing may ever be further behind: everything goes at once. */
export const AGE_EMERGENCY_MS = 1400
export const LOOP_LIMIT_MS = 250
const HOLD_MS = 10_000
const MAX_HOLD_MS = 160_000
/** A change needs this long to be felt, ms. */
const SETTLE_MS = 1200

const late = (t: TileLoad) => t.mode === 'all' && (t.waitingMs > WAITING_LIMIT_MS || (t.drawnAgeMs ?? 0) > AGE_LIMIT_MS)
const dearestFirst = (a: TileLoad, b: TileLoad) => Number(a.focused) - Number(b.focused) || b.pixelsPerS - a.pixelsPerS || a.id.localeCompare(b.id)

function demoted (tiles: readonly TileLoad[], loopLagMs: number): string[] {
  const candidates = tiles.filter(t => t.mode === 'all').sort(dearestFirst)
  const lateOnes = candidates.filter(late)
  const emergency = candidates.some(t => t.waitingMs > AGE_EMERGENCY_MS || (t.drawnAgeMs ?? 0) > AGE_EMERGENCY_MS)
  const others = candidates.filter(t => !t.focused)
  // One late tile among many is that tile's own trouble; several, or a slow page, are everybody's.
  if (lateOnes.length === 1 && candidates.length > 2 && loopLagMs <= LOOP_LIMIT_MS) return [lateOnes[0]!.id]
  if (others.length === 0) return lateOnes.map(t => t.id)
  const count = emergency ? others.length : Math.ceil(others.length / 2)
  return others.slice(0, count).map(t => t.id)
}

export function govern (before: GovernorState, tiles: readonly TileLoad[], loopLagMs: number, now: number): GovernorState {
  const present = new Set(tiles.map(t => t.id))
  const keyframes = new Set([...before.keyframes].filter(id => present.has(id)))
  const overloaded = tiles.some(late) || (loopLagMs > LOOP_LIMIT_MS && tiles.length > 1)
  const state = { ...before, keyframes, calmSince: overloaded ? now : before.calmSince }
  if (now - before.changedAt < SETTLE_MS) return state
  if (overloaded) {
    const out = demoted(tiles, loopLagMs).filter(id => !keyframes.has(id))
    if (out.length === 0) return state
    for (const id of out) keyframes.add(id)
    const relapse = before.promotedAt !== null && now - before.promotedAt < 15_000
    return { ...state, changedAt: now, holdMs: relapse ? Math.min(before.holdMs * 2, MAX_HOLD_MS) : before.holdMs, promotedAt: null }
  }
  if (keyframes.size === 0 || now - state.calmSince < state.holdMs || now - before.changedAt < state.holdMs) return state
  const back = tiles.filter(t => keyframes.has(t.id)).sort(dearestFirst).at(-1)
  if (back) keyframes.delete(back.id)
  return { ...state, changedAt: now, promotedAt: now }
}
