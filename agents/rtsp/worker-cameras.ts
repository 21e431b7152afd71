import type { Failure, Observation, SampleSet, StreamProfile } from '../../server/contract/health.js'
import type { StreamInfo } from '../../server/contract/media.js'
import { CameraSource, type KeyFrame, type SourceSpec, type StartPull } from './camera-source.js'
import { MIN_CHANGE_MS, noPath, observeStream, reachabilityOf, REPORT_EVERY_MS } from './camera-watch.js'
import type { RtspTarget } from './client.js'
import { faultOf } from './fault.js'
import type { Find } from './media-link.js'
import type { Time } from './timeline.js'
import { Transcodes } from './transcodes.js'
import type { WorkerCamera } from './worker-messages.js'

export interface Report { observations: Observation[], samples: SampleSet[] }
interface Entry { camera: WorkerCamera, fingerprint: string, sources: Map<StreamProfile, CameraSource>, lastReachable: string, reportedMs: number, asking: AbortController | null }
export type Probe = (target: RtspTarget, signal: AbortSignal) => Promise<number>

const MAX_TRANSCODES = 2
/** Behind masks; a small stream costs a tenth of a large one. Places of their own: conversions for browsers must not take them. */
const MAX_MASKED = { main: 2, sub: 12 } as const
const profiles: StreamProfile[] = ['main', 'sub']

/** All cameras of one media worker: their sources, what is made from them, and what is reported of them. */
export class WorkerCameras {
  private entries = new Map<string, Entry>()
  private readonly transcodes: Transcodes
  private readonly masked: Record<StreamProfile, Transcodes>
  private changed = new Map<CameraSource, number>()

  private asked: Observation[] = []

  constructor (private readonly clients: { own: StartPull, ffmpeg: StartPull }, private readonly probe: Probe, private readonly time: Time, maxTranscodes = MAX_TRANSCODES) {
    this.transcodes = new Transcodes(maxTranscodes, time)
    this.masked = { main: new Transcodes(MAX_MASKED.main, time), sub: new Transcodes(MAX_MASKED.sub, time) }
  }

  /** Unchanged cameras are not disturbed. */
  plan (cameras: readonly WorkerCamera[]) {
    const wanted = new Map(cameras.map(c => [c.device.id, c]))
    for (const [id, entry] of this.entries) {
      const camera = wanted.get(id)
      if (camera && JSON.stringify(essence(camera)) === entry.fingerprint) wanted.delete(id)
      else this.drop(id, entry)
    }
    for (const camera of wanted.values()) {
      const entry: Entry = { camera, fingerprint: JSON.stringify(essence(camera)), sources: new Map(), lastReachable: '', reportedMs: this.time.mono() - Math.random() * REPORT_EVERY_MS, asking: null }
      this.entries.set(camera.device.id, entry)
      for (const spec of specsOf(camera)) entry.sources.set(spec.profile, new CameraSource(spec, this.clients, this.time, s => this.changed.set(s, this.changed.get(s) ?? this.time.mono())))
    }
  }

  /** Moves everything on, and says what is to be reported now. */
  tick (): Report {
    for (const entry of this.entries.values()) for (const source of entry.sources.values()) source.tick()
    const now = this.time.mono()
    const report: Report = { observations: this.asked.splice(0), samples: [] }
    for (const [id, entry] of this.entries) {
      const due = now - entry.reportedMs >= REPORT_EVERY_MS
      const changed = [...entry.sources.values()].filter(s => this.isChanged(s, now))
      if (due) entry.reportedMs = now
      for (const source of due ? entry.sources.values() : changed) this.observe(source, report)
      if (entry.sources.size === 0 && due) report.observations.push(noPath(id, 'sub', entry.camera.failure, this.time.wall()))
      this.reach(entry, due, report)
    }
    return report
  }

  /** Reports now, and connects now what is not playing. */
  poll (deviceId: string) {
    const entry = this.entries.get(deviceId)
    if (!entry) return
    for (const source of entry.sources.values()) source.hurry()
    entry.asking?.abort()
    entry.asking = null
    entry.reportedMs = -REPORT_EVERY_MS
  }

  keyFrame (deviceId: string, prefer: StreamProfile = 'main'): KeyFrame | null {
    const entry = this.entries.get(deviceId)
    return entry?.sources.get(prefer)?.keyFrame() ?? entry?.sources.get(prefer === 'main' ? 'sub' : 'main')?.keyFrame() ?? null
  }

