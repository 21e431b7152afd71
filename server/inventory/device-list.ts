/** The device list: filters, search, sort, and pages that neither skip nor repeat a row while others change (keyset cursor). */
import { and, eq, type SQL, sql } from 'drizzle-orm'
import Type from 'typebox'
import Value from 'typebox/value'
import { type DeviceState, deviceStates } from '../contract/health.js'
import type { DevicePage, DeviceQuery } from '../contract/inventory.js'
import type { Actor } from '../identity/actor.js'
import { invalidField } from '../problems.js'
import type { Reader } from '../store/store.js'
import { type DeviceRow, selectDevices, toDevice, visibleTo } from './device-view.js'
import type { Vault } from './vault.js'

const DEFAULT_LIMIT = 100
type Key = string | number
const Cursor = Type.Object({ s: Type.String(), k: Type.Array(Type.Union([Type.String(), Type.Number()])) })

/** The worst first: what needs a person stands on top. */
const worstFirst: Record<DeviceState, number> = { down: 0, unreachable: 1, degraded: 2, unknown: 3, up: 4 }

function statesIn (text: string): DeviceState[] {
  const wanted = text.split(',').map(s => s.trim()).filter(Boolean)
  for (const state of wanted) if (!deviceStates.includes(state as DeviceState)) throw invalidField('/querystring/state', 'state_unknown', `There is no state ${JSON.stringify(state)}: use ${deviceStates.join(', ')}.`)
  return wanted as DeviceState[]
}

const likeText = (word: string) => `%${word.replace(/[\\%_]/g, found => `\\${found}`)}%`

function conditions (db: Reader, actor: Actor, query: DeviceQuery): SQL[] {
  const { devices, deviceStates: states } = db.t
  const wanted: (SQL | undefined)[] = [
    visibleTo(db, actor),
    query.kind && eq(devices.kind, query.kind),
    query.siteId && eq(devices.siteId, query.siteId),
    query.groupId && eq(devices.groupId, query.groupId),
    query.agentId && eq(devices.agentId, query.agentId),
    query.parentId && eq(devices.parentId, query.parentId),
    query.enabled === undefined ? undefined : eq(devices.enabled, query.enabled)
  ].map(c => c || undefined)
  if (query.state) wanted.push(sql`coalesce(${states.state}, 'unknown') in ${statesIn(query.state)}`)
  for (const word of (query.q ?? '').toLowerCase().split(/\s+/).filter(Boolean).slice(0, 8)) {
    if (!word.includes('\0')) wanted.push(sql`${devices.searchText} like ${likeText(word)} escape '\\'`)
  }
  return wanted.filter(c => c !== undefined)
}

/** Sort keys, all rising or all falling, ending in the id so that no two rows are equal. */
function order (db: Reader, sort: NonNullable<DeviceQuery['sort']>): { keys: SQL[], falling: boolean, of: (row: DeviceRow) => Key[] } {
  const { devices, deviceStates: states } = db.t
  const rank = sql.join([sql`case coalesce(${states.state}, 'unknown')`, ...deviceStates.map(s => sql.raw(`when '${s}' then ${worstFirst[s]}`)), sql`else 3 end`], sql` `)
  switch (sort) {
    case 'name': return { keys: [sql`${devices.searchText}`, sql`${devices.id}`], falling: false, of: r => [r.device.searchText, r.device.id] }
    case 'address': return { keys: [sql`${devices.address}`, sql`${devices.id}`], falling: false, of: r => [r.device.address, r.device.id] }
    case 'createdAt': return { keys: [sql`${devices.createdAt}`, sql`${devices.id}`], falling: true, of: r => [r.device.createdAt, r.device.id] }
    case 'state': return {
      keys: [rank, sql`${devices.searchText}`, sql`${devices.id}`], falling: false,
      of: r => [worstFirst[(r.state?.state ?? 'unknown') as DeviceState] ?? 3, r.device.searchText, r.device.id]
    }
  }
}

function readCursor (text: string, sort: string, like: Key[]): Key[] {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch { /* refused below */ }
  const fits = Value.Check(Cursor, value) && value.s === sort && value.k.length === like.length &&
    value.k.every((k, i) => typeof k === typeof like[i] && !String(k).includes('\0') && (typeof k === 'string' || Number.isSafeInteger(k)))
  if (!fits) throw invalidField('/querystring/cursor', 'cursor_invalid', 'This cursor belongs to another list: start from the first page.')
  return (value as { k: Key[] }).k
}

/** Types of the keys, to hold a cursor against. */
const sample: Record<NonNullable<DeviceQuery['sort']>, Key[]> = { name: ['', ''], address: ['', ''], createdAt: [0, ''], state: [0, '', ''] }

export async function listDevices (db: Reader, vault: Vault, actor: Actor, query: DeviceQuery): Promise<DevicePage> {
  const { devices, deviceStates: states } = db.t
  const sort = query.sort ?? 'name'
  const limit = query.limit ?? DEFAULT_LIMIT
  const matching = conditions(db, actor, query)
  const { keys, falling, of } = order(db, sort)
  const page = [...matching]
  if (query.cursor) {
    const after = readCursor(query.cursor, sort, sample[sort])
    page.push(sql`(${sql.join(keys, sql`, `)}) ${sql.raw(falling ? '<' : '>')} (${sql.join(after.map(k => sql`${k}`), sql`, `)})`)
  }
  const rows = await selectDevices(db).where(and(...page)).orderBy(...keys.map(k => falling ? sql`${k} desc` : k)).limit(limit + 1)
  const [count] = await db.select({ n: sql<number>`count(*)` }).from(devices).leftJoin(states, eq(states.deviceId, devices.id)).where(and(...matching))
  const shown = rows.slice(0, limit)
  const more = rows.length > limit
  return {
    items: shown.map(row => toDevice(row, vault)),
    next: more ? Buffer.from(JSON.stringify({ s: sort, k: of(shown.at(-1)!) })).toString('base64url') : null,
    total: Number(count!.n)
  }
}
