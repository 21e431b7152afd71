/** For tests: an agent's refilling in a folder of its own, beside an index in which absences stand. */
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { newId } from '../../../lib/ids.js'
import type { PlanDevice } from '../../../server/contract/agent-link.js'
import type { Gap, GapCause, Segment } from '../../../server/contract/recording.js'
import { RecordingIndex } from '../index-db.js'
import { Volumes } from '../volumes.js'
import type { RefillLimits } from './messages.js'
import { Refills } from './refills.js'

const log = pino({ level: process.env.KALANCHA_TEST_LOG ?? 'silent' })

const segmentOf = (deviceId: string, startedAt: number, wallMs: number, change: Partial<Segment> = {}): Segment => ({
  id: newId(), deviceId, profile: 'main', runId: newId(), runOffsetMs: 0, startedAt, wallMs, mediaMs: wallMs, videoCodec: 'avc1.42c00d', audioCodec: null, width: 320, height: 180, frames: 1, keyFrames: 1, bytes: 1,
  sha256: '0'.repeat(64), volumeId: newId(), path: 'x.mp4', status: 'closed', endReason: null, refilled: false, detail: null, ...change
})

/** An agent's part, in a folder of its own; `again` is the same after a restart. */
export async function startRefills (devices: PlanDevice[], o: { limits?: Partial<RefillLimits>, folder?: string } = {}) {
  const folder = o.folder ?? mkdtempSync(join(tmpdir(), 'kalancha-refill-'))
  const index = RecordingIndex.open(join(folder, 'index.db'))
  const clock = { now: () => Date.now() }
  const volumes = new Volumes({ ownFolder: join(folder, 'default'), index, clock, log })
  await volumes.plan([])
  const refills = new Refills({ index, volumes, clock, log, ready: Promise.resolve(), lookMs: 50, ...(o.limits ? { limits: o.limits } : {}) })
  refills.plan(devices)
  return {
    folder, index, volumes, refills,
    /** The camera recorded, was away, and records again. */
    absence (device: PlanDevice, from: number, to: number, cause: GapCause = 'camera_unreachable'): Gap {
      const gap: Gap = { id: newId(), deviceId: device.id, from, to, cause, detail: 'away' }
      index.transaction(() => {
        index.addSegment(segmentOf(device.id, from - 60_000, 60_000))
        index.addGap(gap)
        index.addSegment(segmentOf(device.id, to, 1000))
        const open = index.open().some(s => s.deviceId === device.id)
        if (!open) index.addSegment(segmentOf(device.id, Date.now() - 60_000, 60_000, { status: 'open', sha256: null }))
      })
      return gap
    },
    refilled: (device: PlanDevice) => index.segmentsWhere('WHERE device_id = ? AND refilled = 1 ORDER BY started_at', device.id),
    /** What is still missing. */
    missing: (device: PlanDevice) => index.gaps(device.id, 0, Number.MAX_SAFE_INTEGER).filter(g => g.to === null || g.to > g.from),
    hashHolds: (s: Segment) => createHash('sha256').update(readFileSync(volumes.fileOf(s.volumeId, s.path)!)).digest('hex') === s.sha256,
    async stop (keep = false) {
      await refills.stop()
      index.close()
      if (!keep) rmSync(folder, { recursive: true, force: true })
    }
  }
}
