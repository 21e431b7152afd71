/** What cameras report, and the rules that make alarms of it. */
import Type from 'typebox'
import type { CameraEvents } from '../cameras/events.js'
import { ActiveEvent, CameraEventPage, CameraEventQuery, EventRule, EventRuleWrite, RulePreview, RulePreviewRequest } from '../contract/camera-events.js'
import { Id } from '../contract/common.js'
import { actorOf, type App } from './route.js'

const ById = Type.Object({ id: Id })
const tags = ['camera events']

export function cameraEventRoutes (app: App, events: CameraEvents) {
  const { rules } = events
  app.get('/camera-events', { config: { access: { permission: 'camera_event.read' } }, schema: { tags, summary: 'What cameras reported, newest first', querystring: CameraEventQuery, response: { 200: CameraEventPage } } },
    request => events.list(actorOf(request), request.query))

  app.get('/camera-events/active', { config: { access: { permission: 'camera_event.read' } }, schema: { tags, summary: 'What lasts now', response: { 200: Type.Array(ActiveEvent) } } },
    request => events.active(actorOf(request)))

  app.get('/event-rules', { config: { access: { permission: 'event_rule.read' } }, schema: { tags, summary: 'Rules that make alarms of events', response: { 200: Type.Array(EventRule) } } },
    request => rules.list(actorOf(request)))

  app.post('/event-rules', { config: { access: { permission: 'event_rule.write' } }, schema: { tags, summary: 'Make a rule', body: EventRuleWrite, response: { 201: EventRule } } },
    async (request, reply) => reply.code(201).send(await rules.create(actorOf(request), request.body)))

  app.post('/event-rules/preview', { config: { access: { permission: 'event_rule.read' } }, schema: { tags, summary: 'What a rule would have raised in the last 7 or 30 days', body: RulePreviewRequest, response: { 200: RulePreview } } },
    request => rules.preview(actorOf(request), request.body.rule, request.body.days))

  app.put('/event-rules/:id', { config: { access: { permission: 'event_rule.write' } }, schema: { tags, summary: 'Change a rule; what stands of it is cleared', params: ById, body: EventRuleWrite, response: { 200: EventRule } } },
    request => rules.change(actorOf(request), request.params.id, request.body))

  app.delete('/event-rules/:id', { config: { access: { permission: 'event_rule.write' } }, schema: { tags, summary: 'Delete a rule; what stands of it is cleared', params: ById, response: { 204: Type.Null() } } }, async (request, reply) => {
    await rules.remove(actorOf(request), request.params.id)
    return reply.code(204).send(null)
  })
}
