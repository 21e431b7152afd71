/** What an agent may send, by fault or by malice, and what becomes of the rest. */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import pg from 'pg'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { newId } from '../../lib/ids.js'
import type { RecordingFact } from '../contract/recording.js'
import { openPostgres } from '../store/postgres.js'
import { openSqlite } from '../store/sqlite.js'
import { forEachStore } from '../store/test-stores.js'
import { admin, DAY, HOUR, MINUTE, openRoom, removeIndexes, type TestRoom } from './recordings-fixture.js'

const folder = mkdtempSync(join(tmpdir(), 'kalancha-refusing-'))
afterAll(() => { removeIndexes(); rmSync(folder, { recursive: true, force: true }) })

const alarms = (s: TestRoom) => s.announced.flatMap(e => e.event.change.kind === 'alarm' ? [`${e.event.change.alarm.clearedAt === null ? '+' : '-'} ${e.event.change.alarm.condition} ${e.event.change.alarm.deviceName}`] : [])
const cursors = (s: TestRoom) => s.store.read.select().from(s.store.read.t.recordingCursors)

forEachStore('hard cases of replication', stores => {
  let s: TestRoom
  beforeEach(async () => {
    s = await openRoom(await stores.open())
    return () => s.room.stop()
  })

  describe('a page with rows that cannot be kept', () => {
    it('loses the control characters of its words, and nothing else', async () => {
      s.first.index.addSegment(s.segment(DAY, { status: 'damaged', detail: 'al\u0000ter\u0007ed', videoCodec: 'avc1\u0000' }))
      s.first.index.addGap(s.gap(DAY + MINUTE, DAY + 2 * MINUTE, 'stream_failed', { detail: 'RTSP\u0000 454\r\n' }))
      s.first.index.setVolume({ id: newId(), status: 'failed', detail: 'I/O\u0000error', totalBytes: 1, freeBytes: 1, usedBytes: 0, lockedBytes: 0, segments: 0, oldestAt: null, writeBps: null, at: DAY })
      // Half of a pair does not survive the agent's own database; a strange agent may send it.
      s.first.tamper = page => ({ ...page, facts: page.facts.map(f => f.kind === 'volume' ? { ...f, volume: { ...f.volume, detail: `${f.volume.detail}\ud800` } } : f) })
      await s.sync()
      expect(await s.stored()).toMatchObject([{ detail: 'al ter ed', videoCodec: 'avc1 ' }])
      expect((await s.timeline(DAY, DAY + HOUR)).gaps).toContainEqual(expect.objectContaining({ cause: 'stream_failed', detail: 'RTSP  454  ' }))
      expect((await s.room.volumes.list(admin))[0]?.state?.detail).toBe('I/O error ')
      expect(await cursors(s)).toMatchObject([{ cursor: s.first.index.cursor }])
    })

    it('loses the row whose numbers no database holds, tells so, and goes on', async () => {
      s.first.index.addSegment(s.segment(DAY))
      const bad = s.segment(DAY + MINUTE, { bytes: 1e300 })
      s.first.index.addSegment(bad)
      s.first.index.addSegment(s.segment(DAY + 2 * MINUTE))
      await s.sync()
      expect((await s.stored()).map(r => r.startedAt).sort()).toEqual([DAY, DAY + 2 * MINUTE])
      expect(await cursors(s)).toMatchObject([{ cursor: s.first.index.cursor, leftOut: 1, leftOutAt: s.clock.time }])
      expect(s.logged.join()).toContain(bad.id)
      expect(alarms(s)).toEqual([expect.stringMatching(/^\+ index_faulty agent-/)])
      s.clock.time += 25 * HOUR
      await s.room.look()
      expect(alarms(s)[1]).toMatch(/^- index_faulty agent-/)
    })

    it('keeps the last of rows that come twice', async () => {
      s.first.index.addSegment(s.segment(DAY, { status: 'open', sha256: null, bytes: 5 }))
      s.first.index.addGap(s.gap(DAY + MINUTE, DAY + 2 * MINUTE, 'stream_failed'))
      s.first.tamper = page => ({ ...page, facts: [...page.facts, ...page.facts.map(f => f.kind === 'segment' ? { ...f, segment: { ...f.segment, bytes: 77 } } : f.kind === 'gap' ? { ...f, gap: { ...f.gap, cause: 'disk_slow' } } : f)] })
      await s.sync()
      expect(await s.stored()).toMatchObject([{ bytes: 77 }])
      expect((await s.gaps(DAY, DAY + 2 * MINUTE))).toContainEqual(['disk_slow', 1, 2])
    })

    it.each<[string, (fact: RecordingFact) => unknown]>([
      ['a fact of a kind that is not known', () => ({ kind: 'wish', wish: {} })],
      ['no object', () => 7], ['null', () => null], ['a list', () => []],
      ['a path that leaves the volume', f => f.kind === 'segment' ? { ...f, segment: { ...f.segment, path: '../../etc/passwd' } } : f],
      ['a field too little', f => f.kind === 'segment' ? { ...f, segment: { ...f.segment, startedAt: undefined } } : f],
      ['a half byte', f => f.kind === 'segment' ? { ...f, segment: { ...f.segment, bytes: 0.5 } } : f]
    ])('goes on without %s', async (_name, spoil) => {
      for (const i of [0, 1, 2]) s.first.index.addSegment(s.segment(DAY + i * MINUTE))
      s.first.tamper = page => ({ ...page, facts: page.facts.map((f, i) => i === 1 ? spoil(f) : f) })
      await s.sync()
      expect(await s.stored()).toHaveLength(2)
      expect(await cursors(s)).toMatchObject([{ cursor: s.first.index.cursor, leftOut: 1 }])
    })

    it('that promises more and does not move on is not asked for over and over', async () => {
      s.first.index.addSegment(s.segment(DAY))
      let asked = 0
      s.first.tamper = page => { asked++; return { ...page, cursor: 0, more: true } }
      await s.sync()
      expect(asked).toBeLessThanOrEqual(2)
      expect(s.room.replication.counters.failures).toBe(1)
    })
  })

  describe('impossible times', () => {
    it('of a clock that was never set are left out and told, and make no later day missing', async () => {
      s.first.index.addSegment(s.segment(90_000))
      s.first.index.addGap(s.gap(150_000, null, 'agent_down'))
      s.record(s.first, DAY + 20 * HOUR, 60)
      await s.sync()
      expect(await s.stored()).toHaveLength(60)
      expect(s.room.replication.counters.implausible).toBe(2)
      expect(await cursors(s)).toMatchObject([{ leftOut: 2 }])
      s.clock.time = DAY + 21 * HOUR
      const { items } = await s.room.availability.list(admin, { fromDay: '2026-05-25', toDay: '2026-06-02', deviceId: s.cameraId })
      expect(items.filter(d => d.wantedMs > 0).map(d => [d.day, d.percent])).toEqual([['2026-06-01', 100]])
    })

    it('a file cannot last longer than a file does', async () => {
      s.first.index.addSegment(s.segment(DAY, { wallMs: 1e12 }))
      s.record(s.first, DAY + 2 * HOUR, 1)
      await s.sync()
      s.clock.time = DAY + 2 * HOUR + MINUTE
      expect((await s.timeline(DAY, s.clock.time)).coverage).toEqual([{ from: DAY, to: DAY + 10 * MINUTE, kind: 'recorded' }, { from: DAY + 2 * HOUR, to: DAY + 2 * HOUR + MINUTE, kind: 'recorded' }])
    })

    it('a gap that ends in another time, or before it began, explains nothing', async () => {
      s.record(s.first, DAY, 1)
      s.first.index.addGap(s.gap(DAY + MINUTE, DAY + 900 * 86_400_000, 'not_scheduled'))
      s.first.index.addGap(s.gap(DAY + 5 * MINUTE, DAY - 5 * MINUTE, 'not_scheduled'))
      await s.sync()
      s.clock.time = DAY + 10 * MINUTE
      expect(await s.gaps(DAY, DAY + 10 * MINUTE)).toEqual([['unknown', 1, 10]])
    })
  })

  it('what is told to the walls of one agent\'s page is told once, whatever other pages do meanwhile', async () => {
    const [a, b] = [s.first, await s.agent('another')]
    for (const [i, agent] of [a, b].entries()) agent.index.setVolume({ id: newId(), status: i === 0 ? 'full' : 'read_only', detail: '', totalBytes: 1, freeBytes: 0, usedBytes: 0, lockedBytes: 0, segments: 0, oldestAt: null, writeBps: null, at: DAY })
    await s.sync()
    const told = alarms(s)
    expect(told.filter(t => t.startsWith('+ volume_failed'))).toHaveLength(2)
    expect(new Set(told).size).toBe(told.length)
  })
})

