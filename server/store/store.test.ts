import { eq } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import { recordAudit, systemWho, verifyAudit } from '../identity/audit.js'
import { isStoreAway } from './away.js'
import type { Store, Writer } from './store.js'
import { forEachStore } from './test-stores.js'
import { appendWallEvent, forEveryWall, nextAuditNumber } from './wall-events.js'

const site = (name: string) => ({ id: newId(), name, address: '', latitude: 50.45, longitude: 30.52, note: '' })
const alarm = (sourceId: string) => ({
  id: newId(), deviceName: 'cam 1', sourceId, condition: 'device_down', subject: '', severity: 'major', raisedAt: 1, clearedAt: null
})
const say = (tx: Writer, name: string) => appendWallEvent(tx, 1, { kind: 'agent', agentId: name, name, status: 'online' }, forEveryWall)

forEachStore('store', stores => {
  let store: Store
  beforeAll(async () => { store = await stores.open() })
  const siteNames = async () => (await store.read.select({ name: store.read.t.sites.name }).from(store.read.t.sites)).map(s => s.name)

  describe('transactions', () => {
    it('write all or nothing', async () => {
      await expect(store.transaction(async tx => {
        await tx.insert(tx.t.sites).values(site('half'))
        await tx.insert(tx.t.sites).values(site('half'))
      })).rejects.toThrow()
      expect(await siteNames()).not.toContain('half')
    })

    it('return what they committed', async () => {
      const [row] = await store.transaction(tx => tx.insert(tx.t.sites).values(site('whole')).returning())
      expect(row).toMatchObject({ name: 'whole', latitude: 50.45 })
      expect(await siteNames()).toContain('whole')
    })

    it('are never seen half done', async () => {
      let insideReached = () => {}
      const inside = new Promise<void>(resolve => { insideReached = resolve })
      let goOn = () => {}
      const held = new Promise<void>(resolve => { goOn = resolve })
      const writing = store.transaction(async tx => {
        await tx.insert(tx.t.sites).values(site('unseen'))
        insideReached()
        await held
      })
      await inside
      expect(await siteNames()).not.toContain('unseen')
      goOn()
      await writing
      expect(await siteNames()).toContain('unseen')
    })

    it('go on after one that failed', async () => {
      await expect(store.transaction(async () => { throw new Error('on purpose') })).rejects.toThrow('on purpose')
      await expect(store.transaction(async tx => (await tx.insert(tx.t.sites).values(site('after')).returning()).length)).resolves.toBe(1)
    })

    it('see what they wrote themselves', async () => {
      const seen = await store.transaction(async tx => {
        await tx.insert(tx.t.sites).values(site('own'))
        return tx.$count(tx.t.sites, eq(tx.t.sites.name, 'own'))
      })
      expect(seen).toBe(1)
    })
  })

  describe('the wall clock', () => {
    it('numbers 50 racers without a gap, also when some of them fail', async () => {
      const racing = await stores.open()
      const results = await Promise.allSettled(Array.from({ length: 50 }, (_, n) => racing.transaction(async tx => {
        const written = await say(tx, `racer ${n}`)
        if (n % 10 === 3) throw new Error('on purpose')
        return written.event.seq
      })))
      const numbers = results.flatMap(r => r.status === 'fulfilled' ? [r.value] : [])
      expect(numbers).toHaveLength(45)
      expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 45 }, (_, n) => n + 1))
      const stored = await racing.read.select({ seq: racing.read.t.wallEvents.seq }).from(racing.read.t.wallEvents)
      expect(stored.map(s => s.seq).sort((a, b) => a - b)).toEqual(numbers)
    })

    it('does not disturb the numbers of the audit chain', async () => {
      const other = await stores.open()
      await other.transaction(tx => say(tx, 'one'))
      expect(await other.transaction(nextAuditNumber)).toBe(1)
      expect((await other.transaction(tx => say(tx, 'two'))).event.seq).toBe(2)
    })
  })

  describe('invariants', () => {
    it('one open alarm for a source, condition and subject; a cleared one makes room', async () => {
      const sourceId = newId()
      const raise = () => store.transaction(tx => tx.insert(tx.t.alarms).values(alarm(sourceId)).onConflictDoNothing().returning())
      const raised = await Promise.all(Array.from({ length: 20 }, raise))
      expect(raised.flat()).toHaveLength(1)
      await store.transaction(async tx => { await tx.update(tx.t.alarms).set({ clearedAt: 2 }).where(eq(tx.t.alarms.sourceId, sourceId)) })
      expect(await raise()).toHaveLength(1)
      expect(await store.read.$count(store.read.t.alarms, eq(store.read.t.alarms.sourceId, sourceId))).toBe(2)
    })

    it('a row that others refer to takes them along or lets them go, as the schema says', async () => {
      const userId = newId()
      await store.transaction(async tx => {
        await tx.insert(tx.t.users).values({ id: userId, login: 'gone', loginKey: 'gone', displayName: 'Gone', roles: ['operator'], allGroups: true, language: 'uk', createdAt: 1 })
        await tx.insert(tx.t.sessions).values({ id: newId(), tokenHash: newId(), userId, createdAt: 1, lastSeenAt: 1, expiresAt: 2, ip: '', userAgent: '' })
      })
      await store.transaction(async tx => { await tx.delete(tx.t.users).where(eq(tx.t.users.id, userId)) })
      expect(await store.read.$count(store.read.t.sessions, eq(store.read.t.sessions.userId, userId))).toBe(0)
      await expect(store.transaction(async tx => { await tx.insert(tx.t.userGroups).values({ userId, groupId: newId() }) })).rejects.toThrow()
    })
  })

  describe('values come back as they went in', () => {
    const json = { текст: 'Хрещатик, 1', list: [1, 2.5, null, true], deep: { a: { b: '"\\\n' } }, empty: {} }
    it.each([
      ['an object', json], ['an array', [1, 'two', null]], ['a string', 'просто рядок'], ['a number', 0.1], ['false', false], ['zero', 0], ['an empty string', '']
    ])('json: %s', async (name, value) => {
      const key = `json ${name}`
      await store.transaction(async tx => { await tx.insert(tx.t.settings).values({ key, value }) })
      const [row] = await store.read.select().from(store.read.t.settings).where(eq(store.read.t.settings.key, key))
      expect(row!.value).toEqual(value)
    })

    it('booleans, nulls, times beyond 32 bits and fractions', async () => {
      const id = newId()
      const at = 8_640_000_000_000_000
      await store.transaction(async tx => {
        await tx.insert(tx.t.agents).values({ id, name: `agent ${id}`, embedded: true, publicKey: '', version: '', protocol: 1, enrolledAt: at, lastSeenAt: null, clockOffsetMs: -12.625, status: null })
      })
      const [row] = await store.read.select().from(store.read.t.agents).where(eq(store.read.t.agents.id, id))
      expect(row).toMatchObject({ embedded: true, enrolledAt: at, lastSeenAt: null, revokedAt: null, clockOffsetMs: -12.625, status: null, committedSeq: 0 })
      await store.transaction(async tx => { await tx.update(tx.t.agents).set({ embedded: false }).where(eq(tx.t.agents.embedded, true)) })
      expect((await store.read.select().from(store.read.t.agents).where(eq(store.read.t.agents.id, id)))[0]!.embedded).toBe(false)
    })

    it('bytes, every one of them', async () => {
      const numbers = Buffer.from(Array.from({ length: 256 }, (_, n) => n))
      const deviceId = newId()
      await store.transaction(async tx => { await tx.insert(tx.t.samples).values({ deviceId, at: 1, namesKey: 'k', numbers }) })
      const [row] = await store.read.select().from(store.read.t.samples).where(eq(store.read.t.samples.deviceId, deviceId))
      expect(Buffer.compare(row!.numbers, numbers)).toBe(0)
    })
  })

  describe('the audit chain', () => {
    const act = (s: Store, n: number) => s.transaction(tx => recordAudit(tx, 1000 + n, systemWho, 'test.act', { kind: 'test', id: String(n) }, { b: n, a: ['я', null], n: 0.1 }))

    it('is whole with 30 writers at once, over pages of it', async () => {
      const s = await stores.open()
      expect(await verifyAudit(s.read)).toEqual({ ok: true, checked: 0, brokenAt: null })
      await Promise.all(Array.from({ length: 30 }, (_, n) => act(s, n)))
      expect(await verifyAudit(s.read)).toEqual({ ok: true, checked: 30, brokenAt: null })
    })

    it.each([
      ['an altered entry', 3, async (tx: Writer) => { await tx.update(tx.t.audit).set({ login: 'somebody else' }).where(eq(tx.t.audit.seq, 3)) }],
      ['an altered detail', 4, async (tx: Writer) => { await tx.update(tx.t.audit).set({ details: { b: 3, a: ['ю', null], n: 0.1 } }).where(eq(tx.t.audit.seq, 4)) }],
      ['a removed entry', 3, async (tx: Writer) => { await tx.delete(tx.t.audit).where(eq(tx.t.audit.seq, 2)) }],
      ['a hash set to fit a change', 6, async (tx: Writer) => { await tx.update(tx.t.audit).set({ hash: '0'.repeat(64), prevHash: '0'.repeat(64) }).where(eq(tx.t.audit.seq, 6)) }]
    ])('shows %s', async (_what, brokenAt, tamper) => {
      const s = await stores.open()
      for (let n = 0; n < 6; n++) await act(s, n)
      await s.transaction(tamper)
      expect(await verifyAudit(s.read)).toMatchObject({ ok: false, brokenAt })
    })
  })

  describe('life', () => {
    it('migrates again without harm and keeps what was there', async () => {
      const first = await stores.open()
      await first.transaction(async tx => { await tx.insert(tx.t.sites).values(site('kept')) })
      const again = await stores.reopen()
      expect(await again.read.$count(again.read.t.sites)).toBe(1)
      await expect(again.ping()).resolves.toBeUndefined()
    })
  })

  // SQLite has one writer and no connection: it knows neither deadlock nor cut.
  if (stores.dialect === 'postgres') describe('a server of its own', () => {
    it('says that it does not answer instead of waiting for it', async () => {
      const s = await stores.open()
      await expect(s.ping()).resolves.toBeUndefined()
      await stores.postgres().pause(async () => { await expect(s.ping()).rejects.toThrow(/did not answer within/) })
      await expect(s.ping()).resolves.toBeUndefined()
    })

    it('tries again what ended in a deadlock', async () => {
      const s = await stores.open()
      const [a, b] = [site('a'), site('b')]
      await s.transaction(async tx => { await tx.insert(tx.t.sites).values([a, b]) })
      let waiting = 0
      let bothHold = () => {}
      const held = new Promise<void>(resolve => { bothHold = resolve })
      let runs = 0
      const cross = (first: string, second: string) => s.transaction(async tx => {
        runs++
        const { sites } = tx.t
        await tx.update(sites).set({ note: first }).where(eq(sites.id, first))
        if (++waiting === 2) bothHold()
        await held
        await tx.update(sites).set({ note: first }).where(eq(sites.id, second))
      })
      await Promise.all([cross(a.id, b.id), cross(b.id, a.id)])
      // PostgreSQL ends one of the two, on a busy machine now and then both.
      expect(runs).toBeGreaterThanOrEqual(3)
      const notes = new Set((await s.read.select({ note: s.read.t.sites.note }).from(s.read.t.sites)).map(r => r.note))
      expect(notes.size).toBe(1)
    })

    it('outlives its connections being cut in the middle of work', async () => {
      const cut = await stores.open()
      await cut.transaction(async tx => { await tx.insert(tx.t.sites).values(site('before the cut')) })
      await expect(cut.transaction(async tx => {
        await tx.insert(tx.t.sites).values(site('during the cut'))
        await stores.postgres().admin('select pg_terminate_backend(pid) from pg_stat_activity where datname <> \'postgres\' and pid <> pg_backend_pid()')
        await tx.insert(tx.t.sites).values(site('after the cut'))
      })).rejects.toSatisfy(isStoreAway)
      await cut.transaction(async tx => { await tx.insert(tx.t.sites).values(site('recovered')) })
      const names = (await cut.read.select({ name: cut.read.t.sites.name }).from(cut.read.t.sites)).map(s => s.name).sort()
      expect(names).toEqual(['before the cut', 'recovered'])
    })
  })
})
