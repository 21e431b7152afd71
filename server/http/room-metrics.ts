/** What only the rooms can count, read when somebody scrapes /metrics. */
import { Gauge } from 'prom-client'
import type { Metrics } from './metrics.js'

export interface Countable {
  /** Devices by state. */
  ingest: { countStates (): Record<string, number>, readonly counters: object }
  wall: { readonly count: number }
  relay: { readonly viewers: number, readonly streams: number }
  footage: { readonly streams: { readonly count: number } }
  recordings: { replication: { readonly counters: object } }
}

export function roomMetrics ({ registry }: Metrics, { ingest, wall, relay, footage, recordings }: Countable) {
  const registers = [registry]
  new Gauge({ name: 'kalancha_devices', help: 'Devices by state', labelNames: ['state'], registers, collect () {
    this.reset()
    for (const [state, n] of Object.entries(ingest.countStates())) this.set({ state }, n)
  } })
  new Gauge({ name: 'kalancha_ingest', help: 'What agents sent since the start', labelNames: ['what'], registers, collect () {
    for (const [what, n] of Object.entries(ingest.counters)) this.set({ what }, n as number)
  } })
  new Gauge({ name: 'kalancha_replication', help: 'Pages and rows of the agents\' indexes since the start', labelNames: ['what'], registers, collect () {
    for (const [what, n] of Object.entries(recordings.replication.counters)) this.set({ what }, n as number)
  } })
  new Gauge({ name: 'kalancha_walls', help: 'Walls connected', registers, collect () { this.set(wall.count) } })
  new Gauge({ name: 'kalancha_live_viewers', help: 'Viewers of live video', registers, collect () { this.set(relay.viewers) } })
  new Gauge({ name: 'kalancha_live_streams', help: 'Streams relayed from agents', registers, collect () { this.set(relay.streams) } })
  new Gauge({ name: 'kalancha_footage_streams', help: 'Streams of recorded footage from agents', registers, collect () { this.set(footage.streams.count) } })
}
