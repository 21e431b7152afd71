/** Who has a camera: one at a time, by rank. Pure: state and input and time in, state and what became of it out. */
import type { Role } from '../../contract/people.js'
import type { PtzLostReason } from '../../contract/ptz.js'

/** Somebody at one screen (a person may have several), or a tour. */
export interface Seat { id: string, userId: string | null, name: string, rank: number }
interface Holder { seat: Seat, since: number, lastActAt: number, moving: boolean }
export interface LockState { holder: Holder | null, asker: Seat | null }
export type LockInput =
  | { do: 'take', seat: Seat, over: boolean }
  /** Moves it; takes it first where that is free to anybody. */
  | { do: 'act', seat: Seat, moving: boolean }
  | { do: 'rest', seat: Seat }
  | { do: 'leave', seat: Seat, reason: 'released' | 'gone' | 'rights' | 'tour_ended' }
  | { do: 'ask', seat: Seat }
  | { do: 'answer', seat: Seat, give: boolean }
  | { do: 'tick' }
export interface Verdict {
  state: LockState
  /** Has it now, or did what it asked for. */
  granted: boolean
  lost: { seat: Seat, reason: PtzLostReason, to: string | null } | null
  gained: Seat | null
  denied: Seat | null
}

export const TOUR_RANK = 0
const ranks: Partial<Record<Role, number>> = { shift_lead: 3, operator: 2, administrator: 2, technician: 1 }
export const rankOf = (roles: readonly Role[]) => Math.max(1, ...roles.map(role => ranks[role] ?? 0))

export const free: LockState = { holder: null, asker: null }
const samePerson = (a: Seat, b: Seat) => a.userId !== null && a.userId === b.userId
export const isTour = (seat: Seat) => seat.rank === TOUR_RANK

/** What somebody could do to get it. */
export function standingOf ({ holder }: LockState, seat: Seat): 'owner' | 'free' | 'over' | 'wait' {
  if (!holder) return 'free'
  if (holder.seat.id === seat.id) return 'owner'
  if (isTour(holder.seat) || samePerson(holder.seat, seat)) return 'free'
  return holder.seat.rank < seat.rank ? 'over' : 'wait'
}

const same = (state: LockState, granted: boolean): Verdict => ({ state, granted, lost: null, gained: null, denied: null })

function give (state: LockState, seat: Seat, reason: PtzLostReason, moving: boolean, now: number): Verdict {
  const before = state.holder
  const asker = state.asker && state.asker.id !== seat.id ? state.asker : null
  return {
    state: { holder: { seat, since: now, lastActAt: now, moving }, asker }, granted: true, gained: seat, denied: null,
    lost: before && before.seat.id !== seat.id ? { seat: before.seat, reason, to: seat.name } : null
  }
}

/** Nobody has it, or who asked for it. */
function part (state: LockState, reason: PtzLostReason, now: number): Verdict {
  const { holder, asker } = state
  if (asker) return give(state, asker, reason, false, now)
  return { state: free, granted: true, gained: null, denied: null, lost: holder && { seat: holder.seat, reason, to: null } }
}

export function judgeLock (state: LockState, input: LockInput, now: number, idleMs: number): Verdict {
  const { holder } = state
  if (input.do === 'tick') return holder && !isTour(holder.seat) && !holder.moving && now - holder.lastActAt >= idleMs ? part(state, 'idle', now) : same(state, false)
  const { seat } = input
  const owns = holder?.seat.id === seat.id
  switch (input.do) {
    case 'take': case 'act': {
      const moving = input.do === 'act' && input.moving
      if (owns) return same({ ...state, holder: { ...holder, lastActAt: now, moving: input.do === 'act' ? moving : holder.moving } }, true)
      const standing = standingOf(state, seat)
      if (standing === 'free' || (standing === 'over' && input.do === 'take' && input.over)) return give(state, seat, 'taken_over', moving, now)
      return same(state, false)
    }
    case 'rest': return owns ? same({ ...state, holder: { ...holder, moving: false, lastActAt: now } }, true) : same(state, false)
    case 'leave': {
      if (owns) return part(state, input.reason, now)
      return same(state.asker?.id === seat.id ? { ...state, asker: null } : state, false)
    }
    case 'ask': {
      if (!holder || owns || isTour(holder.seat)) return same(state, false)
      // Who asked first waits first.
      return state.asker ? same(state, state.asker.id === seat.id) : same({ ...state, asker: seat }, true)
    }
    case 'answer': {
      if (!owns || !state.asker) return same(state, false)
      if (input.give) return give(state, state.asker, 'given', false, now)
      return { ...same({ ...state, asker: null }, true), denied: state.asker }
    }
  }
}
