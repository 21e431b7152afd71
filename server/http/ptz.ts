/** Cameras that move: the socket over which a person has one, its presets and tours. */
import Type from 'typebox'
import Compile from 'typebox/compile'
import type { WebSocket } from 'ws'
import { keepAlive } from '../../lib/heartbeat.js'
import type { Ptz } from '../cameras/ptz/ptz.js'
import { Id } from '../contract/common.js'
import { PtzNameWrite, type PtzNote, PtzPreset, PtzRequest, PtzSettings, PtzSettingsWrite, PtzTour, PtzTourWrite, PtzView } from '../contract/ptz.js'
import { ServiceProblem } from '../problems.js'
import { actorOf, type App } from './route.js'
import { CLOSE, collectRequests, createWatchers, type WatchersDeps } from './watchers.js'

const ById = Type.Object({ id: Id })
const ByPreset = Type.Object({ id: Id, token: Type.String({ minLength: 1, maxLength: 200 }) })
const ByTour = Type.Object({ id: Id, tourId: Id })
const Nothing = { 204: Type.Null() }
const checkRequest = Compile(PtzRequest)
/** A stick repeats five times a second; a script that shouts is shown out. */
const MOST_A_SECOND = 40
const closeCodes: Record<string, number> = { camera_not_found: CLOSE.notFound, camera_disabled: CLOSE.gone, no_agent: CLOSE.agentAway }

export interface PtzRouteDeps extends WatchersDeps { ptz: Ptz }

