import { openAuthProxy } from './auth-proxy.js'
import type { RtspTarget } from './client.js'
import { faultOf, RtspFault } from './fault.js'
import { type Ffmpeg, fragmentsToStdout, startFfmpeg } from './ffmpeg.js'
import { type Liveness, type Pull, type PullSink, stallOf } from './pull.js'
import { makeRemuxer } from './remux.js'
import type { Time } from './timeline.js'

/** ffmpeg probes before it writes; until then it is not called stalled. */
const START_ALLOWANCE_MS = 10_000

/** The fallback: `ffmpeg -c copy` behind a door of ours on loopback, so that neither password nor path is in its arguments. */
export function startFfmpegPull (target: RtspTarget, sink: PullSink, time: Time, epochMs: number): Pull {
  const live: Liveness = { startedMs: time.mono() + START_ALLOWANCE_MS, lastPacketMs: 0, lastFrameMs: 0, packets: 0, hasInit: false }
  let ffmpeg: Ffmpeg | null = null
  let proxy: { close (): void } | null = null
  let over: RtspFault | null = null
  const end = (fault: RtspFault) => {
    over ??= fault
    ffmpeg?.stop()
    proxy?.close()
  }
  const run = async (): Promise<RtspFault> => {
    try {
      const door = await openAuthProxy(target)
      proxy = door
      if (over) { door.close(); return over }
      const reader = makeRemuxer({ init (init) { live.hasInit = true; sink.init(init) }, fragment: f => sink.fragment(f) }, time, epochMs, () => {
        live.lastFrameMs = live.lastPacketMs = time.mono()
        live.packets++
      })
      const process = startFfmpeg(['-fflags', 'nobuffer', '-rtsp_transport', 'tcp', '-timeout', '8000000', '-i', `rtsp://127.0.0.1:${door.port}/`,
        '-map', '0:v:0', '-map', '0:a:0?', '-c', 'copy', ...fragmentsToStdout], 'ignore')
      ffmpeg = process
      process.child.stdout!.on('data', (chunk: Buffer) => {
        if (over) return
        try { reader.push(chunk) } catch (error) { end(faultOf(error)) }
      })
      const code = await process.ended
      door.close()
      return over ?? faultOfExit(code, process.words())
    } catch (error) {
      end(faultOf(error))
      return over ?? faultOf(error)
    }
  }
  return {
    ended: run(),
    stats: () => ({ packetsLost: 0, droppedFrames: 0 }),
    check () {
      const failure = over ? null : stallOf(live, time.mono())
      if (failure) end(new RtspFault(failure.code, failure.detail))
    },
    close: () => end(new RtspFault('internal', 'Closed by us'))
  }
}

function faultOfExit (code: number | null, words: string): RtspFault {
  if (code === null) return new RtspFault('process_died', 'ffmpeg could not be run or was killed')
  if (/401|authorization failed/i.test(words)) return new RtspFault('authentication_failed', 'The camera refused the user name or password')
  if (/404|not found/i.test(words)) return new RtspFault('no_stream', 'No such stream at this path')
  return new RtspFault('protocol_error', `ffmpeg ended (${code}): ${words || 'without a word'}`)
}
