/**
 * Shares a page's decoding power among its tiles, as a pure function. Tiles that the machine cannot keep up with fall back to
 * key frames (the server then sends nothing else) and come back a few at a time, ever more slowly if that fails.
 */
export type Mode = 'all' | 'keyframes'
export interface TileLoad {
  id: string
  focused: boolean
  mode: Mode
  /** How long the oldest undecoded frame has waited here, ms. */
  waitingMs: number
  /** How late the newest drawn picture was drawn, beyond what the way here takes anyway, ms; null before the first. */
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
  /** Tiles that may show all frames. It grows quickly at first, and after the first overload only as tiles come back. */
  allowance: number
  ramping: boolean
  /** Steps in a row that a tile was late; `''` counts the page itself. */
  strikes: ReadonlyMap<string, number>
}
export const startGovernor = (now: number): GovernorState =>
  ({ keyframes: new Set(), changedAt: now, calmSince: now, holdMs: HOLD_MS, promotedAt: null, allowance: FIRST_ALLOWANCE, ramping: true, strikes: new Map() })

/** A page begins with so many tiles in full, and adds so many at each calm step: nobody knows yet what the machine can do. */
const FIRST_ALLOWANCE = 4
const RAMP_BY = 2
const RAMP_MS = 400
/** A page slower than this is not calm enough to take more, ms. */
const RAMP_LOOP_MS = 60

const WAITING_LIMIT_MS = 350
const AGE_LIMIT_MS = 500
/** So far behind that everything goes at once: until the next key frame the picture gets up to a second older still. */
const AGE_EMERGENCY_MS = 900
const LOOP_LIMIT_MS = 250
const HOLD_MS = 4000
const MAX_HOLD_MS = 160_000
/** Tiles that came back and stayed this long were rightly brought back, ms. */
const RELAPSE_MS = 15_000
/** A change needs this long to be felt, ms. */
const SETTLE_MS = 1200

/** One late step is a hiccup; this many in a row are overload. */
const STRIKES = 3
const behind = (t: TileLoad) => t.mode === 'all' && (t.waitingMs > AGE_EMERGENCY_MS || (t.drawnAgeMs ?? 0) > AGE_EMERGENCY_MS)
const late = (t: TileLoad) => t.mode === 'all' && (t.waitingMs > WAITING_LIMIT_MS || (t.drawnAgeMs ?? 0) > AGE_LIMIT_MS)
const dearestFirst = (a: TileLoad, b: TileLoad) => Number(a.focused) - Number(b.focused) || b.pixelsPerS - a.pixelsPerS || a.id.localeCompare(b.id)

function demoted (tiles: readonly TileLoad[], loopLagMs: number): string[] {
  const candidates = tiles.filter(t => t.mode === 'all').sort(dearestFirst)
  const lateOnes = candidates.filter(late)
  const emergency = candidates.some(behind)
  const others = candidates.filter(t => !t.focused)
  // One late tile among many is that tile's own trouble; several, or a slow page, are everybody's.
  if (lateOnes.length === 1 && candidates.length > 2 && loopLagMs <= LOOP_LIMIT_MS) return [lateOnes[0]!.id]
  if (others.length === 0) return lateOnes.map(t => t.id)
  const count = emergency ? others.length : Math.ceil(others.length / 2)
  return others.slice(0, count).map(t => t.id)
}

/** Tiles beyond the allowance show key frames; the dearest first, the focused one never. */
function admit (keyframes: Set<string>, tiles: readonly TileLoad[], allowance: number) {
  const full = tiles.filter(t => !keyframes.has(t.id)).sort((a, b) => Number(b.focused) - Number(a.focused) || a.id.localeCompare(b.id))
  for (const t of full.slice(allowance)) if (!t.focused) keyframes.add(t.id)
}
function promote (keyframes: Set<string>, tiles: readonly TileLoad[], count: number) {
  const back = tiles.filter(t => keyframes.has(t.id)).sort((a, b) => Number(b.focused) - Number(a.focused) || a.pixelsPerS - b.pixelsPerS || a.id.localeCompare(b.id))
  for (const t of back.slice(0, count)) keyframes.delete(t.id)
}

function overload (state: GovernorState, keyframes: Set<string>, tiles: readonly TileLoad[], loopLagMs: number, now: number): GovernorState {
  const out = demoted(tiles.filter(t => !keyframes.has(t.id)), loopLagMs)
  for (const id of out) keyframes.add(id)
  const relapse = state.promotedAt !== null && now - state.promotedAt < RELAPSE_MS
  const allowance = Math.max(1, tiles.length - keyframes.size)
  const holdMs = relapse && out.length > 0 ? Math.min(state.holdMs * 2, MAX_HOLD_MS) : state.holdMs
  return { ...state, keyframes, allowance, ramping: false, holdMs, ...(out.length > 0 ? { changedAt: now, promotedAt: null } : {}) }
}

/** One step; `loopLagMs` is how late this step itself came. */
export function govern (before: GovernorState, tiles: readonly TileLoad[], loopLagMs: number, now: number): GovernorState {
  const present = new Set(tiles.map(t => t.id))
  const keyframes = new Set([...before.keyframes].filter(id => present.has(id)))
  admit(keyframes, tiles, before.allowance)
  // A page that has just begun is slow by itself for a moment: that stops the ramp, but costs no tile.
  const strikes = new Map<string, number>()
  const strike = (id: string) => strikes.set(id, (before.strikes.get(id) ?? 0) + 1)
  for (const t of tiles) if (late(t)) strike(t.id)
  if (loopLagMs > LOOP_LIMIT_MS && tiles.length > 1 && !before.ramping) strike('')
  const overloaded = tiles.some(behind) || [...strikes.values()].some(n => n >= STRIKES)
  const state = { ...before, keyframes, strikes, calmSince: strikes.size > 0 || overloaded ? now : before.calmSince }
  if (overloaded) return now - before.changedAt < SETTLE_MS && !before.ramping ? state : overload(state, keyframes, tiles, loopLagMs, now)
  if (keyframes.size === 0) return state
  if (before.ramping) {
    if (now - before.changedAt < RAMP_MS || loopLagMs > RAMP_LOOP_MS || strikes.size > 0) return state
    promote(keyframes, tiles, RAMP_BY)
    return { ...state, allowance: before.allowance + RAMP_BY, changedAt: now }
  }
  const hold = tiles.length <= FIRST_ALLOWANCE ? state.holdMs / 2 : state.holdMs
  if (now - state.calmSince < hold || now - before.changedAt < hold) return state
  // Without a relapse so far it was probably a passing trouble: a quarter comes back; otherwise one.
  const count = before.holdMs === HOLD_MS ? Math.ceil(keyframes.size / 4) : 1
  promote(keyframes, tiles, count)
  const stayed = state.promotedAt !== null && now - state.promotedAt >= RELAPSE_MS
  const holdMs = stayed ? Math.max(HOLD_MS, state.holdMs / 2) : state.holdMs
  return { ...state, allowance: before.allowance + count, changedAt: now, promotedAt: now, holdMs }
}
