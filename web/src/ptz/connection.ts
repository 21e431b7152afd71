/** One person's screen at one camera: the socket, the presses made over it, and what the other end says. */
import { PTZ_REPEAT_MS, type PtzLock, type PtzLostReason, type PtzNote, type PtzRequest, type PtzTarget, type PtzVelocity } from '../../../server/contract/ptz.js'
import { isStill, sameVelocity, still, together } from './stick.js'

export interface PtzState {
  status: 'connecting' | 'open' | 'away'
  lock: PtzLock | null
  you: 'owner' | 'free' | 'over' | 'wait'
  askedBy: string | null
  /** Server's clock minus this computer's, ms. */
  offsetMs: number
  /** The last thing that went wrong or was lost, until the next act. */
  trouble: { kind: 'failed', code: string, detail: string } | { kind: 'lost', reason: PtzLostReason, to: string | null } | { kind: 'locked' } | { kind: 'denied' } | { kind: 'held' } | null
  /** We asked the owner and wait. */
  asking: boolean
  /** What we make it do now. */
  velocity: PtzVelocity
}
export const freshState: PtzState = { status: 'connecting', lock: null, you: 'free', askedBy: null, offsetMs: 0, trouble: null, asking: false, velocity: still }
type Hand = 'drag' | 'keys' | 'pad' | 'wheel' | 'buttons'

export interface PtzConnection {
  /** Null lets go. The head moves as all hands together say. */
  hand (hand: Hand, velocity: PtzVelocity | null): void
  go (to: PtzTarget): void
  take (over: boolean): void
  release (): void
  ask (): void
  answer (give: boolean): void
  close (): void
}

const RETRY_MS = 1500
/** Long enough to be read by somebody who looked elsewhere. */
const TROUBLE_MS = 15_000

export function openPtz (deviceId: string, events: { state: (state: PtzState) => void, changed: () => void }): PtzConnection {
  let state = freshState
  let socket: WebSocket | null = null
  /** Rises within one socket. */
  let lastPress = 0
  let press: number | null = null
  let timer: ReturnType<typeof setInterval> | undefined
  let retry: ReturnType<typeof setTimeout> | undefined
  let forget: ReturnType<typeof setTimeout> | undefined
  let closed = false
  const hands = new Map<Hand, PtzVelocity>()

  function set (change: Partial<PtzState>) {
    state = { ...state, ...change }
    if (change.trouble !== undefined) {
      clearTimeout(forget)
      if (change.trouble) forget = setTimeout(() => set({ trouble: null }), TROUBLE_MS)
    }
    if (!closed) events.state(state)
  }
  const send = (request: PtzRequest) => { if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(request)) }
  const tellMove = () => { if (press !== null) send({ type: 'move', press, ...state.velocity }) }

  function letGo () {
    clearInterval(timer)
    if (press !== null) send({ type: 'stop', press })
    press = null
    if (!isStill(state.velocity)) set({ velocity: still })
  }
  /** Whoever still holds something must let go first: a hand that was stopped does not go on by itself. */
  let spent = false

  function drive () {
    const velocity = together(hands.values())
    if (isStill(velocity)) { spent = false; letGo(); return }
    if (spent || state.status !== 'open') return
    const began = press === null
    if (began) press = ++lastPress
    if (!began && sameVelocity(velocity, state.velocity)) return
    set({ velocity, ...(began && { trouble: null }) })
    tellMove()
    if (began) timer = setInterval(tellMove, PTZ_REPEAT_MS)
  }

  /** The other end says that it is over. */
  function stopped () {
    clearInterval(timer)
    press = null
    spent = !isStill(together(hands.values()))
    set({ velocity: still })
  }

  function heard (note: PtzNote) {
    switch (note.type) {
      case 'lock': return set({ lock: note.lock, you: note.you, askedBy: note.askedBy, offsetMs: note.serverTime - Date.now(), ...(note.you !== 'wait' && { asking: false }) })
      case 'lost': { stopped(); return set({ trouble: { kind: 'lost', reason: note.reason, to: note.to } }) }
      case 'ended': { if (note.press === press) stopped(); if (note.reason === 'hold') set({ trouble: { kind: 'held' } }); return }
      case 'denied': return set({ trouble: { kind: 'denied' }, asking: false })
      case 'refused': {
        if (note.code !== 'locked') return
        if (note.press === null || note.press === press) stopped()
        return set({ trouble: { kind: 'locked' } })
      }
      case 'failed': { if (note.press === press) stopped(); return set({ trouble: { kind: 'failed', code: note.code, detail: note.detail } }) }
      case 'changed': return events.changed()
    }
  }

  function open () {
    const url = new URL(`/api/v1/devices/${deviceId}/ptz/control`, location.href)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    const made = new WebSocket(url)
    socket = made
    made.onopen = () => { lastPress = 0; set({ status: 'open' }) }
    made.onmessage = (event: MessageEvent<string>) => heard(JSON.parse(event.data) as PtzNote)
    made.onclose = event => {
      if (socket !== made || closed) return
      const had = state.you === 'owner'
      stopped()
      set({ status: 'away', lock: null, you: 'free', askedBy: null, asking: false, ...(had && { trouble: { kind: 'lost', reason: event.code === 4401 || event.code === 1012 ? 'rights' : 'gone', to: null } as const }) })
      if (event.code !== 4401) retry = setTimeout(open, RETRY_MS)
    }
  }
  open()

  return {
    hand (hand, velocity) {
      if (velocity === null || isStill(velocity)) hands.delete(hand)
      else hands.set(hand, velocity)
      drive()
    },
    go (to) {
      if (state.status !== 'open') return
      letGo()
      set({ trouble: null })
      send({ type: 'go', press: ++lastPress, to })
    },
    take: over => { set({ trouble: null }); send({ type: 'take', over }) },
    release: () => { letGo(); send({ type: 'release' }) },
    ask: () => { set({ asking: true, trouble: null }); send({ type: 'ask' }) },
    answer: give => send({ type: 'answer', give }),
    close () {
      letGo()
      closed = true
      clearTimeout(retry)
      clearTimeout(forget)
      socket?.close()
      socket = null
    }
  }
}
