/** The state, past and numbers of a device. */
import Type from 'typebox'
import { Id, PageOf, PageQuery } from '../contract/common.js'
import { DeviceHealth, HistoryEntry, Port, SeriesAnswer, SeriesQuery } from '../contract/health.js'
import type { Health } from '../health/health.js'
import { actorOf, type App } from './route.js'

const ById = Type.Object({ id: Id })
const config = { access: { permission: 'health.read' } } as const

export function healthRoutes (app: App, health: Health) {
  app.get('/devices/:id/health', {
    config, schema: { tags: ['health'], summary: 'What the server holds true about a device', params: ById, response: { 200: DeviceHealth } }
  }, request => health.now(actorOf(request), request.params.id))

  app.get('/devices/:id/history', {
    config, schema: { tags: ['health'], summary: 'Its changes of state, newest first', params: ById, querystring: PageQuery, response: { 200: PageOf(HistoryEntry) } }
  }, request => health.history(actorOf(request), request.params.id, request.query))

  app.get('/devices/:id/ports', {
    config, schema: { tags: ['health'], summary: 'The ports of a switch with their latest rates', params: ById, response: { 200: Type.Array(Port) } }
  }, request => health.ports(actorOf(request), request.params.id))

  app.get('/devices/:id/series', {
    config, schema: { tags: ['health'], summary: 'Measured numbers over time', params: ById, querystring: SeriesQuery, response: { 200: SeriesAnswer } }
  }, request => health.series(actorOf(request), request.params.id, request.query))
}
