/** The child process that pulls cameras and sends what is watched. Talks to its parent by worker-messages.ts. */
import Compile from 'typebox/compile'
import type { RawData } from 'ws'
import { makeLog } from '../../lib/log.js'
import { MediaCommand } from '../../server/contract/media.js'
import { LinkRefused, openLink } from '../link/handshake.js'
import { exitWithParent } from '../../lib/supervise.js'
import { probeRtsp } from './client.js'
import { startFfmpegPull } from './ffmpeg-pull.js'
import { WorkerRecorder } from '../recorder/worker-recorder.js'
import { WorkerMotion } from '../vision/worker-motion.js'
import { MediaLink } from './media-link.js'
import { startOwnPull } from './own-pull.js'
import { delayMs } from './reconnect.js'
import { systemTime } from './timeline.js'
import { WorkerCameras } from './worker-cameras.js'
import type { FromWorker, MediaTarget, ToWorker } from './worker-messages.js'

const TICK_MS = 250
const ALIVE_EVERY_MS = 5000
/** Within the second that a process gets to end. */
const CLOSE_FILES_MS = 800
const log = makeLog('media', process.env.KALANCHA_LOG_LEVEL ?? 'info')
const checkCommand = Compile(MediaCommand)
const cameras = new WorkerCameras({ own: startOwnPull, ffmpeg: startFfmpegPull }, probeRtsp, systemTime)
const abort = new AbortController()
const recorder = new WorkerRecorder((deviceId, profile) => cameras.source(deviceId, profile), tell, systemTime)
const motion = new WorkerMotion(deviceId => cameras.source(deviceId, 'sub'), event => tell({ type: 'observations', observations: [event], samples: [] }), systemTime)
let announce: (() => void) | null = null
let several = false

function tell (message: FromWorker) {
  if (process.connected) process.send?.(message)
}

/** One life of the socket to the server; resolves when it is over. */
async function serveOnce (target: MediaTarget): Promise<void> {
  const { socket, listen } = await openLink(target, 'media', { signal: abort.signal })
  const link = new MediaLink(socket, cameras.find, systemTime)
  announce = () => { if (several) socket.send(JSON.stringify({ type: 'serves', deviceIds: cameras.ids() })) }
  announce()
  listen((data: RawData, isBinary) => {
    if (isBinary) return
    try {
      const message: unknown = JSON.parse(String(data))
      if (checkCommand.Check(message)) link.command(message)
      else log.warn('the server sent a media command that is not understood')
    } catch (err) {
      log.warn({ err }, 'a media command failed')
    }
  })
  const cut = () => socket.terminate()
  abort.signal.addEventListener('abort', cut)
  await new Promise<void>(resolve => {
    socket.once('close', () => resolve())
    if (socket.readyState === socket.CLOSED) resolve()
  })
  abort.signal.removeEventListener('abort', cut)
  announce = null
  link.close()
}

async function serve (target: MediaTarget) {
  for (let failures = 0; !abort.signal.aborted; failures++) {
    const began = performance.now()
    try {
      await serveOnce(target)
    } catch (err) {
      // The link's own connection tells a person about a refusal; here it is only not hammered.
      if (!abort.signal.aborted) log.warn({ err: err instanceof LinkRefused ? err.message : err }, 'the media socket could not be opened')
    }
    if (performance.now() - began > 30_000) failures = 0
    await new Promise(resolve => setTimeout(resolve, delayMs(Math.max(1, failures), 'internal', Math.random())))
  }
}

let serving = false
process.on('message', (message: ToWorker) => {
  if (message.type === 'start') {
    several = message.announce
    if (message.media && !serving) { serving = true; void serve(message.media) }
  } else if (message.type === 'plan') {
    several = message.announce
    cameras.plan(message.cameras)
    recorder.sync()
    motion.sync(new Map(message.cameras.flatMap(({ device }) => device.motion ? [[device.id, device.motion] as const] : [])))
    announce?.()
  } else if (message.type === 'poll') cameras.poll(message.deviceId)
  else if (message.type === 'key_frame') tell({ type: 'key_frame', id: message.id, frame: cameras.keyFrame(message.deviceId, message.prefer) })
  else if (message.type === 'motion_levels') tell({ type: 'motion_levels', id: message.id, levels: motion.levels(message.deviceId) })
  else recorder.handle(message)
})

const ticker = setInterval(() => {
  const report = cameras.tick()
  recorder.tick()
  if (report.observations.length || report.samples.length) tell({ type: 'observations', ...report })
}, TICK_MS)

// A process that hangs says nothing, and is ended by its parent.
const alive = setInterval(() => tell({ type: 'alive' }), ALIVE_EVERY_MS)

exitWithParent(async () => {
  clearInterval(ticker)
  clearInterval(alive)
  abort.abort()
  motion.stop()
  await recorder.stop(CLOSE_FILES_MS)
  // What was told last must be out before this process is.
  if (process.connected) await new Promise<void>(resolve => { process.send?.({ type: 'alive' } satisfies FromWorker, undefined, {}, () => resolve()) })
  cameras.stop()
})
