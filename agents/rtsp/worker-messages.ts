import type { PlanDevice } from '../../server/contract/agent-link.js'
import type { Failure, Observation, SampleSet, StreamProfile } from '../../server/contract/health.js'
import type { MotionLevels } from '../../server/contract/motion.js'
import type { RecorderFromWorker, RecorderToWorker } from '../recorder/messages.js'
import type { KeyFrame } from './camera-source.js'

/** What a media worker needs to reach the server; travels over IPC, never in arguments. */
export interface MediaTarget { url: string, agentId: string, privateKeyPem: string, serverCertFile?: string | null }

/** A camera as its worker needs it: paths asked from the camera already filled in. */
export interface WorkerCamera {
  device: PlanDevice
  port: number
  mainPath: string | null
  subPath: string | null
  /** Why there are no paths. */
  failure: Failure | null
}
export type ToWorker =
  | { type: 'start', media: MediaTarget | null, announce: boolean }
  | { type: 'plan', cameras: WorkerCamera[], announce: boolean }
  | { type: 'key_frame', id: number, deviceId: string, prefer: StreamProfile }
  | { type: 'poll', deviceId: string }
  | { type: 'motion_levels', id: number, deviceId: string }
  | RecorderToWorker
export type FromWorker =
  | { type: 'alive' }
  | { type: 'observations', observations: Observation[], samples: SampleSet[] }
  | { type: 'key_frame', id: number, frame: KeyFrame | null }
  | { type: 'motion_levels', id: number, levels: MotionLevels | null }
  | RecorderFromWorker
