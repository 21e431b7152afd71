/** The built web application: hashed assets cached for good, every other page is index.html. */
import { existsSync } from 'node:fs'
import fastifyStatic from '@fastify/static'
import type { FastifyReply } from 'fastify'
import { notFoundProblem, sendProblem } from './errors.js'
import type { App } from './route.js'

const SERVER_PATHS = /^\/(api|agent|socket\.io|healthz|readyz|metrics)(\/|$|\?)/
/** Vite puts content-hashed files here. */
const HASHED = 'assets/'
const YEAR_MS = 365 * 86_400_000

/** The replies below are not returned: Fastify would wait on each of them as on a promise, at several listeners a wait. */
function sendIndex (reply: FastifyReply) {
  reply.code(200).header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false })
}

export async function serveWeb (app: App, webDir: string | null) {
  const dir = webDir !== null && existsSync(webDir) ? webDir : null
  if (dir) await app.register(fastifyStatic, { root: dir, serve: false, cacheControl: true, index: false, dotfiles: 'deny' })

  app.setNotFoundHandler((request, reply) => {
    const page = request.method === 'GET' && !SERVER_PATHS.test(request.url) && (request.headers.accept ?? '').includes('text/html')
    if (!dir || !page) sendProblem(reply, notFoundProblem())
    else sendIndex(reply)
  })

  if (!dir) return
  app.get<{ Params: { '*': string } }>('/*', { config: { access: 'public' }, logLevel: 'warn', schema: { hide: true } }, (request, reply) => {
    const file = request.params['*']
    if (SERVER_PATHS.test(request.url)) reply.callNotFound()
    else if (file === '' || file === 'index.html') sendIndex(reply)
    else reply.sendFile(file, file.startsWith(HASHED) ? { maxAge: YEAR_MS, immutable: true } : { maxAge: 0 })
  })
}
