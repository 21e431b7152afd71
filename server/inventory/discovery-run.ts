/** One search: the command to the agent, and what is believed of its findings. */
import { and, eq, inArray, isNull, or, sql } from 'drizzle-orm'
import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { newId } from '../../lib/ids.js'
import type { DiscoveryProgress, Task } from '../contract/agent-link.js'
import { type DiscoveryRunStart, Finding } from '../contract/inventory.js'
import type { Actor } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { ServiceProblem } from '../problems.js'
import type { AgentCommands } from './agent-commands.js'
import { inRange, parseAddress, type Range, rangeFrom } from './range-rules.js'
import { chunks, commit, type Room, whoOf } from './room.js'
import { TaskFailure, type Tasks } from './tasks.js'

const DEADLINE_MS = 30 * 60_000
const PROBES_PER_S = 50
const MAX_FINDINGS = 5000
const usualPorts = { onvif: [80, 8080, 8000, 8899], rtsp: [554, 8554], snmp: [161], http: [80, 443] }

const found = Compile(Finding)
const Counts = Type.Object({ done: Type.Integer({ minimum: 0 }), total: Type.Integer({ minimum: 0 }) })
const counted = Compile(Counts)

/** Devices say what they like: what no database or screen can show becomes a space. */
function clean<T> (value: T): T {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  if (typeof value === 'string') return value.replace(/[\u0000-\u001f\u007f]|\p{Surrogate}/gu, ' ').trim() as T
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(clean) as T
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, clean(inner)])) as T
}

/** Findings that can be read and lie inside the range, one an address; the last word holds. */
function believe (range: Range, given: unknown): Map<string, Finding> {
  const kept = new Map<string, Finding>()
  const list = (given as { findings?: unknown } | null)?.findings
  if (!Array.isArray(list)) return kept
  for (const item of list.slice(0, MAX_FINDINGS)) {
    if (!found.Check(item) || !inRange(range, item.address)) continue
    const address = parseAddress(item.address)!.toString()
    // Only what the schema knows goes into the database.
    const { kind, onvif, rtspPort, snmp, httpPort, icmp } = clean(item)
    kept.set(address, { address, kind, onvif, rtspPort, snmp, httpPort, icmp })
  }
  return kept
}

interface Surroundings { room: Room, tasks: Tasks, agents: AgentCommands, searching: Set<string> }
interface Search { cidr: string, agentId: string, request: DiscoveryRunStart }

export async function startSearch ({ room, tasks, agents, searching }: Surroundings, actor: Actor, { cidr, agentId, request }: Search): Promise<Task> {
  const range = rangeFrom(cidr)
  const { probesPerS = PROBES_PER_S, communities = [], ports = {} } = request
  const tried = { ...usualPorts, ...Object.fromEntries(Object.entries(ports).filter(([, list]) => list !== undefined)) }
  const busy = () => new ServiceProblem('conflict', 'discovery_running', 'This agent is searching already: wait for it or cancel it.')
  if (searching.has(agentId)) throw busy()
  searching.add(agentId)
  try {
    await commit(room, (tx, told) => recordAudit(tx, told.at, whoOf(actor), 'discovery.run', { kind: 'range', id: request.rangeId }, { cidr, agentId, probesPerS, ports: tried, communities: communities.length }))
    return tasks.start(actor, {
      kind: 'discover', deadlineMs: DEADLINE_MS, initialProgress: { done: 0, total: 0, findings: [] } satisfies DiscoveryProgress,
      async run ({ onProgress, signal }) {
        const findings = new Map<string, Finding>()
        const gather = (said: unknown) => { for (const [address, finding] of believe(range, said)) findings.set(address, finding) }
        // Cancelled or out of time: the agent is told to stop, and may not answer. What was found holds.
        const stopped = new Promise<'stopped'>(resolve => signal.addEventListener('abort', () => resolve('stopped'), { once: true }))
        try {
          const result = await Promise.race([stopped, agents.run(agentId, { name: 'discover', cidr, probesPerS, communities, ports: tried }, {
            signal, timeoutMs: DEADLINE_MS,
            onProgress (said) {
              gather(said)
              if (counted.Check(said)) onProgress({ done: said.done, total: said.total, findings: [...findings.values()] } satisfies DiscoveryProgress)
            }
          })])
          if (result !== 'stopped' && !Array.isArray((result as { findings?: unknown } | null)?.findings)) throw new TaskFailure('protocol_error', 'The agent sent a result that cannot be read: it may have another version.')
          gather(result)
        } finally {
          searching.delete(agentId)
          await suggest(room, agentId, [...findings.values()])
        }
        return { findings: [...findings.values()] }
      }
    })
  } catch (err) {
    searching.delete(agentId)
    throw err
  }
}

/** Keeps what people decided: a dismissed one stays dismissed. One whose device is there already counts as added; behind another agent the same address is another device. */
async function suggest (room: Room, agentId: string, findings: readonly Finding[]) {
  if (findings.length === 0) return
  await commit(room, async (tx, { at }) => {
    const { suggestions, devices } = tx.t
    for (const some of chunks(findings)) {
      const addresses = some.map(finding => finding.address)
      const there = new Map((await tx.select({ address: devices.address, id: devices.id }).from(devices).where(and(inArray(devices.address, addresses), or(eq(devices.agentId, agentId), isNull(devices.agentId))))).map(d => [d.address, d.id]))
      await tx.insert(suggestions).values(some.map(finding => ({
        id: newId(), agentId, address: finding.address, finding, firstSeenAt: at, lastSeenAt: at,
        status: there.has(finding.address) ? 'added' : 'new', deviceId: there.get(finding.address) ?? null
      }))).onConflictDoUpdate({
        target: [suggestions.agentId, suggestions.address],
        set: {
          finding: sql`excluded.finding`, lastSeenAt: at,
          // Added once and its device removed since: new again.
          status: sql`case when ${suggestions.deviceId} is not null or excluded.device_id is not null then 'added' when ${suggestions.status} = 'added' then 'new' else ${suggestions.status} end`,
          deviceId: sql`coalesce(${suggestions.deviceId}, excluded.device_id)`
        }
      })
    }
  })
}
