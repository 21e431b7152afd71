/**
 * The agent's recorder on many cameras in one process: pulled, cut, hashed, written, indexed. One line of JSON a second, until its parent goes.
 * Arguments: the cameras' ports as JSON, and a folder that is kept between runs.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../lib/clock.js'
import { newId } from '../../lib/ids.js'
import { makeLog } from '../../lib/log.js'
import { Recorder } from '../../agents/recorder/recorder.js'
import { WorkerRecorder } from '../../agents/recorder/worker-recorder.js'
import { CameraSource } from '../../agents/rtsp/camera-source.js'
import { startFfmpegPull } from '../../agents/rtsp/ffmpeg-pull.js'
import { startOwnPull } from '../../agents/rtsp/own-pull.js'
import { systemTime } from '../../agents/rtsp/timeline.js'
import { defaultPolicy } from '../../server/contract/recording.js'

const [, , portsText = '[]', folder = '/tmp'] = process.argv
const ports = JSON.parse(portsText) as number[]
const idsFile = join(folder, 'ids.json')
const ids: string[] = existsSync(idsFile) ? JSON.parse(readFileSync(idsFile, 'utf8')) as string[] : ports.map(() => newId())
writeFileSync(idsFile, JSON.stringify(ids))

let frames = 0
const sources = new Map(ports.map((port, i) => [ids[i]!, new CameraSource({ deviceId: ids[i]!, profile: 'main', target: { host: '127.0.0.1', port, path: '/main', login: null }, client: 'auto', always: true },
  { own: startOwnPull, ffmpeg: startFfmpegPull }, systemTime, () => {})]))
for (const source of sources.values()) source.watch({ state () {}, init () {}, fragment () { frames++ } })
const recorder: Recorder = new Recorder({ dataDir: folder, clock: systemClock, log: makeLog('bench', 'error'), workersGone: () => worker.stop(800), volumesPlanned () {}, send: (_id, message) => { worker.handle(message); return true } })
const worker = new WorkerRecorder(id => sources.get(id) ?? null, message => recorder.heard(message), systemTime)
recorder.plan(ids.map(id => ({ id, kind: 'camera', name: id, address: '127.0.0.1', credential: null, recording: { policy: defaultPolicy, timeZone: 'UTC' } })))
setInterval(() => {
  for (const source of sources.values()) source.tick()
  worker.tick()
}, 250)
setInterval(() => {
  const lost = [...sources.values()].reduce((sum, s) => sum + s.measure().packetsLost, 0)
  process.stdout.write(`${JSON.stringify({ frames, playing: [...sources.values()].filter(s => s.state.status === 'playing').length, recording: recorder.index.open().length, lost })}\n`)
}, 1000)
process.stdin.on('end', () => process.exit(0)).resume()
