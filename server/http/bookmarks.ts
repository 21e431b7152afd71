/** Bookmarks: noted moments of footage. */
import Type from 'typebox'
import { Id } from '../contract/common.js'
import { Bookmark, BookmarkPage, BookmarkQuery, BookmarkWrite } from '../contract/recording.js'
import type { Bookmarks } from '../recordings/bookmarks.js'
import { actorOf, type App } from './route.js'

const ById = Type.Object({ id: Id })
const tags = ['recording']

/** `app` carries the prefix /api/v1. */
export function bookmarkRoutes (app: App, bookmarks: Bookmarks) {
  app.get('/bookmarks', { config: { access: { permission: 'video.playback' } }, schema: { tags, summary: 'Bookmarks, the latest moment first; `q` looks into notes, cameras and authors', querystring: BookmarkQuery, response: { 200: BookmarkPage } } },
    request => bookmarks.list(actorOf(request), request.query))

  app.post('/bookmarks', { config: { access: { permission: 'bookmark.write' } }, schema: { tags, summary: 'Note a moment of a camera\'s footage', body: BookmarkWrite, response: { 201: Bookmark } } },
    async (request, reply) => reply.code(201).send(await bookmarks.create(actorOf(request), request.body)))

  app.put('/bookmarks/:id', { config: { access: { permission: 'bookmark.write' } }, schema: { tags, summary: 'Change a bookmark of your own; a shift lead any', params: ById, body: BookmarkWrite, response: { 200: Bookmark } } },
    request => bookmarks.change(actorOf(request), request.params.id, request.body))

  app.delete('/bookmarks/:id', { config: { access: { permission: 'bookmark.write' } }, schema: { tags, summary: 'Delete a bookmark of your own; a shift lead any', params: ById, response: { 204: Type.Null() } } }, async (request, reply) => {
    await bookmarks.remove(actorOf(request), request.params.id)
    return reply.code(204).send(null)
  })
}
