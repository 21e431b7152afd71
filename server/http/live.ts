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
import type { MaskRegion } from '../contract/footage.js'
import { StreamProfile } from '../contract/health.js'
import { LiveRequest } from '../contract/media.js'
import { type Actor, seesCamera } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { notFound, ServiceProblem } from '../problems.js'
import type { Store } from '../store/store.js'
import { actorOf, type App } from './route.js'
import { CLOSE, collectRequests, createWatchers, type WatchersDeps } from './watchers.js'

export interface LiveDeps extends WatchersDeps {
  store: Store
  clock: Clock
  relay: MediaRelay
  snapshots: Snapshots
  agentOffsetMs: (agentId: string) => number
  /** What somebody must not see of a camera. */
  masksFor: (actor: Actor, deviceId: string) => Promise<MaskRegion[]>
}

const ById = Type.Object({ id: Id })
const checkRequest = Compile(LiveRequest)

/** `app` carries the prefix /api/v1. */
export function liveRoutes (app: App, deps: LiveDeps) {
  const watchers = createWatchers(app, deps)

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
    const masks = await deps.masksFor(actor, id)
    await startWatching(socket, requests, actor, { id, name: camera.name, agentId: camera.agentId, profile, hevc: hevc === '1', masks })
  })

  async function startWatching (socket: WebSocket, requests: ReturnType<typeof collectRequests>, actor: Actor, camera: { id: string, name: string, agentId: string, profile: 'main' | 'sub', hevc: boolean, masks: MaskRegion[] }) {
    const startedAt = deps.clock.now()
    const audit = (action: string, details: Record<string, unknown>) => deps.store.transaction(tx =>
      recordAudit(tx, deps.clock.now(), actor, action, { kind: 'device', id: camera.id }, { name: camera.name, profile: camera.profile, ...details }))
    // First the record, then the picture: nobody watches unrecorded.
    await audit('video.live', camera.masks.length > 0 ? { masked: true } : {})
    const ended = () => void audit('video.live_end', { durationMs: deps.clock.now() - startedAt }).catch(err => app.log.error({ err }, 'The end of a live view could not be recorded'))
    if (socket.readyState !== socket.OPEN) return ended()
    keepAlive(socket)
    const viewer = new Viewer({ socket, hevc: camera.hevc, nowMs: () => performance.now() })
    socket.on('pong', data => viewer.heard(data))
    const unlist = watchers.add({ actor, cameraId: camera.id, close: (code, reason) => viewer.close(code, reason) })
    const leave = deps.relay.watch({ deviceId: camera.id, agentId: camera.agentId, profile: camera.profile, transcode: camera.masks.length > 0, masks: camera.masks }, viewer)
    requests.each(text => {
      const message = parseRequest(text)
      if (message?.type === 'mode') viewer.ask(message.mode)
      else if (message?.type === 'ping') socket.send(JSON.stringify({ type: 'clock', serverTime: deps.clock.now(), agentOffsetMs: deps.agentOffsetMs(camera.agentId) }))
      else socket.close(1008, 'not understood')
    })
    socket.once('close', () => {
      leave()
      unlist()
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
    const picture = await deps.snapshots.take(camera.agentId, id, await deps.masksFor(actor, id))
    await deps.store.transaction(tx => recordAudit(tx, deps.clock.now(), actor, 'video.snapshot', { kind: 'device', id }, { name: camera.name, at: picture.at }))
    return reply.type('image/jpeg').header('cache-control', 'no-store').header('x-taken-at', String(picture.at)).header('x-picture-source', picture.source).send(picture.jpeg)
  })
}

function parseRequest (text: string) {
  try {
    const message: unknown = JSON.parse(text)
    return checkRequest.Check(message) ? message : null
  } catch { return null }
}
