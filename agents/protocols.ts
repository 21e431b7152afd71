/** The one place where an agent's protocols are put together. */
import { join } from 'node:path'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Protocols } from './agent.js'
import { createReportCollector } from './compliance/collector.js'
import { tryLogin } from './compliance/login-trial.js'
import { discover } from './discovery/sweep.js'
import { type Footage, startFootage } from './footage/footage.js'
import { createHostCollector } from './host/collector.js'
import { testHost } from './host/test-host.js'
import type { LinkTarget } from './link/handshake.js'
import { createEventCollector } from './onvif/events/collector.js'
import { createOnvifCollector } from './onvif/collector.js'
import { probeOnvif, probeOnvifHttp } from './onvif/discover.js'
import { listenForAnnouncements } from './onvif/listen.js'
import { createHeads } from './onvif/ptz/heads.js'
import { takeSnapshot } from './onvif/snapshot.js'
import { resolveStreamPaths } from './onvif/stream-paths.js'
import { testCamera } from './onvif/test-camera.js'
import { createVideoCollector, type VideoCollector } from './rtsp/collector.js'
import { maskPictureOf } from './rtsp/masked-jpeg.js'
import { keyFramePicture, pictureOfProbe, probeStream } from './rtsp/stream-picture.js'
import { createRecorder, type Recording } from './recorder/recording.js'
import { createSnmpCollector } from './snmp/collector.js'
import { probeSnmp } from './snmp/probe.js'
import { testSwitch } from './snmp/test-switch.js'
import { createVision, type Vision } from './vision/collector.js'

export function protocols ({ target, dataDir, log, clock }: { target: LinkTarget, dataDir: string, log: Log, clock: Clock }): Protocols {
  let video: VideoCollector | null = null
  let recording: Recording | null = null
  let footage: Footage | null = null
  let vision: Vision | null = null
  // A head that we turned shows something else on purpose: what the picture should look like is learned anew.
  const heads = createHeads({ clock, log, rested: id => { vision?.reset(id).catch(err => log.warn({ err, deviceId: id }, 'a picture could not be learned anew')) } })
  const pathsOf: typeof resolveStreamPaths = (device, options) => resolveStreamPaths(device, { clock, ...options })
  return {
    collectors (emit) {
      const made = createVideoCollector({ emit, log, clock, media: target, resolvePaths: pathsOf, record: (id, event) => recording?.recorder.event(id, event), recorder: {
        heard: message => recording?.recorder.heard(message),
        workerStarted: ids => recording?.recorder.workerStarted(ids),
        workerGone: ids => recording?.recorder.workerGone(ids)
      } })
      video = made
      const opened = startFootage({ target, places: { recordings: join(dataDir, 'recordings'), scratch: join(dataDir, 'footage') }, log })
      footage = opened
      recording = createRecorder({ dataDir, clock, log, send: (id, message) => made.toRecorder(id, message), workersGone: () => made.stop(), volumesPlanned: volumes => opened.volumes(volumes), openFootage: command => opened.open(command) })
      const { recorder } = recording
      const heard: Pick<typeof emit, 'observation'> = { observation (o) {
        if (o.kind === 'camera_event' && o.type === 'motion') made.reportsMotion(o.deviceId)
        emit.observation(o)
      } }
      const events = createEventCollector({ emit: heard, record: (id, event) => recorder.event(id, event), log, clock })
      vision = createVision({ emit, log, clock, folder: join(dataDir, 'vision'), keyFrame: id => made.keyFrame(id, 'sub') })
      return [heads, video, recording.collector, footage, vision, createOnvifCollector({ emit, log, clock, listen: listenForAnnouncements }), createReportCollector({ emit, log, clock }), events, createSnmpCollector({ emit, log, clock }), createHostCollector({ emit, log, clock })]
    },
    commands: {
      testConnection: {
        camera: (device, options) => testCamera(device, { ...options, clock, probeStream, pictureOf: pictureOfProbe }),
        switch: testSwitch,
        host: testHost
      },
      // From the key frame that the one pull holds where there is one, so that the camera is not asked twice.
      snapshot: async (device, { signal, masks }) => maskPictureOf(await takeSnapshot(device, { signal, clock, keyFramePicture: keyFramePicture({ keyFrame: async id => await video?.keyFrame(id) ?? null }, pathsOf) }), masks),
      recording: (command, options) => {
        if (!recording) throw Object.assign(new Error('The agent has no plan yet.'), { code: 'not_in_plan' })
        return recording.run(command, options)
      },
      tryLogin: (device, loginId, { signal }) => tryLogin(device, loginId, { signal, clock }),
      motionLevels: async id => await video?.motionLevels(id) ?? { state: 'off', moving: false, levels: [] },
      vision: { pictures: async id => await vision?.pictures(id) ?? { reference: null, event: null }, reset: async id => { await vision?.reset(id) } },
      ptz: (device, command, signal) => heads.obey(device, command, signal),
      discover: (command, options) => discover(command, options, {
        snmp: probeSnmp,
        onvifUnicast: (address, timeoutMs) => probeOnvif(address, { timeoutMs, signal: options.signal }),
        onvifHttp: (address, port, timeoutMs) => probeOnvifHttp(address, port, { timeoutMs, signal: options.signal })
      })
    },
    recordings: () => recording?.recorder.position ?? null
  }
}
