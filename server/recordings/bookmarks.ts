/** Moments that somebody wants to find again. Seen by all who see the camera; changed by their author, or by a shift lead. */
import { and, desc, eq, gte, lt, or, sql } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import { newId } from '../../lib/ids.js'
import type { Bookmark, BookmarkQuery, BookmarkWrite } from '../contract/recording.js'
import { allowed } from '../identity/permissions.js'
import { type Actor, demand, seesCamera } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { notFound, ServiceProblem } from '../problems.js'
import type { Schema } from '../store/schema.js'
import type { Store, Writer } from '../store/store.js'
import { inGroupsOf, visibleCamera } from './cameras.js'
import { afterCursor, containing, pageOf } from './paging.js'

const PAGE = 100
type Row = Schema['bookmarks']['$inferSelect']
const bookmarkOf = ({ groupId: _g, ...rest }: Row): Bookmark => rest

export interface Bookmarks {
  list (actor: Actor, query: BookmarkQuery): Promise<{ items: Bookmark[], next: string | null }>
  create (actor: Actor, write: BookmarkWrite): Promise<Bookmark>
  update (actor: Actor, id: string, write: BookmarkWrite): Promise<Bookmark>
  remove (actor: Actor, id: string): Promise<void>
}

export function createBookmarks ({ store, clock }: { store: Store, clock: Clock }): Bookmarks {
  async function own (tx: Writer, actor: Actor, id: string): Promise<Row> {
    const t = tx.t.bookmarks
    const [row] = await tx.select().from(t).where(eq(t.id, id))
    if (!row || !seesCamera(actor, row.groupId)) throw notFound('bookmark')
    if (row.authorId !== actor.userId && !allowed(actor.roles, 'bookmark.manage_any')) throw new ServiceProblem('forbidden', 'not_the_author', `This bookmark is ${row.authorName}'s.`)
    return row
  }
  return {
    async list (actor, { deviceId, from, to, q, cursor, limit = PAGE }) {
      demand(actor, 'video.playback')
      const t = store.read.t.bookmarks
      const rows = await store.read.select().from(t).where(and(
        inGroupsOf(actor, t.groupId), deviceId ? eq(t.deviceId, deviceId) : undefined, from === undefined ? undefined : gte(t.at, from), to === undefined ? undefined : lt(t.at, to),
        q ? or(containing(sql`${t.note}`, q), containing(sql`${t.deviceName}`, q)) : undefined, afterCursor(t.at, t.id, cursor)
      )).orderBy(desc(t.at), desc(t.id)).limit(limit + 1)
      return pageOf(rows, limit, row => row.at, bookmarkOf)
    },
    async create (actor, { deviceId, at, note }) {
      demand(actor, 'bookmark.write')
      return store.transaction(async tx => {
        const camera = await visibleCamera(tx, actor, deviceId)
        const now = clock.now()
        const [row] = await tx.insert(tx.t.bookmarks).values({ id: newId(), deviceId, deviceName: camera.name, groupId: camera.groupId, at, note, authorId: actor.userId, authorName: actor.login, createdAt: now }).returning()
        await recordAudit(tx, now, actor, 'bookmark.create', { kind: 'bookmark', id: row!.id }, { deviceId, name: camera.name, at, note })
        return bookmarkOf(row!)
      })
    },
    async update (actor, id, { at, note }) {
      demand(actor, 'bookmark.write')
      return store.transaction(async tx => {
        const before = await own(tx, actor, id)
        const [row] = await tx.update(tx.t.bookmarks).set({ at, note }).where(eq(tx.t.bookmarks.id, id)).returning()
        await recordAudit(tx, clock.now(), actor, 'bookmark.update', { kind: 'bookmark', id }, { before: { at: before.at, note: before.note }, after: { at, note } })
        return bookmarkOf(row!)
      })
    },
    async remove (actor, id) {
      demand(actor, 'bookmark.write')
      await store.transaction(async tx => {
        const before = await own(tx, actor, id)
        await tx.delete(tx.t.bookmarks).where(eq(tx.t.bookmarks.id, id))
        await recordAudit(tx, clock.now(), actor, 'bookmark.remove', { kind: 'bookmark', id }, { deviceId: before.deviceId, at: before.at, note: before.note })
      })
    }
  }
}
