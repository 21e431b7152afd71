/** When a factory login may be tried at a camera, and when never: a pure rule, so that no camera is ever locked by us. */
import type { LoginCheck } from '../../contract/compliance.js'
import { type FactoryLogin, factoryLogins } from '../../contract/factory-logins.js'
import type { LoginCheckState } from './state.js'

const HOUR_MS = 3_600_000
export const pace = {
  /** Cameras lock after three to seven wrong logins, within half an hour as a rule. */
  betweenMs: HOUR_MS,
  mostAWeek: 10,
  weekMs: 168 * HOUR_MS,
  /** From the end of one weekly round to the next. */
  roundEveryMs: 168 * HOUR_MS,
  /** After a camera locked itself: by schedule, and for a person who asks. */
  lockedMs: 720 * HOUR_MS, lockedAskedMs: 24 * HOUR_MS,
  /** Trials in a row that do not come about until the round is given up. */
  mostMisses: 4
} as const

export type LoginCheckMode = 'off' | 'on_request' | 'weekly'
type Step = { do: 'try', login: FactoryLogin } | { do: 'end', outcome: 'none_accepted' | 'unreachable' } | { do: 'wait', until: number } | { do: 'nothing' }

const shownLately = (state: LoginCheckState, now: number) => state.shownAt.filter(at => at > now - pace.weekMs)

/** The earliest moment at which this camera may be shown a login again, whatever round asks. */
function earliest (state: LoginCheckState, now: number): number {
  const shown = shownLately(state, now)
  const last = shown.at(-1)
  const full = shown.length >= pace.mostAWeek ? shown[shown.length - pace.mostAWeek]! + pace.weekMs : 0
  return Math.max(last === undefined ? 0 : last + pace.betweenMs, full)
}

/** Why a person may not start a round now; null: they may. */
export function refusal (state: LoginCheckState, now: number): 'locked' | 'running' | null {
  if (state.startedAt !== null) return 'running'
  return state.outcome === 'locked' && state.finishedAt !== null && now - state.finishedAt < pace.lockedAskedMs ? 'locked' : null
}

export const began = (state: LoginCheckState, askedBy: string | null, now: number): LoginCheckState => ({ ...state, askedBy, startedAt: now, finishedAt: null, tried: [], misses: 0 })

/** Whether the weekly round of this camera is due. */
export function roundDue (state: LoginCheckState, now: number): boolean {
  if (state.startedAt !== null) return false
  return state.finishedAt === null || now - state.finishedAt >= (state.outcome === 'locked' ? pace.lockedMs : pace.roundEveryMs)
}

export function nextStep (state: LoginCheckState, mode: LoginCheckMode, logins: readonly FactoryLogin[], now: number): Step {
  if (state.startedAt === null || mode === 'off' || (mode === 'on_request' && state.askedBy === null)) return { do: 'nothing' }
  if (state.misses >= pace.mostMisses) return { do: 'end', outcome: 'unreachable' }
  const login = logins.find(l => !state.tried.includes(l.id))
  if (!login) return { do: 'end', outcome: 'none_accepted' }
  const until = earliest(state, now)
  return until > now ? { do: 'wait', until } : { do: 'try', login }
}

/** Reserved before it is shown, so that a crash in between costs a try and not a camera. */
export const reserved = (state: LoginCheckState, now: number): LoginCheckState => ({ ...state, shownAt: [...shownLately(state, now), now] })

export function answered (state: LoginCheckState, login: FactoryLogin, outcome: 'accepted' | 'open_to_all' | 'refused' | 'locked' | 'failed', now: number): LoginCheckState {
  switch (outcome) {
    case 'refused': return { ...state, tried: [...state.tried, login.id], misses: 0 }
    case 'failed': return { ...state, misses: state.misses + 1 }
    case 'locked': return { ...state, tried: [...state.tried, login.id], startedAt: null, finishedAt: now, outcome: 'locked', acceptedId: null }
    case 'accepted': return { ...state, tried: [...state.tried, login.id], startedAt: null, finishedAt: now, misses: 0, outcome: 'accepted', acceptedId: login.id }
    // Everything is accepted: the camera's report tells of it.
    case 'open_to_all': return { ...state, startedAt: null, finishedAt: now, misses: 0, outcome: 'none_accepted', acceptedId: null }
  }
}
export const ended = (state: LoginCheckState, outcome: 'none_accepted' | 'unreachable', now: number): LoginCheckState =>
  ({ ...state, startedAt: null, finishedAt: now, outcome: outcome === 'unreachable' && state.outcome === 'accepted' ? 'accepted' : outcome, acceptedId: outcome === 'unreachable' ? state.acceptedId : null })

export const usernameOf = (loginId: string | null) => factoryLogins.find(l => l.id === loginId)?.username ?? null

export function shownAs (state: LoginCheckState | null, logins: readonly FactoryLogin[], now: number): LoginCheck {
  if (!state) return { state: 'never', tried: 0, of: logins.length, at: null, nextAt: null, username: null }
  const running = state.startedAt !== null
  return {
    state: running ? 'waiting' : state.outcome ?? 'never', tried: state.tried.length, of: logins.length, at: state.finishedAt ?? state.shownAt.at(-1) ?? null,
    nextAt: running ? Math.max(now, earliest(state, now)) : null, username: usernameOf(state.acceptedId)
  }
}
