/** For the crash story: a process that does nothing but put footage in order, until it is killed. Arguments: index, own folder, time, volumes, keeping of each camera. */
import { pino } from 'pino'
import type { VolumePlan } from '../../../server/contract/recording.js'
import { RecordingIndex } from '../index-db.js'
import { Volumes } from '../volumes.js'
import { Janitor } from './janitor.js'
import { forgotten, type Keeping } from './rules.js'

const [file, ownFolder, time, plans, keeping] = process.argv.slice(2) as [string, string, string, string, string]
const keepings = JSON.parse(keeping) as Record<string, Keeping>
const clock = { now: () => Number(time) }
const log = pino({ level: 'silent' })
const index = RecordingIndex.open(file)
const volumes = new Volumes({ ownFolder, index, clock, log })
await volumes.plan(JSON.parse(plans) as VolumePlan[])
const janitor = new Janitor({ index, volumes, clock, log, keepingOf: id => keepings[id] ?? forgotten, recording: () => [], trusted: () => true, rest: () => {}, replicated: () => 0 })
for (;;) {
  const before = index.cursor
  await janitor.round()
  if (index.cursor === before) process.exit(0)
}
