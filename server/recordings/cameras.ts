/** Cameras as this room needs them. */
import { and, eq, inArray, isNull, or, type SQL } from 'drizzle-orm'
import { type Actor, seesCamera } from '../identity/actor.js'
import { notFound } from '../problems.js'
import type { Schema } from '../store/schema.js'
import type { Reader } from '../store/store.js'

export interface CameraFacts { id: string, name: string, groupId: string | null, agentId: string | null }

/** @throws camera_not_found for one that is not there, or that the person does not see. */
export async function visibleCamera (db: Reader, actor: Actor, id: string): Promise<CameraFacts> {
  const { devices: t } = db.t
  const [camera] = await db.select({ id: t.id, name: t.name, groupId: t.groupId, agentId: t.agentId }).from(t).where(and(eq(t.id, id), eq(t.kind, 'camera')))
  if (!camera || !seesCamera(actor, camera.groupId)) throw notFound('camera')
  return camera
}

/** Rows that keep the camera's group as it was: they outlive their camera. */
export const inGroupsOf = (actor: Actor, groupId: Schema['locks']['groupId']): SQL | undefined => actor.allGroups ? undefined
  : actor.groupIds.length > 0 ? inArray(groupId, [...actor.groupIds]) : and(isNull(groupId), or(eq(groupId, 'none')))
