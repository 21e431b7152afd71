/** Recording on events where it is hard: a camera of many megabits, and a disk that refused once. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import { FragmentWriter } from '../rtsp/mp4-fragment.js'
import type { MediaFragment } from '../rtsp/pull.js'
import type { RecorderFromWorker, RecordOrder } from './messages.js'
import { PreRoll } from './pre-roll.js'
import { RecordingTap } from './tap.js'
import { realFootage } from './test-footage.js'

const { init } = realFootage({ seconds: 1, audio: false })
const T0 = Date.UTC(2026, 0, 1)
const FPS = 10
const waits: RecordOrder = { profile: 'main', audio: false, on: false, preRollMs: 30_000 }
const records: RecordOrder = { ...waits, on: true }

let folder: string
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'kalancha-preroll-')) })
afterEach(() => { rmSync(folder, { recursive: true }) })

/** A picture every 100 ms, a key frame a second, of so many bits a second; content does not matter here. */
function camera (mbps: number) {
  const writer = new FragmentWriter(1)
  const sample = Buffer.alloc(Math.round(mbps * 1e6 / 8 / FPS), 7)
  return (i: number): MediaFragment => ({ bytes: writer.write(sample, i * 9000, 9000, i % FPS === 0), key: i % FPS === 0, atMs: T0 + i * 1000 / FPS, audio: false }) as MediaFragment
}

function stage (mbps: number) {
  const clock = { mono: 1000, wall: T0 }
  const told: RecorderFromWorker[] = []
  const refuse = { on: false }
  const next = camera(mbps)
  const tap = new RecordingTap({ deviceId: newId(), time: { wall: () => clock.wall, mono: () => clock.mono }, tell: m => {
    told.push(m)
    if (m.type !== 'segment_wanted') return
    const { id } = m.segment
    // The agent answers later than the buffer is emptied.
    setImmediate(() => tap.placed(id, refuse.on ? null : { file: join(folder, `${id}.mp4`), facts: '{}' }, 'disk_full', ''))
  } })
  tap.init(init)
  tap.state({ status: 'playing', client: 'own', failure: null, init })
  let i = 0
  const play = (seconds: number) => {
    for (const end = i + seconds * FPS; i < end; i++) {
      clock.wall = T0 + i * 1000 / FPS
      clock.mono = 1000 + i * 1000 / FPS
      tap.fragment(next(i))
    }
  }
  const until = async (there: () => boolean) => { while (!there()) await new Promise(resolve => { setImmediate(resolve) }) }
  const starts = () => told.flatMap(m => m.type === 'segment_wanted' ? [(m.segment.startedAt - T0) / 1000] : [])
  return { tap, told, refuse, play, until, starts }
}

it('writes all of the 30 s before an event of a camera with 8 Mbit/s: a buffer of memory is no slow disk', async () => {
  const s = stage(8)
  s.tap.setOrder(waits)
  s.play(60)
  s.tap.setOrder(records)
  s.tap.setOrder(null)
  const closed = () => s.told.filter(m => m.type === 'segment_closed')
  await s.until(() => closed().length === s.starts().length)
  expect(s.told.filter(m => m.type === 'run_ended').map(m => m.reason)).toEqual(['policy'])
  expect(closed().reduce((ms, m) => ms + m.segment.mediaMs, 0)).toBeGreaterThanOrEqual(30_000)
  for (const { segment } of closed()) expect(readFileSync(join(folder, `${segment.id}.mp4`)).length).toBe(segment.bytes)
})

it('has the seconds before an event also after a disk had refused once', async () => {
  const s = stage(1)
  s.refuse.on = true
  s.tap.setOrder(records)
  s.play(1)
  await s.until(() => s.told.some(m => m.type === 'run_ended'))
  s.refuse.on = false
  s.tap.setOrder(waits)
  s.play(100)
  s.tap.setOrder(records)
  // At 101 s: 30 s back, to a key frame.
  expect(s.starts()[1]).toBe(70)
})

it('holds no more memory than it may, whatever a camera sends, and is in whole groups', () => {
  const buffer = new PreRoll()
  const next = camera(80)
  for (let i = 0; i < 600; i++) buffer.add(init, next(i), 60_000)
  const groups = buffer.take()
  const bytes = groups.flatMap(g => g.fragments).reduce((n, f) => n + f.bytes.length, 0)
  expect(bytes).toBeLessThan(64 * 1024 * 1024)
  for (const { fragments } of groups) expect(fragments.map(f => f.key).indexOf(true, 1)).toBe(-1)
  expect(groups.length).toBeGreaterThan(1)
})
