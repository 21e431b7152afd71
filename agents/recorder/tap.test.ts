import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import type { EndReason } from '../../server/contract/recording.js'
import type { SourceState } from '../rtsp/camera-source.js'
import type { RecorderFromWorker, RecordOrder, SegmentStart } from './messages.js'
import { scanFile } from './recovery.js'
import { readLiveFragment } from './segment-boxes.js'
import { boundaryPhaseMs, cutTime, RecordingTap } from './tap.js'
import { type Footage, realFootage } from './test-footage.js'

const footage = realFootage({ seconds: 150 })
const deviceId = newId()
const T0 = Date.UTC(2026, 0, 1)
const always: RecordOrder = { profile: 'main', audio: true, on: true, preRollMs: 0 }
const playing = (init: Footage['init']): SourceState => ({ status: 'playing', client: 'own', failure: null, init })

let folder: string
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'kalancha-tap-')) })
afterEach(() => { rmSync(folder, { recursive: true }) })

/** A tap with its camera, its agent and its clocks in the test's hands. */
function stage () {
  const clock = { mono: 1000, wall: T0 }
  const told: RecorderFromWorker[] = []
  const segments = new Map<string, SegmentStart & { file: string }>()
  const refuse: { reason: EndReason | null } = { reason: null }
  const waiting: (() => void)[] = []
  const tap = new RecordingTap({ deviceId, time: { wall: () => clock.wall, mono: () => clock.mono }, tell: m => {
    told.push(m)
    if (m.type === 'segment_wanted') {
      const file = join(folder, deviceId, `${m.segment.id}.mp4`)
      segments.set(m.segment.id, { ...m.segment, file })
      const { id } = m.segment
      queueMicrotask(() => tap.placed(id, refuse.reason ? null : { file, facts: JSON.stringify({ ...m.segment, volumeId: newId(), refilled: false }) }, refuse.reason ?? 'policy', ''))
    }
    for (const look of waiting) look()
  } })
  /** Plays the footage between two of its seconds; `gapMs` moves both clocks first. */
  function play (from: number, to: number, f: Footage = footage, each: (ms: number) => void = () => {}) {
    tap.init(f.init)
    tap.state(playing(f.init))
    let before = from * 1000
    for (const { ms, fragment } of f.fragments) {
      if (ms < from * 1000 || ms >= to * 1000) continue
      clock.mono += ms - before
      clock.wall += ms - before
      before = ms
      each(ms)
      tap.fragment({ ...fragment, atMs: clock.wall })
    }
    clock.mono += to * 1000 - before
    clock.wall += to * 1000 - before
  }
  const closed = () => told.filter(m => m.type === 'segment_closed')
  const allClosed = () => new Promise<void>(resolve => {
    const look = () => { if (closed().length === segments.size) resolve() }
    waiting.push(look)
    look()
  })
  const ends = () => told.filter(m => m.type === 'run_ended').map(({ reason, at }) => ({ reason, atS: (at - T0) / 1000 }))
  return { clock, tap, told, segments, refuse, play, closed, allClosed, ends }
}

const probe = (file: string) => {
  const done = spawnSync('ffprobe', ['-v', 'warning', '-count_frames', '-show_streams', '-of', 'json', file], { encoding: 'utf8' })
  return { words: done.stderr, streams: (JSON.parse(done.stdout) as { streams: { codec_type: string, nb_read_frames: string }[] }).streams }
}

