import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import { makeLog } from '../../lib/log.js'
import type { Observation, SampleSet } from '../../server/contract/health.js'
import { Spool, type SpoolOptions } from './spool.js'
import { type Batch, thinned } from './thin.js'

const log = makeLog('test', 'silent')
const folders: string[] = []
// In memory where there is such a folder: thousands of starts sync thousands of times, and a slow disk proves nothing here.
const scratch = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const newFolder = () => { const f = mkdtempSync(join(scratch, 'spool-')); folders.push(f); return f }
afterEach(() => { for (const f of folders.splice(0)) rmSync(f, { recursive: true, force: true }) })
const open = (folder: string, o: Partial<SpoolOptions> = {}) => new Spool({ folder, log, ...o })

const deviceId = newId()
const reach = (ok: boolean, at = 1): Observation => ({ kind: 'reachability', deviceId, at, ok, method: 'tcp', rttMs: 1, failure: null })
const numbers = (n: number): SampleSet => ({ deviceId, at: 1, series: Array.from({ length: n }, (_, i) => `s${i}`), values: Array.from({ length: n }, () => 0.5) })
const all = (spool: Spool, after = 0) => {
  const found: Batch[] = []
  for (let e = spool.after(after); e; e = spool.after(e.seq)) found.push(JSON.parse(e.payload.toString()) as Batch)
  return found
}
const files = (folder: string) => readdirSync(folder).filter(f => f.endsWith('.spool')).sort()

describe('the spool', () => {
  it('gives batches back in order, from memory and after a clean restart from its files, without a gap in the numbers', () => {
    const folder = newFolder()
    const first = open(folder, { segmentBytes: 500, recentBytes: 300 })
    for (let i = 0; i < 20; i++) first.append(i, [reach(i % 2 === 0, i)], [])
    expect(all(first).map(b => b.seq)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    first.acknowledge(7)
    first.close()
    const second = open(folder)
    expect(all(second, 7).map(b => b.seq)).toEqual(Array.from({ length: 13 }, (_, i) => i + 8))
    expect(second.append(0, [reach(true)], [])).toBe(21)
    expect(all(second, 20)[0]!.observations).toEqual([reach(true)])
  })

  it('leaves no files behind for what is acknowledged', () => {
    const folder = newFolder()
    const spool = open(folder, { segmentBytes: 300 })
    for (let i = 0; i < 20; i++) spool.append(0, [reach(true)], [])
    expect(files(folder).length).toBeGreaterThan(3)
    spool.acknowledge(20)
    expect([files(folder).length, spool.bytes, spool.batches]).toEqual([1, 0, 0])
    expect(spool.after(0)).toBeNull()
    expect(spool.append(0, [reach(true)], [])).toBe(21)
    expect(all(spool).map(b => b.seq)).toEqual([21])
  })

  it('torn at any byte keeps the whole records before the tear and never uses a number twice', () => {
    const folder = newFolder()
    const spool = open(folder)
    for (let i = 0; i < 3; i++) spool.append(i, i === 1 ? [] : [reach(true, i)], [numbers(2)])
    const [name] = files(folder)
    const whole = readFileSync(join(folder, name!))
    const ends = all(spool).map(b => b.seq)
    for (let cut = 0; cut <= whole.length; cut++) {
      const copy = newFolder()
      writeFileSync(join(copy, 'reserved'), readFileSync(join(folder, 'reserved')))
      writeFileSync(join(copy, name!), whole)
      truncateSync(join(copy, name!), cut)
      const torn = open(copy)
      const kept = all(torn).map(b => b.seq)
      expect(kept).toEqual(ends.slice(0, kept.length))
      const next = torn.append(9, [reach(true, 9)], [])
      expect(next).toBeGreaterThan(3)
      expect(all(torn).map(b => b.seq)).toEqual([...kept, next])
      rmSync(copy, { recursive: true })
    }
  })

  it('with any one byte changed yields only batches that were written', () => {
    const folder = newFolder()
    const spool = open(folder)
    for (let i = 0; i < 4; i++) spool.append(i, [reach(i % 2 === 0, i)], [])
    const [name] = files(folder)
    const whole = readFileSync(join(folder, name!))
    const written = all(spool).map(b => JSON.stringify(b))
    fc.assert(fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const copy = newFolder()
      const bytes = Buffer.from(whole)
      bytes[at] = bytes[at]! ^ flip
      writeFileSync(join(copy, name!), bytes)
      const damaged = all(open(copy)).map(b => JSON.stringify(b))
      expect(written.slice(0, damaged.length)).toEqual(damaged)
      rmSync(copy, { recursive: true })
    }), { numRuns: 200 })
  })

  it('when full gives up the oldest samples, then repetitions, never a change of state', () => {
    const spool = open(newFolder(), { maxBytes: 60_000, segmentBytes: 5000 })
    for (let i = 0; i < 400; i++) spool.append(i, [reach(i % 50 < 25, i)], [numbers(50)])
    expect(spool.bytes).toBeLessThanOrEqual(60_000)
    expect(spool.droppedSampleSets).toBeGreaterThan(300)
    const kept = all(spool)
    const states = kept.flatMap(b => b.observations).map(o => o.kind === 'reachability' && o.ok)
    expect(states.filter((ok, i) => i === 0 || ok !== states[i - 1])).toHaveLength(16)
    expect(kept.at(-1)!.samples).toHaveLength(1)
    expect(kept[0]!.samples).toHaveLength(0)
  })

  it('goes on behind what the server knows, when its folder is an old copy', () => {
    const spool = open(newFolder())
    spool.acknowledge(5000)
    expect(spool.append(0, [reach(true)], [])).toBe(5001)
  })
})

it('thinning keeps the first of equal observations and every change', () => {
  const batch = (seq: number, ...observations: Observation[]): Batch => ({ type: 'batch', seq, sentAt: 1, observations, samples: [] })
  const left = thinned([batch(1, reach(true, 1), reach(true, 2)), batch(2, reach(false, 3)), batch(3, reach(false, 4), reach(true, 5))])
  expect(left.map(b => b.observations.map(o => o.at))).toEqual([[1], [3], [5]])
})
