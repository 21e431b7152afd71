/** Prometheus metrics: one registry an app, to which the rooms add their own. */
import { timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import { hashToken } from '../../lib/ids.js'
import type { App } from './route.js'

export interface Metrics { registry: Registry, requestSeconds: Histogram<'method' | 'route' | 'status'> }

export function createMetrics (options: { ofProcess: boolean }): Metrics {
  const registry = new Registry()
  if (options.ofProcess) collectDefaultMetrics({ register: registry })
  const requestSeconds = new Histogram({
    name: 'http_request_duration_seconds', help: 'Time from the request to the end of the answer, by route pattern.',
    labelNames: ['method', 'route', 'status'] as const, buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10], registers: [registry]
  })
  return { registry, requestSeconds }
}

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/

/** A scraper beside the server, unless a proxy speaks for somebody else; or one that knows the token. */
const mayScrape = (token: string | null) => (request: FastifyRequest) => {
  if (token === null) return LOOPBACK.test(request.socket.remoteAddress ?? '') && request.headers['x-forwarded-for'] === undefined && request.headers.forwarded === undefined
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
  return timingSafeEqual(Buffer.from(hashToken(given)), Buffer.from(hashToken(token)))
}

/** Adds /healthz (the process lives), /readyz (it can serve) and /metrics. */
export function operationsRoutes (app: App, deps: { metrics: Metrics, metricsToken: string | null, ready: () => Promise<Record<string, string>> }) {
  app.get('/healthz', { config: { access: 'public' }, logLevel: 'silent' }, async () => ({ status: 'ok' }))

  app.get('/readyz', { config: { access: 'public' }, logLevel: 'silent' }, async (_request, reply) => {
    const checks = await deps.ready()
    const ok = Object.values(checks).every(check => check === 'ok')
    return reply.code(ok ? 200 : 503).header('cache-control', 'no-store').send({ status: ok ? 'ready' : 'not_ready', checks })
  })

  app.get('/metrics', { config: { access: { permission: 'metrics.read', or: mayScrape(deps.metricsToken) } }, logLevel: 'silent' }, async (_request, reply) =>
    reply.type(deps.metrics.registry.contentType).send(await deps.metrics.registry.metrics()))
}
