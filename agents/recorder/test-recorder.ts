/** For stories: the whole recorder on one simulated camera, over real sockets and files. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { systemClock } from '../../lib/clock.js'
import { newId } from '../../lib/ids.js'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import { defaultPolicy, type Segment, type VolumePlan, type VolumeState } from '../../server/contract/recording.js'
import { CameraSource } from '../rtsp/camera-source.js'
import { startFfmpegPull } from '../rtsp/ffmpeg-pull.js'
import { startOwnPull } from '../rtsp/own-pull.js'
import { systemTime } from '../rtsp/timeline.js'
import { Recorder } from './recorder.js'
import { WorkerRecorder } from './worker-recorder.js'

export function recordCamera (o: { dataDir: string, camera: { readonly port: number }, volumes: VolumePlan[], deviceId?: string }) {
  const deviceId = o.deviceId ?? newId()
  const source = new CameraSource({ deviceId, profile: 'main', target: { host: '127.0.0.1', port: o.camera.port, path: '/main', login: null }, client: 'auto', always: true }, { own: startOwnPull, ffmpeg: startFfmpegPull }, systemTime, () => {})
  const recorder: Recorder = new Recorder({ dataDir: o.dataDir, clock: systemClock, log: pino({ level: 'silent' }), workersGone: () => worker.stop(800), volumesPlanned () {}, send: (_id, message) => { worker.handle(message); return true } })
  const worker = new WorkerRecorder(() => source, message => recorder.heard(message), systemTime)
  const plan = (mode: 'continuous' | 'off') => recorder.plan([{ id: deviceId, kind: 'camera', name: 'Камера', address: '127.0.0.1', credential: null, recording: { policy: { ...defaultPolicy, mode }, timeZone: 'UTC' } } as unknown as PlanDevice], { revision: 1, locks: [], volumes: o.volumes })
  plan('continuous')
  const ticking = setInterval(() => { source.tick(); worker.tick() }, 100)
  const segments = (): Segment[] => recorder.index.segmentsWhere('ORDER BY started_at')
  return {
    deviceId, recorder, segments, plan,
    /** A file that is being written holds two seconds of pictures. */
    writing: () => worker.progressOf(deviceId).some(p => p.frames >= 20),
    gap: () => recorder.index.openGap(deviceId),
    gaps: () => recorder.index.gaps(deviceId, 0, Number.MAX_SAFE_INTEGER),
    /** As the server was told last. */
    volume: (id: string): VolumeState | undefined => recorder.index.changesAfter(null, 0, 10_000).facts.flatMap(f => f.kind === 'volume' && f.volume.id === id ? [f.volume] : []).at(-1),
    /** Of what is closed, that which is not on the disk as it was recorded. */
    spoiled: (volume: VolumePlan) => segments().filter(s => s.status === 'closed' && s.volumeId === volume.id).filter(s => createHash('sha256').update(readFileSync(join(volume.place.path, s.path))).digest('hex') !== s.sha256),
    async stop () {
      clearInterval(ticking)
      await recorder.stop()
      source.retire()
    }
  }
}
