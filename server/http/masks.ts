/** Privacy regions of a camera. */
import Type from 'typebox'
import type { Masks } from '../cameras/masks.js'
import { Id } from '../contract/common.js'
import { CameraMasks, CameraMasksWrite } from '../contract/footage.js'
import { actorOf, type App } from './route.js'

const ById = Type.Object({ id: Id })
const config = { access: { permission: 'mask.write' } } as const
const tags = ['devices']

/** `app` carries the prefix /api/v1. */
export function maskRoutes (app: App, masks: Masks) {
  app.get('/devices/:id/masks', { config, schema: { tags, summary: 'Parts of the camera\'s picture that not everybody may see', params: ById, response: { 200: CameraMasks } } },
    request => masks.get(actorOf(request), request.params.id))
  app.put('/devices/:id/masks', { config, schema: { tags, summary: 'Set them; whoever watches is cut and comes back with what they may see', params: ById, body: CameraMasksWrite, response: { 200: CameraMasks } } },
    request => masks.set(actorOf(request), request.params.id, request.body))
}
