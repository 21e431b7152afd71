/** Layouts of the wall. */
import Type from 'typebox'
import { Id } from '../contract/common.js'
import { Layout, LayoutWrite } from '../contract/wall.js'
import type { Layouts } from '../wall/layouts.js'
import { actorOf, type App } from './route.js'

const ById = Type.Object({ id: Id })

export function layoutRoutes (app: App, layouts: Layouts) {
  app.get('/layouts', {
    config: { access: { permission: 'wall.read' } },
    schema: { tags: ['wall'], summary: 'Your own layouts and the shared ones', response: { 200: Type.Array(Layout) } }
  }, request => layouts.list(actorOf(request)))

  app.post('/layouts', {
    config: { access: { permission: 'layout.write' } },
    schema: { tags: ['wall'], summary: 'Save a new layout', body: LayoutWrite, response: { 201: Layout } }
  }, async (request, reply) => reply.code(201).send(await layouts.create(actorOf(request), request.body)))

  app.put('/layouts/:id', {
    config: { access: { permission: 'layout.write' } },
    schema: { tags: ['wall'], summary: 'Replace a layout', params: ById, body: LayoutWrite, response: { 200: Layout } }
  }, request => layouts.update(actorOf(request), request.params.id, request.body))

  app.delete('/layouts/:id', {
    config: { access: { permission: 'layout.write' } },
    schema: { tags: ['wall'], summary: 'Remove a layout', params: ById, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    await layouts.remove(actorOf(request), request.params.id)
    return reply.code(204).send(null)
  })
}
