/** What an agent can do with its recordings, put together: the recorder and the commands that concern it. */
import type { RecordingCommand } from '../commands.js'
import type { Collector } from '../collector.js'
import { Recorder, type RecorderOptions } from './recorder.js'
import type { RefillLimits } from './refill/messages.js'
import { Refills } from './refill/refills.js'

export interface Recording {
  recorder: Recorder
  /** All of it, for the agent. */
  collector: Collector
  run (command: RecordingCommand, options: { signal: AbortSignal }): Promise<unknown>
}

type OpenFootage = (command: Extract<RecordingCommand, { name: 'footage_open' }>) => Promise<unknown>

export function createRecorder ({ openFootage, refillLimits, ...o }: RecorderOptions & { openFootage: OpenFootage, refillLimits?: Partial<RefillLimits> }): Recording {
  const recorder = new Recorder(o)
  const refills = new Refills({ index: recorder.index, volumes: recorder.volumes, clock: o.clock, log: o.log, ready: recorder.recovered, ...(refillLimits ? { limits: refillLimits } : {}) })
  return {
    recorder,
    collector: {
      name: 'recorder',
      plan (devices, extras) {
        recorder.plan(devices, extras)
        refills.plan(devices)
      },
      pollNow () {},
      processes: () => refills.processes(),
      async stop () {
        await refills.stop()
        await recorder.stop()
      }
    },
    async run (command) {
      switch (command.name) {
        case 'recordings_after': return recorder.changesAfter(command.indexId, command.cursor, command.limit)
        case 'volume_init': return recorder.initVolume(command.volume)
        case 'record_event':
          recorder.event(command.deviceId, { from: command.from, to: command.to })
          return null
        case 'refill_gap':
          refills.ask(command.gapId)
          return null
        case 'footage_open': return openFootage(command)
      }
    }
  }
}
