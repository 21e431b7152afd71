/** Rules that people make: who may, what they cover, and what one would have raised lately. */
import { and, asc, eq, gte, inArray, lt } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import { newId } from '../../lib/ids.js'
import type { EventRule, EventRuleWrite, RulePreview } from '../contract/camera-events.js'
import type { CameraEventType } from '../contract/health.js'
import { type Actor, demand, seesCamera } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { readCentre } from '../identity/settings.js'
import { invalidField, notFound, ServiceProblem } from '../problems.js'
import type { Reader, Store, Writer } from '../store/store.js'
import type { Announce, ScopedWallEvent } from '../store/wall-events.js'
import { coversCamera } from './event-rule.js'
import { previewOf } from './rule-preview.js'
import type { SeenCamera } from './event-rows.js'
import { camerasById, type LoadedRule, type RuleRunner, type Taken } from './rule-runner.js'

export interface EventRules {
  list (actor: Actor): Promise<EventRule[]>
  create (actor: Actor, rule: EventRuleWrite): Promise<EventRule>
  change (actor: Actor, id: string, rule: EventRuleWrite): Promise<EventRule>
  remove (actor: Actor, id: string): Promise<void>
  preview (actor: Actor, rule: EventRuleWrite, days: number): Promise<RulePreview>
}
interface Deps { store: Store, clock: Clock, announce: Announce, join: (inside: (tx: Writer, now: number) => Promise<Taken>) => Promise<ScopedWallEvent[]>, runner: RuleRunner }

const MOST_RULES = 200
/** Events looked through for a preview, at most; the newest count. */
const MOST_EVENTS = 200_000

export async function loadRules (db: Reader): Promise<LoadedRule[]> {
  const t = db.t.eventRules
  return (await db.select({ id: t.id, rule: t.rule }).from(t).orderBy(asc(t.name))).map(row => ({ id: row.id, rule: row.rule }))
}

/** What a schema cannot say. */
function check (rule: EventRuleWrite) {
  const bad = rule.schedule.findIndex(s => s.toMin <= s.fromMin)
  if (bad >= 0) throw invalidField(`/schedule/${bad}/toMin`, 'span_reversed', 'A span ends after it begins.')
}

/** Nobody makes a rule about cameras that they do not see: those do not exist for them. */
async function demandScope (db: Reader, actor: Actor, rule: EventRuleWrite) {
  if (rule.deviceIds.length === 0 && rule.groupIds.length === 0 && !actor.allGroups) throw invalidField('/groupIds', 'scope_required', 'Choose cameras or groups: you do not see all cameras.')
  const { devices, cameraGroups } = db.t
  const groups = rule.groupIds.length === 0 ? [] : await db.select({ id: cameraGroups.id }).from(cameraGroups).where(inArray(cameraGroups.id, rule.groupIds))
  if (groups.length < new Set(rule.groupIds).size || rule.groupIds.some(id => !seesCamera(actor, id))) throw notFound('group')
  const cameras = rule.deviceIds.length === 0 ? [] : await db.select({ id: devices.id, groupId: devices.groupId }).from(devices).where(and(inArray(devices.id, rule.deviceIds), eq(devices.kind, 'camera')))
  if (cameras.length < new Set(rule.deviceIds).size || cameras.some(c => !seesCamera(actor, c.groupId))) throw notFound('camera')
}

/** Whether a rule concerns only cameras that the actor sees. */
const mine = (actor: Actor, rule: EventRuleWrite, cameras: ReadonlyMap<string, SeenCamera>) => actor.allGroups ||
  (rule.deviceIds.length + rule.groupIds.length > 0 && rule.groupIds.every(id => seesCamera(actor, id)) && rule.deviceIds.every(id => seesCamera(actor, cameras.get(id)?.groupId ?? null)))

