/** Allowed ranges, searches in them, and what they suggest. */
import Type from 'typebox'
import { Task } from '../contract/agent-link.js'
import { Id } from '../contract/common.js'
import { Device, DeviceCreate, DiscoveryRange, DiscoveryRangeWrite, DiscoveryRunStart, Suggestion, SuggestionQuery } from '../contract/inventory.js'
import type { Discovery } from '../inventory/discovery.js'
import { actorOf, type App } from './route.js'
import { variantErrors } from './variant-errors.js'

const ById = Type.Object({ id: Id })
const tags = ['discovery']

/** `app` carries the prefix /api/v1. */
export function discoveryRoutes (app: App, discovery: Discovery) {
  rangeRoutes(app, discovery)

  app.get('/discovery/suggestions', {
    config: { access: { permission: 'discovery.read' } }, schema: { tags, summary: 'What was found, latest first', querystring: SuggestionQuery, response: { 200: Type.Array(Suggestion) } }
  }, request => discovery.suggestions(actorOf(request), request.query))

  app.post('/discovery/suggestions/:id/accept', {
    config: { access: { permission: 'discovery.write' } }, validatorCompiler: variantErrors,
    schema: { tags, summary: 'Enter a device made of the suggestion', params: ById, body: DeviceCreate, response: { 201: Device } }
  }, async (request, reply) => reply.code(201).send(await discovery.accept(actorOf(request), request.params.id, request.body)))

  app.post('/discovery/suggestions/:id/dismiss', {
    config: { access: { permission: 'discovery.write' } }, schema: { tags, summary: 'Do not suggest it again', params: ById, response: { 200: Suggestion } }
  }, request => discovery.dismiss(actorOf(request), request.params.id))

  app.post('/discovery/suggestions/:id/restore', {
    config: { access: { permission: 'discovery.write' } }, schema: { tags, summary: 'Suggest it again', params: ById, response: { 200: Suggestion } }
  }, request => discovery.restore(actorOf(request), request.params.id))
}

function rangeRoutes (app: App, discovery: Discovery) {
  app.get('/discovery/ranges', {
    config: { access: { permission: 'discovery.read' } }, schema: { tags, summary: 'Ranges that may be searched', response: { 200: Type.Array(DiscoveryRange) } }
  }, request => discovery.ranges(actorOf(request)))

  app.post('/discovery/ranges', {
    config: { access: { permission: 'discovery.write' } }, schema: { tags, summary: 'Allow a range, at most a /20 or an IPv6 /116', body: DiscoveryRangeWrite, response: { 201: DiscoveryRange } }
  }, async (request, reply) => reply.code(201).send(await discovery.allowRange(actorOf(request), request.body)))

  app.delete('/discovery/ranges/:id', {
    config: { access: { permission: 'discovery.write' } }, schema: { tags, summary: 'Allow a range no longer', params: ById, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    await discovery.removeRange(actorOf(request), request.params.id)
    return reply.code(204).send(null)
  })

  app.post('/discovery/runs', {
    config: { access: { permission: 'discovery.write' } }, schema: { tags, summary: 'Search an allowed range; follow the task', body: DiscoveryRunStart, response: { 202: Task } }
  }, async (request, reply) => reply.code(202).send(await discovery.run(actorOf(request), request.body)))
}
