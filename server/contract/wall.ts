/**
 * The wall's live feed: socket.io namespace `/wall`, websocket only, cookie session. The client emits `join` with its last
 * cursor; the server answers `snapshot` (everything) or `events` (what was missed), then `events` as they commit.
 */
import Type, { type Static } from 'typebox'
import { Id, Name, Nullable, TimeMs } from './common.js'
import { Alarm, DeviceState, DeviceStateView } from './health.js'

export const wallGrids = [1, 4, 9, 16, 25] as const
export const Layout = Type.Object({
  id: Id, name: Name, ownerId: Nullable(Id), shared: Type.Boolean(),
  grid: Type.Union([Type.Literal(1), Type.Literal(4), Type.Literal(9), Type.Literal(16), Type.Literal(25)]),
  /** Camera ids by cell, null is empty; length equals grid. */
  cells: Type.Array(Nullable(Id), { maxItems: 25 }), updatedAt: TimeMs
})
export type Layout = Static<typeof Layout>
export const LayoutWrite = Type.Object({ name: Name, shared: Type.Boolean(), grid: Layout.properties.grid, cells: Layout.properties.cells })
export type LayoutWrite = Static<typeof LayoutWrite>

/** A device as the wall needs it: small, because there are thousands. */
export const WallDevice = Type.Object({
  id: Id, kind: Type.String(), name: Type.String(), siteName: Nullable(Type.String()), groupId: Nullable(Id), groupName: Nullable(Type.String()),
  address: Type.String(), enabled: Type.Boolean(), state: DeviceState, since: TimeMs, reasonCode: Nullable(Type.String()), causeDeviceId: Nullable(Id),
  /** Codec of the sub-stream, to know at once whether the browser can play it. */
  codec: Nullable(Type.String())
})
export type WallDevice = Static<typeof WallDevice>

/** One committed fact. `seq` has no gaps; a client that sees one asks again. */
export const WallEvent = Type.Object({
  seq: Type.Integer(), at: TimeMs,
  change: Type.Union([
    Type.Object({ kind: Type.Literal('device_state'), deviceId: Id, view: DeviceStateView }),
    Type.Object({ kind: Type.Literal('device_changed'), device: WallDevice }),
    Type.Object({ kind: Type.Literal('device_removed'), deviceId: Id }),
    Type.Object({ kind: Type.Literal('alarm'), alarm: Alarm }),
    Type.Object({ kind: Type.Literal('agent'), agentId: Id, name: Type.String(), status: Type.String() }),
    Type.Object({ kind: Type.Literal('layout'), layoutId: Id }),
    /** Nothing for this reader (outside its camera groups); keeps the numbering whole. */
    Type.Object({ kind: Type.Literal('none') })
  ])
})
export type WallEvent = Static<typeof WallEvent>
export type WallChange = WallEvent['change']

export const WallJoin = Type.Object({ after: Nullable(Type.Integer({ minimum: 0 })) })
export type WallJoin = Static<typeof WallJoin>
export const WallSnapshot = Type.Object({
  seq: Type.Integer(), serverTime: TimeMs, devices: Type.Array(WallDevice), alarms: Type.Array(Alarm),
  agents: Type.Array(Type.Object({ id: Id, name: Type.String(), status: Type.String() })),
  /** Changes when the server restarts; the browser compares its build with it. */
  serverVersion: Type.String()
})
export type WallSnapshot = Static<typeof WallSnapshot>
/** Up to 100 ms of events in one message. */
export const WallEvents = Type.Object({ events: Type.Array(WallEvent), serverTime: TimeMs })
export type WallEvents = Static<typeof WallEvents>
