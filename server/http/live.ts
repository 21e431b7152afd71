/** Live video and snapshots of a camera: permission, camera group, audit; the bytes are the relay's. */
import Type from 'typebox'
import Compile from 'typebox/compile'
import type { WebSocket } from 'ws'
import type { Clock } from '../../lib/clock.js'
import { keepAlive } from '../../lib/heartbeat.js'
import type { MediaRelay } from '../agents/relay.js'
import type { Snapshots } from '../agents/snapshots.js'
import { Viewer } from '../agents/viewer.js'
import { Id } from '../contract/common.js'
import { StreamProfile } from '../contract/health.js'
import { LiveRequest } from '../contract/media.js'
import { type Actor, seesCamera } from '../identity/actor.js'
import type { ActorListener } from '../identity/actor-changes.js'
import { recordAudit } from '../identity/audit.js'
import { notFound, ServiceProblem } from '../problems.js'
import type { Store } from '../store/store.js'
import { actorOf, type App } from './route.js'

/** What is needed to know of a camera; null when there is none of this id. */
type CameraLookup = (deviceId: string) => Promise<{ name: string, groupId: string | null, agentId: string | null, enabled: boolean } | null>

export interface LiveDeps {
  store: Store
  clock: Clock
  relay: MediaRelay
  snapshots: Snapshots
  camera: CameraLookup
  /** From identity: whether a session still holds, and who changed. */
  sessions: { stillOpen (sessionId: string): Promise<boolean> }
  onActorChanged: (listener: ActorListener) => () => void
  /** From inventory: these devices were edited, moved or removed. */
  onDevicesChanged: (listener: (deviceIds: string[]) => void) => void
  agentOffsetMs: (agentId: string) => number
}

const CLOSE = { signedOut: 4401, notFound: 4404, gone: 4410, agentAway: 4503, tooMany: 1013, again: 1012 } as const
const SESSION_CHECK_MS = 60_000
const ById = Type.Object({ id: Id })
const checkRequest = Compile(LiveRequest)

interface Watching { actor: Actor, cameraId: string, close: (code: number, reason: string) => void }