describe('a row that the database refuses', () => {
  /** The database itself says no, as it would to a value that no rule of ours foresaw. */
  async function refusing (dialect: 'sqlite' | 'postgres', urlOf: () => Promise<string>) {
    if (dialect === 'sqlite') {
      const file = join(folder, `${newId()}.db`)
      const store = openSqlite(file)
      const raw = new Database(file)
      raw.exec(`create trigger no_thirteen before insert on segments when new.frames = 13 begin select raise(abort, 'thirteen'); end`)
      raw.close()
      return store
    }
    const url = await urlOf()
    const store = await openPostgres(url, () => {})
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query('alter table segments add constraint no_thirteen check (frames <> 13)')
    await client.end()
    return store
  }
  forEachStore('a row that the database refuses', stores => {
    it('is left out and told; the rest of the page is kept and the cursor moves', async () => {
      const store = await refusing(stores.dialect, () => stores.postgres().freshDatabase())
      const s = await openRoom(store)
      const rows = Array.from({ length: 40 }, (_, i) => s.segment(DAY + i * MINUTE, i === 7 || i === 31 ? { frames: 13 } : {}))
      for (const row of rows) s.first.index.addSegment(row)
      await s.sync()
      expect((await s.stored()).map(r => r.id).sort()).toEqual(rows.filter(r => r.frames !== 13).map(r => r.id).sort())
      expect(await cursors(s)).toMatchObject([{ cursor: s.first.index.cursor, leftOut: 2 }])
      expect(s.logged.join()).toContain(rows[31]!.id)
      s.room.stop()
      await store.close()
    })
  })
})
