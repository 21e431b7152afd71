/** The one place where an agent's protocols are put together. */
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Picture, PlanDevice } from '../server/contract/agent-link.js'
import type { Protocols } from './agent.js'
import { CommandFailed } from './commands.js'
import { discover } from './discovery/sweep.js'
import { createHostCollector } from './host/collector.js'
import { testHost } from './host/test-host.js'
import type { LinkTarget } from './link/handshake.js'
import { createOnvifCollector } from './onvif/collector.js'
import { probeOnvif, probeOnvifHttp } from './onvif/discover.js'
import { readJpegSize } from './onvif/jpeg.js'
import { takeSnapshot } from './onvif/snapshot.js'
import { listenForAnnouncements } from './onvif/listen.js'
import { resolveStreamPaths } from './onvif/stream-paths.js'
import { testCamera } from './onvif/test-camera.js'
import { createVideoCollector, type VideoCollector } from './rtsp/collector.js'
import { pictureFromKeyFrame } from './rtsp/picture.js'
import { probeStream } from './rtsp/probe.js'
import { createSnmpCollector } from './snmp/collector.js'
import { probeSnmp } from './snmp/probe.js'
import { testSwitch } from './snmp/test-switch.js'

const PICTURE_WIDTH = 1280

async function pictureOf (frame: { codec: 'h264' | 'h265', annexB: Buffer }, clock: Clock): Promise<Picture> {
  const jpeg = await pictureFromKeyFrame(frame, PICTURE_WIDTH)
  return { jpegBase64: jpeg.toString('base64'), ...readJpegSize(jpeg), at: clock.now(), source: 'stream' }
}

export function protocols ({ target, log, clock }: { target: LinkTarget, log: Log, clock: Clock }): Protocols {
  let video: VideoCollector | null = null

  /** From the key frame that the one pull holds; the camera itself is not asked. */
  async function keyFramePicture (device: PlanDevice) {
    const frame = await video?.keyFrame(device.id)
    if (!frame) throw new CommandFailed('no_stream', 'No key frame of this camera has arrived: its stream is not playing.')
    return pictureOf(frame, clock)
  }

  return {
    collectors (emit) {
      video = createVideoCollector({ emit, log, clock, media: target, resolvePaths: (device, { signal }) => resolveStreamPaths(device, { signal, clock }) })
      return [video, createOnvifCollector({ emit, log, clock, listen: listenForAnnouncements }), createSnmpCollector({ emit, log, clock }), createHostCollector({ emit, log, clock })]
    },
    commands: {
      testConnection: {
        camera: (device, o) => testCamera(device, {
          ...o, clock, probeStream,
          pictureOf: probe => pictureOf({ codec: /^h(vc|ev)1/.test(probe.codec) ? 'h265' : 'h264', annexB: Buffer.from(probe.keyFrame!) }, clock)
        }),
        switch: testSwitch,
        host: testHost
      },
      snapshot: (device, { signal }) => takeSnapshot(device, { signal, keyFramePicture, clock }),
      discover: (command, o) => discover(command, o, {
        snmp: probeSnmp,
        onvifUnicast: (address, timeoutMs) => probeOnvif(address, { timeoutMs, signal: o.signal }),
        onvifHttp: (address, port, timeoutMs) => probeOnvifHttp(address, port, { timeoutMs, signal: o.signal })
      })
    }
  }
}
