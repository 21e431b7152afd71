/** Real time for compliance: the table each minute, passwords that nobody has judged, trials of logins. */
import type { Log } from '../../../lib/log.js'
import type { Compliance } from './compliance.js'

const REFRESH_MS = 60_000
const LOGINS_MS = 5000
/** A server that has just started has better things to do. */
const FIRST_MS = 5000

export function startComplianceTicker (compliance: Pick<Compliance, 'refresh' | 'tryLogins'>, judgeStrengths: () => Promise<number>, log: Log) {
  const running = new Set<Promise<void>>()
  function guarded (what: string, work: () => Promise<void>) {
    let busy = false
    return () => {
      if (busy) return
      busy = true
      const done = work().catch((err: unknown) => { log.warn({ err }, what) }).finally(() => { busy = false; running.delete(done) })
      running.add(done)
    }
  }
  const refresh = guarded('the table of compliance could not be made anew', async () => {
    await judgeStrengths()
    await compliance.refresh()
  })
  const timers = [setTimeout(refresh, FIRST_MS), setInterval(refresh, REFRESH_MS), setInterval(guarded('factory logins could not be tried', () => compliance.tryLogins()), LOGINS_MS)]
  return {
    async stop () {
      for (const timer of timers) clearInterval(timer)
      await Promise.all(running)
    }
  }
}
