/** First administrator, signing in and out, sessions, the own account, one-time links. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { Id } from '../contract/common.js'
import { InvitationAccept, LoginRequest, Me, PasswordChange, PreferencesWrite, Session, SetupRequest, SetupState } from '../contract/people.js'
import type { Identity } from '../identity/identity.js'
import { ABSOLUTE_MS } from '../identity/sessions.js'
import { actorOf, type App, guessable } from './route.js'
import type { CookieRules } from './session-cookie.js'

const tags = ['people']
const Nothing = Type.Null()
const visitorOf = (request: FastifyRequest) => ({ ip: request.ip, userAgent: request.headers['user-agent'] ?? '' })
type Doors = Pick<Identity, 'setup' | 'signIn' | 'sessions'>

/** `app` carries the prefix /api/v1. */
export function sessionRoutes (app: App, { setup, signIn, sessions }: Doors, cookie: CookieRules) {
  const give = (reply: FastifyReply, token: string) => reply.setCookie(cookie.name, token, { ...cookie.options, maxAge: ABSOLUTE_MS / 1000 }).header('cache-control', 'no-store')

  app.get('/setup', {
    config: { access: 'public' }, schema: { tags, summary: 'Is the first administrator still to be made?', response: { 200: SetupState } }
  }, async () => ({ needed: await setup.needed() }))

  app.post('/setup', {
    config: { access: 'public', ...guessable }, schema: { tags, summary: 'Make the first administrator with the printed one-time link', body: SetupRequest, response: { 201: Me } }
  }, async (request, reply) => {
    const { token, userId, sessionId } = await setup.complete(request.body, visitorOf(request))
    return give(reply, token).code(201).send(await signIn.me({ userId, sessionId }))
  })

  app.post('/session', {
    config: { access: 'public', ...guessable }, schema: { tags, summary: 'Sign in', body: LoginRequest, response: { 200: Me } }
  }, async (request, reply) => {
    const { token, me } = await signIn.login(request.body, visitorOf(request))
    return give(reply, token).send(me)
  })

  app.get('/session', {
    config: { access: 'signed_in' }, schema: { tags, summary: 'Who am I, and what may I do?', response: { 200: Me } }
  }, async (request, reply) => reply.header('cache-control', 'no-store').send(await signIn.me(actorOf(request))))

  app.delete('/session', {
    config: { access: 'signed_in' }, schema: { tags, summary: 'Sign out', response: { 204: Nothing } }
  }, async (request, reply) => {
    const actor = actorOf(request)
    await sessions.end(actor, actor.sessionId)
    return reply.clearCookie(cookie.name, cookie.options).code(204).send(null)
  })

  app.get('/sessions', {
    config: { access: { permission: 'self.manage' } },
    schema: {
      tags, summary: 'Open sessions: your own, or everybody\'s with ?all=true', querystring: Type.Object({ all: Type.Optional(Type.Boolean()) }), response: { 200: Type.Array(Session) }
    }
  }, request => sessions.list(actorOf(request), request.query.all ?? false))

  app.delete('/sessions/:id', {
    config: { access: { permission: 'self.manage' } },
    schema: { tags, summary: 'End a session: your own, or anybody\'s for an administrator', params: Type.Object({ id: Id }), response: { 204: Nothing } }
  }, async (request, reply) => {
    await sessions.end(actorOf(request), request.params.id)
    return reply.code(204).send(null)
  })

  app.put('/me/password', {
    config: { access: { permission: 'self.manage' }, ...guessable }, schema: { tags, summary: 'Change your password; your other sessions end', body: PasswordChange, response: { 204: Nothing } }
  }, async (request, reply) => {
    await signIn.changePassword(actorOf(request), request.body)
    return reply.code(204).send(null)
  })

  app.put('/me/preferences', {
    config: { access: { permission: 'self.manage' } }, schema: { tags, summary: 'Set your language', body: PreferencesWrite, response: { 200: Me } }
  }, request => signIn.setLanguage(actorOf(request), request.body.language))

  app.post('/invitations/accept', {
    config: { access: 'public', ...guessable },
    schema: { tags, summary: 'Set a password with a one-time link', body: InvitationAccept, response: { 200: Type.Object({ login: Type.String() }) } }
  }, request => signIn.acceptInvitation(request.body, visitorOf(request)))
}
