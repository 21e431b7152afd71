/** A process of simulated cameras for benchmarks: says its ports as JSON, lives until its parent goes. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { renderClip } from '../../fixtures/rtsp/render.js'
import { startRtspServer } from '../../fixtures/rtsp/server.js'

const count = Number(process.argv[2] ?? 64)
const clip = await renderClip({ scene: 'street', title: 'Bench', codec: 'h264', width: 1280, height: 720, fps: 25, bitrateKbps: 2000, seconds: 10 }, join(tmpdir(), 'kalancha-bench-clips'))
const servers = await Promise.all(Array.from({ length: count }, () => startRtspServer({ host: '127.0.0.1', port: 0, streams: { '/main': clip } })))
if (process.argv[3] === 'split') for (const server of servers) server.faults.splitWrites = true
process.stdout.write(`${JSON.stringify({ ports: servers.map(s => s.port) })}\n`)
process.stdin.on('end', () => process.exit(0)).resume()
