/** Who sees which events. Walls with the same rights share one room, so that an event is written out once for all of them. */
import type { WallEvent } from '../contract/wall.js'
import { type Actor, seesCamera } from '../identity/actor.js'
import type { ScopedWallEvent, WallScope } from '../store/wall-events.js'

export type Visibility = Pick<Actor, 'allGroups' | 'groupIds'>

/** The same for all who see the same. */
export const visibilityKey = (v: Visibility) => (v.allGroups ? 'all' : [...new Set(v.groupIds)].sort().join(','))
export const sees = (v: Visibility, scope: WallScope) => !scope.isCamera || seesCamera(v, scope.groupId)

/** What the reader may not see becomes `none`: it tells nothing and keeps the numbering whole. */
export const filtered = (events: readonly ScopedWallEvent[], v: Visibility): WallEvent[] =>
  events.map(({ event, scope }) => (sees(v, scope) ? event : { seq: event.seq, at: event.at, change: { kind: 'none' } }))
