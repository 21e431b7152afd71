import type { FootageRequest } from '../../server/contract/footage.js'
import type { VolumePlan } from '../../server/contract/recording.js'
import type { MediaTarget } from '../rtsp/worker-messages.js'

/** Where an agent's recordings lie. */
export interface FootagePlaces {
  /** The recorder's folder, with its index. */
  recordings: string
  /** Scratch for clips that are made anew; emptied at each start. */
  scratch: string
}
/** From the agent to its footage process; over IPC, since it holds the agent's key. */
export type ToFootage =
  | { type: 'start', target: MediaTarget, places: FootagePlaces }
  | { type: 'volumes', volumes: readonly VolumePlan[] }
  | { type: 'open', ticket: string, request: FootageRequest }
export type FromFootage = { type: 'alive' }
