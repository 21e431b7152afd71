/** Builds the HTTP server: what holds for every route. The routes themselves are one file a room beside this one. */
import { readFileSync } from 'node:fs'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import swagger, { type SwaggerTransform } from '@fastify/swagger'
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyBaseLogger, LogController } from 'fastify'
import { Compile } from 'typebox/compile'
import Type, { type TSchema } from 'typebox'
import { v4 } from 'uuid'
import type { Log } from '../../lib/log.js'
import { Problem } from '../contract/common.js'
import { authenticate, type SessionGate } from './auth.js'
import { mapErrors } from './errors.js'
import type { Metrics } from './metrics.js'
import { type App, BODY_LIMIT_BYTES, demandDeclaredAccess } from './route.js'
import type { CookieRules } from './session-cookie.js'
import type { Upgrades } from './upgrades.js'

export interface HttpConfig {
  publicUrl: string | null
  tls: { certFile: string, keyFile: string } | null
  proxies: number
  /** Off in tests that sign in a hundred times. */
  rateLimits: boolean
  /** Holds answers to their schemas: on in tests, where a wrong answer must not pass. */
  checkAnswers: boolean
  version: string
}
export interface HttpDeps { log: Log, gate: SessionGate, cookie: CookieRules, metrics: Metrics, upgrades: Upgrades }

/** How long open sockets may take to say goodbye when the server stops. */
const SOCKET_GRACE_MS = 500

/** No inline script, nothing from elsewhere. Inline styles are Mantine's (style attributes and its theme element). */
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    'default-src': ["'self'"], 'script-src': ["'self'"], 'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': ["'self'", 'blob:', 'data:'], 'media-src': ["'self'", 'blob:'], 'worker-src': ["'self'", 'blob:'],
    'connect-src': ["'self'"], 'font-src': ["'self'", 'data:'], 'object-src': ["'none'"],
    'base-uri': ["'none'"], 'form-action': ["'self'"], 'frame-ancestors': ["'none'"]
  }
}

function bareServer (config: HttpConfig, log: Log): App {
  const options = {
    loggerInstance: log as FastifyBaseLogger, logController: new LogController({ disableRequestLogging: true }), genReqId: () => v4(),
    bodyLimit: BODY_LIMIT_BYTES, trustProxy: config.proxies > 0 ? (_address: string, hop: number) => hop < config.proxies : false, exposeHeadRoutes: false,
    forceCloseConnections: true, requestTimeout: 60_000, routerOptions: { maxParamLength: 200 }
  }
  if (!config.tls) return Fastify(options).withTypeProvider<TypeBoxTypeProvider>()
  const https = { cert: readFileSync(config.tls.certFile), key: readFileSync(config.tls.keyFile), minVersion: 'TLSv1.2' as const }
  return Fastify({ ...options, https }).withTypeProvider<TypeBoxTypeProvider>() as unknown as App
}

/** Answers go out as they are; with `check` one that its schema does not describe is an error instead of a surprise. */
const serializerOf = (check: boolean) => ({ schema, url }: { schema: unknown, url?: string }) => {
  if (!check) return (data: unknown) => JSON.stringify(data)
  const type = Compile(schema as TSchema)
  return (data: unknown) => {
    const text = JSON.stringify(data)
    const faults = type.Errors(JSON.parse(text))
    if (faults.length > 0) throw new Error(`The answer of ${url} breaks its schema: ${JSON.stringify(faults.slice(0, 3))}`)
    return text
  }
}

/** Adds to each described route who may call it and how it fails. */
const describeAccess: SwaggerTransform = ({ schema, url, route }) => {
  const access = route.config?.access
  const signedOut = access === 'public' || access === 'agent'
  const described = schema ?? {}
  return {
    url,
    schema: {
      ...described,
      security: signedOut ? [] : [{ session: [] }],
      ...(typeof access === 'object' ? { description: `Needs the permission \`${access.permission}\`.` } : {}),
      response: { ...(described.response as object | undefined ?? { 200: Type.Unknown() }), default: { description: 'A problem (RFC 9457)', content: { 'application/problem+json': { schema: Problem } } } }
    }
  }
}

/** One line an answer, without query (links may carry tokens) and without headers. */
function logAndMeasure (app: App, metrics: Metrics) {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    metrics.requestSeconds.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000)
    request.log.info({
      method: request.method, route, path: request.url.split('?')[0], status: reply.statusCode, durationMs: Math.round(reply.elapsedTime),
      ip: request.ip, userId: request.actor?.userId
    }, 'request')
  })
}

export async function buildServer (config: HttpConfig, deps: HttpDeps): Promise<App> {
  const secure = config.tls !== null || (config.publicUrl?.startsWith('https:') ?? false)
  const app = bareServer(config, deps.log)
  app.setValidatorCompiler(TypeBoxValidatorCompiler)
  app.setSerializerCompiler(serializerOf(config.checkAnswers))
  app.removeContentTypeParser('text/plain')
  mapErrors(app)
  demandDeclaredAccess(app)
  logAndMeasure(app, deps.metrics)

  await app.register(helmet, {
    contentSecurityPolicy, strictTransportSecurity: secure, crossOriginOpenerPolicy: secure, originAgentCluster: secure, referrerPolicy: { policy: 'no-referrer' }
  })
  await app.register(cookie)
  authenticate(app, { gate: deps.gate, cookie: deps.cookie, publicUrl: config.publicUrl, isUpgrade: deps.upgrades.isUpgrade })
  if (config.rateLimits) await app.register(rateLimit, { global: false })
  deps.upgrades.attach(app.server)
  app.addHook('preClose', async () => deps.upgrades.end(SOCKET_GRACE_MS))
  await app.register(websocket, { options: { server: deps.upgrades.forFastify as never, maxPayload: 64 * 1024, perMessageDeflate: false } })
  await app.register(swagger, {
    transform: describeAccess,
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Kalancha', description: 'Errors are RFC 9457 problem details; times are milliseconds since 1970 (UTC). A request that changes something must carry this server\'s address in Origin (or Sec-Fetch-Site: same-origin).', version: config.version },
      components: { securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: deps.cookie.name } } }
    }
  })
  app.get('/api/v1/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, async () => app.swagger())
  return app
}
