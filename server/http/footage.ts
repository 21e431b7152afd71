/** Playback and stills of recorded footage: permission, camera group, audit; the bytes are the footage room's. */
import Type from 'typebox'
import type { WebSocket } from 'ws'
import type { Clock } from '../../lib/clock.js'
import { keepAlive } from '../../lib/heartbeat.js'
import { Id, TimeMs } from '../contract/common.js'
import { type Actor, seesCamera } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { notFound } from '../problems.js'
import type { FootageRoom } from '../recordings/footage/footage-room.js'
import { PlaybackSession } from '../recordings/footage/playback-session.js'
import { addShown, type Interval } from '../recordings/footage/watched.js'
import type { Store } from '../store/store.js'
import { actorOf, type App } from './route.js'
import { CLOSE, collectRequests, createWatchers, type WatchersDeps } from './watchers.js'

export interface FootageDeps extends WatchersDeps { store: Store, clock: Clock, footage: FootageRoom }

const ById = Type.Object({ id: Id })
const MAX_SOCKETS = 500
/** What was watched is written down at least so often while it goes on, so that a crash hides little. */
const RECORD_EVERY_MS = 60_000

/** `app` carries the prefix /api/v1. */
export function footageRoutes (app: App, deps: FootageDeps) {
  const watchers = createWatchers(app, deps)

  app.get('/devices/:id/playback', {
    websocket: true,
    config: { access: { permission: 'video.playback' } },
    schema: { tags: ['video'], summary: 'Recorded video over WebSocket, see server/contract/footage.ts', params: ById, querystring: Type.Object({ hevc: Type.Optional(Type.Enum(['0', '1'])) }) }
  }, async (socket: WebSocket, request) => {
    const actor = actorOf(request)
    const { id } = request.params
    socket.on('error', () => socket.terminate())
    const requests = collectRequests(socket)
    const camera = await deps.camera(id)
    if (!camera || !seesCamera(actor, camera.groupId)) return socket.close(CLOSE.notFound, 'camera_not_found')
    if (watchers.count >= MAX_SOCKETS) return socket.close(CLOSE.tooMany, 'too_many_viewers')
    startPlayback(socket, requests, actor, { id, name: camera.name, agentId: camera.agentId, hevc: request.query.hevc === '1' })
  })

  function startPlayback (socket: WebSocket, requests: ReturnType<typeof collectRequests>, actor: Actor, camera: { id: string, name: string, agentId: string | null, hevc: boolean }) {
    if (socket.readyState !== socket.OPEN) return
    const record = recorder(deps, actor, camera)
    keepAlive(socket)
    const session = new PlaybackSession({
      deviceId: camera.id, socket, streams: deps.footage.streams, hevc: camera.hevc, masks: () => deps.footage.masksFor(actor, camera.id),
      holderAt: at => deps.footage.holderAt(camera.id, at, camera.agentId), explain: deps.footage.explain,
      watching: ({ type }, masked) => record.begin(type, masked), shown: record.shown,
      failed: err => app.log.error({ err, deviceId: camera.id }, 'Footage could not be shown')
    })
    const flush = () => void record.flush().catch(err => app.log.error({ err }, 'What was watched could not be recorded'))
    const timer = setInterval(flush, RECORD_EVERY_MS)
    const unlist = watchers.add({ actor, cameraId: camera.id, close: (code, reason) => socket.close(code, reason) })
    socket.once('close', () => {
      clearInterval(timer)
      session.close()
      unlist()
      flush()
    })
    requests.each(text => { if (!session.receive(text)) socket.close(1008, 'not understood') })
  }

  app.get('/devices/:id/still', {
    config: { access: { permission: 'video.playback' } },
    schema: { tags: ['video'], summary: 'The recorded key frame at or before a moment, small (JPEG)', params: ById, querystring: Type.Object({ at: TimeMs, width: Type.Optional(Type.Enum(['160', '320', '640', '1280'])) }) }
  }, async (request, reply) => {
    const actor = actorOf(request)
    const { id } = request.params
    const camera = await deps.camera(id)
    if (!camera || !seesCamera(actor, camera.groupId)) throw notFound('camera')
    const still = await deps.footage.stills.take(actor, { id, name: camera.name, agentId: camera.agentId }, request.query.at, Number(request.query.width ?? '320'))
    // Another person at the same browser may have to see less.
    return reply.type('image/jpeg').header('cache-control', 'private, max-age=60').header('vary', 'cookie').header('x-taken-at', String(still.at)).send(still.jpeg)
  })
}

/** One socket's audit: its beginning before the first picture, and what was really sent, every minute and at the end. */
function recorder ({ store, clock }: Pick<FootageDeps, 'store' | 'clock'>, actor: Actor, camera: { id: string, name: string }) {
  let begun: Promise<void> | null = null
  let shown: Interval[] = []
  const audit = (action: string, details: Record<string, unknown>) => store.transaction(tx =>
    recordAudit(tx, clock.now(), actor, action, { kind: 'device', id: camera.id }, { name: camera.name, ...details }))
  return {
    begin (how: string, masked: boolean) {
      begun ??= audit('video.playback', { how, masked }).catch(err => { begun = null; throw err })
      return begun
    },
    shown (atMs: number) { shown = addShown(shown, Math.round(atMs)) },
    async flush () {
      const intervals = shown
      shown = []
      if (intervals.length > 0) await audit('video.watched', { intervals })
    }
  }
}
