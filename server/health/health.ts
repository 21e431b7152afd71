/** What people read about one device: its state now, its past, its ports, its measured numbers. */
import { and, desc, eq, lt, or } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import type { DeviceHealth, DeviceState, HistoryEntry, Port, SeriesAnswer, SeriesQuery } from '../contract/health.js'
import { type Actor, demand, seesDevice } from '../identity/actor.js'
import { invalidField, notFound } from '../problems.js'
import type { LatestValue, SampleStore } from '../store/samples.js'
import type { Store } from '../store/store.js'
import type { Entry } from './fleet.js'

export interface Health {
  now (actor: Actor, deviceId: string): Promise<DeviceHealth>
  /** Newest first. */
  history (actor: Actor, deviceId: string, page: { cursor?: string, limit?: number }): Promise<{ items: HistoryEntry[], next: string | null }>
  ports (actor: Actor, deviceId: string): Promise<Port[]>
  series (actor: Actor, deviceId: string, query: SeriesQuery): Promise<SeriesAnswer>
}

/** The committed fleet (ingest.ts), as far as reading goes. */
interface FleetReader { entry (deviceId: string): Entry | undefined, childrenOf (deviceId: string): string[] }
interface Deps { store: Store, clock: Clock, fleet: FleetReader, samples: Pick<SampleStore, 'query' | 'latest'> }

const PAGE = 100
const DEFAULT_SPAN_MS = 6 * 3_600_000
const DEFAULT_POINTS = 300
const MAX_NAMES = 100
/** An older rate says nothing about now. */
const RATE_FRESH_MS = 15 * 60_000

function portOf ({ port, since }: { port: Omit<Port, 'since' | 'deviceIds' | `${string}Bps` | `${string}PerS`>, since: number }, deviceIds: string[], latest: ReadonlyMap<string, LatestValue>, now: number): Port {
  const rate = (series: string) => {
    const value = latest.get(`${series}.${port.name}`)
    return value && now - value.at <= RATE_FRESH_MS ? value.value : null
  }
  return {
    ...port as Port, since, deviceIds, inBps: rate('in_bps'), outBps: rate('out_bps'), inErrorsPerS: rate('in_errors_per_s'), outErrorsPerS: rate('out_errors_per_s'),
    inDiscardsPerS: rate('in_discards_per_s'), outDiscardsPerS: rate('out_discards_per_s')
  }
}

export function createHealth ({ store, clock, fleet, samples }: Deps): Health {
  /** Cameras outside the actor's groups do not exist for it. */
  function seen (actor: Actor, deviceId: string): Entry {
    demand(actor, 'health.read')
    const entry = fleet.entry(deviceId)
    if (!entry || !seesDevice(actor, entry.facts)) throw notFound('device')
    return entry
  }

  return {
    async now (actor, deviceId) {
      const { view, identity } = seen(actor, deviceId)
      return { ...view, identity }
    },

    async history (actor, deviceId, { cursor, limit = PAGE }) {
      seen(actor, deviceId)
      const t = store.read.t.stateHistory
      const from = cursor === undefined ? null : /^(\d{1,16})\.([0-9a-f-]{36})$/.exec(cursor)
      if (cursor !== undefined && !from) throw invalidField('/querystring/cursor', 'cursor_invalid', 'The cursor is not one of ours; start again without it.')
      const before = from ? or(lt(t.at, Number(from[1])), and(eq(t.at, Number(from[1])), lt(t.id, from[2]!))) : undefined
      const rows = await store.read.select().from(t).where(and(eq(t.deviceId, deviceId), before)).orderBy(desc(t.at), desc(t.id)).limit(limit + 1)
      const page = rows.slice(0, limit)
      const last = page.at(-1)
      return {
        items: page.map(({ at, from, to, reason, causeDeviceId }) => ({ at, from: from as DeviceState | null, to: to as DeviceState, reason, causeDeviceId })),
        next: rows.length > limit && last ? `${last.at}.${last.id}` : null
      }
    },

    async ports (actor, deviceId) {
      const { ports } = seen(actor, deviceId)
      const latest = samples.latest(deviceId)
      const behind = new Map<string, string[]>()
      for (const id of fleet.childrenOf(deviceId)) {
        const facts = fleet.entry(id)?.facts
        if (facts?.parentPort && seesDevice(actor, facts)) behind.set(facts.parentPort, [...(behind.get(facts.parentPort) ?? []), id])
      }
      return [...ports.values()].sort((a, b) => a.port.ifIndex - b.port.ifIndex).map(p => portOf(p, behind.get(p.port.name) ?? [], latest, clock.now()))
    },

    async series (actor, deviceId, query) {
      seen(actor, deviceId)
      const names = query.names.split(',').map(n => n.trim()).filter(n => n !== '')
      if (names.length > MAX_NAMES) throw invalidField('/querystring/names', 'too_many_names', `At most ${MAX_NAMES} series at once.`)
      const toMs = query.to ?? clock.now()
      const fromMs = query.from ?? toMs - DEFAULT_SPAN_MS
      if (fromMs >= toMs) throw invalidField('/querystring/from', 'range_empty', '`from` must be before `to`.')
      return samples.query({ deviceId, names, fromMs, toMs, maxPoints: query.points ?? DEFAULT_POINTS })
    }
  }
}
