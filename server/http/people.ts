/** Users, camera groups, settings, audit. A room's routes: schema in, service call, answer out; who may call stands in `config.access`. */
import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import { Id, PageOf } from '../contract/common.js'
import { AuditEntry, AuditQuery, AuditVerdict, CameraGroup, CameraGroupWrite, Invitation, Settings, SettingsWrite, User, UserCreate, UserCreated, UserUpdate } from '../contract/people.js'
import type { Identity } from '../identity/identity.js'
import type { IssuedLink } from '../identity/links.js'
import { actorOf, type App } from './route.js'

const tags = ['people']
const ById = Type.Object({ id: Id })

/** The token stands in the fragment, which browsers never send: it reaches no log and no Referer. */
export const linkUrl = (baseUrl: string, page: 'setup' | 'invitation', token: string) => `${baseUrl}/${page}#token=${token}`

/** `app` carries the prefix /api/v1. Links name the address that the administrator came by, unless one is configured. */
export function userRoutes (app: App, users: Identity['users'], publicUrl: string | null) {
  const invitation = (request: FastifyRequest, { token, expiresAt }: IssuedLink): Invitation =>
    ({ url: linkUrl(publicUrl ?? request.headers.origin ?? `${request.protocol}://${request.host}`, 'invitation', token), expiresAt })

  app.get('/users', {
    config: { access: { permission: 'user.read' } }, schema: { tags, summary: 'All accounts', response: { 200: Type.Array(User) } }
  }, request => users.list(actorOf(request)))

  app.post('/users', {
    config: { access: { permission: 'user.write' } }, schema: { tags, summary: 'Make an account; the answer holds its one-time link', body: UserCreate, response: { 201: UserCreated } }
  }, async (request, reply) => {
    const { user, link } = await users.create(actorOf(request), request.body)
    return reply.code(201).header('cache-control', 'no-store').send({ user, invitation: invitation(request, link) })
  })

  app.patch('/users/:id', {
    config: { access: { permission: 'user.write' } }, schema: { tags, summary: 'Change roles, camera groups or name, disable or enable', params: ById, body: UserUpdate, response: { 200: User } }
  }, request => users.update(actorOf(request), request.params.id, request.body))

  app.post('/users/:id/invitation', {
    config: { access: { permission: 'user.write' } }, schema: { tags, summary: 'A new one-time link: invitation or password reset', params: ById, response: { 201: Invitation } }
  }, async (request, reply) => {
    const link = await users.invite(actorOf(request), request.params.id)
    return reply.code(201).header('cache-control', 'no-store').send(invitation(request, link))
  })
}

export function cameraGroupRoutes (app: App, groups: Identity['cameraGroups']) {
  app.get('/camera-groups', {
    config: { access: { permission: 'group.read' } }, schema: { tags, summary: 'Camera groups that you may see', response: { 200: Type.Array(CameraGroup) } }
  }, request => groups.list(actorOf(request)))

  app.post('/camera-groups', {
    config: { access: { permission: 'group.write' } }, schema: { tags, summary: 'Make a camera group', body: CameraGroupWrite, response: { 201: CameraGroup } }
  }, async (request, reply) => reply.code(201).send(await groups.create(actorOf(request), request.body)))

  app.patch('/camera-groups/:id', {
    config: { access: { permission: 'group.write' } }, schema: { tags, summary: 'Rename a camera group', params: ById, body: CameraGroupWrite, response: { 200: CameraGroup } }
  }, request => groups.update(actorOf(request), request.params.id, request.body))

  app.delete('/camera-groups/:id', {
    config: { access: { permission: 'group.write' } }, schema: { tags, summary: 'Remove an empty camera group', params: ById, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    await groups.remove(actorOf(request), request.params.id)
    return reply.code(204).send(null)
  })
}

export function settingsRoutes (app: App, settings: Identity['settings']) {
  app.get('/settings', {
    config: { access: { permission: 'settings.read' } }, schema: { tags: ['settings'], summary: 'Settings of the centre', response: { 200: Settings } }
  }, request => settings.get(actorOf(request)))

  app.patch('/settings', {
    config: { access: { permission: 'settings.write' } }, schema: { tags: ['settings'], summary: 'Change settings of the centre', body: SettingsWrite, response: { 200: Settings } }
  }, request => settings.update(actorOf(request), request.body))
}

export function auditRoutes (app: App, auditLog: Identity['auditLog']) {
  app.get('/audit', {
    config: { access: { permission: 'audit.read' } }, schema: { tags: ['audit'], summary: 'Who did what, newest first', querystring: AuditQuery, response: { 200: PageOf(AuditEntry) } }
  }, request => auditLog.page(actorOf(request), request.query))

  app.get('/audit/verify', {
    config: { access: { permission: 'audit.read' }, rateLimit: { max: 6, timeWindow: 60_000 } },
    schema: { tags: ['audit'], summary: 'Walk the hash chain and say whether it is whole', response: { 200: AuditVerdict } }
  }, request => auditLog.verify(actorOf(request)))
}
