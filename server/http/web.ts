/** The built web application: hashed assets cached for good, every other page is index.html. */
import { existsSync } from 'node:fs'
import fastifyStatic from '@fastify/static'
import { notFoundProblem, sendProblem } from './errors.js'
import type { App } from './route.js'

const SERVER_PATHS = /^\/(api|agent|socket\.io|healthz|readyz|metrics)(\/|$|\?)/
/** Vite puts content-hashed files here. */
const HASHED = 'assets/'
const YEAR_MS = 365 * 86_400_000

export async function serveWeb (app: App, webDir: string | null) {
  const dir = webDir !== null && existsSync(webDir) ? webDir : null
  if (dir) await app.register(fastifyStatic, { root: dir, serve: false, cacheControl: true, index: false, dotfiles: 'deny' })

  app.setNotFoundHandler((request, reply) => {
    const page = request.method === 'GET' && !SERVER_PATHS.test(request.url) && (request.headers.accept ?? '').includes('text/html')
    if (!dir || !page) return sendProblem(reply, notFoundProblem())
    return reply.code(200).header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false })
  })

  if (!dir) return
  app.get<{ Params: { '*': string } }>('/*', { config: { access: 'public' }, logLevel: 'warn', schema: { hide: true } }, (request, reply) => {
    const file = request.params['*']
    if (SERVER_PATHS.test(request.url)) return reply.callNotFound()
    if (file === '' || file === 'index.html') return reply.header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false })
    return reply.sendFile(file, file.startsWith(HASHED) ? { maxAge: YEAR_MS, immutable: true } : { maxAge: 0 })
  })
}
