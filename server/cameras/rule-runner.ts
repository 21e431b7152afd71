/** All rules at all cameras: what was reported becomes alarms, bookmarks and recordings in the batch's own transaction. */
import { and, eq, gte, inArray, isNull, or } from 'drizzle-orm'
import { newId } from '../../lib/ids.js'
import { clearAlarms, type NewAlarm, openAlarmId, raiseAlarms, scopeOfAlarm } from '../alarms/alarm-rows.js'
import type { EventRuleWrite } from '../contract/camera-events.js'
import type { Alarm } from '../contract/health.js'
import type { WallChange } from '../contract/wall.js'
import type { Reader, Writer } from '../store/store.js'
import type { WallScope } from '../store/wall-events.js'
import { openRows, type SeenCamera, type SeenEvent } from './event-rows.js'
import { coversCamera, quiet, type RuleInput, type RuleState, step } from './event-rule.js'

export interface LoadedRule { id: string, rule: EventRuleWrite }
interface WallItem { at: number, change: WallChange, scope: WallScope }
/** `committed` is called once the transaction is: memory then equals the database. */
export interface Taken { items: WallItem[], committed: () => void }
export interface RecordOrder { agentId: string, deviceId: string, from: number, to: number | null }

interface Watched { state: RuleState, wakeAt: number | null, camera: SeenCamera, alarmId: string | null }
interface Act { kind: 'raise' | 'clear', rule: LoadedRule, watched: Watched, at: number, detail: string, raisedAt: number }

const DAY_MS = 86_400_000
const keyOf = (ruleId: string, deviceId: string) => `${ruleId} ${deviceId}`
const inputOf = (e: SeenEvent): RuleInput => ({ type: e.type, source: e.source, phase: e.phase, initial: e.data.initial === 'true' })

export class RuleRunner {
  #rules: LoadedRule[] = []
  #watched = new Map<string, Watched>()
  timeZone = 'UTC'

  constructor (private readonly record: (order: RecordOrder) => void) {}

