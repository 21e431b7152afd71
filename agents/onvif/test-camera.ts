/** "Test connection" of a camera: each step says what it found, or the cause and what to do. */
import { lookup } from 'node:dns/promises'
import { connect, isIP } from 'node:net'
import { type Clock, systemClock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { Picture, PlanDevice, TestReport, TestStep } from '../../server/contract/agent-link.js'
import { type FailureCode, failureCodes } from '../../server/contract/health.js'
import { explain } from './advice.js'
import { OnvifCamera, targetOf } from './camera-control.js'
import { CameraFailure, toCameraFailure } from './failure.js'
import type { Profile } from './profiles.js'
import { cameraPicture } from './snapshot.js'
import { askStreams, type FoundStreams } from './stream-paths.js'

interface StreamProbe {
  codec: string
  width: number | null
  height: number | null
  fps: number | null
  /** The first key frame as it came (Annex B), or null where none came in time. */
  keyFrame: Uint8Array | null
}
/** Opens the stream, reads until the first key frame, closes it. Rejects with an error that has a FailureCode as `code`. */
export type ProbeStream = (device: PlanDevice, where: { port: number, path: string }, options: { signal: AbortSignal }) => Promise<StreamProbe>
/** Decodes a probed key frame. */
type PictureOf = (probe: StreamProbe, options: { signal: AbortSignal }) => Promise<Picture>

export interface TestCameraOptions {
  onStep: (step: TestStep) => void
  signal: AbortSignal
  log: Log
  probeStream: ProbeStream
  pictureOf?: PictureOf
  clock?: Clock
}

type StepName = TestStep['step']
type Found = Pick<TestStep, 'detail' | 'facts'> & { status?: 'ok' | 'warning' | 'skipped' }
const dnsDeadlineMs = 5000
const portDeadlineMs = 3000
/** Beyond this, recordings and events carry a wrong time. */
const clockWarningMs = 5000

const isFailureCode = (code: unknown): code is FailureCode => failureCodes.some(known => known === code)
function failureOf (error: unknown): CameraFailure {
  if (error instanceof CameraFailure || !(error instanceof Error)) return toCameraFailure(error)
  const code = 'code' in error ? error.code : undefined
  return isFailureCode(code) ? new CameraFailure(code, 'detail' in error && typeof error.detail === 'string' ? error.detail : error.message) : toCameraFailure(error)
}

/** Runs steps in order, tells each, and skips what depends on a failed one. */
class Steps {
  readonly done: TestStep[] = []
  constructor (private readonly options: TestCameraOptions) {}

  async run<T> (step: StepName, doing: string, work: () => Promise<[T, Found]>): Promise<T | null> {
    this.options.onStep({ step, status: 'running', detail: doing, tookMs: null })
    const started = performance.now()
    try {
      const [value, { status = 'ok', ...found }] = await work()
      this.#tell({ step, status, tookMs: Math.round(performance.now() - started), ...found, detail: found.detail.slice(0, 500) })
      return value
    } catch (error) {
      if (this.options.signal.aborted) throw error
      const failure = failureOf(error)
      if (failure.code === 'internal') this.options.log.error({ err: error, step }, 'a camera test failed in itself')
      this.#tell({ step, status: 'failed', failure: failure.toFailure(), detail: explain(failure.code, failure.detail), tookMs: Math.round(performance.now() - started) })
      return null
    }
  }

  skip (step: StepName, why: string) { this.#tell({ step, status: 'skipped', detail: why, tookMs: null }) }
  failed (step: StepName) { return this.done.some(s => s.step === step && s.status === 'failed') }

  #tell (step: TestStep) {
    this.done.push(step)
    this.options.onStep(step)
  }
}

async function tcpOpens (address: string, port: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ host: address, port })
    const end = (error?: Error) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      socket.destroy()
      if (error) reject(error)
      else resolve()
    }
    const abort = () => end(new CameraFailure('timeout', 'the test was stopped'))
    const timer = setTimeout(() => end(new CameraFailure('connection_timeout', `port ${port} did not accept a connection within ${portDeadlineMs / 1000} s`)), portDeadlineMs)
    signal.addEventListener('abort', abort)
    socket.once('connect', () => end()).once('error', end)
    if (signal.aborted) abort()
  })
}

/** DNS answers within the deadline or not at all; a late answer is dropped. */
async function resolved (name: string): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new CameraFailure('address_unresolved', `DNS did not answer within ${dnsDeadlineMs / 1000} s`)), dnsDeadlineMs)
  })
  try {
    return (await Promise.race([lookup(name), late])).address
  } finally {
    clearTimeout(timer)
  }
}

