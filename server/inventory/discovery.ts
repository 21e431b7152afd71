/** Searching allowed ranges for devices. What is found is only suggested; a person makes a device of it. */
import { and, asc, desc, eq, isNull, or } from 'drizzle-orm'
import { newId } from '../../lib/ids.js'
import type { Task } from '../contract/agent-link.js'
import type { Device, DeviceCreate, DiscoveryRange, DiscoveryRangeWrite, DiscoveryRunStart, Suggestion, SuggestionQuery } from '../contract/inventory.js'
import { type Actor, demand } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { invalidField, notFound, ServiceProblem } from '../problems.js'
import type { Reader, Writer } from '../store/store.js'
import type { AgentCommands } from './agent-commands.js'
import { createDevice } from './devices.js'
import { refuse, unstorable } from './device-rules.js'
import { startSearch } from './discovery-run.js'
import { overlap, rangeFrom } from './range-rules.js'
import { commit, type Room, whoOf } from './room.js'
import type { Tasks } from './tasks.js'

/** Suggestions in one answer; beyond it the range was not worth suggesting from. */
const MAX_SUGGESTIONS = 5000

export interface Discovery {
  ranges (actor: Actor): Promise<DiscoveryRange[]>
  allowRange (actor: Actor, wanted: DiscoveryRangeWrite): Promise<DiscoveryRange>
  removeRange (actor: Actor, id: string): Promise<void>
  run (actor: Actor, request: DiscoveryRunStart): Promise<Task>
  suggestions (actor: Actor, query: SuggestionQuery): Promise<Suggestion[]>
  /** Creates the device and marks the suggestion, both or neither. */
  accept (actor: Actor, id: string, wanted: DeviceCreate): Promise<Device>
  dismiss (actor: Actor, id: string): Promise<Suggestion>
  restore (actor: Actor, id: string): Promise<Suggestion>
}

export function createDiscovery (room: Room, tasks: Tasks, agents: AgentCommands): Discovery {
  const { store } = room
  /** Agents that are searching now. */
  const searching = new Set<string>()
  return {
    async ranges (actor) {
      demand(actor, 'discovery.read')
      return store.read.select().from(store.read.t.discoveryRanges).orderBy(asc(store.read.t.discoveryRanges.createdAt))
    },
    async allowRange (actor, wanted) {
      demand(actor, 'discovery.write')
      return commit(room, (tx, told) => allowRange(tx, told.at, actor, wanted))
    },
    async removeRange (actor, id) {
      demand(actor, 'discovery.write')
      await commit(room, async (tx, told) => {
        const [gone] = await tx.delete(tx.t.discoveryRanges).where(eq(tx.t.discoveryRanges.id, id)).returning()
        if (!gone) throw notFound('range')
        await recordAudit(tx, told.at, whoOf(actor), 'discovery.range.remove', { kind: 'range', id }, { cidr: gone.cidr })
      })
    },
    async run (actor, request) {
      demand(actor, 'discovery.write')
      const [range] = await store.read.select().from(store.read.t.discoveryRanges).where(eq(store.read.t.discoveryRanges.id, request.rangeId))
      if (!range) throw invalidField('/rangeId', 'range_not_found', 'No such range: allow it first.')
      const agentId = range.agentId ?? request.agentId
      if (!agentId) throw invalidField('/agentId', 'agent_required', 'Choose the agent that searches.')
      if (request.agentId && request.agentId !== agentId) throw invalidField('/agentId', 'agent_of_range', 'This range is bound to another agent.')
      await needAgent(store.read, agentId)
      return startSearch({ room, tasks, agents, searching }, actor, { cidr: range.cidr, agentId, request })
    },
    async suggestions (actor, query) {
      demand(actor, 'discovery.read')
      const { suggestions } = store.read.t
      const rows = await store.read.select().from(suggestions)
        .where(and(query.status && eq(suggestions.status, query.status), query.agentId ? eq(suggestions.agentId, query.agentId) : undefined))
        .orderBy(desc(suggestions.lastSeenAt), asc(suggestions.address)).limit(MAX_SUGGESTIONS)
      return rows.map(toSuggestion)
    },
    async accept (actor, id, wanted) {
      demand(actor, 'discovery.write')
      demand(actor, 'device.write')
      return commit(room, async (tx, told) => {
        const suggestion = await readSuggestion(tx, id)
        if (suggestion.status === 'added') throw new ServiceProblem('conflict', 'suggestion_added', 'A device was made of this suggestion already.')
        const device = await createDevice(room, tx, told, actor, wanted)
        await tx.update(tx.t.suggestions).set({ status: 'added', deviceId: device.id }).where(eq(tx.t.suggestions.id, id))
        await recordAudit(tx, told.at, whoOf(actor), 'discovery.accept', { kind: 'suggestion', id }, { deviceId: device.id, address: suggestion.address })
        return device
      })
    },
    dismiss: (actor, id) => mark(room, actor, id, 'dismissed'),
    restore: (actor, id) => mark(room, actor, id, 'new')
  }
}

