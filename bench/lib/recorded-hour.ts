/** An hour of one camera as its recorder leaves it: 60 files of a minute, 720p25, about 2 Mbit/s, and their rows in the index. */
import { createHash } from 'node:crypto'
import { film, type Footage, testLibrary } from '../../agents/footage/test-segments.js'
import type { RecordingIndex } from '../../agents/recorder/index-db.js'

const MINUTE_MS = 60_000
const FPS = 25

/** A minute out of a few seconds that were really encoded. */
function minute (): Footage {
  const { tracks, samples } = film({ size: '1280x720', fps: FPS, seconds: 10, kbps: 2000 })
  const pictures = Array.from({ length: MINUTE_MS / 1000 * FPS }, (_, i) => ({ ...samples[i % samples.length]!, timeS: i / FPS, durationS: 1 / FPS }))
  return { tracks, samples: pictures }
}

/** Returns the files' paths and their bytes together. */
export function recordHour (index: RecordingIndex, folder: string, { deviceId, volumeId, from }: { deviceId: string, volumeId: string, from: number }) {
  const footage = minute()
  const library = testLibrary(folder, deviceId)
  const runId = createHash('sha256').update(deviceId).digest('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5')
  const segments = Array.from({ length: 60 }, (_, i) => {
    const segment = library.add(footage, from + i * MINUTE_MS, { runId, runOffsetMs: i * MINUTE_MS, volumeId })
    index.addSegment(segment)
    return segment
  })
  return { paths: segments.map(s => s.path), bytes: segments.reduce((n, s) => n + s.bytes, 0) }
}
