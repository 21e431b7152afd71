import type { PlanDevice } from '../server/contract/agent-link.js'
import type { Observation, SampleSet } from '../server/contract/health.js'

/** Where a collector puts what it saw. */
export interface Emit { observation (o: Observation): void, samples (s: SampleSet): void }

/** A child process of a collector, for the agent's status message. */
interface ProcessState { name: string, alive: boolean, restarts: number }

/** One protocol's work inside an agent. It knows nothing of the link. */
export interface Collector {
  readonly name: string
  /** Whole plan, already filtered to nothing: take the devices that are yours. Called on every change; unchanged devices must not be disturbed. */
  plan (devices: readonly PlanDevice[]): void
  /** Poll at once. */
  pollNow (deviceId: string): void
  /** Child processes for the status message. */
  processes (): ProcessState[]
  stop (): Promise<void>
}