async function addressStep (device: PlanDevice): Promise<[string, Found]> {
  const address = isIP(device.address.split('%')[0] ?? '') ? device.address : await resolved(device.address)
  return [address, { detail: address === device.address ? 'The address is valid.' : `The name stands for ${address}.`, facts: { address } }]
}

async function portStep (device: PlanDevice, signal: AbortSignal): Promise<[true, Found]> {
  const { onvif, rtsp } = device.camera ?? { onvif: null, rtsp: { port: 554 } }
  await tcpOpens(device.address, onvif?.port ?? rtsp.port, signal)
  if (!onvif) return [true, { detail: `RTSP port ${rtsp.port} is open.`, facts: { rtspPort: rtsp.port } }]
  const rtspOpen = await tcpOpens(device.address, rtsp.port, signal).then(() => true, () => false)
  const facts = { onvifPort: onvif.port, rtspPort: rtsp.port, rtspOpen }
  if (rtspOpen) return [true, { detail: `ONVIF port ${onvif.port} and RTSP port ${rtsp.port} are open.`, facts }]
  return [true, { status: 'warning', detail: `ONVIF port ${onvif.port} is open, RTSP port ${rtsp.port} is not. The camera may name another one below; otherwise check the RTSP port.`, facts }]
}

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
const describe = (p: Profile) => [p.codec === 'h265' ? 'H.265' : 'H.264', p.width && p.height ? `${p.width}x${p.height}` : '', p.fps ? `${p.fps} frames/s` : ''].filter(Boolean).join(' ')

async function clockStep (camera: OnvifCamera, signal: AbortSignal): Promise<[true, Found]> {
  const read = await camera.time({ signal })
  if (read.offsetMs === null) return [true, { status: 'warning', detail: `${capital(read.why)}. Set a time zone and a time server (NTP) on the camera.`, facts: { offsetMs: null } }]
  const facts = { offsetMs: read.offsetMs, source: read.source }
  if (Math.abs(read.offsetMs) <= clockWarningMs) return [true, { detail: 'The camera\'s clock agrees with ours.', facts }]
  return [true, { status: 'warning', detail: `The camera's clock is ${Math.round(Math.abs(read.offsetMs) / 1000)} s ${read.offsetMs > 0 ? 'ahead' : 'behind'}. Set a time server (NTP) on the camera.`, facts }]
}

function profilesFound (found: FoundStreams): Found {
  const { main, sub, profiles, paths } = found
  const facts = {
    profiles: profiles.length, mainPath: paths.mainPath, subPath: paths.subPath, rtspPort: paths.port,
    ...(main ? { main: describe(main), mainGovLength: main.govLength, mainBitrateKbps: main.bitrateKbps } : {}),
    ...(sub ? { sub: describe(sub), subGovLength: sub.govLength, subBitrateKbps: sub.bitrateKbps } : {})
  }
  return paths.subPath !== null ? { detail: 'The camera has a main stream and a sub-stream.', facts }
    : { status: 'warning', detail: 'The camera has only one usable stream: tiles on the wall will show the large one. Add a small H.264 profile on the camera.', facts }
}

function streamFound (probe: StreamProbe): Found {
  const facts = { codec: probe.codec, width: probe.width, height: probe.height, fps: probe.fps }
  return probe.keyFrame ? { detail: 'The stream plays.', facts }
    : { status: 'warning', detail: 'The stream plays, but no key frame came in time. Shorten the key-frame interval (GOV length) on the camera.', facts }
}

async function onvifSteps (device: PlanDevice, steps: Steps, options: TestCameraOptions): Promise<{ camera: OnvifCamera, paths: FoundStreams['paths'] | null }> {
  const { signal, clock = systemClock } = options
  const camera = new OnvifCamera(targetOf(device), { clock })
  const information = await steps.run('authentication', 'Logging in', async () => {
    const i = await camera.information({ signal })
    return [i, { detail: camera.target.login ? 'The camera accepts the user name and the password.' : 'The camera answers without a login.', facts: { manufacturer: i.manufacturer, model: i.model, firmware: i.firmware, serial: i.serial } }]
  })
  await steps.run('clock', 'Reading the camera\'s clock', () => clockStep(camera, signal))
  if (!information) {
    steps.skip('profiles', 'Needs the login to work first.')
    return { camera, paths: null }
  }
  const { rtsp } = device.camera ?? { rtsp: { port: 554, mainPath: null, subPath: null } }
  const found = await steps.run('profiles', 'Reading the video profiles', async () => {
    const streams = await askStreams(camera, rtsp.port, signal)
    return [streams, profilesFound(streams)]
  })
  return { camera, paths: found && { port: rtsp.mainPath === null ? found.paths.port : rtsp.port, mainPath: rtsp.mainPath ?? found.paths.mainPath, subPath: rtsp.subPath ?? found.paths.subPath } }
}

