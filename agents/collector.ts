import type { PlanDevice } from '../server/contract/agent-link.js'
import type { Observation, SampleSet } from '../server/contract/health.js'
import type { LockPlan, VolumePlan } from '../server/contract/recording.js'

/** Where a collector puts what it saw. */
export interface Emit { observation (o: Observation): void, samples (s: SampleSet): void }

/** A child process of a collector, for the agent's status message. */
interface ProcessState { name: string, alive: boolean, restarts: number }

/** What a plan says besides its devices; absent where the server did not say. */
export interface PlanExtras { /** 0: kept from an earlier run, the server was not heard. */ revision?: number, locks?: readonly LockPlan[], volumes?: readonly VolumePlan[] }

/** One protocol's work inside an agent. It knows nothing of the link. */
export interface Collector {
  readonly name: string
  /** Whole plan, already filtered to nothing: take the devices that are yours. Called on every change; unchanged devices must not be disturbed. */
  plan (devices: readonly PlanDevice[], extras?: PlanExtras): void
  /** Poll at once. */
  pollNow (deviceId: string): void
  /** Child processes for the status message. */
  processes (): ProcessState[]
  stop (): Promise<void>
}
