/** `npx tsx web/dev-mock/server.ts`: enough of the server's wire to look at every screen. Development only. */
import { createReadStream, existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { execFileSync } from 'node:child_process'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Server } from 'socket.io'
import { type WebSocket, WebSocketServer } from 'ws'
import type { LiveRequest, StreamInfo } from '../../server/contract/media.js'
import { MediaFlag, MediaKind, writeMediaHeader } from '../../server/contract/media.js'
import type { WallChange } from '../../server/contract/wall.js'
import { type Clip, makeClip, repeated } from './clips.js'
import { bookmarks, clips as clipRows, playback, timelineOf } from './playback.js'
import { agents, alarmsOf, deviceOf, historyOf, makeTown, portsOf, uuid } from './town.js'

const now = () => Date.now()
const started = now()
const { devices, parents } = process.env.MOCK_EMPTY ? { devices: [], parents: new Map() } : makeTown(Number(process.env.MOCK_DEVICES ?? 60), started)
const alarms = alarmsOf(devices, started)
const clips: Clip[] = [makeClip('testsrc2=size=640x360:rate=25', true), makeClip('mandelbrot=size=640x360:rate=25'), makeClip('smptehdbars=size=640x360:rate=25,noise=alls=12:allf=t'), makeClip('life=size=320x180:rate=25:mold=10:ratio=0.1:death_color=#101820:life_color=#6fa8c0,scale=640:360')]
const still = execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=1280x720', '-frames:v', '1', '-f', 'mjpeg', '-'])
const permissions = ['wall.read', 'alarm.read', 'alarm.acknowledge', 'device.read', 'health.read', 'video.live', 'video.playback', 'clip.create', 'lock.create', 'bookmark.write', 'layout.write', 'layout.share', 'self.manage', 'user.read', 'device.write']
const user = { id: uuid(5, 1), login: 'operator', displayName: 'Олена Коваль', roles: ['administrator', 'operator'], allGroups: true, groupIds: [], language: 'uk', disabledAt: null, createdAt: started, lastLoginAt: started }
const me = { user, sessionId: uuid(6, 1), permissions, centre: { name: 'Білоцерківська міська рада', timeZone: 'Europe/Kyiv' } }
let layouts = [{ id: uuid(7, 1), name: 'Ранкова зміна: центр і вокзали', ownerId: user.id, shared: true, grid: 4, cells: [uuid(1, 1), uuid(1, 2), null, uuid(1, 3)], updatedAt: started }]
let seq = 100

const root = fileURLToPath(new URL('../../dist/web', import.meta.url))
const types: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html', '.svg': 'image/svg+xml' }
const csp = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; media-src 'self' blob:; worker-src 'self' blob:; connect-src 'self'; font-src 'self' data:; object-src 'none'; base-uri 'none'"
function json (res: ServerResponse, body: unknown, status = 200) { res.writeHead(status, { 'content-type': 'application/json' }); res.end(body === undefined ? '' : JSON.stringify(body)) }
const problem = (res: ServerResponse, status: number, kind: string) => json(res, { type: 'about:blank', title: kind, status, kind, detail: `Mock: ${kind}` }, status)
async function bodyOf (req: IncomingMessage) { let text = ''; for await (const part of req) text += part; return text ? JSON.parse(text) as Record<string, unknown> : {} }