type SuggestionRow = Awaited<ReturnType<typeof readSuggestion>>
async function readSuggestion (db: Reader, id: string) {
  const [row] = await db.select().from(db.t.suggestions).where(eq(db.t.suggestions.id, id))
  if (!row) throw notFound('suggestion')
  return row
}
const toSuggestion = ({ address: _address, ...row }: SuggestionRow): Suggestion => ({ ...row, status: row.status as Suggestion['status'] })

async function mark (room: Room, actor: Actor, id: string, status: 'new' | 'dismissed') {
  demand(actor, 'discovery.write')
  return commit(room, async (tx, told) => {
    const before = await readSuggestion(tx, id)
    if (before.status === 'added' && before.deviceId !== null) throw new ServiceProblem('conflict', 'suggestion_added', 'A device was made of this suggestion already.')
    const [row] = await tx.update(tx.t.suggestions).set({ status }).where(eq(tx.t.suggestions.id, id)).returning()
    await recordAudit(tx, told.at, whoOf(actor), `discovery.${status === 'new' ? 'restore' : 'dismiss'}`, { kind: 'suggestion', id }, { address: before.address })
    return toSuggestion(row!)
  })
}

async function needAgent (db: Reader, agentId: string) {
  const { agents } = db.t
  const [agent] = await db.select({ id: agents.id }).from(agents).where(and(eq(agents.id, agentId), isNull(agents.revokedAt)))
  if (!agent) throw invalidField('/agentId', 'agent_not_found', 'No such agent, or it was revoked.')
}

/** Two agents may have networks with the same private addresses; one range for any agent overlaps with everybody's. */
async function allowRange (tx: Writer, at: number, actor: Actor, wanted: DiscoveryRangeWrite): Promise<DiscoveryRange> {
  const { discoveryRanges: ranges } = tx.t
  refuse(unstorable(wanted))
  const range = rangeFrom(wanted.cidr)
  if (wanted.agentId !== null) await needAgent(tx, wanted.agentId)
  const near = await tx.select({ cidr: ranges.cidr }).from(ranges).where(wanted.agentId === null ? undefined : or(eq(ranges.agentId, wanted.agentId), isNull(ranges.agentId)))
  const other = near.find(row => overlap(range, rangeFrom(row.cidr)))
  if (other) {
    const message = `It overlaps with ${other.cidr}, which is allowed already.`
    throw new ServiceProblem('conflict', 'range_overlaps', message, [{ field: '/cidr', message }])
  }
  const row = { id: newId(), cidr: range.cidr, agentId: wanted.agentId, note: (wanted.note ?? '').trim(), createdAt: at, createdBy: actor.login }
  await tx.insert(ranges).values(row)
  await recordAudit(tx, at, whoOf(actor), 'discovery.range.allow', { kind: 'range', id: row.id }, { cidr: row.cidr, agentId: row.agentId })
  return row
}
