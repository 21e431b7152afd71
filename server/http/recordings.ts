/** How cameras are recorded, and what was: policies and the timeline. */
import Type from 'typebox'
import { Id } from '../contract/common.js'
import { PolicyScope, RecordingPolicy, StoredPolicy, Timeline, TimelineQuery } from '../contract/recording.js'
import type { Recordings } from '../recordings/recordings.js'
import { actorOf, type App } from './route.js'

const ById = Type.Object({ id: Id })
/** The centre's own policy has no id: `-` stands for none. */
const ByScope = Type.Object({ scope: PolicyScope, scopeId: Type.Union([Id, Type.Literal('-')]) })
const scopeIdOf = (scopeId: string) => scopeId === '-' ? '' : scopeId
const Effective = Type.Object({ policy: RecordingPolicy, from: Type.Enum(['camera', 'group', 'centre', 'default']) })

export function recordingRoutes (app: App, { policies, timelines }: Pick<Recordings, 'policies' | 'timelines'>) {
  const tags = ['recording']
  app.get('/timeline', {
    config: { access: { permission: 'video.playback' } }, schema: { tags, summary: 'Footage, gaps with their causes, events, alarms, bookmarks and locks of up to nine cameras', querystring: TimelineQuery, response: { 200: Timeline } }
  }, request => timelines.read(actorOf(request), request.query))

  app.get('/recording/policies', {
    config: { access: { permission: 'recording.read' } }, schema: { tags, summary: 'Every policy that was chosen; the narrowest one counts', response: { 200: Type.Array(StoredPolicy) } }
  }, request => policies.list(actorOf(request)))

  app.put('/recording/policies/:scope/:scopeId', {
    config: { access: { permission: 'recording.write' } }, schema: { tags, summary: 'Choose how the centre (scopeId -), a camera group or a camera is recorded', params: ByScope, body: RecordingPolicy, response: { 200: StoredPolicy } }
  }, request => policies.put(actorOf(request), request.params.scope, scopeIdOf(request.params.scopeId), request.body))

  app.delete('/recording/policies/:scope/:scopeId', {
    config: { access: { permission: 'recording.write' } }, schema: { tags, summary: 'Go back to the wider policy', params: ByScope, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    await policies.remove(actorOf(request), request.params.scope, scopeIdOf(request.params.scopeId))
    return reply.code(204).send(null)
  })

  app.get('/devices/:id/recording', {
    config: { access: { permission: 'recording.read' } }, schema: { tags, summary: 'How this camera is recorded, and where that was chosen', params: ById, response: { 200: Effective } }
  }, request => policies.effective(actorOf(request), request.params.id))
}
