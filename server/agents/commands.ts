/** Asks agents to do something now, for a person who waits. */
import Type, { type Static } from 'typebox'
import Compile from 'typebox/compile'
import { newId } from '../../lib/ids.js'
import { type AgentMessage, type Command, DiscoveryProgress, LoginTrial, Picture, type ServerMessage, TestReport, TestStep, VisionPictures } from '../contract/agent-link.js'
import { Id } from '../contract/common.js'
import { Finding } from '../contract/inventory.js'
import { MotionLevels } from '../contract/motion.js'
import { PtzAnswer } from '../contract/ptz.js'
import { RecordingPage } from '../contract/recording.js'
import { ServiceProblem } from '../problems.js'

const Discovered = Type.Object({ findings: Type.Array(Finding, { maxItems: 5000 }) })
const nothing = Compile(Type.Null())
const VolumeMade = Type.Object({ id: Id, totalBytes: Type.Integer({ minimum: 0 }), freeBytes: Type.Integer({ minimum: 0 }) })
const check = {
  test_connection: { result: Compile(TestReport), progress: Compile(TestStep) },
  discover: { result: Compile(Discovered), progress: Compile(DiscoveryProgress) },
  snapshot: { result: Compile(Picture), progress: nothing },
  poll_now: { result: nothing, progress: nothing },
  recordings_after: { result: Compile(RecordingPage), progress: nothing },
  footage_open: { result: nothing, progress: nothing },
  volume_init: { result: Compile(VolumeMade), progress: nothing },
  record_event: { result: nothing, progress: nothing },
  ptz: { result: Compile(PtzAnswer), progress: nothing },
  refill_gap: { result: nothing, progress: nothing },
  try_login: { result: Compile(LoginTrial), progress: nothing },
  vision_pictures: { result: Compile(VisionPictures), progress: nothing },
  vision_reset: { result: nothing, progress: nothing },
  motion_levels: { result: Compile(MotionLevels), progress: nothing }
} as const
interface Results {
  test_connection: TestReport, discover: Static<typeof Discovered>, snapshot: Picture, poll_now: null
  recordings_after: RecordingPage, footage_open: null, volume_init: Static<typeof VolumeMade>, record_event: null, ptz: PtzAnswer, refill_gap: null, try_login: LoginTrial, vision_pictures: VisionPictures, vision_reset: null, motion_levels: MotionLevels
}
interface Progresses { test_connection: TestStep, discover: DiscoveryProgress, snapshot: never, poll_now: never, recordings_after: never, footage_open: never, volume_init: never, record_event: never, ptz: never, refill_gap: never, try_login: never, vision_pictures: never, vision_reset: never, motion_levels: never }
type Name = Command['name']

export interface RunOptions<N extends Name = Name> { onProgress?: (p: Progresses[N]) => void, signal?: AbortSignal, timeoutMs: number }
/** What other rooms use. */
export interface AgentCommands {
  /** Rejects with ServiceProblem: `agent_offline`, `agent_gone`, `agent_timeout`, `cancelled`, or the agent's own failure code. */
  run<N extends Name> (agentId: string, command: Extract<Command, { name: N }>, o: RunOptions<N>): Promise<Results[N]>
}

const MAX_RUNNING = 50
interface Running { name: Name, progress: (p: unknown) => void, done: (result: unknown) => void, failed: (err: ServiceProblem) => void }

/** The commands under way on one connection. */
export class ConnectionCommands {
  readonly #running = new Map<string, Running>()
  constructor (private readonly send: (m: ServerMessage) => void) {}

  run<N extends Name> (command: Extract<Command, { name: N }>, { onProgress, signal, timeoutMs }: RunOptions<N>): Promise<Results[N]> {
    if (this.#running.size >= MAX_RUNNING) return Promise.reject(new ServiceProblem('too_many', 'agent_busy', 'The agent has too much to do at once: try again shortly.'))
    if (signal?.aborted) return Promise.reject(cancelled())
    const id = newId()
    return new Promise((resolve, reject) => {
      const finish = (end: () => void) => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
        this.#running.delete(id)
        end()
      }
      const giveUp = (problem: ServiceProblem) => finish(() => { this.send({ type: 'cancel', id }); reject(problem) })
      const onAbort = () => giveUp(cancelled())
      const timer = setTimeout(() => giveUp(new ServiceProblem('timeout', 'agent_timeout', `The agent did not finish within ${Math.round(timeoutMs / 1000)} s.`)), timeoutMs)
      signal?.addEventListener('abort', onAbort)
      this.#running.set(id, {
        name: command.name,
        progress: p => onProgress?.(p as Progresses[N]),
        done: result => finish(() => resolve(result as Results[N])),
        failed: err => finish(() => reject(err))
      })
      this.send({ type: 'command', id, command })
    })
  }

  progressed ({ id, progress }: Extract<AgentMessage, { type: 'progress' }>) {
    const running = this.#running.get(id)
    if (running && check[running.name].progress.Check(progress)) running.progress(progress)
  }

  finished ({ id, ok, result, failure }: Extract<AgentMessage, { type: 'result' }>) {
    const running = this.#running.get(id)
    if (!running) return
    if (!ok) running.failed(new ServiceProblem('unavailable', failure?.code ?? 'internal', failure?.detail ?? 'The agent could not do it.'))
    else if (check[running.name].result.Check(result)) running.done(result)
    else running.failed(new ServiceProblem('unavailable', 'protocol_error', 'The agent answered something that this server does not understand.'))
  }

  /** The connection is gone, and with it every answer. */
  abandon () {
    for (const running of [...this.#running.values()]) running.failed(new ServiceProblem('unavailable', 'agent_gone', 'The connection to the agent was lost before it finished.'))
  }
}

const cancelled = () => new ServiceProblem('unavailable', 'cancelled', 'Cancelled.')
export const agentOffline = () => new ServiceProblem('unavailable', 'agent_offline', 'The agent of this device is not connected.')
