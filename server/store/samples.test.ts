import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, describe, expect, test } from 'vitest'
import { newId } from '../../lib/ids.js'
import type { SampleStore } from './samples.js'
import { openStoreSamples } from './samples-postgres.js'
import { openSqliteSamples } from './samples-sqlite.js'
import { forEachStore } from './test-stores.js'

const log = pino({ level: 'silent' })
const folder = mkdtempSync(join(tmpdir(), 'kalancha-samples-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const T = 1_700_000_000_000

function contract (open: () => Promise<SampleStore>) {
  test('what was written is read back, nulls as gaps, by name or by prefix', async () => {
    const samples = await open()
    const deviceId = newId()
    samples.write([
      { deviceId, at: T, series: ['rtt_ms', 'in_bps.ge1'], values: [3, 1e9] },
      { deviceId, at: T + 1000, series: ['rtt_ms', 'in_bps.ge1'], values: [null, 0.5] },
      { deviceId: newId(), at: T, series: ['rtt_ms'], values: [99] }
    ])
    const asked = { deviceId, fromMs: T, toMs: T + 10_000, maxPoints: 100 }
    expect(await samples.query({ ...asked, names: ['rtt_ms'] })).toEqual({ series: [{ name: 'rtt_ms', points: [[T, 3], [T + 1000, null]] }] })
    expect(await samples.query({ ...asked, names: ['in_bps.*'] })).toEqual({ series: [{ name: 'in_bps.ge1', points: [[T, 1e9], [T + 1000, 0.5]] }] })
    expect((await samples.query({ ...asked, names: ['nothing'] })).series).toEqual([])
    await samples.close()
  })

  test('more points than asked for are thinned out to average, lowest and highest', async () => {
    const samples = await open()
    const deviceId = newId()
    samples.write(Array.from({ length: 1000 }, (_, i) => ({ deviceId, at: T + i * 1000, series: ['x'], values: [i % 10] })))
    const { series: [x] } = await samples.query({ deviceId, names: ['x'], fromMs: T, toMs: T + 1_000_000, maxPoints: 100 })
    expect(x!.points).toHaveLength(100)
    expect([x!.points[5], x!.low![5]![1], x!.high![5]![1]]).toEqual([[T + 55_000, 4.5], 0, 9])
    await samples.close()
  })

  test('the latest values are in memory, each series from its own poll', async () => {
    const samples = await open()
    const deviceId = newId()
    samples.write([{ deviceId, at: T, series: ['a', 'b'], values: [1, 2] }, { deviceId, at: T + 5, series: ['b', 'c'], values: [null, 4] }])
    samples.write([{ deviceId, at: T + 10, series: ['a', 'b'], values: [7, null] }, { deviceId, at: T + 1, series: ['c'], values: [0] }])
    expect(Object.fromEntries(samples.latest(deviceId))).toEqual({ a: { at: T + 10, value: 7 }, c: { at: T + 5, value: 4 } })
    expect(samples.latest(newId()).size).toBe(0)
    await samples.close()
  })

  test('what is older is pruned, the rest stays', async () => {
    const samples = await open()
    const deviceId = newId()
    samples.write(Array.from({ length: 12_000 }, (_, i) => ({ deviceId, at: T + i, series: ['x'], values: [i] })))
    const all = { deviceId, names: ['x'], fromMs: T, toMs: T + 20_000, maxPoints: 50_000 }
    expect((await samples.query(all)).series[0]!.points).toHaveLength(12_000)
    expect(await samples.prune(T + 11_000)).toBe(11_000)
    expect((await samples.query(all)).series[0]!.points[0]).toEqual([T + 11_000, 11_000])
    await samples.close()
  })
}

describe('samples in their own SQLite file', () => {
  let n = 0
  contract(async () => openSqliteSamples(join(folder, `samples-${++n}.db`), log))

  test('they survive a restart, names included', async () => {
    const file = join(folder, 'kept.db')
    const deviceId = newId()
    const first = openSqliteSamples(file, log)
    first.write([{ deviceId, at: T, series: ['x'], values: [1] }])
    await first.close()
    const second = openSqliteSamples(file, log)
    second.write([{ deviceId, at: T + 1, series: ['x'], values: [2] }])
    expect((await second.query({ deviceId, names: ['x'], fromMs: 0, toMs: T * 2, maxPoints: 10 })).series[0]!.points).toEqual([[T, 1], [T + 1, 2]])
    await second.close()
  })

  test('a broken file is put aside', async () => {
    const file = join(folder, 'broken.db')
    writeFileSync(file, 'this is no database'.repeat(1000))
    const samples = openSqliteSamples(file, log)
    const deviceId = newId()
    samples.write([{ deviceId, at: T, series: ['x'], values: [1] }])
    expect((await samples.query({ deviceId, names: ['x'], fromMs: 0, toMs: T * 2, maxPoints: 10 })).series).toHaveLength(1)
    await samples.close()
  })
})

forEachStore('samples as a table', stores => contract(async () => openStoreSamples(await stores.open(), log)))
