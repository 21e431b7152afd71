/** Moments of footage that people noted. Everyone who sees the camera sees them; their authors and shift leads change them. */
import { and, desc, eq, gte, inArray, lt, or, type SQL, sql } from 'drizzle-orm'
import type { Clock } from '../../lib/clock.js'
import { newId } from '../../lib/ids.js'
import type { Bookmark, BookmarkQuery, BookmarkWrite } from '../contract/recording.js'
import { type Actor, demand, seesCamera } from '../identity/actor.js'
import { recordAudit } from '../identity/audit.js'
import { allowed } from '../identity/permissions.js'
import { invalidField, notFound, ServiceProblem } from '../problems.js'
import type { Reader, Store } from '../store/store.js'

export interface Bookmarks {
  /** The latest moment first. */
  list (actor: Actor, query: BookmarkQuery): Promise<{ items: Bookmark[], next: string | null }>
  create (actor: Actor, wanted: BookmarkWrite): Promise<Bookmark>
  change (actor: Actor, id: string, wanted: BookmarkWrite): Promise<Bookmark>
  remove (actor: Actor, id: string): Promise<void>
}

const PAGE = 100
/** Rows looked through for a word, at most, in one answer: neither database folds Ukrainian letters alike. */
const SEARCHED = 5000
/** A browser's clock may be ahead of the server's, ms. */
const AHEAD_MS = 60_000

function cursorOf (cursor: string | undefined) {
  if (cursor === undefined) return null
  const match = /^(\d{1,16})\.([0-9a-f-]{36})$/.exec(cursor)
  if (!match) throw invalidField('/querystring/cursor', 'cursor_invalid', 'The cursor is not one of ours; start again without it.')
  return { at: Number(match[1]), id: match[2]! }
}
const folded = (text: string) => text.toLocaleLowerCase('uk')

export function createBookmarks ({ store, clock }: { store: Store, clock: Clock }): Bookmarks {
  /** The camera's group now; that of its last day once the camera is gone. */
  const groupOf = (db: Reader) => sql<string | null>`case when ${db.t.devices.id} is null then ${db.t.bookmarks.groupId} else ${db.t.devices.groupId} end`
  const visible = (db: Reader, actor: Actor): SQL | undefined => {
    if (actor.allGroups) return undefined
    return actor.groupIds.length === 0 ? sql`1 = 0` : inArray(groupOf(db), [...actor.groupIds])
  }
  const select = (db: Reader) => db.select({ bookmark: db.t.bookmarks, name: db.t.devices.name }).from(db.t.bookmarks).leftJoin(db.t.devices, eq(db.t.devices.id, db.t.bookmarks.deviceId))
  const shown = ({ bookmark: { groupId: _g, ...bookmark }, name }: { bookmark: Bookmark & { groupId: string | null }, name: string | null }): Bookmark => ({ ...bookmark, deviceName: name ?? bookmark.deviceName })

  async function cameraOf (db: Reader, actor: Actor, id: string) {
    const { devices } = db.t
    const [camera] = await db.select({ name: devices.name, groupId: devices.groupId }).from(devices).where(and(eq(devices.id, id), eq(devices.kind, 'camera')))
    if (!camera || !seesCamera(actor, camera.groupId)) throw notFound('camera')
    return camera
  }
  /** @throws ServiceProblem `not_yours` for another person's without the right to change those. */
  async function ownOf (db: Reader, actor: Actor, id: string) {
    const [row] = await select(db).where(and(eq(db.t.bookmarks.id, id), visible(db, actor)))
    if (!row) throw notFound('bookmark')
    if (row.bookmark.authorId !== actor.userId && !allowed(actor.roles, 'bookmark.write_any')) throw new ServiceProblem('forbidden', 'not_yours', 'Only its author or a shift lead may change this bookmark.')
    return row
  }
  function checkMoment (at: number) {
    if (at > clock.now() + AHEAD_MS) throw invalidField('/at', 'in_future', 'Nothing is recorded of the future.')
  }

  return {
    async list (actor, query) {
      demand(actor, 'video.playback')
      const db = store.read
      const t = db.t.bookmarks
      const limit = query.limit ?? PAGE
      const word = folded(query.q?.trim() ?? '')
      const after = cursorOf(query.cursor)
      const rows = await select(db).where(and(
        visible(db, actor), query.deviceId ? eq(t.deviceId, query.deviceId) : undefined,
        query.from === undefined ? undefined : gte(t.at, query.from), query.to === undefined ? undefined : lt(t.at, query.to),
        after ? or(lt(t.at, after.at), and(eq(t.at, after.at), lt(t.id, after.id))) : undefined
      )).orderBy(desc(t.at), desc(t.id)).limit(word ? SEARCHED : limit + 1)
      const found = rows.map(shown).filter(b => !word || [b.note, b.deviceName, b.authorName].some(text => folded(text).includes(word)))
      const items = found.slice(0, limit)
      const more = found.length > limit ? items.at(-1) : word && rows.length === SEARCHED ? rows.at(-1)!.bookmark : undefined
      return { items, next: more ? `${more.at}.${more.id}` : null }
    },

    async create (actor, { deviceId, at, note }) {
      demand(actor, 'bookmark.write')
      checkMoment(at)
      return store.transaction(async tx => {
        const camera = await cameraOf(tx, actor, deviceId)
        const [author] = await tx.select({ name: tx.t.users.displayName }).from(tx.t.users).where(eq(tx.t.users.id, actor.userId))
        const row = { id: newId(), deviceId, deviceName: camera.name, groupId: camera.groupId, at, note, authorId: actor.userId, authorName: author?.name ?? actor.login, createdAt: clock.now() }
        await tx.insert(tx.t.bookmarks).values(row)
        await recordAudit(tx, row.createdAt, actor, 'bookmark.create', { kind: 'device', id: deviceId }, { name: camera.name, bookmark: row.id, at, note })
        return shown({ bookmark: row, name: camera.name })
      })
    },

    async change (actor, id, { deviceId, at, note }) {
      demand(actor, 'bookmark.write')
      checkMoment(at)
      return store.transaction(async tx => {
        const { bookmark: before } = await ownOf(tx, actor, id)
        const camera = await cameraOf(tx, actor, deviceId)
        const change = { deviceId, deviceName: camera.name, groupId: camera.groupId, at, note }
        await tx.update(tx.t.bookmarks).set(change).where(eq(tx.t.bookmarks.id, id))
        await recordAudit(tx, clock.now(), actor, 'bookmark.change', { kind: 'device', id: deviceId }, { name: camera.name, bookmark: id, before: { deviceId: before.deviceId, at: before.at, note: before.note }, after: { deviceId, at, note } })
        return shown({ bookmark: { ...before, ...change }, name: camera.name })
      })
    },

    async remove (actor, id) {
      demand(actor, 'bookmark.write')
      await store.transaction(async tx => {
        const { bookmark } = await ownOf(tx, actor, id)
        await tx.delete(tx.t.bookmarks).where(eq(tx.t.bookmarks.id, id))
        await recordAudit(tx, clock.now(), actor, 'bookmark.remove', { kind: 'device', id: bookmark.deviceId }, { name: bookmark.deviceName, bookmark: id, at: bookmark.at, note: bookmark.note, authorName: bookmark.authorName })
      })
    }
  }
}
