/** What people do with alarms: list them and acknowledge them. Raising and clearing stand in alarm-rows.ts. */
import { and, desc, eq, gte, inArray, isNotNull, isNull, lt, lte, ne, or, type SQL, sql } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import type { Alarm, AlarmQuery } from '../contract/health.js'
import { type Actor, demand, seesDevice } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { invalidField, notFound, ServiceProblem } from '../problems.js'
import type { Schema } from '../store/schema.js'
import type { Store } from '../store/store.js'
import { type Announce, appendWallEvent } from '../store/wall-events.js'
import { alarmOf, scopeOfAlarm } from './alarm-rows.js'

type Table = Schema['alarms']
const PAGE = 100

export interface Alarms {
  /** Newest first. */
  list (actor: Actor, query: AlarmQuery): Promise<{ items: Alarm[], next: string | null }>
  get (actor: Actor, id: string): Promise<Alarm>
  /** Once; also after it cleared, since somebody must have looked. */
  acknowledge (actor: Actor, id: string, comment: string): Promise<Alarm>
}

/** Alarms of cameras outside the actor's groups do not exist for it. */
const visible = (t: Table, actor: Actor): SQL | undefined => (actor.allGroups ? undefined
  : or(isNull(t.deviceKind), ne(t.deviceKind, 'camera'), actor.groupIds.length > 0 ? inArray(t.groupId, [...actor.groupIds]) : undefined))

/** `<raisedAt>.<id>` of the last row. */
function after (t: Table, cursor: string | undefined) {
  if (cursor === undefined) return undefined
  const match = /^(\d{1,16})\.([0-9a-f-]{36})$/.exec(cursor)
  if (!match) throw invalidField('/querystring/cursor', 'cursor_invalid', 'The cursor is not one of ours; start again without it.')
  const raisedAt = Number(match[1])
  return or(lt(t.raisedAt, raisedAt), and(eq(t.raisedAt, raisedAt), lt(t.id, match[2]!)))
}

const containing = (text: string) => `%${text.replaceAll(/[\\%_]/g, c => `\\${c}`)}%`

const conditionsOf = (t: Table, q: AlarmQuery): (SQL | undefined)[] => [
  q.status === 'open' ? isNull(t.clearedAt) : q.status === 'cleared' ? isNotNull(t.clearedAt) : undefined,
  q.severity ? eq(t.severity, q.severity) : undefined,
  q.condition ? eq(t.condition, q.condition) : undefined,
  q.deviceId ? eq(t.deviceId, q.deviceId) : undefined,
  q.acknowledged === undefined ? undefined : q.acknowledged ? isNotNull(t.acknowledgedAt) : isNull(t.acknowledgedAt),
  q.to === undefined ? undefined : lte(t.raisedAt, q.to),
  q.from === undefined ? undefined : or(isNull(t.clearedAt), gte(t.clearedAt, q.from)),
  q.q ? sql`${t.searchText} like ${containing(q.q.toLowerCase())} escape '\\'` : undefined
]

export function createAlarms ({ store, clock, announce }: { store: Store, clock: Clock, announce: Announce }): Alarms {
  return {
    async list (actor, query) {
      demand(actor, 'alarm.read')
      const t = store.read.t.alarms
      const limit = query.limit ?? PAGE
      const rows = await store.read.select().from(t).where(and(visible(t, actor), after(t, query.cursor), ...conditionsOf(t, query)))
        .orderBy(desc(t.raisedAt), desc(t.id)).limit(limit + 1)
      const items = rows.slice(0, limit).map(alarmOf)
      const last = items.at(-1)
      return { items, next: rows.length > limit && last ? `${last.raisedAt}.${last.id}` : null }
    },

    async get (actor, id) {
      demand(actor, 'alarm.read')
      const t = store.read.t.alarms
      const [row] = await store.read.select().from(t).where(and(eq(t.id, id), visible(t, actor)))
      if (!row) throw notFound('alarm')
      return alarmOf(row)
    },

    async acknowledge (actor, id, comment) {
      demand(actor, 'alarm.acknowledge')
      const now = clock.now()
      const done = await store.transaction(async tx => {
        const t = tx.t.alarms
        const [before] = await tx.select().from(t).where(eq(t.id, id))
        if (!before || (before.deviceKind === 'camera' && !seesDevice(actor, { kind: 'camera', groupId: before.groupId }))) throw notFound('alarm')
        const [row] = await tx.update(t).set({ acknowledgedAt: now, acknowledgedBy: actor.login, acknowledgeComment: comment })
          .where(and(eq(t.id, id), isNull(t.acknowledgedAt))).returning()
        if (!row) throw new ServiceProblem('conflict', 'already_acknowledged', `${before.acknowledgedBy} has acknowledged this alarm already.`)
        const alarm = alarmOf(row)
        await recordAudit(tx, now, actor, 'alarm.acknowledge', { kind: 'alarm', id }, { condition: alarm.condition, deviceId: alarm.deviceId, comment })
        return { alarm, event: await appendWallEvent(tx, now, { kind: 'alarm', alarm }, scopeOfAlarm(alarm)) }
      })
      announce([done.event])
      return done.alarm
    }
  }
}
