/** Everything that a wall shows when it starts, from the database. */
import { and, asc, desc, eq, gt, isNull, lte } from 'drizzle-orm'
import { alarmOf } from '../alarms/alarm-rows.js'
import type { DeviceState } from '../contract/health.js'
import type { WallDevice, WallSnapshot } from '../contract/wall.js'
import type { Reader } from '../store/store.js'
import { lastWallSeq, type ScopedWallEvent } from '../store/wall-events.js'
import { EVENTS_KEPT } from './event-log.js'
import { sees, type Visibility } from './visibility.js'

async function readDevices (db: Reader): Promise<WallDevice[]> {
  const { devices, sites, cameraGroups, deviceStates: s } = db.t
  const rows = await db.select({
    id: devices.id, kind: devices.kind, name: devices.name, siteName: sites.name, groupId: devices.groupId, groupName: cameraGroups.name, address: devices.address,
    enabled: devices.enabled, createdAt: devices.createdAt, state: s.state, since: s.since, reason: s.reason, causeDeviceId: s.causeDeviceId, streams: s.streams
  }).from(devices).leftJoin(sites, eq(sites.id, devices.siteId)).leftJoin(cameraGroups, eq(cameraGroups.id, devices.groupId)).leftJoin(s, eq(s.deviceId, devices.id)).orderBy(asc(devices.name), asc(devices.id))
  return rows.map(({ createdAt, state, since, reason, streams, ...device }) => ({
    ...device, state: (state ?? 'unknown') as DeviceState, since: since ?? createdAt, reasonCode: reason?.code ?? null, codec: streams?.find(x => x.profile === 'sub')?.codec ?? null
  }))
}

export type AgentStatusOf = (agent: { id: string, revokedAt: number | null, lastSeenAt: number | null }) => string

export type WholeSnapshot = Pick<WallSnapshot, 'seq' | 'devices' | 'alarms' | 'agents'>

/** The number is read first: what commits meanwhile is told again by its event, which does no harm. */
export async function readSnapshot (db: Reader, statusOf: AgentStatusOf): Promise<WholeSnapshot> {
  const seq = await lastWallSeq(db)
  const { alarms, agents } = db.t
  const open = await db.select().from(alarms).where(isNull(alarms.clearedAt)).orderBy(desc(alarms.raisedAt))
  const all = await db.select({ id: agents.id, name: agents.name, revokedAt: agents.revokedAt, lastSeenAt: agents.lastSeenAt }).from(agents).orderBy(asc(agents.name))
  return { seq, devices: await readDevices(db), alarms: open.map(alarmOf), agents: all.map(a => ({ id: a.id, name: a.name, status: statusOf(a) })) }
}

export const snapshotFor = (whole: WholeSnapshot, v: Visibility): WholeSnapshot => ({
  ...whole,
  devices: whole.devices.filter(d => sees(v, { isCamera: d.kind === 'camera', groupId: d.groupId })),
  alarms: whole.alarms.filter(a => sees(v, { isCamera: a.deviceKind === 'camera', groupId: a.groupId }))
})

/** Events with numbers in (after, upTo], in order. */
export async function readEvents (db: Reader, after: number, upTo: number): Promise<ScopedWallEvent[]> {
  const t = db.t.wallEvents
  const rows = await db.select().from(t).where(and(gt(t.seq, after), lte(t.seq, upTo))).orderBy(asc(t.seq)).limit(EVENTS_KEPT)
  return rows.map(({ seq, at, change, isCamera, groupId }) => ({ event: { seq, at, change }, scope: { isCamera, groupId } }))
}
