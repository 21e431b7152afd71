import { childModule } from '../../lib/child-module.js'
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import { failureCodes, type StreamProfile } from '../../server/contract/health.js'
import type { Collector, Emit } from '../collector.js'
import { type SupervisedChild, superviseChild } from '../../lib/supervise.js'
import type { RecorderFromWorker, RecorderToWorker } from '../recorder/messages.js'
import type { KeyFrame } from './camera-source.js'
import { faultOf } from './fault.js'
import { delayMs } from './reconnect.js'
import type { MotionLevels } from '../../server/contract/motion.js'
import { RecordsOn, type StartRecording } from '../onvif/events/records-on.js'
import type { FromWorker, MediaTarget, ToWorker, WorkerCamera } from './worker-messages.js'

/** Asks an ONVIF camera for the paths that the plan leaves open. */
type ResolvePaths = (device: PlanDevice, options: { signal: AbortSignal }) => Promise<{ port: number, mainPath: string | null, subPath: string | null }>
export interface VideoOptions {
  emit: Emit
  log: Log
  clock: Clock
  /** Null where nobody watches, as in tests of statistics. */
  media: MediaTarget | null
  resolvePaths: ResolvePaths
  camerasPerWorker?: number
  /** Null in an agent that records nothing. */
  recorder?: RecorderEnd | null
  /** Motion that we see ourselves starts the recording of a camera in event mode. */
  record?: StartRecording
}
/** The agent's recorder as its workers' messages reach it. */
interface RecorderEnd {
  heard (message: RecorderFromWorker): void
  workerStarted (deviceIds: readonly string[]): void
  workerGone (deviceIds: readonly string[]): void
}
export interface VideoCollector extends Collector {
  /** The last key frame that the camera's one pull holds, of the stream that is preferred where it is pulled (main by default); null without one. */
  keyFrame (deviceId: string, prefer?: StreamProfile): Promise<KeyFrame | null>
  /** How much moves now; null where motion detection is off. */
  motionLevels (deviceId: string): Promise<MotionLevels | null>
  /** The camera tells of motion itself, so that ours rests until the agent starts anew. */
  reportsMotion (deviceId: string): void
  /** To the worker that has the camera. */
  toRecorder (deviceId: string, message: RecorderToWorker): boolean
}

const CAMERAS_PER_WORKER = 200
const ANSWER_MS = 3000
const RESOLVE_MS = 20_000
/** A worker this long without a sign of life hangs, and is killed. It speaks every 5 s. */
const SILENT_MS = 30_000
const WATCH_EVERY_MS = 5000
/** A disk that hangs holds a thread for each file: there must be some left for the others. */
const DISK_THREADS = '16'

interface Camera { device: PlanDevice, fingerprint: string, worker: number, resolved: WorkerCamera, abort: AbortController }
interface Worker { child: SupervisedChild, dirty: boolean, heardAtMs: number }

