/** Keeps an agent's footage in order while it runs: the janitor's rounds and the scrubber's reading. */
import { setTimeout as wait } from 'node:timers/promises'
import { Janitor, type JanitorOptions } from './janitor.js'
import { Scrubber } from './scrubber.js'

const ROUND_MS = 10_000
const IDLE_MS = 60_000

export function startKeeper (o: JanitorOptions) {
  const stopping = new AbortController()
  const { signal } = stopping
  const janitor = new Janitor(o)
  const pause = async (ms: number, s: AbortSignal) => { await wait(ms, undefined, { signal: s, ref: false }).catch(() => {}) }
  const scrubber = new Scrubber({ ...o, pause })
  async function forever (what: string, step: () => Promise<number>) {
    while (!signal.aborted) {
      let next = IDLE_MS
      try { next = await step() } catch (err) { if (!signal.aborted) o.log.error({ err }, what) }
      await pause(next, signal)
    }
  }
  const running = Promise.all([
    forever('footage could not be put in order', async () => { await janitor.round(); return ROUND_MS }),
    forever('footage could not be read again', async () => await scrubber.step(signal) ? 100 : IDLE_MS)
  ])
  return {
    counters: scrubber.counters,
    async stop () {
      stopping.abort()
      await running
    }
  }
}
