import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import { Gaps } from './gaps.js'
import { RecordingIndex } from './index-db.js'

const camera = newId()
let folder: string
let index: RecordingIndex
let gaps: Gaps
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kalancha-gaps-'))
  index = RecordingIndex.open(join(folder, 'index.db'))
  gaps = new Gaps(index)
})
afterEach(() => {
  index.close()
  rmSync(folder, { recursive: true })
})
const told = () => index.gaps(camera, 0, 10_000_000).map(g => [g.from, g.to, g.cause])

it('takes the better word for the same absence', () => {
  gaps.begin(camera, 1000, 'stream_failed', '')
  gaps.begin(camera, 3000, 'camera_unreachable', '')
  gaps.begin(camera, 9000, 'stream_failed', '')
  gaps.end(camera, 20_000, null)
  expect(told()).toEqual([[1000, 20_000, 'camera_unreachable']])
})

it('begins another where the camera is back and the disk is not, and the other way round', () => {
  gaps.begin(camera, 1000, 'camera_unreachable', '')
  gaps.begin(camera, 60_000, 'volume_missing', '')
  gaps.begin(camera, 90_000, 'camera_unreachable', '')
  gaps.end(camera, 100_000, null)
  expect(told()).toEqual([[1000, 60_000, 'camera_unreachable'], [60_000, 90_000, 'volume_missing'], [90_000, 100_000, 'camera_unreachable']])
})

it('says of a camera that came back with another password that it is the password, and from when it is known', () => {
  gaps.begin(camera, 1000, 'camera_unreachable', '')
  gaps.begin(camera, 5000, 'authentication_failed', '')
  gaps.end(camera, 30_000, null)
  gaps.begin(camera, 100_000, 'camera_unreachable', '')
  gaps.begin(camera, 900_000, 'authentication_failed', '')
  expect(told()).toEqual([[1000, 30_000, 'authentication_failed'], [100_000, 900_000, 'camera_unreachable'], [900_000, null, 'authentication_failed']])
})

it('moves an absence behind footage that was found to last longer', () => {
  gaps.begin(camera, 5000, 'recorder_failed', '')
  gaps.footageUntil(camera, 1000, 9000)
  expect(told()).toEqual([[9000, null, 'recorder_failed']])
  gaps.end(camera, 20_000, null)
  gaps.footageUntil(camera, 1000, 30_000)
  expect(index.gaps(camera, 0, 10_000_000).filter(g => g.to! > g.from)).toEqual([])
})
