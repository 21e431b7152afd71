/** How cameras are recorded, where to, and what was: policies, volumes, the timeline and locks. */
import Type from 'typebox'
import { Id } from '../contract/common.js'
import {
  AvailabilityPage, AvailabilityQuery, Lock, LockCreate, LockPage, LockQuery, LockRelease, LockReview, PolicyScope, RecordingPolicy, StoredPolicy, Timeline, TimelineQuery, Volume, VolumeCreate, VolumeUpdate
} from '../contract/recording.js'
import type { Recordings } from '../recordings/recordings.js'
import { actorOf, type App } from './route.js'

const ById = Type.Object({ id: Id })
/** The centre's own policy has no id: `-` stands for none. */
const ByScope = Type.Object({ scope: PolicyScope, scopeId: Type.Union([Id, Type.Literal('-')]) })
const scopeIdOf = (scopeId: string) => scopeId === '-' ? '' : scopeId
const Effective = Type.Object({ policy: RecordingPolicy, from: Type.Enum(['camera', 'group', 'centre', 'default']) })

type Room = Pick<Recordings, 'policies' | 'timelines' | 'availability' | 'locks' | 'volumes' | 'refills'>

export function recordingRoutes (app: App, room: Room) {
  policyRoutes(app, room)
  volumeRoutes(app, room)
  lockRoutes(app, room)
}

function policyRoutes (app: App, { policies, timelines, availability, refills }: Room) {
  const tags = ['recording']
  app.get('/timeline', {
    config: { access: { permission: 'video.playback' } }, schema: { tags, summary: 'Footage, gaps with their causes, events, alarms, bookmarks and locks of up to nine cameras', querystring: TimelineQuery, response: { 200: Timeline } }
  }, request => timelines.read(actorOf(request), request.query))

  app.get('/recording/availability', {
    config: { access: { permission: 'recording.read' } }, schema: { tags, summary: 'How much of what was wanted was recorded, a camera and a day; pages of cameras', querystring: AvailabilityQuery, response: { 200: AvailabilityPage } }
  }, request => availability.list(actorOf(request), request.query))

  app.post('/recording/gaps/:id/refill', {
    config: { access: { permission: 'recording.refill' } }, schema: { tags, summary: 'Fill an absence from the camera\'s own card now; how far it is stands at the gap in the timeline', params: ById, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    await refills.ask(actorOf(request), request.params.id)
    return reply.code(204).send(null)
  })

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

function volumeRoutes (app: App, { volumes }: Room) {
  const tags = ['recording']
  app.get('/recording/volumes', {
    config: { access: { permission: 'recording.read' } }, schema: { tags, summary: 'Where footage is kept, and how these disks are', response: { 200: Type.Array(Volume) } }
  }, request => volumes.list(actorOf(request)))

  app.post('/recording/volumes', {
    config: { access: { permission: 'recording.write' } }, schema: { tags, summary: 'Let an agent keep footage in an empty folder of its machine', body: VolumeCreate, response: { 201: Volume } }
  }, async (request, reply) => reply.code(201).send(await volumes.create(actorOf(request), request.body)))

  app.patch('/recording/volumes/:id', {
    config: { access: { permission: 'recording.write' } }, schema: { tags, summary: 'Rename a volume, move its floor, or stop recording to it', params: ById, body: VolumeUpdate, response: { 200: Volume } }
  }, request => volumes.update(actorOf(request), request.params.id, request.body))

  app.delete('/recording/volumes/:id', {
    config: { access: { permission: 'recording.write' } }, schema: { tags, summary: 'Forget a volume that holds no footage any more', params: ById, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    await volumes.remove(actorOf(request), request.params.id)
    return reply.code(204).send(null)
  })
}

function lockRoutes (app: App, { locks }: Room) {
  const tags = ['locks']
  app.get('/locks', {
    config: { access: { permission: 'lock.read' } }, schema: { tags, summary: 'Legal holds on footage, newest first', querystring: LockQuery, response: { 200: LockPage } }
  }, request => locks.list(actorOf(request), request.query))

  app.post('/locks', {
    config: { access: { permission: 'lock.create' } }, schema: { tags, summary: 'Hold an interval of one or several cameras: nothing deletes it until somebody releases it', body: LockCreate, response: { 201: Type.Array(Lock) } }
  }, async (request, reply) => reply.code(201).send(await locks.create(actorOf(request), request.body)))

  app.patch('/locks/:id', {
    config: { access: { permission: 'lock.create' } }, schema: { tags, summary: 'Looked at again: the next review', params: ById, body: LockReview, response: { 200: Lock } }
  }, request => locks.review(actorOf(request), request.params.id, request.body))

  app.post('/locks/:id/release', {
    config: { access: { permission: 'lock.release' } }, schema: { tags, summary: 'Release a hold, with a reason; the lock stays in the list', params: ById, body: LockRelease, response: { 200: Lock } }
  }, request => locks.release(actorOf(request), request.params.id, request.body.reason))
}