/** `app` carries the prefix /api/v1. */
export function ptzRoutes (app: App, deps: PtzRouteDeps) {
  const { ptz } = deps
  const watchers = createWatchers(app, deps)
  const open = new Set<{ cameraId: string, agentId: string | null | undefined, show: (code: number, why: string) => void }>()
  deps.onDevicesChanged(ids => { for (const here of open) if (ids.includes(here.cameraId)) recheck(here).catch(err => app.log.warn({ err }, 'a camera under control could not be checked')) })
  /** Disabled, gone, or read by another agent now: whoever has it begins anew, or cannot. */
  async function recheck ({ cameraId, agentId, show }: { cameraId: string, agentId: string | null | undefined, show: (code: number, why: string) => void }) {
    const camera = await deps.camera(cameraId)
    if (!camera?.enabled) show(CLOSE.gone, 'camera_disabled')
    else if (camera.agentId !== agentId) show(CLOSE.again, 'agent_changed')
  }
  const control = { access: { permission: 'ptz.control' } } as const
  const write = { access: { permission: 'ptz.preset.write' } } as const
  const tags = ['ptz']

  app.get('/devices/:id/ptz', { config: control, schema: { tags, summary: 'What the camera\'s head can do, its presets and tours, and who has it', params: ById, response: { 200: PtzView } } },
    request => ptz.view(actorOf(request), request.params.id))

  app.get('/devices/:id/ptz/control', {
    websocket: true, config: control, schema: { tags, summary: 'Have the camera and move it, over WebSocket: see server/contract/ptz.ts', params: ById }
  }, async (socket: WebSocket, request) => {
    const actor = actorOf(request)
    const { id } = request.params
    socket.on('error', () => socket.terminate())
    const requests = collectRequests(socket)
    const tell = (note: PtzNote) => { if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(note)) }
    try {
      const agentId = (await deps.camera(id))?.agentId
      const seated = await ptz.sit(actor, id, tell)
      // At once, whatever the browser still has to say.
      const show = (code: number, why: string) => { seated.leave('rights'); socket.close(code, why) }
      const unlist = watchers.add({ actor, cameraId: id, close: show })
      const here = { cameraId: id, agentId, show }
      open.add(here)
      const end = () => { unlist(); open.delete(here); seated.leave('gone') }
      if (socket.readyState !== socket.OPEN) return end()
      socket.once('close', end)
      keepAlive(socket)
      const allowance = rateLimit(MOST_A_SECOND)
      requests.each(text => {
        const message = parseRequest(text)
        if (!message) return socket.close(1008, 'not understood')
        // A stop is always heard.
        if (message.type !== 'stop' && !allowance()) return tell({ type: 'refused', press: 'press' in message ? message.press : null, code: 'too_many' })
        seated.heard(message)
      })
    } catch (err) {
      if (!(err instanceof ServiceProblem)) throw err
      socket.close(closeCodes[err.code] ?? 1008, err.code)
    }
  })

  app.get('/ptz/settings', { config: { access: { permission: 'settings.read' } }, schema: { tags, summary: 'How long somebody has a camera, and a tour waits', response: { 200: PtzSettings } } }, request => ptz.times.get(actorOf(request)))
  app.patch('/ptz/settings', { config: { access: { permission: 'settings.write' } }, schema: { tags, summary: 'Change them', body: PtzSettingsWrite, response: { 200: PtzSettings } } }, request => ptz.times.set(actorOf(request), request.body))

  app.post('/devices/:id/ptz/presets', { config: write, schema: { tags, summary: 'Keep where the camera looks now under a name', params: ById, body: PtzNameWrite, response: { 201: PtzPreset } } },
    async (request, reply) => reply.code(201).send(await ptz.addPreset(actorOf(request), request.params.id, request.body.name)))
  app.patch('/devices/:id/ptz/presets/:token', { config: write, schema: { tags, summary: 'Another name; the camera keeps its own', params: ByPreset, body: PtzNameWrite, response: { 200: PtzPreset } } },
    request => ptz.renamePreset(actorOf(request), request.params.id, request.params.token, request.body.name))
  app.post('/devices/:id/ptz/presets/:token/place', { config: write, schema: { tags, summary: 'Let the preset lead to where the camera looks now', params: ByPreset, response: { 200: PtzPreset } } },
    request => ptz.placePreset(actorOf(request), request.params.id, request.params.token))
  app.delete('/devices/:id/ptz/presets/:token', { config: write, schema: { tags, summary: 'Forget a preset', params: ByPreset, response: Nothing } }, async (request, reply) => {
    await ptz.removePreset(actorOf(request), request.params.id, request.params.token)
    return reply.code(204).send(null)
  })
  app.post('/devices/:id/ptz/home', { config: write, schema: { tags, summary: 'Home is where the camera looks now', params: ById, response: Nothing } }, async (request, reply) => {
    await ptz.setHome(actorOf(request), request.params.id)
    return reply.code(204).send(null)
  })

  app.post('/devices/:id/ptz/tours', { config: write, schema: { tags, summary: 'Make a tour', params: ById, body: PtzTourWrite, response: { 201: PtzTour } } },
    async (request, reply) => reply.code(201).send(await ptz.writeTour(actorOf(request), request.params.id, null, request.body)))
  app.put('/devices/:id/ptz/tours/:tourId', { config: write, schema: { tags, summary: 'Change a tour; one that runs begins anew', params: ByTour, body: PtzTourWrite, response: { 200: PtzTour } } },
    request => ptz.writeTour(actorOf(request), request.params.id, request.params.tourId, request.body))
  app.delete('/devices/:id/ptz/tours/:tourId', { config: write, schema: { tags, summary: 'Delete a tour', params: ByTour, response: Nothing } }, async (request, reply) => {
    await ptz.removeTour(actorOf(request), request.params.id, request.params.tourId)
    return reply.code(204).send(null)
  })
  app.post('/devices/:id/ptz/tours/:tourId/start', { config: control, schema: { tags, summary: 'Let the camera go this round whenever nobody moves it', params: ByTour, response: Nothing } }, async (request, reply) => {
    await ptz.runTour(actorOf(request), request.params.id, request.params.tourId)
    return reply.code(204).send(null)
  })
  app.post('/devices/:id/ptz/tours/stop', { config: control, schema: { tags, summary: 'End the tour that runs', params: ById, response: Nothing } }, async (request, reply) => {
    await ptz.runTour(actorOf(request), request.params.id, null)
    return reply.code(204).send(null)
  })
}

function parseRequest (text: string): PtzRequest | null {
  try {
    const message: unknown = JSON.parse(text)
    return checkRequest.Check(message) ? message : null
  } catch { return null }
}

/** Tokens that come back with time. */
function rateLimit (aSecond: number) {
  let tokens = aSecond
  let at = performance.now()
  return () => {
    const now = performance.now()
    tokens = Math.min(aSecond, tokens + (now - at) * aSecond / 1000)
    at = now
    return tokens >= 1 && --tokens >= 0
  }
}
