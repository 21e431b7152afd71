/** Real time for camera events: rules every second, what was left open every minute, old rows every ten. */
import type { Log } from '../../lib/log.js'
import type { CameraEvents } from './events.js'

const RULES_MS = 1000
const STALE_MS = 60_000
const PRUNE_MS = 10 * 60_000

export function startEventTicker (events: Pick<CameraEvents, 'tick' | 'closeStale' | 'prune'>, log: Log) {
  const running = new Set<Promise<void>>()
  /** One at a time of each; the next turn tries again what failed. */
  function every (ms: number, what: string, work: () => Promise<void>) {
    let busy = false
    return setInterval(() => {
      if (busy) return
      busy = true
      const done = work().catch((err: unknown) => { log.warn({ err }, what) }).finally(() => { busy = false; running.delete(done) })
      running.add(done)
    }, ms)
  }
  const timers = [
    every(RULES_MS, 'rules about camera events were not looked at', () => events.tick()),
    every(STALE_MS, 'events that nobody ended were not closed', () => events.closeStale()),
    every(PRUNE_MS, 'old events of cameras were not deleted', () => events.prune())
  ]
  return {
    async stop () {
      for (const timer of timers) clearInterval(timer)
      await Promise.all(running)
    }
  }
}