  /** The camera's stream of this profile, or the one that it has. */
  source (deviceId: string, profile: StreamProfile): CameraSource | null {
    const sources = this.entries.get(deviceId)?.sources
    return sources?.get(profile) ?? sources?.get(profile === 'main' ? 'sub' : 'main') ?? null
  }

  readonly find: Find = ({ deviceId, profile, transcode, masks = [] }) => {
    const entry = this.entries.get(deviceId)
    if (!entry) return { failure: fault('no_stream', 'This agent does not have the camera') }
    const source = this.source(deviceId, profile)
    if (!source) return { failure: entry.camera.failure ?? fault('no_stream', 'No stream path is known for this camera') }
    // Hidden, or not shown at all: never the stream itself.
    if (masks.length > 0) return { stream: this.masked[source.spec.profile].of(source, masks), transcoded: true, masked: true }
    if (!transcode || source.state.init?.video.kind === 'h264') return { stream: source, transcoded: false }
    return { stream: this.transcodes.of(source), transcoded: true }
  }

  ids () { return [...this.entries.keys()] }

  stop () {
    this.transcodes.stop()
    for (const profile of profiles) this.masked[profile].stop()
    for (const [id, entry] of this.entries) this.drop(id, entry)
  }

  private isChanged (source: CameraSource, now: number) {
    const since = this.changed.get(source)
    if (since === undefined) return false
    const told = this.told.get(source) ?? -MIN_CHANGE_MS
    return now - told >= MIN_CHANGE_MS
  }

  private readonly told = new WeakMap<CameraSource, number>()
  private observe (source: CameraSource, report: Report) {
    this.changed.delete(source)
    this.told.set(source, this.time.mono())
    if (source.state.status === 'stopped' && !this.everStarted.has(source)) return
    this.everStarted.add(source)
    const { observation, samples } = observeStream(source, this.time.wall())
    report.observations.push(observation)
    if (samples) report.samples.push(samples)
  }

  private readonly everStarted = new WeakSet<CameraSource>()

  /** Only for cameras without ONVIF: the others are asked by their own collector. */
  private reach (entry: Entry, due: boolean, report: Report) {
    if (entry.camera.device.camera?.onvif) return
    const seen = reachabilityOf(entry.camera.device.id, [...entry.sources.values()].map(s => s.state), this.time.wall())
    if (seen?.kind !== 'reachability') {
      if (due) this.ask(entry)
      return
    }
    const now = `${seen.ok} ${seen.failure?.code ?? ''}`
    if (!due && now === entry.lastReachable) return
    entry.lastReachable = now
    report.observations.push(seen)
  }

  /** Nothing is pulled, so the camera is asked whether it is there. */
  private ask (entry: Entry) {
    const target = [...entry.sources.values()][0]?.spec.target
    if (!target || entry.asking) return
    const asking = new AbortController()
    entry.asking = asking
    const deviceId = entry.camera.device.id
    const told = (ok: boolean, rttMs: number | null, failure: Failure | null) => {
      if (entry.asking === asking) entry.asking = null
      if (!asking.signal.aborted) this.asked.push({ kind: 'reachability', deviceId, at: this.time.wall(), ok, method: 'rtsp', rttMs, failure })
    }
    this.probe(target, asking.signal).then(rttMs => told(true, rttMs, null), (error: unknown) => told(false, null, faultOf(error).toFailure()))
  }

  private drop (id: string, entry: Entry) {
    entry.asking?.abort()
    this.transcodes.drop(id)
    for (const profile of profiles) this.masked[profile].drop(id)
    for (const source of entry.sources.values()) {
      source.retire()
      this.changed.delete(source)
    }
    this.entries.delete(id)
  }
}

const fault = (code: NonNullable<Failure>['code'], detail: string): StreamInfo['failure'] => ({ code, detail })

/** What a change of must reopen the streams; a new name must not. */
const essence = ({ device, port, mainPath, subPath, failure }: WorkerCamera) => [device.address, device.credential, device.camera, port, mainPath, subPath, failure?.code]

function specsOf ({ device, port, mainPath, subPath }: WorkerCamera): SourceSpec[] {
  const login = device.credential?.kind === 'password' ? { username: device.credential.username, password: device.credential.password } : null
  const steady: StreamProfile = subPath === null ? 'main' : 'sub'
  return profiles.flatMap(profile => {
    const path = profile === 'main' ? mainPath : subPath
    if (path === null) return []
    return [{ deviceId: device.id, profile, target: { host: device.address, port, path, login }, client: device.camera?.client ?? 'auto', always: device.camera?.pull === 'always' && profile === steady }]
  })
}