async function rtspSteps (device: PlanDevice, path: string, steps: Steps, { signal, probeStream }: TestCameraOptions): Promise<StreamProbe | null> {
  let failure: unknown = null
  // RTSP asks for the password when it opens the stream: one opening answers both steps.
  const probe = await probeStream(device, { port: device.camera?.rtsp.port ?? 554, path }, { signal }).catch((error: unknown) => { failure = error; return null })
  if (signal.aborted) throw signal.reason
  const denied = failure !== null && failureOf(failure).code === 'authentication_failed'
  if (denied) await steps.run('authentication', 'Logging in', () => Promise.reject(failure))
  else if (probe) await steps.run('authentication', 'Logging in', async () => [true, { detail: device.credential ? 'The camera accepts the user name and the password.' : 'The camera answers without a login.' }])
  else steps.skip('authentication', 'Could not be tried: the stream did not open.')
  steps.skip('clock', 'A camera without ONVIF does not tell its time.')
  steps.skip('profiles', 'A camera without ONVIF does not list its streams: the given paths are used.')
  if (denied) steps.skip('stream', 'Needs the login to work first.')
  else await steps.run('stream', 'Opening the stream', async () => { if (!probe) throw failure; return [probe, streamFound(probe)] })
  return probe
}

async function pictureStep (camera: OnvifCamera | null, probe: StreamProbe | null, { signal, pictureOf, clock = systemClock }: TestCameraOptions): Promise<[Picture | null, Found]> {
  const shown = (picture: Picture): [Picture, Found] => [picture, {
    detail: picture.source === 'camera' ? 'The camera gave a picture.' : 'A picture was made from the stream.', facts: { width: picture.width, height: picture.height, source: picture.source }
  }]
  let failure: unknown = new CameraFailure('no_stream', 'no key frame came')
  if (camera) {
    try { return shown(await cameraPicture(camera, signal, clock)) } catch (error) { failure = error }
  }
  if (signal.aborted || !probe?.keyFrame) throw failure
  if (pictureOf) return shown(await pictureOf(probe, { signal }))
  return [null, { status: 'warning', detail: 'A key frame came over the stream, but it cannot be turned into a picture here.' }]
}

const remaining: StepName[] = ['authentication', 'clock', 'profiles', 'stream', 'first_picture']

/** Rejects only when `signal` is aborted; everything else is in the report. */
export async function testCamera (device: PlanDevice, options: TestCameraOptions): Promise<TestReport> {
  const { signal, probeStream } = options
  const steps = new Steps(options)
  const report = (picture: Picture | null, mainPath: string | null, subPath: string | null): TestReport =>
    ({ steps: steps.done, ok: steps.done.every(s => s.status !== 'failed'), picture, mainPath, subPath })
  if (await steps.run('address', 'Looking up the address', () => addressStep(device)) === null) {
    for (const step of ['port', ...remaining] as const) steps.skip(step, 'The address is not known.')
    return report(null, null, null)
  }
  if (!await steps.run('port', 'Connecting', () => portStep(device, signal))) {
    for (const step of remaining) steps.skip(step, 'The port does not answer.')
    return report(null, null, null)
  }
  const rtsp = device.camera?.rtsp
  if (!device.camera?.onvif) {
    const probe = await rtspSteps(device, rtsp?.mainPath ?? rtsp?.subPath ?? '/', steps, options)
    if (!probe) steps.skip('first_picture', 'Needs the stream to work first.')
    const picture = probe && await steps.run('first_picture', 'Taking a picture', () => pictureStep(null, probe, options))
    return report(picture, rtsp?.mainPath ?? null, rtsp?.subPath ?? null)
  }
  const { camera, paths } = await onvifSteps(device, steps, options)
  const mainPath = paths?.mainPath
  if (!paths || !mainPath) {
    for (const step of ['stream', 'first_picture'] as const) steps.skip(step, steps.failed('authentication') ? 'Needs the login to work first.' : 'Needs a profile first.')
    return report(null, null, null)
  }
  const probe = await steps.run('stream', 'Opening the stream', async () => {
    const found = await probeStream(device, { port: paths.port, path: mainPath }, { signal })
    return [found, streamFound(found)]
  })
  const picture = await steps.run('first_picture', 'Taking a picture', () => pictureStep(camera, probe, options))
  return report(picture, paths.mainPath, paths.subPath)
}