/** `app` carries the prefix /api/v1. */
export function liveRoutes (app: App, deps: LiveDeps) {
  const watching = new Set<Watching>()
  const stopListening = deps.onActorChanged(({ userId, sessionId, exceptSessionId }) => {
    for (const w of [...watching]) {
      const meant = w.actor.userId === userId && (sessionId === null || w.actor.sessionId === sessionId) && w.actor.sessionId !== exceptSessionId
      if (meant) void recheck(w, true)
    }
  })
  deps.onDevicesChanged(ids => { for (const w of [...watching]) if (ids.includes(w.cameraId)) void recheck(w, false) })
  const timer = setInterval(() => { for (const w of [...watching]) void recheck(w, false) }, SESSION_CHECK_MS)
  app.addHook('onClose', async () => { clearInterval(timer); stopListening() })

  /** Signed out, or the camera left their groups: the door. Other rights: the browser asks again and gets what it may see now. */
  async function recheck (w: Watching, changed: boolean) {
    try {
      if (!await deps.sessions.stillOpen(w.actor.sessionId)) return w.close(CLOSE.signedOut, 'signed_out')
      const camera = await deps.camera(w.cameraId)
      if (camera && !seesCamera(w.actor, camera.groupId)) return w.close(CLOSE.notFound, 'camera_not_found')
      if (changed) w.close(CLOSE.again, 'rights_changed')
    } catch (err) {
      // With the database away the picture goes on, unless the rights are known to be others.
      app.log.warn({ err }, 'A viewer of live video could not be checked')
      if (changed) w.close(CLOSE.again, 'rights_changed')
    }
  }

  app.get('/devices/:id/live', {
    websocket: true,
    config: { access: { permission: 'video.live' } },
    schema: { tags: ['video'], summary: 'Live video over WebSocket, see server/contract/media.ts', params: ById,
      querystring: Type.Object({ profile: Type.Optional(StreamProfile), hevc: Type.Optional(Type.Enum(['0', '1'])) }) }
  }, async (socket: WebSocket, request) => {
    const actor = actorOf(request)
    const { id } = request.params
    const { profile = 'sub', hevc = '0' } = request.query
    socket.on('error', () => socket.terminate())
    const requests = collectRequests(socket)
    const camera = await deps.camera(id)
    if (!camera || !seesCamera(actor, camera.groupId)) return socket.close(CLOSE.notFound, 'camera_not_found')
    if (!camera.enabled) return socket.close(CLOSE.gone, 'camera_disabled')
    if (!camera.agentId) return socket.close(CLOSE.agentAway, 'no_agent')
    if (deps.relay.full) return socket.close(CLOSE.tooMany, 'too_many_viewers')
    await startWatching(socket, requests, actor, { id, name: camera.name, agentId: camera.agentId, profile, hevc: hevc === '1' })
  })

  async function startWatching (socket: WebSocket, requests: Requests, actor: Actor, camera: { id: string, name: string, agentId: string, profile: 'main' | 'sub', hevc: boolean }) {
    const startedAt = deps.clock.now()
    const audit = (action: string, details: Record<string, unknown>) => deps.store.transaction(tx =>
      recordAudit(tx, deps.clock.now(), actor, action, { kind: 'device', id: camera.id }, { name: camera.name, profile: camera.profile, ...details }))
    // First the record, then the picture: nobody watches unrecorded.
    await audit('video.live', {})
    const ended = () => void audit('video.live_end', { durationMs: deps.clock.now() - startedAt }).catch(err => app.log.error({ err }, 'The end of a live view could not be recorded'))
    if (socket.readyState !== socket.OPEN) return ended()
    keepAlive(socket)
    const viewer = new Viewer({ socket, hevc: camera.hevc, nowMs: () => performance.now() })
    socket.on('pong', data => viewer.heard(data))
    const entry: Watching = { actor, cameraId: camera.id, close: (code, reason) => viewer.close(code, reason) }
    watching.add(entry)
    const leave = deps.relay.watch({ deviceId: camera.id, agentId: camera.agentId, profile: camera.profile, transcode: false }, viewer)
    requests.each(text => {
      const message = parseRequest(text)
      if (message?.type === 'mode') viewer.ask(message.mode)
      else if (message?.type === 'ping') socket.send(JSON.stringify({ type: 'clock', serverTime: deps.clock.now(), agentOffsetMs: deps.agentOffsetMs(camera.agentId) }))
      else socket.close(1008, 'not understood')
    })
    socket.once('close', () => {
      leave()
      watching.delete(entry)
      ended()
    })
  }

  app.get('/devices/:id/snapshot', {
    config: { access: { permission: 'video.live' } },
    schema: { tags: ['video'], summary: 'A picture of the camera, at most 5 s old (JPEG)', params: ById }
  }, async (request, reply) => {
    const actor = actorOf(request)
    const { id } = request.params
    const camera = await deps.camera(id)
    if (!camera || !seesCamera(actor, camera.groupId)) throw notFound('camera')
    if (!camera.enabled) throw new ServiceProblem('gone', 'camera_disabled', 'The camera is disabled.')
    if (!camera.agentId) throw new ServiceProblem('unavailable', 'no_agent', 'No agent looks after this camera.')
    const picture = await deps.snapshots.take(camera.agentId, id)
    await deps.store.transaction(tx => recordAudit(tx, deps.clock.now(), actor, 'video.snapshot', { kind: 'device', id }, { name: camera.name, at: picture.at }))
    return reply.type('image/jpeg').header('cache-control', 'no-store').header('x-taken-at', String(picture.at)).header('x-picture-source', picture.source).send(picture.jpeg)
  })
}

interface Requests { each (handle: (text: string) => void): void }
/** What the browser says while we still look up whether it may. */
function collectRequests (socket: WebSocket): Requests {
  const early: string[] = []
  let handle: ((text: string) => void) | null = null
  socket.on('message', data => {
    if (handle) handle(String(data))
    else if (early.length < 16) early.push(String(data))
  })
  return { each (now) { handle = now; for (const text of early) now(text) } }
}

function parseRequest (text: string) {
  try {
    const message: unknown = JSON.parse(text)
    return checkRequest.Check(message) ? message : null
  } catch { return null }
}
