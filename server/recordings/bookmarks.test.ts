import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import { actorWith, addGroup } from '../inventory/inventory-fixture.js'
import type { Store } from '../store/store.js'
import { forEachStore } from '../store/test-stores.js'
import { createBookmarks } from './bookmarks.js'

const T = Date.UTC(2026, 10, 26, 12)
async function addCamera (store: Store, groupId: string | null = null, name = 'Площа Ринок') {
  const id = newId()
  await store.transaction(tx => tx.insert(tx.t.devices).values({ id, kind: 'camera', name, searchText: '', siteId: null, groupId, address: '192.0.2.7', identityKey: id, agentId: null, parentId: null, parentPort: null, note: '', enabled: true, settings: {}, createdAt: 1, updatedAt: 1 }))
  return id
}
const code = (work: Promise<unknown>) => work.then(() => 'done', (err: { code?: string }) => err.code)

forEachStore('bookmarks', stores => {
  describe('bookmarks', () => {
    it('are listed with the latest moment first, page by page, and found by a word in any case', async () => {
      const store = await stores.open()
      const bookmarks = createBookmarks({ store, clock: { now: () => T } })
      const operator = actorWith(['operator'])
      const deviceId = await addCamera(store)
      for (const [before, note] of [[3000, 'БІЛЕ авто'], [1000, 'друге'], [2000, 'третє, біле']] as const) await bookmarks.create(operator, { deviceId, at: T - before, note })
      expect((await bookmarks.list(operator, { deviceId })).items.map(b => b.at - T)).toEqual([-1000, -2000, -3000])
      const first = await bookmarks.list(operator, { deviceId, limit: 2 })
      expect(first.items.map(b => b.note)).toEqual(['друге', 'третє, біле'])
      expect((await bookmarks.list(operator, { deviceId, limit: 2, cursor: first.next! })).items.map(b => b.note)).toEqual(['БІЛЕ авто'])
      expect((await bookmarks.list(operator, { deviceId, q: 'Біле' })).items.map(b => b.note)).toEqual(['третє, біле', 'БІЛЕ авто'])
      expect((await bookmarks.list(operator, { deviceId, from: T - 2500, to: T - 1000 })).items.map(b => b.note)).toEqual(['третє, біле'])
      expect(await code(bookmarks.list(operator, { cursor: 'x' }))).toBe('cursor_invalid')
    })

    it('exist only for those who see the camera, where it is now', async () => {
      const store = await stores.open()
      const bookmarks = createBookmarks({ store, clock: { now: () => T } })
      const [centre, north] = [await addGroup(store, `c-${newId()}`), await addGroup(store, `n-${newId()}`)]
      const deviceId = await addCamera(store, centre)
      const inside = actorWith(['operator'], [centre])
      const outside = actorWith(['operator'], [north])
      const made = await bookmarks.create(inside, { deviceId, at: T, note: '' })
      expect((await bookmarks.list(outside, { deviceId })).items).toEqual([])
      expect(await code(bookmarks.create(outside, { deviceId, at: T, note: '' }))).toBe('camera_not_found')
      expect(await code(bookmarks.remove(outside, made.id))).toBe('bookmark_not_found')
      await store.transaction(tx => tx.update(tx.t.devices).set({ groupId: north }).where(eq(tx.t.devices.id, deviceId)))
      expect((await bookmarks.list(inside, { deviceId })).items).toEqual([])
      expect((await bookmarks.list(outside, { deviceId })).items.map(b => b.id)).toEqual([made.id])
      expect((await bookmarks.list(actorWith(['operator'], []), { deviceId })).items).toEqual([])
    })

    it('are changed by their author or a shift lead, and every change is written down', async () => {
      const store = await stores.open()
      const bookmarks = createBookmarks({ store, clock: { now: () => T } })
      const deviceId = await addCamera(store)
      const [author, other, lead] = [actorWith(['operator']), { ...actorWith(['operator']), userId: newId() }, { ...actorWith(['shift_lead']), userId: newId() }]
      const made = await bookmarks.create(author, { deviceId, at: T, note: 'перша' })
      expect(await code(bookmarks.change(other, made.id, { deviceId, at: T, note: 'чужа' }))).toBe('not_yours')
      expect(await code(bookmarks.change(author, made.id, { deviceId, at: T + 3_600_000, note: 'завтра' }))).toBe('in_future')
      expect((await bookmarks.change(lead, made.id, { deviceId, at: T - 5, note: 'уточнена' })).note).toBe('уточнена')
      expect(await code(bookmarks.remove(other, made.id))).toBe('not_yours')
      await bookmarks.remove(author, made.id)
      expect((await bookmarks.list(author, { deviceId })).items).toEqual([])
      const { audit } = store.read.t
      expect((await store.read.select({ action: audit.action }).from(audit)).map(a => a.action).filter(a => a.startsWith('bookmark.'))).toEqual(expect.arrayContaining(['bookmark.create', 'bookmark.change', 'bookmark.remove']))
    })
  })
})