function announce (...changes: WallChange[]) {
  io.of('/wall').emit('events', { events: changes.map(change => ({ seq: ++seq, at: now(), change })), serverTime: now() })
}
type Answer = (req: IncomingMessage, res: ServerResponse, m: RegExpExecArray, url: URL) => unknown
const routes: Array<[string, RegExp, Answer]> = [
  ['GET', /^\/setup$/, (_q, res) => json(res, { needed: true })],
  ['POST', /^\/session$/, async (req, res) => { const b = await bodyOf(req); if (b.password !== 'x') return problem(res, 401, 'wrong_credentials'); res.setHeader('set-cookie', 'mock=1; Path=/'); json(res, me) }],
  ['DELETE', /^\/session$/, (_q, res) => { res.writeHead(204, { 'set-cookie': 'mock=; Path=/; Max-Age=0' }); res.end() }],
  ['GET', /^\/session$/, (req, res) => req.headers.cookie?.includes('mock=1') ? json(res, me) : problem(res, 401, 'signed_out')],
  ['GET', /^\/sessions$/, (req, res) => json(res, [{ id: uuid(6, 1), userId: user.id, login: 'operator', createdAt: started, lastSeenAt: now(), expiresAt: now() + 1e8, ip: '10.0.0.4', userAgent: req.headers['user-agent'], current: true }, { id: uuid(6, 2), userId: user.id, login: 'operator', createdAt: started - 8e7, lastSeenAt: now() - 5e6, expiresAt: now() + 1e8, ip: '10.0.0.9', userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', current: false }])],
  ['GET', /^\/layouts$/, (_q, res) => json(res, layouts)],
  ['POST', /^\/layouts$/, async (req, res) => { const l = { ...await bodyOf(req), id: uuid(7, now() % 1e9), ownerId: user.id, updatedAt: now() } as never; layouts.push(l); json(res, l, 201); announce({ kind: 'layout', layoutId: uuid(7, 1) }) }],
  ['PUT', /^\/layouts\/(.+)$/, async (req, res, m) => { const b = await bodyOf(req); layouts = layouts.map(l => l.id === m[1] ? { ...l, ...b } : l); json(res, layouts.find(l => l.id === m[1])) }],
  ['DELETE', /^\/layouts\/(.+)$/, (_q, res, m) => { layouts = layouts.filter(l => l.id !== m[1]); res.writeHead(204).end() }],
  ['GET', /^\/alarms$/, (_q, res) => json(res, { items: [...alarms, ...alarms.map((a, i) => ({ ...a, id: uuid(8, i), clearedAt: a.raisedAt + 3e5, raisedAt: a.raisedAt - 9e5 }))], next: null })],
  ['POST', /^\/alarms\/(.+)\/acknowledge$/, async (req, res, m) => { const a = alarms.find(x => x.id === m[1])!; Object.assign(a, { acknowledgedAt: now(), acknowledgedBy: user.displayName, acknowledgeComment: (await bodyOf(req)).comment }); json(res, a); announce({ kind: 'alarm', alarm: a }) }],
  ['GET', /^\/devices\/([^/]+)$/, (_q, res, m) => { const d = devices.find(x => x.id === m[1]); if (!d) return problem(res, 404, 'device_not_found'); json(res, deviceOf(d, parents, now())) }],
  ['GET', /^\/devices\/([^/]+)\/history$/, (_q, res) => json(res, { items: historyOf(now()), next: null })],
  ['GET', /^\/devices\/([^/]+)\/ports$/, (_q, res, m) => json(res, portsOf(m[1]!, devices, parents, now()))],
  ['GET', /^\/devices\/([^/]+)\/snapshot$/, (_q, res) => { res.writeHead(200, { 'content-type': 'image/jpeg' }); res.end(still) }],
  ['GET', /^\/devices\/([^/]+)\/series$/, (_q, res, _m, url) => {
    const from = Number(url.searchParams.get('from')); const to = Number(url.searchParams.get('to'))
    const value = (name: string, i: number) => name.startsWith('fps') ? 25 - (i % 40 === 0 ? 9 : Math.random()) : name.includes('bps') ? 6e5 + 2e5 * Math.sin(i / 20) : 2 + Math.random()
    json(res, { series: (url.searchParams.get('names') ?? '').split(',').filter(n => !n.endsWith('.main')).map(name => ({ name, points: Array.from({ length: 200 }, (_, i) => [Math.round(from + (to - from) * i / 200), i > 90 && i < 100 ? null : value(name, i)]) })) })
  }],
  ['GET', /^\/timeline$/, (_q, res, _m, url) => json(res, timelineOf((url.searchParams.get('deviceIds') ?? '').split(','), Number(url.searchParams.get('from')), Number(url.searchParams.get('to'))))],
  ['GET', /^\/devices\/([^/]+)\/still$/, (_q, res, _m, url) => { res.writeHead(200, { 'content-type': 'image/jpeg', 'x-taken-at': url.searchParams.get('at') ?? '' }); res.end(still) }],
  ['GET', /^\/bookmarks$/, (_q, res, _m, url) => json(res, { items: bookmarks.filter(b => b.note.includes(url.searchParams.get('q') ?? '')), next: null })],
  ['POST', /^\/bookmarks$/, async (req, res) => { const b = { ...await bodyOf(req), id: uuid(21, now() % 1e9), deviceName: '01', authorId: user.id, authorName: user.displayName, createdAt: now() } as never; bookmarks.unshift(b); json(res, b, 201) }],
  ['PUT', /^\/bookmarks\/(.+)$/, async (req, res, m) => { const b = bookmarks.find(x => x.id === m[1])!; Object.assign(b, await bodyOf(req)); json(res, b) }],
  ['DELETE', /^\/bookmarks\/(.+)$/, (_q, res, m) => { bookmarks.splice(bookmarks.findIndex(b => b.id === m[1]), 1); res.writeHead(204).end() }],
  ['GET', /^\/clips$/, (_q, res) => json(res, { items: clipRows, next: null })],
  ['POST', /^\/clips$/, async (req, res) => {
    const b = await bodyOf(req) as { deviceId: string, from: number, to: number }
    const c = { id: uuid(23, now() % 1e9), deviceId: b.deviceId, deviceName: devices.find(d => d.id === b.deviceId)?.name ?? '', requestedFrom: b.from, requestedTo: b.to, deliveredFrom: b.from - 400, deliveredTo: b.to, status: 'running' as 'running' | 'done', bytes: 12_000_000, doneBytes: 0, sha256: null, masked: false, refilled: false, gaps: [], failure: null, createdAt: now(), createdBy: user.displayName, expiresAt: now() + 6e8 }
    clipRows.unshift(c)
    const timer = setInterval(() => { c.doneBytes += 3_000_000; if (c.doneBytes >= 12_000_000) { c.status = 'done'; clearInterval(timer) } }, 1000)
    json(res, c, 201)
  }],
  ['POST', /./, (_q, res) => res.writeHead(204).end()], ['PUT', /./, (_q, res) => res.writeHead(204).end()], ['DELETE', /./, (_q, res) => res.writeHead(204).end()]
]

const http = createServer((req, res) => {
  const url = new URL(req.url ?? '/', 'http://mock')
  if (url.pathname.startsWith('/api/v1')) {
    const path = url.pathname.slice(7)
    const route = routes.find(([method, pattern]) => method === req.method && pattern.test(path))
    if (!route) return problem(res, 404, 'not_found')
    void route[2](req, res, route[1].exec(path)!, url)
    return
  }
  const file = join(root, url.pathname)
  const found = url.pathname !== '/' && existsSync(file) ? file : join(root, 'index.html')
  res.writeHead(200, { 'content-type': types[extname(found)] ?? 'application/octet-stream', 'content-security-policy': csp })
  createReadStream(found).pipe(res)
})
const io = new Server(http, { path: '/socket.io' })
io.of('/wall').on('connection', socket => socket.on('join', () => socket.emit('snapshot', { seq, serverTime: now(), devices, alarms, agents, serverVersion: '0.1.0+mock' })))
setInterval(() => announce({ kind: 'none' }), 5000)

const sockets = new WebSocketServer({ noServer: true })
http.on('upgrade', (req, socket, head) => {
  const numberOf = (id: string) => devices.findIndex(d => d.id === id) - devices.filter(d => d.kind === 'switch').length + 1
  const recorded = /^\/api\/v1\/devices\/([^/]+)\/playback/.exec(req.url ?? '')
  if (recorded) { const n = numberOf(recorded[1]!); sockets.handleUpgrade(req, socket, head, ws => playback(ws, clips[n % clips.length]!, n)) }
  const m = /^\/api\/v1\/devices\/([^/]+)\/live/.exec(req.url ?? '')
  if (m) sockets.handleUpgrade(req, socket, head, ws => play(ws, numberOf(m[1]!)))
})

/** Camera `n` over one socket; the fragment's clock starts with the process, so that all viewers see the same. */
function play (ws: WebSocket, n: number) {
  const clip = clips[n % clips.length]!
  let mode = n === 7 ? 'keyframes' : 'all'
  const info = (over: Partial<StreamInfo>): StreamInfo => ({ type: 'stream', stream: n, status: 'playing', videoCodec: clip.codec, audioCodec: n % clips.length === 0 ? 'mp4a.40.2' : null, width: 640, height: 360, client: 'own', transcoded: n === 10, failure: null, ...over })
  const text = (message: unknown) => ws.send(JSON.stringify(message))
  ws.on('message', data => {
    const request = JSON.parse(String(data)) as LiveRequest
    if (request.type === 'ping') text({ type: 'clock', serverTime: now(), agentOffsetMs: 0 })
    else { mode = request.mode; text({ type: 'mode', mode, reason: 'asked' }) }
  })
  text({ type: 'clock', serverTime: now(), agentOffsetMs: 0 })
  if (n === 4) { setTimeout(() => ws.close(4503, 'agent away'), 200); return }
  if (n === 5) { text(info({ status: 'failed', videoCodec: null, failure: { code: 'authentication_failed', detail: '401' } })); return }
  if (n === 8) { text(info({ status: 'connecting', videoCodec: null })); return }
  text(info({}))
  text({ type: 'mode', mode, reason: n === 7 ? 'slow_viewer' : 'asked' })
  const send = (kind: number, flags: number, number: number, bytes: Buffer) => {
    const message = Buffer.alloc(20 + bytes.length)
    writeMediaHeader(new DataView(message.buffer, message.byteOffset, 20), { stream: n, kind, flags, atMs: now(), number })
    bytes.copy(message, 20)
    if (ws.readyState === ws.OPEN) ws.send(message)
  }
  send(MediaKind.init, 0, 0, clip.init)
  let sent = Math.floor((now() - started) / clip.lengthMs) * clip.fragments.length
  const opened = now()
  const timer = setInterval(() => {
    if (n === 3 && now() - opened > 4000) return
    for (;;) {
      const round = Math.floor(sent / clip.fragments.length)
      const f = clip.fragments[sent % clip.fragments.length]!
      if (started + round * clip.lengthMs + f.offsetMs > now()) break
      if (mode === 'all' || (f.key && !f.audio)) send(MediaKind.fragment, (f.key ? MediaFlag.key : 0) | (f.audio ? MediaFlag.audio : 0), sent, repeated(f, clip, round))
      sent++
    }
  }, 10)
  ws.on('close', () => clearInterval(timer))
}
http.listen(Number(process.env.MOCK_PORT ?? 8090), '127.0.0.1', () => console.log('mock on', http.address()))
