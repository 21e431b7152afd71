import type { Role } from '../contract/people.js'
import { ServiceProblem } from '../problems.js'
import { allowed, type Permission } from './permissions.js'

/** Who asks a service to do something. Every service method that a person can reach takes one first. */
export interface Actor {
  readonly userId: string
  readonly login: string
  readonly roles: readonly Role[]
  /** Sees every camera group. */
  readonly allGroups: boolean
  readonly groupIds: readonly string[]
  readonly sessionId: string
  readonly ip: string
}

/** Throws `forbidden` unless one of the actor's roles may. */
export function demand (actor: Actor, permission: Permission) {
  if (!allowed(actor.roles, permission)) throw new ServiceProblem('forbidden', 'forbidden', `Your role does not allow ${permission}.`)
}

/** Cameras outside the actor's groups do not exist for it. Switches and hosts have no group. */
export const seesCamera = (actor: Pick<Actor, 'allGroups' | 'groupIds'>, groupId: string | null) =>
  actor.allGroups || (groupId !== null && actor.groupIds.includes(groupId))
export const seesDevice = (actor: Pick<Actor, 'allGroups' | 'groupIds'>, device: { kind: string, groupId: string | null }) =>
  device.kind !== 'camera' || seesCamera(actor, device.groupId)
