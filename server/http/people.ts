/** Camera groups and users. A room's routes: schema in, service call, answer out; who may call stands in `config.access`. */
import Type from 'typebox'
import { Id } from '../contract/common.js'
import { CameraGroup, CameraGroupWrite } from '../contract/people.js'
import type { CameraGroups } from '../identity/camera-groups.js'
import { actorOf, type App } from './route.js'

const ById = Type.Object({ id: Id })

/** `app` carries the prefix /api/v1. */
export function cameraGroupRoutes (app: App, groups: CameraGroups) {
  app.get('/camera-groups', {
    config: { access: { permission: 'group.read' } },
    schema: { tags: ['people'], summary: 'Camera groups that you may see', response: { 200: Type.Array(CameraGroup) } }
  }, request => groups.list(actorOf(request)))

  app.post('/camera-groups', {
    config: { access: { permission: 'group.write' } },
    schema: { tags: ['people'], summary: 'Make a camera group', body: CameraGroupWrite, response: { 201: CameraGroup } }
  }, async (request, reply) => reply.code(201).send(await groups.create(actorOf(request), request.body)))

  app.patch('/camera-groups/:id', {
    config: { access: { permission: 'group.write' } },
    schema: { tags: ['people'], summary: 'Rename a camera group', params: ById, body: CameraGroupWrite, response: { 200: CameraGroup } }
  }, request => groups.update(actorOf(request), request.params.id, request.body))

  app.delete('/camera-groups/:id', {
    config: { access: { permission: 'group.write' } },
    schema: { tags: ['people'], summary: 'Remove an empty camera group', params: ById, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    await groups.remove(actorOf(request), request.params.id)
    return reply.code(204).send(null)
  })
}
