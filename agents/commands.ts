/** What a person can ask of an agent at once. The protocols' own code is handed in as a table. */
import type { Log } from '../lib/log.js'
import type { Command, DiscoveryProgress, LoginTrial, Picture, PlanDevice, TestReport, TestStep } from '../server/contract/agent-link.js'
import type { MaskRegion } from '../server/contract/footage.js'
import type { MotionLevels } from '../server/contract/motion.js'
import type { Finding } from '../server/contract/inventory.js'
import type { PtzAnswer } from '../server/contract/ptz.js'
import type { Collector } from './collector.js'

export type DeviceTest = (device: PlanDevice, o: { onStep: (step: TestStep) => void, signal: AbortSignal, log: Log }) => Promise<TestReport>
export type DiscoverCommand = Extract<Command, { name: 'discover' }>

export interface CommandHandlers {
  testConnection: Partial<Record<PlanDevice['kind'], DeviceTest>>
  snapshot: ((device: PlanDevice, o: { signal: AbortSignal, log: Log, masks: readonly MaskRegion[] }) => Promise<Picture>) | null
  discover: (command: DiscoverCommand, o: { onProgress: (p: DiscoveryProgress) => void, signal: AbortSignal, log: Log }) => Promise<{ findings: Finding[] }>
  tryLogin: ((device: PlanDevice, loginId: string, o: { signal: AbortSignal }) => Promise<LoginTrial>) | null
  vision: { pictures (deviceId: string): Promise<unknown>, reset (deviceId: string): Promise<void> } | null
  motionLevels: ((deviceId: string) => Promise<MotionLevels>) | null
  ptz: ((device: PlanDevice, command: Extract<Command, { name: 'ptz' }>, signal: AbortSignal) => Promise<PtzAnswer>) | null
  /** Recording's commands; null in an agent that records nothing. */
  recording: ((command: RecordingCommand, o: { signal: AbortSignal, log: Log }) => Promise<unknown>) | null
}
export type RecordingCommand = Extract<Command, { name: 'recordings_after' | 'footage_open' | 'volume_init' | 'record_event' | 'refill_gap' }>

/** A command that cannot be done, with the name that screens translate. */
class CommandFailed extends Error {
  override name = 'CommandFailed'
  constructor (readonly code: string, message: string) { super(message) }
}

export interface CommandContext { signal: AbortSignal, progress: (p: unknown) => void }
export interface AgentState { device (id: string): PlanDevice | undefined, collectors (): readonly Collector[], log: Log }

export async function runCommand (command: Command, { signal, progress }: CommandContext, handlers: CommandHandlers, state: AgentState): Promise<unknown> {
  const planned = (id: string) => {
    const device = state.device(id)
    if (!device) throw new CommandFailed('not_in_plan', 'The agent does not look after this device (yet).')
    return device
  }
  switch (command.name) {
    case 'test_connection': {
      const test = handlers.testConnection[command.device.kind]
      if (!test) throw new CommandFailed('unsupported', `This agent cannot test a ${command.device.kind}.`)
      return test(command.device, { onStep: progress, signal, log: state.log })
    }
    case 'snapshot': {
      const device = planned(command.deviceId)
      if (!handlers.snapshot || device.kind !== 'camera') throw new CommandFailed('unsupported', 'This agent cannot take a picture from this device.')
      return handlers.snapshot(device, { signal, log: state.log, masks: command.masks ?? [] })
    }
    case 'recordings_after': case 'footage_open': case 'volume_init': case 'record_event': case 'refill_gap': {
      if (!handlers.recording) throw new CommandFailed('unsupported', 'This agent does not record.')
      return handlers.recording(command, { signal, log: state.log })
    }
    case 'vision_pictures': case 'vision_reset': {
      const device = planned(command.deviceId)
      if (!handlers.vision || device.kind !== 'camera') throw new CommandFailed('unsupported', 'This agent does not look at pictures.')
      if (command.name === 'vision_pictures') return handlers.vision.pictures(device.id)
      await handlers.vision.reset(device.id)
      return null
    }
    case 'motion_levels': {
      const device = planned(command.deviceId)
      if (!handlers.motionLevels || device.kind !== 'camera') throw new CommandFailed('unsupported', 'This agent does not look for motion.')
      return handlers.motionLevels(device.id)
    }
    case 'ptz': {
      const device = planned(command.deviceId)
      if (!handlers.ptz || device.kind !== 'camera') throw new CommandFailed('unsupported', 'This agent cannot move this device.')
      return handlers.ptz(device, command, signal)
    }
    case 'try_login': {
      const device = planned(command.deviceId)
      if (!handlers.tryLogin || device.kind !== 'camera') throw new CommandFailed('unsupported', 'This agent cannot try a login at this device.')
      return handlers.tryLogin(device, command.login, { signal })
    }
    case 'discover': return handlers.discover(command, { onProgress: progress, signal, log: state.log })
    case 'poll_now': {
      const device = planned(command.deviceId)
      for (const collector of state.collectors()) collector.pollNow(device.id)
      return null
    }
  }
}
