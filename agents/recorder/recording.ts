/** What an agent can do with its recordings, put together: the recorder and the commands that concern it. */
import type { RecordingCommand } from '../commands.js'
import { Recorder, type RecorderOptions } from './recorder.js'

export interface Recording {
  recorder: Recorder
  run (command: RecordingCommand, options: { signal: AbortSignal }): Promise<unknown>
}

type OpenFootage = (command: Extract<RecordingCommand, { name: 'footage_open' }>) => Promise<unknown>

export function createRecorder ({ openFootage, ...o }: RecorderOptions & { openFootage: OpenFootage }): Recording {
  const recorder = new Recorder(o)
  return {
    recorder,
    async run (command) {
      switch (command.name) {
        case 'recordings_after': return recorder.changesAfter(command.indexId, command.cursor, command.limit)
        case 'volume_init': return recorder.initVolume(command.volume)
        case 'record_event':
          recorder.event(command.deviceId, { from: command.from, to: command.to })
          return null
        case 'footage_open': return openFootage(command)
      }
    }
  }
}
