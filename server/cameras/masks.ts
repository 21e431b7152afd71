/** Privacy regions of cameras: who may set them, and who does not see behind them. */
import { and, eq } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import type { PtzPosition } from '../contract/ptz.js'
import type { CameraMasks, CameraMasksWrite, MaskRegion } from '../contract/footage.js'
import { type Actor, demand, seesCamera } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { allowed } from '../identity/permissions.js'
import { invalidField, notFound, ServiceProblem } from '../problems.js'
import type { Reader, Store } from '../store/store.js'
import type { Aims } from './ptz/aims.js'
import { AIM_FOR_MS, type Aim, coverNow, coverRecorded } from './ptz/cover.js'

export interface Masks {
  get (actor: Actor, deviceId: string): Promise<CameraMasks>
  set (actor: Actor, deviceId: string, write: CameraMasksWrite): Promise<CameraMasks>
  /** What this person must not see now; empty where there is nothing, or where they may. All of it while a camera looks elsewhere than its masks were drawn for. */
  masksFor (actor: Actor, deviceId: string): Promise<MaskRegion[]>
  /** The same for what was recorded: of a camera that turns, all of it. */
  recordedMasksFor (actor: Actor, deviceId: string): Promise<MaskRegion[]>
  /** After the commit of a change (`everybody`), or when a camera turned to or from where its masks are good. */
  onChanged (listener: (deviceId: string, everybody: boolean) => void): void
  start (): Promise<void>
}
export interface MasksDeps { store: Store, clock: Clock, aims: Aims }

/** Smaller is a slip of the hand, a share of the picture. */
export const SMALLEST_REGION = 0.0001

/** Twice the signed area, by the shoelace formula. */
export const regionArea = (region: MaskRegion) => Math.abs(region.reduce((sum, [x, y], i) => {
  const [nextX, nextY] = region[(i + 1) % region.length]!
  return sum + x * nextY - nextX * y
}, 0)) / 2

export function createMasks ({ store, clock, aims }: MasksDeps): Masks {
  const listeners: ((deviceId: string, everybody: boolean) => void)[] = []
  /** Where each masked camera's masks were drawn, and what they hid when that was last told. */
  const masked = new Map<string, { regions: MaskRegion[], headPosition: PtzPosition | null, hides: string }>()
  const tell = (deviceId: string, everybody: boolean) => { for (const listener of listeners) listener(deviceId, everybody) }

  function remember (deviceId: string, regions: MaskRegion[], headPosition: PtzPosition | null) {
    if (regions.length > 0) masked.set(deviceId, { regions, headPosition, hides: '' })
    else masked.delete(deviceId)
    aims.watch([...masked.keys()])
  }
  aims.onChanged(deviceId => {
    const entry = masked.get(deviceId)
    if (!entry) return
    aims.of(deviceId).then(aim => {
      const hides = JSON.stringify(coverNow(entry.regions, entry.headPosition, aim, clock.now()))
      if (hides === entry.hides) return
      entry.hides = hides
      tell(deviceId, false)
    }, () => {})
  })
  /** A head that moves has no place that a mask could be drawn for. */
  async function headNow (deviceId: string): Promise<Aim> {
    let aim = await aims.ask(deviceId)
    if (aim.turns && !aim.position) aim = await aims.ask(deviceId)
    if (clock.now() - aim.at > AIM_FOR_MS) return { ...aim, position: null }
    if (aim.turns && !aim.position) throw new ServiceProblem('conflict', 'head_moving', 'The camera moves: draw its masks when it stands.')
    return aim
  }

  async function demandCamera (db: Reader, actor: Actor, id: string) {
    const { devices } = db.t
    const [device] = await db.select({ name: devices.name, groupId: devices.groupId }).from(devices).where(and(eq(devices.id, id), eq(devices.kind, 'camera')))
    if (!device || !seesCamera(actor, device.groupId)) throw notFound('camera')
    return device
  }
  async function readRow (db: Reader, deviceId: string) {
    const [row] = await db.select().from(db.t.cameraMasks).where(eq(db.t.cameraMasks.deviceId, deviceId))
    return row ?? { deviceId, regions: [], headPosition: null, updatedAt: null, updatedBy: null }
  }
  async function read (db: Reader, deviceId: string): Promise<CameraMasks> {
    const { headPosition: _kept, ...row } = await readRow(db, deviceId)
    return row
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
      await demandCamera(store.read, actor, deviceId)
      const aim = regions.length > 0 ? await headNow(deviceId) : null
      const headPosition = aim?.turns ? aim.position : null
      const masks = await store.transaction(async tx => {
        const { name } = await demandCamera(tx, actor, deviceId)
        const before = await read(tx, deviceId)
        const now = clock.now()
        const row = { deviceId, regions, updatedAt: now, updatedBy: actor.login }
        await tx.insert(tx.t.cameraMasks).values({ ...row, headPosition }).onConflictDoUpdate({ target: tx.t.cameraMasks.deviceId, set: { ...row, headPosition } })
        await recordAudit(tx, now, actor, 'device.masks', { kind: 'device', id: deviceId }, { name, before: before.regions, after: regions, ...(headPosition && { headPosition }) })
        return row
      })
      remember(deviceId, regions, headPosition)
      tell(deviceId, true)
      return masks
    },

    async masksFor (actor, deviceId) {
      if (allowed(actor.roles, 'mask.see_through')) return []
      const { regions, headPosition } = await readRow(store.read, deviceId)
      return regions.length === 0 ? [] : coverNow(regions, headPosition, await aims.of(deviceId), clock.now())
    },
    async recordedMasksFor (actor, deviceId) {
      if (allowed(actor.roles, 'mask.see_through')) return []
      const { regions } = await readRow(store.read, deviceId)
      return regions.length === 0 ? [] : coverRecorded(regions, (await aims.of(deviceId)).turns)
    },
    async start () {
      for (const row of await store.read.select().from(store.read.t.cameraMasks)) remember(row.deviceId, row.regions, row.headPosition)
    },
    onChanged (listener) { listeners.push(listener) }
  }
}
