/** Our client on many cameras in one process: fragments and counts frames, one line of JSON a second, until its parent goes. */
import { CameraSource } from '../../agents/rtsp/camera-source.js'
import { startFfmpegPull } from '../../agents/rtsp/ffmpeg-pull.js'
import { startOwnPull } from '../../agents/rtsp/own-pull.js'
import { systemTime } from '../../agents/rtsp/timeline.js'

const ports = JSON.parse(process.argv[2] ?? '[]') as number[]
let frames = 0
let bytes = 0
const sources = ports.map((port, i) => {
  const source = new CameraSource({ deviceId: String(i), profile: 'main', target: { host: '127.0.0.1', port, path: '/main', login: null }, client: 'auto', always: true },
    { own: startOwnPull, ffmpeg: startFfmpegPull }, systemTime, () => {})
  source.watch({ state () {}, init () {}, fragment (f) { frames++; bytes += f.bytes.length } })
  return source
})
setInterval(() => { for (const source of sources) source.tick() }, 250)
setInterval(() => {
  process.stdout.write(`${JSON.stringify({ frames, bytes, playing: sources.filter(s => s.state.status === 'playing').length })}\n`)
}, 1000)
process.stdin.on('end', () => process.exit(0)).resume()
