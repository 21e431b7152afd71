/** Gathers what collectors emit into batches: every 200 ms, or within milliseconds when something changed. */
import Compile from 'typebox/compile'
import type { Log } from '../../lib/log.js'
import { Observation, SampleSet } from '../../server/contract/health.js'
import type { Emit } from '../collector.js'
import { factOf } from './thin.js'

export const FLUSH_MS = 200
/** Long enough to gather the ports of one fallen switch, short enough not to be noticed. */
export const URGENT_MS = 3
const MAX_ITEMS = 5000
/** Estimate of the JSON; a quarter of the largest message. */
const MAX_COST_BYTES = 4 * 2 ** 20

const checkObservation = Compile(Observation)
const checkSamples = Compile(SampleSet)

const urgentKinds: ReadonlySet<Observation['kind']> = new Set(['reachability', 'stream', 'port_status', 'restart'])
/** True when the observation tells something that the last one of the same fact did not. `told` is updated. */
function isUrgent (told: Map<string, string>, o: Observation) {
  if (!urgentKinds.has(o.kind)) return false
  const { key, value } = factOf(o)
  const changed = told.get(key) !== value
  if (o.kind !== 'restart') told.set(key, value)
  return changed
}

const costOf = (o: Observation) => o.kind === 'ports' ? 200 + o.ports.length * 400 : 600
const samplesCost = (s: SampleSet) => 100 + s.series.reduce((n, name) => n + name.length + 24, 0)

export interface Batcher extends Emit {
  flush (): void
  /** Forgets devices that left the plan. */
  keepOnly (deviceIds: ReadonlySet<string>): void
  stop (): void
}

export function createBatcher ({ append, log }: { append: (observations: Observation[], samples: SampleSet[]) => void, log: Log }): Batcher {
  let observations: Observation[] = []
  let samples: SampleSet[] = []
  let cost = 0
  let timer: NodeJS.Timeout | null = null
  let dueUrgently = false
  const told = new Map<string, string>()

  function flush () {
    if (timer) clearTimeout(timer)
    timer = null
    dueUrgently = false
    if (observations.length + samples.length === 0) return
    const batch = { observations, samples }
    observations = []
    samples = []
    cost = 0
    try {
      append(batch.observations, batch.samples)
    } catch (err) {
      log.error({ err, observations: batch.observations.length, samples: batch.samples.length }, 'the spool cannot be written: numbers are lost, observations wait in memory')
      observations = batch.observations.slice(-MAX_ITEMS + 1)
      timer = setTimeout(flush, 5 * FLUSH_MS)
    }
  }
  function added (bytes: number, urgent: boolean) {
    cost += bytes
    if (urgent && !dueUrgently) {
      dueUrgently = true
      if (timer) clearTimeout(timer)
      timer = setTimeout(flush, URGENT_MS)
    }
    timer ??= setTimeout(flush, FLUSH_MS)
  }
  /** Before the addition that would make the batch too large. */
  const makeRoom = (list: unknown[], bytes: number) => { if (list.length >= MAX_ITEMS || (cost > 0 && cost + bytes > MAX_COST_BYTES)) flush() }

  return {
    observation (o) {
      // One bad item would make the server refuse its whole batch, for ever.
      if (!checkObservation.Check(o)) return log.error({ kind: (o as { kind?: unknown }).kind, fault: faultOf(checkObservation.Errors(o)) }, 'a collector made an observation that breaks the contract')
      makeRoom(observations, costOf(o))
      observations.push(o)
      added(costOf(o), isUrgent(told, o))
    },
    samples (s) {
      if (!checkSamples.Check(s)) return log.error({ fault: faultOf(checkSamples.Errors(s)) }, 'a collector made samples that break the contract')
      makeRoom(samples, samplesCost(s))
      samples.push(s)
      added(samplesCost(s), false)
    },
    flush,
    keepOnly (deviceIds) { for (const key of told.keys()) if (!deviceIds.has(key.slice(0, 36))) told.delete(key) },
    stop () { flush(); if (timer) clearTimeout(timer) }
  }
}

const faultOf = (errors: { instancePath: string, message: string }[]) => errors.slice(0, 3).map(e => `${e.instancePath} ${e.message}`).join('; ')