  /** What stood when the server stopped, and how lately each rule spoke. */
  async load (db: Reader, rules: LoadedRule[], cameras: ReadonlyMap<string, SeenCamera>, now: number) {
    this.#rules = rules
    const t = db.t.alarms
    const told = await db.select({ id: t.id, deviceId: t.sourceId, subject: t.subject, raisedAt: t.raisedAt, clearedAt: t.clearedAt }).from(t)
      .where(and(eq(t.condition, 'camera_event'), or(isNull(t.clearedAt), gte(t.raisedAt, now - DAY_MS))))
    const byName = new Map(rules.map(r => [r.rule.name, r]))
    for (const alarm of told.sort((a, b) => a.raisedAt - b.raisedAt)) {
      const found = byName.get(alarm.subject)
      const camera = cameras.get(alarm.deviceId)
      if (!found || !camera) continue
      const open = alarm.clearedAt === null
      this.#watched.set(keyOf(found.id, camera.id), { camera, alarmId: open ? alarm.id : null, wakeAt: open ? now : null,
        state: { on: {}, lastRaisedAt: alarm.raisedAt, raised: open ? { at: alarm.raisedAt, clearAt: alarm.raisedAt + found.rule.clearAfterS * 1000 } : null } })
    }
    for (const row of await openRows(db)) {
      const camera = cameras.get(row.deviceId)
      if (!camera) continue
      for (const r of rules) {
        if (!r.rule.types.includes(row.type) || row.data.initial === 'true' || !coversCamera(r.rule, camera)) continue
        const w = this.#watched.get(keyOf(r.id, camera.id)) ?? { camera, alarmId: null, wakeAt: null, state: quiet }
        this.#watched.set(keyOf(r.id, camera.id), { ...w, wakeAt: now, state: { ...w.state, on: { ...w.state.on, [`${row.type} ${row.source}`]: row.from }, raised: w.state.raised && { ...w.state.raised, clearAt: null } } })
      }
    }
  }

  due (now: number) { return [...this.#watched.values()].some(w => w.wakeAt !== null && w.wakeAt <= now) }

  /** May run again, each time from what is committed. */
  async take (tx: Writer, events: readonly SeenEvent[], now: number): Promise<Taken> {
    const draft = new Map<string, Watched>()
    const acts: Act[] = []
    const look = (rule: LoadedRule, camera: SeenCamera, input: RuleInput | 'tick', at: number, detail: string) => {
      const key = keyOf(rule.id, camera.id)
      const before = draft.get(key) ?? this.#watched.get(key) ?? { state: quiet, wakeAt: null, camera, alarmId: null }
      const { state, act, wakeAt } = step(rule.rule, before.state, input, at, this.timeZone)
      const watched: Watched = { state, wakeAt, camera, alarmId: before.alarmId }
      draft.set(key, watched)
      if (act) acts.push({ kind: act, rule, watched, at, detail, raisedAt: before.state.raised?.at ?? at })
    }
    for (const event of events) {
      for (const rule of this.#rules) {
        if (rule.rule.enabled && coversCamera(rule.rule, event.camera)) look(rule, event.camera, inputOf(event), event.at, [event.type, event.source].filter(Boolean).join(' '))
      }
    }
    const byId = new Map(this.#rules.map(r => [r.id, r]))
    for (const [key, w] of this.#watched) {
      if (w.wakeAt === null || w.wakeAt > now || draft.has(key)) continue
      const rule = byId.get(key.slice(0, key.indexOf(' ')))
      if (rule) look(rule, w.camera, 'tick', now, Object.keys(w.state.on).join(', '))
    }
    const alarms = await this.#write(tx, acts)
    return { items: alarms.map(alarm => ({ at: now, change: { kind: 'alarm', alarm }, scope: scopeOfAlarm(alarm) })), committed: () => this.#committed(draft, acts) }
  }

  /** A rule was changed or removed, or cameras went: what stands of it is cleared, and nothing of it remembered. */
  async drop (tx: Writer, which: { ruleId?: string, deviceIds?: readonly string[] }, now: number): Promise<Taken> {
    const keys = [...this.#watched.keys()].filter(key => which.ruleId ? key.startsWith(`${which.ruleId} `) : which.deviceIds?.some(id => key.endsWith(` ${id}`)))
    const open = keys.flatMap(key => this.#watched.get(key)?.alarmId ?? [])
    const cleared = await clearAlarms(tx, open.map(id => ({ id, at: now })))
    return { items: cleared.map(alarm => ({ at: now, change: { kind: 'alarm', alarm }, scope: scopeOfAlarm(alarm) })), committed: () => { for (const key of keys) this.#watched.delete(key) } }
  }

  setRules (rules: LoadedRule[]) { this.#rules = rules }

  #committed (draft: ReadonlyMap<string, Watched>, acts: readonly Act[]) {
    for (const [key, w] of draft) {
      if (w.state.raised || w.state.lastRaisedAt !== null || Object.keys(w.state.on).length > 0) this.#watched.set(key, w)
      else this.#watched.delete(key)
    }
    for (const { kind, rule, watched, at, raisedAt } of acts) {
      const { agentId, id } = watched.camera
      if (rule.rule.record && agentId) this.record({ agentId, deviceId: id, from: raisedAt, to: kind === 'raise' ? null : Math.max(at, raisedAt) })
    }
  }

  /** In their order: an alarm may be raised and cleared in one batch. */
  async #write (tx: Writer, acts: readonly Act[]): Promise<Alarm[]> {
    const told = new Map<string, Alarm>()
    for (const act of acts) {
      const { rule, watched, at } = act
      if (act.kind === 'clear') {
        for (const alarm of watched.alarmId ? await clearAlarms(tx, [{ id: watched.alarmId, at }]) : []) told.set(alarm.id, alarm)
        watched.alarmId = null
        continue
      }
      const alarm = newAlarm(act)
      const [raised] = await raiseAlarms(tx, [alarm])
      watched.alarmId = raised?.id ?? await openAlarmId(tx, alarm.sourceId, 'camera_event', alarm.subject)
      if (raised) told.set(raised.id, raised)
      if (rule.rule.bookmark) await bookmark(tx, act)
    }
    return [...told.values()]
  }
}

const newAlarm = ({ rule: { rule }, watched: { camera }, at, detail }: Act): NewAlarm => ({
  id: newId(), sourceId: camera.id, deviceId: camera.id, deviceName: camera.name, deviceKind: 'camera', agentId: camera.agentId, groupId: camera.groupId, siteName: camera.siteName,
  condition: 'camera_event', subject: rule.name, severity: rule.severity, failure: { code: 'camera_event', detail: detail.slice(0, 500) }, raisedAt: at, affectedCount: 0
})

async function bookmark (tx: Writer, { rule, watched: { camera }, at, detail }: Act) {
  await tx.insert(tx.t.bookmarks).values({ id: newId(), deviceId: camera.id, deviceName: camera.name, groupId: camera.groupId, at, note: `${rule.rule.name}: ${detail}`.slice(0, 2000), authorId: rule.id, authorName: rule.rule.name, createdAt: at })
}

export async function camerasById (db: Reader, ids?: readonly string[]): Promise<Map<string, SeenCamera>> {
  const { devices, sites } = db.t
  const found = new Map<string, SeenCamera>()
  for (let i = 0; i < (ids?.length ?? 1); i += 500) {
    const rows = await db.select({ id: devices.id, name: devices.name, groupId: devices.groupId, siteName: sites.name, agentId: devices.agentId }).from(devices).leftJoin(sites, eq(sites.id, devices.siteId))
      .where(and(eq(devices.kind, 'camera'), eq(devices.enabled, true), ids ? inArray(devices.id, ids.slice(i, i + 500)) : undefined))
    for (const row of rows) found.set(row.id, row)
  }
  return found
}
