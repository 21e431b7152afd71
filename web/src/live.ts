/** The wall's live state as a pure reducer: snapshot, then events without a gap. The socket is in live-socket.ts. */
import type { Alarm } from '../../server/contract/health.js'
import type { WallDevice, WallEvent, WallEvents, WallSnapshot } from '../../server/contract/wall.js'

interface WallAgent { id: string, name: string, status: string }
export interface WallState {
  /** Null until the first snapshot. */
  seq: number | null
  devices: ReadonlyMap<string, WallDevice>
  /** Alarms that stand; cleared ones leave. */
  alarms: ReadonlyMap<string, Alarm>
  agents: ReadonlyMap<string, WallAgent>
  serverVersion: string | null
  /** Rises with each saved, changed or deleted layout, so that the list is read again. */
  layoutRevision: number
}
export const emptyWall: WallState = { seq: null, devices: new Map(), alarms: new Map(), agents: new Map(), serverVersion: null, layoutRevision: 0 }

const byId = <T extends { id: string }>(list: readonly T[]) => new Map(list.map(item => [item.id, item]))

export const fromSnapshot = (before: WallState, s: WallSnapshot): WallState => ({
  seq: s.seq, devices: byId(s.devices), alarms: byId(s.alarms.filter(a => a.clearedAt === null)), agents: byId(s.agents), serverVersion: s.serverVersion,
  // Layouts may have changed while the wall was away.
  layoutRevision: before.layoutRevision + 1
})

type Draft = { devices: Map<string, WallDevice>, alarms: Map<string, Alarm>, agents: Map<string, WallAgent>, layoutRevision: number }

function applyChange (draft: Draft, change: WallEvent['change']) {
  switch (change.kind) {
    case 'device_state': {
      const device = draft.devices.get(change.deviceId)
      const { state, since, reason, causeDeviceId } = change.view
      const codec = change.view.streams.find(s => s.profile === 'sub')?.codec ?? device?.codec ?? null
      if (device) draft.devices.set(device.id, { ...device, state, since, reasonCode: reason?.code ?? null, causeDeviceId, codec })
      return
    }
    case 'device_changed': draft.devices.set(change.device.id, change.device); return
    case 'device_removed': draft.devices.delete(change.deviceId); return
    case 'alarm':
      if (change.alarm.clearedAt === null) draft.alarms.set(change.alarm.id, change.alarm)
      else draft.alarms.delete(change.alarm.id)
      return
    case 'agent': draft.agents.set(change.agentId, { id: change.agentId, name: change.name, status: change.status }); return
    case 'layout': draft.layoutRevision++; return
    case 'none':
  }
}

/**
 * Applies what is new. `gap` means that an event is missing (or that no snapshot came yet): nothing was applied from there on
 * and the wall must join again after `state.seq`. Events already applied are passed over.
 */
export function applyEvents (state: WallState, message: WallEvents): { state: WallState, gap: boolean } {
  if (state.seq === null) return { state, gap: true }
  const fresh = message.events.filter(e => e.seq > state.seq!)
  if (fresh.length === 0) return { state, gap: false }
  const draft: Draft = { devices: new Map(state.devices), alarms: new Map(state.alarms), agents: new Map(state.agents), layoutRevision: state.layoutRevision }
  let seq = state.seq
  let gap = false
  for (const event of fresh) {
    if (event.seq === seq) continue
    if (event.seq !== seq + 1) { gap = true; break }
    applyChange(draft, event.change)
    seq = event.seq
  }
  return { state: seq === state.seq ? state : { ...state, ...draft, seq }, gap }
}

const rank = { critical: 0, major: 1, minor: 2, warning: 3 } as const
/** By severity, then the newest first; whether it is acknowledged plays no part, so that no row jumps while somebody reaches for it. */
export const alarmOrder = (a: Alarm, b: Alarm) => rank[a.severity] - rank[b.severity] || b.raisedAt - a.raisedAt || a.id.localeCompare(b.id)
