/** Our own motion detection of cameras: who may set it, and what an agent is told. */
import { and, eq, inArray } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import type { PlanDevice } from '../contract/agent-link.js'
import { type CameraMotion, defaultMotion, type MotionLevels, type MotionWrite } from '../contract/motion.js'
import type { AgentCommands } from '../agents/commands.js'
import { type Actor, demand, seesCamera } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { invalidField, notFound, ServiceProblem } from '../problems.js'
import type { Reader, Store } from '../store/store.js'
import { regionArea, SMALLEST_REGION } from './masks.js'

export interface Motion {
  get (actor: Actor, deviceId: string): Promise<CameraMotion>
  set (actor: Actor, deviceId: string, write: MotionWrite): Promise<CameraMotion>
  /** How much moves before the camera now, from its agent. */
  levels (actor: Actor, deviceId: string): Promise<MotionLevels>
  /** Adds what an agent must know to its devices. */
  dress (devices: PlanDevice[]): Promise<PlanDevice[]>
}
export interface MotionDeps { store: Store, clock: Clock, commands: Pick<AgentCommands, 'run'>, planChanged: (agentIds: string[]) => void }

const ASK_MS = 5000

export function createMotion ({ store, clock, commands, planChanged }: MotionDeps): Motion {
  async function demandCamera (db: Reader, actor: Actor, id: string) {
    demand(actor, 'motion.write')
    const { devices } = db.t
    const [device] = await db.select({ name: devices.name, groupId: devices.groupId, agentId: devices.agentId, enabled: devices.enabled }).from(devices).where(and(eq(devices.id, id), eq(devices.kind, 'camera')))
    if (!device || !seesCamera(actor, device.groupId)) throw notFound('camera')
    return device
  }
  async function read (db: Reader, deviceId: string): Promise<CameraMotion> {
    const [row] = await db.select().from(db.t.cameraMotion).where(eq(db.t.cameraMotion.deviceId, deviceId))
    return row ? { deviceId, ...row.settings, updatedAt: row.updatedAt, updatedBy: row.updatedBy } : { deviceId, ...defaultMotion, updatedAt: null, updatedBy: null }
  }

  return {
    async get (actor, deviceId) {
      await demandCamera(store.read, actor, deviceId)
      return read(store.read, deviceId)
    },

    async set (actor, deviceId, settings) {
      const flat = settings.regions.findIndex(region => regionArea(region) < SMALLEST_REGION)
      if (flat >= 0) throw invalidField(`/regions/${flat}`, 'region_too_small', 'A region must cover a part of the picture.')
      const { motion, agentId } = await store.transaction(async tx => {
        const { name, agentId: agent } = await demandCamera(tx, actor, deviceId)
        const before = await read(tx, deviceId)
        const now = clock.now()
        const row = { deviceId, settings, updatedAt: now, updatedBy: actor.login }
        await tx.insert(tx.t.cameraMotion).values(row).onConflictDoUpdate({ target: tx.t.cameraMotion.deviceId, set: row })
        const { enabled, regions, sensitivity, minAreaPercent, holdS } = before
        await recordAudit(tx, now, actor, 'device.motion', { kind: 'device', id: deviceId }, { name, before: { enabled, regions, sensitivity, minAreaPercent, holdS }, after: settings })
        return { motion: { deviceId, ...settings, updatedAt: now, updatedBy: actor.login }, agentId: agent }
      })
      if (agentId) planChanged([agentId])
      return motion
    },

    async levels (actor, deviceId) {
      const { agentId, enabled } = await demandCamera(store.read, actor, deviceId)
      if (!enabled) throw new ServiceProblem('gone', 'camera_disabled', 'The camera is disabled.')
      if (!agentId) throw new ServiceProblem('unavailable', 'no_agent', 'No agent looks after this camera.')
      return commands.run<'motion_levels'>(agentId, { name: 'motion_levels', deviceId }, { timeoutMs: ASK_MS })
    },

    async dress (devices) {
      const { cameraMotion, cameraMasks } = store.read.t
      const ids = devices.filter(d => d.kind === 'camera').map(d => d.id)
      const settings = new Map<string, MotionWrite>()
      const masks = new Map<string, CameraMotion['regions']>()
      for (let i = 0; i < ids.length; i += 500) {
        const some = ids.slice(i, i + 500)
        for (const row of await store.read.select().from(cameraMotion).where(inArray(cameraMotion.deviceId, some))) if (row.settings.enabled) settings.set(row.deviceId, row.settings)
        for (const row of await store.read.select().from(cameraMasks).where(inArray(cameraMasks.deviceId, some))) masks.set(row.deviceId, row.regions)
      }
      return devices.map(d => {
        const own = settings.get(d.id)
        if (!own) return d
        const { regions, sensitivity, minAreaPercent, holdS } = own
        return { ...d, motion: { regions, sensitivity, minAreaPercent, holdS, ignore: masks.get(d.id) ?? [] } }
      })
    }
  }
}
