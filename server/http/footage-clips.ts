/** Clips: ask, follow, cancel, download. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import Type from 'typebox'
import { Id, PageQuery } from '../contract/common.js'
import { Clip, ClipCreate, ClipPage } from '../contract/recording.js'
import { ServiceProblem } from '../problems.js'
import type { Clips } from '../recordings/footage/clips.js'
import { actorOf, type App } from './route.js'

const ById = Type.Object({ id: Id })
const tags = ['clips']
const config = { access: { permission: 'clip.create' } } as const

/** `app` carries the prefix /api/v1. */
export function clipRoutes (app: App, clips: Clips) {
  app.get('/clips', { config, schema: { tags, summary: 'Your clips, newest first', querystring: PageQuery, response: { 200: ClipPage } } },
    request => clips.list(actorOf(request), request.query))

  app.post('/clips', { config, schema: { tags, summary: 'Cut a clip out of a camera\'s footage; it is made in the background', body: ClipCreate, response: { 201: Clip } } },
    async (request, reply) => reply.code(201).send(await clips.create(actorOf(request), request.body)))

  app.get('/clips/:id', { config, schema: { tags, summary: 'One clip and how far it is', params: ById, response: { 200: Clip } } },
    request => clips.get(actorOf(request), request.params.id))

  app.post('/clips/:id/cancel', { config, schema: { tags, summary: 'Give up a clip that is being made', params: ById, response: { 200: Clip } } },
    request => clips.cancel(actorOf(request), request.params.id))

  app.delete('/clips/:id', { config, schema: { tags, summary: 'Remove the file of a finished clip before its time', params: ById, response: { 204: Type.Null() } } }, async (request, reply) => {
    await clips.remove(actorOf(request), request.params.id)
    return reply.code(204).send(null)
  })

  app.get('/clips/:id/file', { config, schema: { tags, summary: 'The file of a finished clip (MP4); answers Range', params: ById } }, async (request, reply) => {
    const wanted = request.headers.range
    const { path, clip } = await clips.file(actorOf(request), request.params.id, wanted === undefined || /^bytes=0-/.test(wanted))
    const { size } = await stat(path).catch(() => { throw new ServiceProblem('gone', 'clip_expired', 'The file of this clip is gone: make it anew.') })
    reply.type('video/mp4').header('accept-ranges', 'bytes').header('cache-control', 'private, no-store').header('etag', `"${clip.sha256}"`).header('content-disposition', attachment(clip))
    const range = rangeOf(wanted, size)
    if (range === 'none') return reply.code(416).header('content-range', `bytes */${size}`).send()
    if (range === 'all') return reply.header('content-length', size).send(createReadStream(path))
    return reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${size}`).header('content-length', range.end - range.start + 1).send(createReadStream(path, range))
  })
}

/** RFC 9110 14: one range is served; several, or another unit, is answered with everything, which is allowed. */
export function rangeOf (header: string | undefined, size: number): { start: number, end: number } | 'all' | 'none' {
  const parts = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '')
  if (!parts || (parts[1] === '' && parts[2] === '')) return 'all'
  const start = parts[1] === '' ? Math.max(0, size - Number(parts[2])) : Number(parts[1])
  const end = parts[1] === '' || parts[2] === '' ? size - 1 : Math.min(size - 1, Number(parts[2]))
  return start >= size || end < start ? 'none' : { start, end }
}

/** Camera and moment; the plain name for programs that do not know RFC 6266's other one. */
function attachment ({ deviceName, deliveredFrom, requestedFrom }: Clip): string {
  const moment = new Date(deliveredFrom ?? requestedFrom).toISOString().slice(0, 19).replaceAll(':', '-')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a camera's name may hold what no file name may
  const name = `${deviceName.replace(/[\u0000-\u001f\\/:*?"<>|]/g, '_')} ${moment}Z.mp4`
  return `attachment; filename="clip ${moment}Z.mp4"; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)}`
}
