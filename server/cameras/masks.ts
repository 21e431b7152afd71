/** Privacy regions of cameras: who may set them, and who does not see behind them. */
import { and, eq } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import type { CameraMasks, CameraMasksWrite, MaskRegion } from '../contract/footage.js'
import { type Actor, demand, seesCamera } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { allowed } from '../identity/permissions.js'
import { invalidField, notFound } from '../problems.js'
import type { Reader, Store } from '../store/store.js'

export interface Masks {
  get (actor: Actor, deviceId: string): Promise<CameraMasks>
  set (actor: Actor, deviceId: string, write: CameraMasksWrite): Promise<CameraMasks>
  /** What this person must not see; empty where there is nothing, or where they may. */
  masksFor (actor: Actor, deviceId: string): Promise<MaskRegion[]>
  /** After the commit of a change. */
  onChanged (listener: (deviceId: string) => void): void
}

/** Smaller is a slip of the hand, a share of the picture. */
export const SMALLEST_REGION = 0.0001

/** Twice the signed area, by the shoelace formula. */
export const regionArea = (region: MaskRegion) => Math.abs(region.reduce((sum, [x, y], i) => {
  const [nextX, nextY] = region[(i + 1) % region.length]!
  return sum + x * nextY - nextX * y
}, 0)) / 2

export function createMasks ({ store, clock }: { store: Store, clock: Clock }): Masks {
  const listeners: ((deviceId: string) => void)[] = []

  async function demandCamera (db: Reader, actor: Actor, id: string) {
    const { devices } = db.t
    const [device] = await db.select({ name: devices.name, groupId: devices.groupId }).from(devices).where(and(eq(devices.id, id), eq(devices.kind, 'camera')))
    if (!device || !seesCamera(actor, device.groupId)) throw notFound('camera')
    return device
  }
  async function read (db: Reader, deviceId: string): Promise<CameraMasks> {
    const [row] = await db.select().from(db.t.cameraMasks).where(eq(db.t.cameraMasks.deviceId, deviceId))
    return row ?? { deviceId, regions: [], updatedAt: null, updatedBy: null }
  }

  return {
    async get (actor, deviceId) {
      demand(actor, 'mask.write')
      await demandCamera(store.read, actor, deviceId)
      return read(store.read, deviceId)
    },

    async set (actor, deviceId, { regions }) {
      demand(actor, 'mask.write')
      const flat = regions.findIndex(region => regionArea(region) < SMALLEST_REGION)
      if (flat >= 0) throw invalidField(`/regions/${flat}`, 'mask_too_small', 'A mask must cover a part of the picture.')
      const masks = await store.transaction(async tx => {
        const { name } = await demandCamera(tx, actor, deviceId)
        const before = await read(tx, deviceId)
        const now = clock.now()
        const row = { deviceId, regions, updatedAt: now, updatedBy: actor.login }
        await tx.insert(tx.t.cameraMasks).values(row).onConflictDoUpdate({ target: tx.t.cameraMasks.deviceId, set: row })
        await recordAudit(tx, now, actor, 'device.masks', { kind: 'device', id: deviceId }, { name, before: before.regions, after: regions })
        return row
      })
      for (const listener of listeners) listener(deviceId)
      return masks
    },

    async masksFor (actor, deviceId) {
      return allowed(actor.roles, 'mask.see_through') ? [] : (await read(store.read, deviceId)).regions
    },
    onChanged (listener) { listeners.push(listener) }
  }
}
