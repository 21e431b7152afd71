/** The library over the recorder's index, read by another process than the one that writes it. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { GapCause, VolumePlan } from '../../server/contract/recording.js'
import { type IndexReader, openIndexReader } from '../recorder/index-db.js'
import { FootageFault, faultOf } from './fault.js'
import { fileSource } from './file-source.js'
import type { Library } from './library.js'
import type { ByteSource } from './segment-file.js'

export interface IndexLibrary extends Library {
  /** Where volumes lie; told again on each change. */
  volumes (volumes: readonly VolumePlan[]): void
}

const MARK = 'kalancha-volume.json'

/** Nothing was recorded while there is no index yet. */
export function openLibrary (recordings: string): IndexLibrary {
  const indexFile = join(recordings, 'index.db')
  let reader: IndexReader | null = null
  /** Folders by the volume's id. */
  const places = new Map<string, string>()
  const byId = (id: string) => read(index => index.segment(id), null)

  function read<T> (ask: (index: IndexReader) => T, otherwise: T): T {
    try { reader ??= openIndexReader(indexFile) } catch { return otherwise }
    try { return ask(reader) } catch (error) {
      // Perhaps it was made anew: looked at afresh the next time.
      reader.close()
      reader = null
      throw error
    }
  }

  return {
    volumes (volumes) {
      places.clear()
      for (const { id, place } of volumes) places.set(id, place.path)
    },
    startedBy: (deviceId, at) => read(index => index.startedBy(deviceId, at), null),
    startedAfter: (deviceId, at) => read(index => index.startedAfter(deviceId, at), null),
    byId,
    overlapping: (deviceId, from, to) => read(index => index.overlapping(deviceId, from, to).filter(s => s.status !== 'deleted' && s.status !== 'missing'), []),
    causeAt: (deviceId, at) => read(index => causeAt(index, deviceId, Math.floor(at)), null),
    async open (segment) {
      // It may have been moved to the archive since its row was read.
      for (let row = byId(segment.id) ?? segment; ;) {
        try { return await openAt(places.get(row.volumeId), row.path) } catch (error) {
          const now = byId(segment.id)
          if (!now || (now.volumeId === row.volumeId && now.path === row.path)) throw error
          row = now
        }
      }
    }
  }
}

/** @throws FootageFault volume_missing rather than `missing` where the whole disk is not there */
async function openAt (volume: string | undefined, path: string): Promise<ByteSource> {
  if (volume === undefined) throw new FootageFault('volume_missing', 'The volume of this footage is not known to its agent')
  return fileSource(join(volume, path)).catch(async error => {
    const gone = faultOf(error).code === 'missing' && await access(join(volume, MARK)).then(() => false, () => true)
    throw gone ? new FootageFault('volume_missing', 'The volume of this footage is not there') : error
  })
}

function causeAt (index: IndexReader, deviceId: string, at: number): GapCause | null {
  const [gap] = index.gaps(deviceId, at, at + 1000)
  if (gap) return gap.cause
  const lost = index.overlapping(deviceId, at, at + 1000).find(s => s.status === 'deleted' || s.status === 'missing' || s.status === 'damaged')
  return lost ? lost.status as 'deleted' | 'missing' | 'damaged' : null
}
