import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import { RecordingIndex } from '../recorder/index-db.js'
import { openLibrary } from './index-library.js'
import { film, testLibrary } from './test-segments.js'

let folder: string
let index: RecordingIndex
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'footage-library-'))
  index = RecordingIndex.open(join(folder, 'recordings', 'index.db'))
})
afterEach(() => {
  index.close()
  rmSync(folder, { recursive: true, force: true })
})
const T = Date.UTC(2026, 10, 26, 12)
const deviceId = newId()

function volume (name: string) {
  const path = join(folder, name)
  mkdirSync(path)
  writeFileSync(join(path, 'kalancha-volume.json'), '{}')
  return { id: newId(), tier: 'primary' as const, place: { type: 'folder' as const, path }, floorBytes: 0, enabled: true }
}

describe('the library over the index', () => {
  it('finds a file that was moved to the archive after its row was read', async () => {
    const [primary, archive] = [volume('primary'), volume('archive')]
    const library = openLibrary(join(folder, 'recordings'))
    library.volumes([primary, archive])
    const made = { ...testLibrary(primary.place.path, deviceId).add(film({ seconds: 1 }), T), volumeId: primary.id }
    index.addSegment(made)
    const row = library.startedBy(deviceId, T + 500)!
    mkdirSync(join(archive.place.path, deviceId))
    renameSync(join(primary.place.path, made.path), join(archive.place.path, made.path))
    index.changeSegment(made.id, { volumeId: archive.id, status: 'archived' })
    const source = await library.open(row)
    expect(await source.size()).toBe(made.bytes)
    await source.close()
  })

  it('tells a file that is gone from a disk that is gone', async () => {
    const primary = volume('primary')
    const library = openLibrary(join(folder, 'recordings'))
    const made = { ...testLibrary(primary.place.path, deviceId).add(film({ seconds: 1 }), T), volumeId: primary.id }
    index.addSegment(made)
    await expect(library.open(made)).rejects.toMatchObject({ code: 'volume_missing' })
    library.volumes([primary])
    rmSync(join(primary.place.path, made.path))
    await expect(library.open(made)).rejects.toMatchObject({ code: 'ENOENT' })
    rmSync(join(primary.place.path, 'kalancha-volume.json'))
    await expect(library.open(made)).rejects.toMatchObject({ code: 'volume_missing' })
  })

  it('says why nothing is there: the gap of the index, or what became of the file', () => {
    const library = openLibrary(join(folder, 'recordings'))
    const base = testLibrary(join(folder, 'x'), deviceId).add(film({ seconds: 1 }), T)
    index.addSegment({ ...base, wallMs: 60_000, status: 'deleted' })
    index.addGap({ id: newId(), deviceId, from: T + 60_000, to: T + 90_000, cause: 'authentication_failed', detail: '' })
    expect([library.causeAt(deviceId, T + 10_000), library.causeAt(deviceId, T + 70_000), library.causeAt(deviceId, T + 200_000)]).toEqual(['deleted', 'authentication_failed', null])
    expect(library.overlapping(deviceId, T, T + 60_000)).toEqual([])
  })

  it('is empty while there is no index, and has it as soon as it is made', () => {
    const library = openLibrary(join(folder, 'later'))
    expect([library.startedBy(deviceId, T), library.overlapping(deviceId, 0, T), library.causeAt(deviceId, T)]).toEqual([null, [], null])
    const later = RecordingIndex.open(join(folder, 'later', 'index.db'))
    later.addSegment(testLibrary(join(folder, 'x'), deviceId).add(film({ seconds: 1 }), T))
    expect(library.startedBy(deviceId, T)).toMatchObject({ deviceId, startedAt: T })
    later.close()
  })
})
