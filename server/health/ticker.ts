/** Real time for health: dwell times and silence every 250 ms, old numbers and old history now and then. */
import { lt } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import { SAMPLES_KEPT_MS, type SampleStore } from '../store/samples.js'
import type { Store } from '../store/store.js'
import type { Announce } from '../store/wall-events.js'
import type { Ingest } from './ingest.js'

const TICK_MS = 250
const PRUNE_MS = 10 * 60_000
/** A year of changes of state. */
const HISTORY_KEPT_MS = 365 * 86_400_000

interface Deps { store: Store, clock: Clock, log: Log, samples: Pick<SampleStore, 'prune'> }

export function startTicker (ingest: Pick<Ingest, 'tick' | 'idle'>, announce: Announce, { store, clock, log, samples }: Deps) {
  let ticking = false
  async function tick () {
    if (ticking) return
    ticking = true
    try {
      const events = await ingest.tick()
      if (events.length > 0) announce(events)
    } catch (err) {
      // The next tick tries again: nothing was committed and nothing was forgotten.
      log.error({ err }, 'a tick of the judge failed')
    } finally {
      ticking = false
    }
  }
  async function prune () {
    await samples.prune(clock.now() - SAMPLES_KEPT_MS)
    await store.transaction(tx => tx.delete(tx.t.stateHistory).where(lt(tx.t.stateHistory.at, clock.now() - HISTORY_KEPT_MS)))
  }
  const timers = [
    setInterval(() => { void tick() }, TICK_MS),
    setInterval(() => { prune().catch(err => log.warn({ err }, 'old samples and history were not pruned')) }, PRUNE_MS)
  ]
  return {
    /** Resolves when nothing is being judged any more. */
    async stop () {
      for (const timer of timers) clearInterval(timer)
      await ingest.idle()
    }
  }
}
