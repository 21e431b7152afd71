/** Our own motion detection, for cameras that report none. See docs/decisions/motion.md. */
import Type, { type Static } from 'typebox'
import { Id, Nullable, TimeMs } from './common.js'
import { MaskRegions } from './footage.js'

const settings = {
  /** Where motion counts; empty: everywhere. */
  regions: MaskRegions,
  /** 1 sees only strong contrasts, 100 the faintest. */
  sensitivity: Type.Integer({ minimum: 1, maximum: 100 }),
  /** Of the regions, that one moving thing must cover. */
  minAreaPercent: Type.Number({ minimum: 0.1, maximum: 100 }),
  /** It is over when nothing moved for so long. */
  holdS: Type.Integer({ minimum: 1, maximum: 60 })
}
export const MotionWrite = Type.Object({ enabled: Type.Boolean(), ...settings }, { additionalProperties: false })
export type MotionWrite = Static<typeof MotionWrite>
export const CameraMotion = Type.Object({ deviceId: Id, enabled: Type.Boolean(), ...settings, updatedAt: Nullable(TimeMs), updatedBy: Nullable(Type.String()) })
export type CameraMotion = Static<typeof CameraMotion>
export const defaultMotion: MotionWrite = { enabled: false, regions: [], sensitivity: 50, minAreaPercent: 1, holdS: 3 }

/** What an agent is told of a camera with it switched on; `ignore` are its privacy masks. */
export const MotionPlan = Type.Object({ ...settings, ignore: MaskRegions })
export type MotionPlan = Static<typeof MotionPlan>

export const MOTION_LEVELS = 60
/** The level of the last seconds, per cent of the regions, oldest first. `camera_reports`: it tells of motion itself, so ours rests. */
export const MotionLevels = Type.Object({
  state: Type.Enum(['watching', 'settling', 'no_picture', 'camera_reports', 'off']), moving: Type.Boolean(),
  levels: Type.Array(Type.Object({ at: TimeMs, percent: Type.Number({ minimum: 0, maximum: 100 }) }), { maxItems: MOTION_LEVELS })
})
export type MotionLevels = Static<typeof MotionLevels>
