/** The agent's clock against ours, by the exchange with the shortest way there and back. */
import type { Clock } from '../../lib/clock.js'

const ROUNDS = 5
const BETWEEN_MS = 200
const EVERY_MS = 60_000

/** Agent's clock minus the server's, given when we asked, what it answered and how long that took. */
const offsetOf = (sentAt: number, agentTime: number, rttMs: number) => agentTime - (sentAt + rttMs / 2)

export interface ClockProbe { answered (sentAt: number, agentTime: number): void, stop (): void }

export function startClockProbe ({ clock, ask, measured }: { clock: Clock, ask: (sentAt: number) => void, measured: (offsetMs: number) => void }): ClockProbe {
  let asked: { sentAt: number, at: number } | null = null
  let best: { offsetMs: number, rttMs: number } | null = null
  let round = 0
  let timer: NodeJS.Timeout | null = null

  function next () {
    asked = { sentAt: clock.now(), at: performance.now() }
    ask(asked.sentAt)
    timer = setTimeout(next, EVERY_MS)
  }
  next()
  return {
    answered (sentAt, agentTime) {
      if (asked?.sentAt !== sentAt) return
      const rttMs = performance.now() - asked.at
      asked = null
      if (!best || rttMs <= best.rttMs) best = { offsetMs: offsetOf(sentAt, agentTime, rttMs), rttMs }
      // The first answer is told at once; the rounds after it refine it.
      if (round === 0) measured(best.offsetMs)
      if (++round < ROUNDS) {
        if (timer) clearTimeout(timer)
        timer = setTimeout(next, BETWEEN_MS)
        return
      }
      measured(best.offsetMs)
      round = 0
      best = null
    },
    stop () { if (timer) clearTimeout(timer) }
  }
}
