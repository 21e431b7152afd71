import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import type { Segment } from '../../server/contract/recording.js'
import { openIndexReader, RecordingIndex } from './index-db.js'

let folder: string
let index: RecordingIndex
const file = () => join(folder, 'recordings', 'index.db')
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kalancha-index-'))
  index = RecordingIndex.open(file())
})
afterEach(() => {
  index.close()
  rmSync(folder, { recursive: true })
})

const camera = newId()
const segment = (startedAt: number, more: Partial<Segment> = {}): Segment => ({
  id: newId(), deviceId: camera, profile: 'main', runId: newId(), runOffsetMs: 0, startedAt, wallMs: 60_000, mediaMs: 60_000, videoCodec: 'avc1.64001f', audioCodec: null, width: 1280, height: 720,
  frames: 1500, keyFrames: 60, bytes: 1000, sha256: 'a'.repeat(64), volumeId: newId(), path: 'a/b.mp4', status: 'closed', endReason: null, refilled: false, detail: null, ...more
})

describe('the index', () => {
  it('gives back what was put in, to another process too', () => {
    const one = segment(1_000_000, { refilled: true, audioCodec: 'pcmu' })
    index.addSegment(one)
    const reader = openIndexReader(file())
    expect(reader.segment(one.id)).toEqual(one)
    expect(reader.indexId).toBe(index.indexId)
    reader.close()
  })

  it('finds what overlaps an interval, and the neighbours of a moment', () => {
    const [a, b, c] = [segment(0), segment(60_000), segment(180_000)]
    for (const s of [a, b, c]) index.addSegment(s)
    expect(index.overlapping(camera, 60_000, 120_000).map(s => s.id)).toEqual([b.id])
    expect(index.overlapping(camera, 59_999, 180_001).map(s => s.id)).toEqual([a.id, b.id, c.id])
    expect(index.startedBy(camera, 150_000)?.id).toBe(b.id)
    expect(index.startedAfter(camera, 150_000)?.id).toBe(c.id)
  })

  it('tells each changed row once, as it is now, in pages', () => {
    const rows = [segment(0), segment(60_000), segment(120_000)]
    for (const s of rows) index.addSegment(s)
    index.changeSegment(rows[0]!.id, { status: 'deleted', detail: 'old' })
    const first = index.changesAfter(null, 0, 2)
    expect(first.more).toBe(true)
    const second = index.changesAfter(first.indexId, first.cursor, 2)
    expect([...first.facts, ...second.facts].map(f => f.kind === 'segment' && f.segment.id)).toEqual([rows[1]!.id, rows[2]!.id, rows[0]!.id])
    expect(second.more).toBe(false)
    expect(index.changesAfter(first.indexId, second.cursor, 2).facts).toEqual([])
    expect(index.changesAfter(newId(), second.cursor, 10).facts).toHaveLength(3)
  })

  it('holds at most one open gap of a camera', () => {
    index.addGap({ id: newId(), deviceId: camera, from: 5, to: null, cause: 'agent_down', detail: '' })
    expect(() => index.addGap({ id: newId(), deviceId: camera, from: 9, to: null, cause: 'unknown', detail: '' })).toThrow(/UNIQUE/)
    index.changeGap(index.openGap(camera)!.id, { to: 9, cause: 'stream_failed' })
    expect(index.gaps(camera, 0, 100)).toMatchObject([{ from: 5, to: 9, cause: 'stream_failed' }])
    expect(index.openGap(camera)).toBeNull()
  })

  it('knows locks by overlap', () => {
    index.setLocks([{ id: newId(), deviceId: camera, from: 100, to: 200 }])
    expect(index.locks(camera, 200, 300)).toEqual([])
    expect(index.locks(camera, 199, 300)).toHaveLength(1)
    index.setLocks([])
    expect(index.locks(camera, 0, 300)).toEqual([])
  })
})