describe('a recording tap', () => {
  it('writes segments of about a minute, cut at key frames, hashed, one behind the other', async () => {
    const s = stage()
    s.tap.setOrder(always)
    s.play(0, 150)
    s.tap.setOrder(null)
    await s.allClosed()
    const startOf = (row: (typeof s.closed extends () => (infer R)[] ? R : never)) => s.segments.get(row.segment.id)!.startedAt
    const rows = s.closed().sort((a, b) => startOf(a) - startOf(b))
    expect(rows.length).toBeGreaterThanOrEqual(2)
    let frames = 0
    let end = T0
    for (const row of rows) {
      const start = s.segments.get(row.segment.id)!
      const bytes = readFileSync(start.file)
      expect(bytes.length).toBe(row.segment.bytes)
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(row.sha256)
      expect(start.startedAt).toBe(end)
      end = start.startedAt + row.segment.wallMs
      const { words, streams } = probe(start.file)
      expect(words).toBe('')
      expect(Number(streams.find(x => x.codec_type === 'video')!.nb_read_frames)).toBe(row.segment.frames)
      expect(streams.find(x => x.codec_type === 'audio')).toBeDefined()
      frames += row.segment.frames
      expect(row.segment.mediaMs).toBe(row.segment.wallMs)
    }
    expect(frames).toBe(1500)
    expect(end).toBe(T0 + 150_000)
    expect(s.ends()).toEqual([{ reason: 'policy', atS: 150 }])
    for (const row of rows.slice(1)) expect((s.segments.get(row.segment.id)!.startedAt - boundaryPhaseMs(deviceId)) % 60_000).toBeLessThan(1000)
  })

  it('keeps every picture and every piece of sound byte for byte', async () => {
    const s = stage()
    s.tap.setOrder(always)
    s.play(0, 15)
    s.tap.setOrder(null)
    await s.allClosed()
    const written = readFileSync([...s.segments.values()][0]!.file)
    // Sound of before the first picture has no place in a file that begins with it.
    const missing = footage.fragments.filter(f => f.ms > (f.fragment.audio ? 200 : -1) && f.ms < 14_900 && !written.includes(readLiveFragment(f.fragment.bytes).sample))
    expect(missing.map(f => f.ms)).toEqual([])
  })

  it('can be read up to its last whole batch when it was cut anywhere', async () => {
    const s = stage()
    s.tap.setOrder(always)
    s.play(0, 10)
    s.tap.setOrder(null)
    await s.allClosed()
    const { file } = [...s.segments.values()][0]!
    const whole = readFileSync(file)
    for (const share of [0.2, 0.5, 0.51, 0.9, 0.999]) {
      const handle = await open(file, 'r+')
      await handle.truncate(0)
      await handle.write(whole.subarray(0, Math.floor(whole.length * share)), 0, undefined, 0)
      const scanned = await scanFile(handle)
      await handle.truncate(scanned.bytes)
      await handle.close()
      expect(scanned.sha256).toBe(createHash('sha256').update(readFileSync(file)).digest('hex'))
      expect(scanned.facts?.deviceId).toBe(deviceId)
      // At most one batch, half a second, is not whole; the bytes are not spread evenly over the ten seconds.
      expect(scanned.frames % 5).toBe(0)
      expect(Math.abs(scanned.wallMs - scanned.frames * 100)).toBeLessThan(2)
      expect(probe(file).words).toBe('')
    }
  })

  it('ends the run where the stream is lost, and begins another when it is back', async () => {
    const s = stage()
    s.tap.setOrder(always)
    s.play(0, 5)
    s.tap.state({ status: 'failed', client: 'own', failure: { code: 'connection_refused', detail: 'no' }, init: null })
    s.clock.mono += 10_000
    s.clock.wall += 10_000
    s.play(20, 25)
    s.tap.setOrder(null)
    await s.allClosed()
    expect(s.ends()).toEqual([{ reason: 'stream_lost', atS: 5 }, { reason: 'policy', atS: 20 }])
    expect(new Set([...s.segments.values()].map(x => x.runId)).size).toBe(2)
    expect(s.told.find(m => m.type === 'run_ended')).toMatchObject({ failure: { code: 'connection_refused' } })
  })

  it('tells once why nothing plays, and again when it is for another reason', () => {
    const s = stage()
    s.tap.setOrder(always)
    const failed = (code: 'connection_refused' | 'authentication_failed') => s.tap.state({ status: 'failed', client: 'own', failure: { code, detail: '' }, init: null })
    failed('connection_refused')
    failed('connection_refused')
    failed('authentication_failed')
    expect(s.told.map(m => m.type === 'not_playing' && m.failure?.code)).toEqual(['connection_refused', 'authentication_failed'])
  })

  it('begins a new run when the pictures are coded differently, without losing one', async () => {
    const s = stage()
    s.tap.setOrder(always)
    s.play(0, 5)
    s.play(0, 5, realFootage({ seconds: 5, size: '640x360' }))
    s.tap.setOrder(null)
    await s.allClosed()
    expect(s.ends().map(e => e.reason)).toEqual(['parameters_changed', 'policy'])
    expect([...s.segments.values()].map(x => x.width)).toEqual([320, 640])
    expect(s.closed().reduce((sum, m) => sum + m.segment.frames, 0)).toBe(100)
  })

  it.each([3_600_000, -3_600_000])('ends the run when the machine\'s clock is set by %d ms, and has no span that is negative', async stepMs => {
    const s = stage()
    s.tap.setOrder(always)
    s.play(0, 5)
    s.clock.wall += stepMs
    s.play(5, 10)
    s.tap.setOrder(null)
    await s.allClosed()
    expect(s.ends()).toEqual([{ reason: 'clock_stepped', atS: 5 }, { reason: 'policy', atS: 10 + stepMs / 1000 }])
    for (const row of s.closed()) expect(row.segment.wallMs).toBe(5000)
  })

  it('takes a camera that declares 25 and sends fewer as it comes: no end of a run', async () => {
    const s = stage()
    s.tap.setOrder(always)
    s.tap.init(footage.init)
    s.tap.state(playing(footage.init))
    for (const { fragment } of footage.fragments.filter(f => !f.fragment.audio).slice(0, 300)) {
      s.clock.mono += 119
      s.clock.wall += 119
      s.tap.fragment({ ...fragment, atMs: s.clock.wall })
    }
    s.tap.setOrder(null)
    await s.allClosed()
    expect(s.ends()).toHaveLength(1)
  })

  it('ends the run where pictures are missing for seconds', async () => {
    const s = stage()
    s.tap.setOrder(always)
    s.play(0, 5)
    s.clock.mono += 7000
    s.clock.wall += 7000
    s.play(12, 15)
    s.tap.setOrder(null)
    await s.allClosed()
    expect(s.ends()).toEqual([{ reason: 'stream_lost', atS: 5 }, { reason: 'policy', atS: 15 }])
  })

  it('holds the last seconds while it waits for an event, and writes them first', async () => {
    const s = stage()
    s.tap.setOrder({ ...always, on: false, preRollMs: 10_000 })
    s.play(0, 40)
    s.tap.setOrder({ ...always, preRollMs: 10_000 })
    s.play(40, 50)
    s.tap.setOrder({ ...always, on: false, preRollMs: 10_000 })
    s.play(50, 53)
    s.tap.setOrder({ ...always, preRollMs: 10_000 })
    s.play(53, 55)
    s.tap.setOrder(null)
    await s.allClosed()
    const [first, second] = [...s.segments.values()]
    expect((first!.startedAt - T0) / 1000).toBe(29)
    // Nothing is written twice: the second begins where the first ended.
    expect((second!.startedAt - T0) / 1000).toBe(50)
    expect(s.ends().map(e => e.reason)).toEqual(['event_over', 'policy'])
  })

  it('is refused a place: the run ends with the reason, and the next try comes after a pause', async () => {
    const s = stage()
    s.refuse.reason = 'disk_full'
    s.tap.setOrder(always)
    s.play(0, 1)
    await Promise.resolve()
    s.refuse.reason = null
    s.play(1, 12)
    s.tap.setOrder(null)
    await new Promise<void>(resolve => { const look = () => s.closed().some(m => m.sha256) ? resolve() : setImmediate(look); look() })
    expect(s.ends()[0]).toEqual({ reason: 'disk_full', atS: 0 })
    expect(s.segments.size).toBe(2)
    expect(([...s.segments.values()][1]!.startedAt - T0) / 1000).toBeGreaterThanOrEqual(5)
  })
})

describe('where segments are cut', () => {
  it('is at the camera\'s own moment of the minute, never sooner than 20 s', () => {
    expect(cutTime(0, 30_000)).toBe(30_000)
    expect(cutTime(15_000, 30_000)).toBe(90_000)
    expect(cutTime(60_000, 5)).toBe(120_005)
    for (let at = 0; at < 120_000; at += 777) expect(cutTime(at, 12_345) - at).toBeLessThan(80_000)
  })
})
