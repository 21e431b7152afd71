/** The library over the recorder's index, read by another process than the one that writes it. */
import { join } from 'node:path'
import type { GapCause, VolumePlan } from '../../server/contract/recording.js'
import { type IndexReader, openIndexReader } from '../recorder/index-db.js'
import { FootageFault } from './fault.js'
import { fileSource } from './file-source.js'
import type { Library } from './library.js'

export interface IndexLibrary extends Library {
  /** Where volumes lie; told again on each change. */
  volumes (volumes: readonly VolumePlan[]): void
}

/** Nothing was recorded while there is no index yet. */
export function openLibrary (recordings: string): IndexLibrary {
  const indexFile = join(recordings, 'index.db')
  let reader: IndexReader | null = null
  const places = new Map<string, VolumePlan['place']>()

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
      for (const { id, place } of volumes) places.set(id, place)
    },
    startedBy: (deviceId, at) => read(index => index.startedBy(deviceId, at), null),
    startedAfter: (deviceId, at) => read(index => index.startedAfter(deviceId, at), null),
    byId: id => read(index => index.segment(id), null),
    overlapping: (deviceId, from, to) => read(index => index.overlapping(deviceId, from, to).filter(s => s.status !== 'deleted' && s.status !== 'missing'), []),
    causeAt: (deviceId, at) => read(index => causeAt(index, deviceId, Math.floor(at)), null),
    async open (segment) {
      const place = places.get(segment.volumeId)
      if (!place) throw new FootageFault('unreadable', 'The volume of this footage is not known to its agent')
      if (place.type !== 'folder') throw new FootageFault('unreadable', 'Footage in a bucket cannot be read yet')
      return fileSource(join(place.path, segment.path))
    }
  }
}

function causeAt (index: IndexReader, deviceId: string, at: number): GapCause | null {
  const [gap] = index.gaps(deviceId, at, at + 1000)
  if (gap) return gap.cause
  const lost = index.overlapping(deviceId, at, at + 1000).find(s => s.status === 'deleted' || s.status === 'missing' || s.status === 'damaged')
  return lost ? lost.status as 'deleted' | 'missing' | 'damaged' : null
}
