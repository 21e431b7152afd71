/**
 * What every route says about itself. `config.access` is compulsory: registration throws without it, so that
 * nothing is open by default and the authorization walk (authorization.test.ts) can read what was promised.
 */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from 'fastify'
import type { Actor } from '../identity/actor.js'
import type { Permission } from '../identity/permissions.js'
import { ServiceProblem } from '../problems.js'

export type App = FastifyInstance<RawServerDefault, RawRequestDefaultExpression, RawReplyDefaultExpression, FastifyBaseLogger, TypeBoxTypeProvider>

export type Access =
  /** Signed in, with a role that has the permission; `or` lets a machine in by other proof (metrics). */
  | { permission: Permission, or?: (request: FastifyRequest) => boolean }
  /** Signed in, whatever the role. */
  | 'signed_in'
  /** Anyone who can reach the server. State-changing ones must still come from our own pages. */
  | 'public'
  /** A program that proves itself to the handler (one-time token, key); no cookie, hence no same-origin rule. */
  | 'agent'

export interface RouteEntry { method: string, url: string, access: Access, websocket: boolean }

declare module 'fastify' {
  interface FastifyContextConfig { access?: Access }
  interface FastifyRequest {
    /** Who asks; null on public and agent routes. Use `actorOf` in handlers. */
    actor: Actor | null
  }
  interface FastifyInstance {
    /** Every registered route with its declared access, for the authorization walk and the metrics' labels. */
    routeTable: RouteEntry[]
  }
}

/** The signed-in person of a route whose access is a permission or `signed_in`. */
export function actorOf (request: FastifyRequest): Actor {
  if (!request.actor) throw new ServiceProblem('unauthenticated', 'signed_out', 'Sign in first.')
  return request.actor
}

/** Largest request body, bytes; only the CSV import takes more. */
export const BODY_LIMIT_BYTES = 1024 * 1024
export const IMPORT_BODY_LIMIT_BYTES = 10 * 1024 * 1024

/** For routes where somebody could guess a secret: a few tries a minute for each address. */
export const guessable = { rateLimit: { max: 20, timeWindow: 60_000 } } as const

/** Collects every route and refuses one that does not say who may call it. Registered before any route. */
export function demandDeclaredAccess (app: App) {
  app.decorate('routeTable', [])
  app.addHook('onRoute', route => {
    const access = route.config?.access
    if (!access) throw new Error(`Route ${String(route.method)} ${route.url} declares no access: add config: { access: ... }`)
    for (const method of [route.method].flat()) app.routeTable.push({ method, url: route.url, access, websocket: route.websocket === true })
  })
}

/** Registers `routes` under /api/v1. */
export async function publicApi (app: App, routes: (api: App) => void) {
  await app.register(async api => routes(api), { prefix: '/api/v1' })
}
