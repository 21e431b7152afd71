import type { Failure, Observation, SampleSet, StreamProfile } from '../../server/contract/health.js'
import type { CameraSource } from './camera-source.js'

export const REPORT_EVERY_MS = 10_000
/** A stream that flickers is told of at most so often; the last state is always told. */
export const MIN_CHANGE_MS = 1000

/** What a source shows, as facts for the server. Measures since the last call. */
export function observeStream (source: CameraSource, at: number): { observation: Observation, samples: SampleSet | null } {
  const { deviceId, profile } = source.spec
  const { status, client, failure, init } = source.state
  const m = source.measure()
  const observation: Observation = {
    kind: 'stream', deviceId, at, profile, status, client, failure,
    codec: init?.video.codec ?? null, width: init?.video.width ?? null, height: init?.video.height ?? null,
    fps: m.fps, bitrateBps: m.bitrateBps, keyFrameIntervalMs: m.keyFrameIntervalMs, audioCodec: init?.audio?.codec ?? null,
    packetsLost: m.packetsLost, reconnects: m.reconnects, packets: client === 'own' ? m.packets : null
  }
  if (m.fps === null) return { observation, samples: null }
  const series = ['fps', 'bitrate_bps', 'keyframe_interval_ms', 'lost'].map(name => `${name}.${profile}`)
  return { observation, samples: { deviceId, at, series, values: [m.fps, m.bitrateBps, m.keyFrameIntervalMs, m.packetsLost] } }
}

/** Codes that prove that the camera itself answers, though the stream does not come. */
const answers = new Set(['authentication_failed', 'not_permitted', 'no_stream', 'no_parameter_sets', 'unsupported_codec', 'stream_stalled'])

/** Reachability of a plain RTSP camera out of its streams; null while nothing is known. */
export function reachabilityOf (deviceId: string, states: readonly CameraSource['state'][], at: number): Observation | null {
  const known = states.filter(s => s.status !== 'stopped' && s.status !== 'connecting')
  if (known.length === 0) return null
  const failure = known.find(s => s.failure)?.failure ?? null
  const ok = known.some(s => s.status === 'playing' || (s.failure !== null && answers.has(s.failure.code)))
  return { kind: 'reachability', deviceId, at, ok, method: 'rtsp', rttMs: null, failure: ok ? null : failure }
}

export const noPath = (deviceId: string, profile: StreamProfile, failure: Failure | null, at: number): Observation => ({
  kind: 'stream', deviceId, at, profile, status: 'failed', client: 'own', failure: failure ?? { code: 'no_stream', detail: 'No stream path is known for this camera' },
  codec: null, width: null, height: null, fps: null, bitrateBps: null, keyFrameIntervalMs: null, audioCodec: null, packetsLost: null, reconnects: null
})