export function createEventRules ({ store, clock, announce, join, runner }: Deps): EventRules {
  /** Writes in the order of the batches, so that no event is judged by half a change. */
  async function change<T> (ruleId: string, work: (tx: Writer, now: number) => Promise<T>): Promise<T> {
    let value: T | undefined
    announce(await join(async (tx, now) => {
      value = await work(tx, now)
      const rules = await loadRules(tx)
      const dropped = await runner.drop(tx, { ruleId }, now)
      return { items: dropped.items, committed: () => { dropped.committed(); runner.setRules(rules) } }
    }))
    return value as T
  }

  async function find (tx: Reader, actor: Actor, id: string) {
    const t = tx.t.eventRules
    const [row] = await tx.select().from(t).where(eq(t.id, id))
    if (!row || !mine(actor, row.rule, await camerasById(tx))) throw notFound('event rule')
    return row
  }
  async function demandName (tx: Reader, name: string, id: string | null) {
    const t = tx.t.eventRules
    const [other] = await tx.select({ id: t.id }).from(t).where(eq(t.name, name))
    if (other && other.id !== id) throw invalidField('/name', 'name_taken', 'Another rule has this name.')
  }

  return {
    async list (actor) {
      demand(actor, 'event_rule.read')
      const t = store.read.t.eventRules
      const cameras = await camerasById(store.read)
      const rows = await store.read.select().from(t).orderBy(asc(t.name))
      return rows.filter(row => mine(actor, row.rule, cameras)).map(row => ({ ...row.rule, id: row.id, updatedAt: row.updatedAt, updatedBy: row.updatedBy }))
    },

    async create (actor, rule) {
      demand(actor, 'event_rule.write')
      check(rule)
      const id = newId()
      return change(id, async (tx, now) => {
        await demandScope(tx, actor, rule)
        await demandName(tx, rule.name, null)
        const t = tx.t.eventRules
        if ((await loadRules(tx)).length >= MOST_RULES) throw new ServiceProblem('conflict', 'too_many_rules', `There can be ${MOST_RULES} rules at most.`)
        await tx.insert(t).values({ id, name: rule.name, rule, updatedAt: now, updatedBy: actor.login })
        await recordAudit(tx, now, actor, 'event_rule.create', { kind: 'event_rule', id }, { rule })
        return { ...rule, id, updatedAt: now, updatedBy: actor.login }
      })
    },

    async change (actor, id, rule) {
      demand(actor, 'event_rule.write')
      check(rule)
      return change(id, async (tx, now) => {
        const before = await find(tx, actor, id)
        await demandScope(tx, actor, rule)
        await demandName(tx, rule.name, id)
        await tx.update(tx.t.eventRules).set({ name: rule.name, rule, updatedAt: now, updatedBy: actor.login }).where(eq(tx.t.eventRules.id, id))
        await recordAudit(tx, now, actor, 'event_rule.change', { kind: 'event_rule', id }, { before: before.rule, after: rule })
        return { ...rule, id, updatedAt: now, updatedBy: actor.login }
      })
    },

    async remove (actor, id) {
      demand(actor, 'event_rule.write')
      await change(id, async (tx, now) => {
        const before = await find(tx, actor, id)
        await tx.delete(tx.t.eventRules).where(eq(tx.t.eventRules.id, id))
        await recordAudit(tx, now, actor, 'event_rule.remove', { kind: 'event_rule', id }, { before: before.rule })
      })
    },

    async preview (actor, rule, days) {
      demand(actor, 'event_rule.read')
      check(rule)
      await demandScope(store.read, actor, rule)
      const to = clock.now()
      const { cameraEvents: t } = store.read.t
      const cameras = new Map([...await camerasById(store.read)].filter(([, c]) => coversCamera(rule, c) && seesCamera(actor, c.groupId)))
      const whole = rule.deviceIds.length > 0 && rule.groupIds.length === 0
      const rows = cameras.size === 0 ? [] : await store.read.select({ deviceId: t.deviceId, type: t.type, source: t.source, from: t.from, to: t.to, data: t.data }).from(t)
        .where(and(gte(t.from, to - days * 86_400_000), lt(t.from, to), inArray(t.type, rule.types), whole ? inArray(t.deviceId, rule.deviceIds) : undefined)).orderBy(asc(t.from)).limit(MOST_EVENTS + 1)
      const seen = rows.filter(row => cameras.has(row.deviceId)).slice(0, MOST_EVENTS).map(row => ({ ...row, type: row.type as CameraEventType }))
      const partial = rows.length > MOST_EVENTS
      const { timeZone } = await readCentre(store.read)
      return { ...previewOf(rule, seen, id => cameras.get(id)?.name ?? '', timeZone, partial ? seen.at(-1)?.from ?? to : to), from: to - days * 86_400_000, to: partial ? seen.at(-1)?.from ?? to : to, partial }
    }
  }
}
