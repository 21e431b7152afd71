/** The whole recorder on a disk of its own that is full of locked footage: who stops, what is told, and how it comes back. */
import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../../lib/ids.js'
import type { PlanDevice } from '../../../server/contract/agent-link.js'
import { defaultPolicy, type LockPlan, type VolumePlan, type VolumeState } from '../../../server/contract/recording.js'
import { RecordingIndex } from '../index-db.js'
import type { RecordOrder } from '../messages.js'
import { Recorder } from '../recorder.js'
import { initialise } from '../volumes.js'

const MB = 1024 * 1024
const log = pino({ level: 'silent' })
/** A round of the janitor every 10 s. */
const ROUNDS = { timeout: 60_000, interval: 100 }

let folder: string
let disk: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kalancha-full-'))
  disk = join(folder, 'disk')
  mkdirSync(disk)
  const done = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'kalancha-test', disk], { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(done.stderr)
})
afterEach(() => {
  spawnSync('umount', ['-l', disk])
  rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(userInfo().uid !== 0)('a disk full of locked footage (needs root for a disk of its own)', () => {
  it('stops the less important camera with its cause told, keeps all that is held, and goes on when a person releases it', async () => {
    const [important, other] = [newId(), newId()]
    const volume: VolumePlan = { id: newId(), tier: 'primary', place: { type: 'folder', path: disk }, floorBytes: 6 * MB, enabled: true }
    await initialise(disk, volume.id, 0)
    const index = RecordingIndex.open(join(folder, 'data', 'recordings', 'index.db'))
    const now = Date.now()
    const files = Array.from({ length: 19 }, (_, i) => {
      const id = newId()
      const deviceId = i % 2 === 0 ? important : other
      const startedAt = now - 3 * 3_600_000 + i * 60_000
      const path = `${deviceId}/2026-06-01/${startedAt}-${id}.mp4`
      const content = randomBytes(MB)
      mkdirSync(dirname(join(disk, path)), { recursive: true })
      writeFileSync(join(disk, path), content)
      index.addSegment({ id, deviceId, profile: 'main', runId: newId(), runOffsetMs: 0, startedAt, wallMs: 60_000, mediaMs: 60_000, videoCodec: 'avc1.64001f', audioCodec: null, width: 1280, height: 720, frames: 1, keyFrames: 1, bytes: MB,
        sha256: createHash('sha256').update(content).digest('hex'), volumeId: volume.id, path, status: 'closed', endReason: null, refilled: false, detail: null })
      return { deviceId, file: join(disk, path) }
    })
    index.close()
    const locks: LockPlan[] = [important, other].map(deviceId => ({ id: newId(), deviceId, from: now - 4 * 3_600_000, to: now }))
    const devices = [important, other].map((id, i) => ({ id, name: `Камера ${i}`, kind: 'camera', recording: { policy: { ...defaultPolicy, keepDays: null, priority: i === 0 ? 1 : 5 }, timeZone: 'Europe/Kyiv' } }) as unknown as PlanDevice)
    const orders = new Map<string, RecordOrder | null>()
    const recorder = new Recorder({ dataDir: join(folder, 'data'), clock: { now: () => Date.now() }, log, workersGone: async () => {}, volumesPlanned: () => {}, send: (deviceId, message) => {
      if (message.type === 'record') orders.set(deviceId, message.order)
      return true
    } })
    const causeOf = (id: string) => recorder.index.openGap(id)?.cause
    const volumeTold = (): VolumeState => recorder.index.changesAfter(null, 0, 1000).facts.flatMap(f => f.kind === 'volume' && f.volume.id === volume.id ? [f.volume] : []).at(-1)!
    try {
      recorder.plan(devices, { revision: 1, locks, volumes: [volume] })
      await expect.poll(() => [orders.get(other), causeOf(other)], ROUNDS).toEqual([null, 'disk_full'])
      expect(files.every(f => existsSync(f.file))).toBe(true)
      expect(volumeTold()).toMatchObject({ status: 'full', lockedBytes: 19 * MB, segments: 19 })
      // Only the more important camera's footage is released: it has room to lose, and both are recorded again in the end.
      recorder.plan(devices, { revision: 2, locks: locks.filter(l => l.deviceId === other), volumes: [volume] })
      await expect.poll(() => [orders.get(important)?.on, orders.get(other)?.on], ROUNDS).toEqual([true, true])
      expect(files.filter(f => f.deviceId === other).every(f => existsSync(f.file))).toBe(true)
      expect(files.filter(f => f.deviceId === important).some(f => !existsSync(f.file))).toBe(true)
      await expect.poll(() => volumeTold().status, ROUNDS).toBe('ok')
      expect(causeOf(other)).not.toBe('disk_full')
    } finally { await recorder.stop() }
  })
})
