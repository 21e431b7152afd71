/** Turns the session cookie into `request.actor` and holds every route to the access that it declared. */
import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { type Actor, demand } from '../identity/actor.js'
import { ServiceProblem } from '../problems.js'
import type { App } from './route.js'
import { comesFromOurPages } from './same-origin.js'
import type { CookieRules } from './session-cookie.js'

/** What the auth hook needs of the identity room. */
export interface SessionGate {
  /** Null for an unknown, expired or revoked session, and for a disabled user. */
  actorOf (token: string, ip: string): Promise<Actor | null>
}

const problemToCloseCode = { unauthenticated: 4401, forbidden: 4403 } as const
const refusals = new WeakMap<FastifyRequest, ServiceProblem>()

export interface AuthDeps {
  gate: SessionGate
  cookie: CookieRules
  publicUrl: string | null
  isUpgrade: (request: IncomingMessage) => boolean
}

export function authenticate (app: App, { gate, cookie, publicUrl, isUpgrade }: AuthDeps) {
  app.decorateRequest('actor', null)
  const socketRoutes = new Set<string>()

  async function admit (request: FastifyRequest) {
    const access = request.routeOptions.config.access
    // Only the not-found handler has none: demandDeclaredAccess() saw every other route.
    if (access === undefined || access === 'agent') return
    if (!comesFromOurPages({ method: request.method, upgrade: isUpgrade(request.raw), headers: request.headers, publicUrl })) {
      throw new ServiceProblem('forbidden', 'cross_origin', 'This can only be asked from the pages of this server.')
    }
    if (access === 'public') return
    if (typeof access === 'object' && access.or?.(request)) return
    const token = request.cookies[cookie.name]
    const actor = token ? await gate.actorOf(token, request.ip) : null
    if (!actor) throw new ServiceProblem('unauthenticated', 'signed_out', 'Sign in first.')
    if (typeof access === 'object') demand(actor, access.permission)
    request.actor = actor
  }

  app.addHook('onRequest', async request => {
    try {
      await admit(request)
    } catch (err) {
      // A browser cannot read the status of a failed upgrade, so a socket of our own pages is opened and closed with a code.
      const closable = isUpgrade(request.raw) && socketRoutes.has(request.routeOptions.url ?? '') && err instanceof ServiceProblem && err.code !== 'cross_origin'
      if (!closable) throw err
      refusals.set(request, err)
    }
  })

  // Registered before @fastify/websocket, which then wraps this wrapper.
  app.addHook('onRoute', route => {
    if (!route.websocket) return
    socketRoutes.add(route.url)
    const handler = route.handler as unknown as (this: unknown, socket: { close: (code: number, reason: string) => void }, request: FastifyRequest) => unknown
    const guarded = function (this: unknown, socket: { close: (code: number, reason: string) => void }, request: FastifyRequest) {
      const refused = refusals.get(request)
      if (!refused) return handler.call(this, socket, request)
      socket.close(problemToCloseCode[refused.kind as keyof typeof problemToCloseCode] ?? 4400, refused.code)
    }
    route.handler = guarded as unknown as typeof route.handler
  })
}