/** Cameras spread over worker processes, each of which can die alone. */
export function createVideoCollector ({ emit, log, clock, media, resolvePaths, camerasPerWorker = CAMERAS_PER_WORKER, recorder = null, record = () => {} }: VideoOptions): VideoCollector {
  const cameras = new Map<string, Camera>()
  const workers: Worker[] = []
  const asked = new Map<number, (answer: KeyFrame | MotionLevels | null) => void>()
  const reporting = new Set<string>()
  const records = new RecordsOn(record)
  let lastAsk = 0
  let flushing = false
  let stopped = false

  const send = (worker: number, message: ToWorker) => workers[worker]?.child.send(message) ?? false
  const camerasOf = (worker: number) => [...cameras.values()].filter(c => c.worker === worker).map(c => c.device.id)
  const planOf = (worker: number): ToWorker => ({ type: 'plan', announce: workers.length > 1, cameras: [...cameras.values()].filter(c => c.worker === worker).map(c => c.resolved) })

  function heard (worker: Worker, message: unknown) {
    const m = message as FromWorker
    worker.heardAtMs = performance.now()
    if (m.type === 'alive') return
    if (m.type === 'key_frame' || m.type === 'motion_levels') {
      asked.get(m.id)?.(m.type === 'key_frame' ? m.frame : m.levels)
      asked.delete(m.id)
      return
    }
    if (m.type !== 'observations') return recorder?.heard(m)
    for (const o of m.observations) {
      if (!cameras.has(o.deviceId)) continue
      emit.observation(o)
      records.see(o)
    }
    for (const s of m.samples) if (cameras.has(s.deviceId)) emit.samples(s)
  }

  function startWorker (index: number) {
    const worker: Worker = { dirty: false, heardAtMs: performance.now(), child: superviseChild({
      name: `video-${index + 1}`, module: childModule(import.meta.url, './media-worker'), log, env: { UV_THREADPOOL_SIZE: DISK_THREADS }, onMessage: message => heard(worker, message),
      onStart: () => queueMicrotask(() => {
        worker.heardAtMs = performance.now()
        send(index, { type: 'start', media, announce: workers.length > 1 })
        send(index, planOf(index))
        recorder?.workerStarted(camerasOf(index))
      }),
      onExit: () => {
        recorder?.workerGone(camerasOf(index))
        return true
      }
    }) }
    workers[index] = worker
    // With a second worker, the first must say which cameras are its own.
    for (const other of workers) other.dirty = true
  }

  const watchdog = setInterval(() => {
    records.tick(clock.now())
    for (const { child, heardAtMs } of workers) {
      if (performance.now() - heardAtMs <= SILENT_MS || !child.alive || child.pid === undefined) continue
      log.error({ pid: child.pid }, 'a video worker hangs and is killed')
      process.kill(child.pid, 'SIGKILL')
    }
  }, WATCH_EVERY_MS)
  watchdog.unref()

  /** The worker with the fewest cameras; a new one when all are full. */
  function place (): number {
    const loads = workers.map((_, i) => [...cameras.values()].filter(c => c.worker === i).length)
    const least = loads.indexOf(Math.min(...loads))
    if (least >= 0 && loads[least]! < camerasPerWorker) return least
    startWorker(workers.length)
    return workers.length - 1
  }

  /** One message a worker however many cameras changed in this turn. */
  function changed (worker: number) {
    if (workers[worker]) workers[worker].dirty = true
    if (flushing) return
    flushing = true
    queueMicrotask(() => {
      flushing = false
      workers.forEach((w, i) => { if (w.dirty) { w.dirty = false; send(i, planOf(i)) } })
    })
  }

  function setMotion (camera: Camera, planned: PlanDevice['motion']) {
    const motion = reporting.has(camera.device.id) ? undefined : planned
    if (JSON.stringify(camera.resolved.device.motion) === JSON.stringify(motion)) return
    camera.resolved = { ...camera.resolved, device: { ...camera.resolved.device, motion } }
    changed(camera.worker)
  }

  /** @returns what the camera's worker answers; null where it does not. */
  function ask<T extends KeyFrame | MotionLevels> (deviceId: string, question: (id: number) => ToWorker): Promise<T | null> {
    const camera = cameras.get(deviceId)
    if (!camera) return Promise.resolve(null)
    return new Promise(resolve => {
      const id = ++lastAsk
      const timer = setTimeout(() => { asked.delete(id); resolve(null) }, ANSWER_MS)
      asked.set(id, answer => { clearTimeout(timer); resolve(answer as T | null) })
      if (!send(camera.worker, question(id))) asked.get(id)!(null)
    })
  }

  function drop (id: string, camera: Camera) {
    camera.abort.abort()
    cameras.delete(id)
    changed(camera.worker)
  }

  async function resolve (camera: Camera) {
    for (let failures = 0; !camera.abort.signal.aborted;) {
      try {
        const found = await resolvePaths(camera.device, { signal: AbortSignal.any([camera.abort.signal, AbortSignal.timeout(RESOLVE_MS)]) })
        if (camera.abort.signal.aborted) return
        const { mainPath, subPath } = camera.device.camera!.rtsp
        camera.resolved = { ...camera.resolved, port: found.port, mainPath: mainPath ?? found.mainPath, subPath: subPath ?? found.subPath, failure: null }
        return changed(camera.worker)
      } catch (error) {
        if (camera.abort.signal.aborted) return
        camera.resolved = { ...camera.resolved, failure: failureOf(error) }
        changed(camera.worker)
        await pause(delayMs(++failures, camera.resolved.failure!.code, Math.random()), camera.abort.signal)
      }
    }
  }

  function add (device: PlanDevice, fingerprint: string, worker: number) {
    const { rtsp, onvif } = device.camera!
    const camera: Camera = { device, fingerprint, worker, abort: new AbortController(), resolved: { device: reporting.has(device.id) ? { ...device, motion: undefined } : device, port: rtsp.port, mainPath: rtsp.mainPath, subPath: rtsp.subPath, failure: null } }
    cameras.set(device.id, camera)
    changed(worker)
    if (onvif && (rtsp.mainPath === null || rtsp.subPath === null)) void resolve(camera)
  }

  return {
    name: 'video',
    plan (devices) {
      if (stopped) return
      const wanted = new Map(devices.filter(d => d.kind === 'camera' && d.camera).map(d => [d.id, d]))
      for (const [id, camera] of [...cameras]) if (!wanted.has(id)) drop(id, camera)
      for (const device of wanted.values()) {
        const fingerprint = JSON.stringify([device.address, device.credential, device.camera])
        const known = cameras.get(device.id)
        if (known?.fingerprint === fingerprint) {
          setMotion(known, device.motion)
          continue
        }
        if (known) drop(device.id, known)
        add(device, fingerprint, known?.worker ?? place())
      }
    },
    pollNow (deviceId) {
      const camera = cameras.get(deviceId)
      if (camera) send(camera.worker, { type: 'poll', deviceId })
    },
    processes: () => workers.map(({ child }, i) => ({ name: `video-${i + 1}`, alive: child.alive, restarts: child.restarts })),
    async keyFrame (deviceId, prefer = 'main') {
      const frame = await ask<KeyFrame>(deviceId, id => ({ type: 'key_frame', id, deviceId, prefer }))
      return frame && { ...frame, annexB: Buffer.from(frame.annexB) }
    },
    async motionLevels (deviceId) {
      const levels = await ask<MotionLevels>(deviceId, id => ({ type: 'motion_levels', id, deviceId }))
      return levels ?? (reporting.has(deviceId) ? { state: 'camera_reports', moving: false, levels: [] } : null)
    },
    reportsMotion (deviceId) {
      const camera = cameras.get(deviceId)
      if (!camera || reporting.has(deviceId)) return
      reporting.add(deviceId)
      setMotion(camera, undefined)
    },
    toRecorder (deviceId, message) {
      const camera = cameras.get(deviceId)
      return camera !== undefined && send(camera.worker, message)
    },
    async stop () {
      stopped = true
      clearInterval(watchdog)
      for (const camera of cameras.values()) camera.abort.abort()
      await Promise.all(workers.map(w => w.child.stop()))
    }
  }
}

/** A fault of another collector's making has a code too. */
function failureOf (error: unknown): NonNullable<WorkerCamera['failure']> {
  const { code, detail } = error as { code?: unknown, detail?: unknown }
  const known = failureCodes.find(c => c === code)
  if (known && typeof detail === 'string') return { code: known, detail: detail.slice(0, 500) }
  if (error instanceof DOMException && error.name === 'TimeoutError') return { code: 'timeout', detail: 'The camera did not tell its stream paths in time' }
  return faultOf(error).toFailure()
}

const pause = (ms: number, signal: AbortSignal) => new Promise<void>(resolve => {
  const timer = setTimeout(done, ms)
  function done () { clearTimeout(timer); signal.removeEventListener('abort', done); resolve() }
  signal.addEventListener('abort', done)
})
