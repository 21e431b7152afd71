/** The whole recorder on disks of its own that fill, turn read-only, are unplugged and come back, and with a camera that misbehaves meanwhile. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { renderClip } from '../../fixtures/rtsp/render.js'
import { type RtspServer, startRtspServer } from '../../fixtures/rtsp/server.js'
import { newId } from '../../lib/ids.js'
import type { VolumePlan } from '../../server/contract/recording.js'
import { RecordingIndex } from './index-db.js'
import { recordCamera } from './test-recorder.js'
import { initialise } from './volumes.js'

const SOON = { timeout: 60_000, interval: 100 }
const cache = join(tmpdir(), 'kalancha-disk-clips')
const spec = { scene: 'street', title: 'D', codec: 'h264', width: 320, height: 180, fps: 10, bitrateKbps: 800, seconds: 4 } as const

let camera: RtspServer
let folder: string
let running: ReturnType<typeof recordCamera>[]
let mounts: string[]
beforeAll(async () => { camera = await startRtspServer({ host: '127.0.0.1', port: 0, streams: { '/main': await renderClip(spec, cache) } }) })
afterAll(() => camera.close())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kalancha-disks-'))
  running = []
  mounts = []
})
afterEach(async () => {
  camera.faults.clockTicks = 0
  await camera.show('normal')
  for (const r of running) await r.stop()
  for (const at of mounts.reverse()) spawnSync('umount', ['-l', at])
  rmSync(folder, { recursive: true, force: true })
})

function run (...[command, ...args]: [string, ...string[]]) {
  const done = spawnSync(command, args, { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stderr}`)
}
const record = (volumes: VolumePlan[], deviceId?: string) => {
  const recording = recordCamera({ dataDir: join(folder, 'data'), camera, volumes, deviceId })
  running.push(recording)
  return recording
}
/** A disk of so many megabytes, and the place where it is mounted. */
async function disk (megabytes: number, floorBytes = 0): Promise<{ volume: VolumePlan, itself: string, unplug (): void, plug (): void }> {
  const [itself, place] = [join(folder, 'disk-itself'), join(folder, 'disk')]
  mkdirSync(itself)
  mkdirSync(place)
  run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'kalancha-test', itself)
  run('mount', '--bind', itself, place)
  mounts.push(itself, place)
  const volume: VolumePlan = { id: newId(), tier: 'primary', place: { type: 'folder', path: place }, floorBytes, enabled: true }
  await initialise(place, volume.id, 0)
  return { volume, itself, unplug: () => run('umount', '-l', place), plug: () => run('mount', '--bind', itself, place) }
}
const plain = async (): Promise<VolumePlan> => {
  const volume: VolumePlan = { id: newId(), tier: 'primary', place: { type: 'folder', path: join(folder, 'plain') }, floorBytes: 0, enabled: true }
  await initialise(volume.place.path, volume.id, 0)
  return volume
}
/** The camera's stream breaks and comes back at once: whatever is written next needs a new file. */
const newRun = async () => {
  await camera.refuse(true)
  await camera.refuse(false)
}

describe.skipIf(userInfo().uid !== 0)('a disk of its own (needs root)', () => {
  it('that fills up in the middle of a file: the gap says so, what was written before is whole, and recording goes on when there is room', async () => {
    const d = await disk(24)
    const r = record([d.volume])
    await expect.poll(r.writing, SOON).toBe(true)
    const filler = join(d.itself, 'filler')
    spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k'])
    await expect.poll(() => r.gap()?.cause, SOON).toBe('disk_full')
    await expect.poll(() => r.volume(d.volume.id)?.status, SOON).toBe('full')
    await expect.poll(() => r.segments().every(s => s.status === 'closed'), SOON).toBe(true)
    expect(r.segments().some(s => s.frames > 0)).toBe(true)
    rmSync(filler)
    await expect.poll(() => [r.gap(), r.writing()], SOON).toEqual([null, true])
    expect(r.spoiled(d.volume)).toEqual([])
  })

  it('that is turned read-only: told as that, nothing is written, and recording goes on when it can be written again', async () => {
    const d = await disk(64)
    const r = record([d.volume])
    await expect.poll(r.writing, SOON).toBe(true)
    r.plan('off')
    await expect.poll(() => r.segments().every(s => s.status === 'closed'), SOON).toBe(true)
    run('mount', '-o', 'remount,ro', d.itself)
    run('mount', '-o', 'remount,bind,ro', d.volume.place.path)
    r.plan('continuous')
    await expect.poll(() => [r.gap()?.cause, r.volume(d.volume.id)?.status], SOON).toEqual(['disk_failed', 'read_only'])
    run('mount', '-o', 'remount,rw', d.itself)
    run('mount', '-o', 'remount,bind,rw', d.volume.place.path)
    await expect.poll(() => [r.gap(), r.writing(), r.volume(d.volume.id)?.status], SOON).toEqual([null, true, 'ok'])
    expect(r.spoiled(d.volume)).toEqual([])
  })

  it('that is unplugged and plugged in again: nothing goes below the mount point, and all that was there is whole', async () => {
    const d = await disk(64)
    const r = record([d.volume])
    await expect.poll(r.writing, SOON).toBe(true)
    d.unplug()
    await newRun()
    await expect.poll(() => [r.gap()?.cause, r.volume(d.volume.id)?.status], SOON).toEqual(['volume_missing', 'missing'])
    expect(readdirSync(d.volume.place.path)).toEqual([])
    d.plug()
    await expect.poll(() => [r.gap(), r.writing()], SOON).toEqual([null, true])
    expect(r.segments().filter(s => s.status === 'missing' || s.status === 'deleted')).toEqual([])
    expect(r.spoiled(d.volume)).toEqual([])
  })

  it('that is not there when the agent starts after a crash: no row is lost, and the file that was open is mended when the disk is back', async () => {
    const d = await disk(64)
    const first = record([d.volume])
    await expect.poll(first.writing, SOON).toBe(true)
    await newRun()
    await expect.poll(() => first.segments().filter(s => s.status === 'closed').length > 0 && first.writing(), SOON).toBe(true)
    const open = first.segments().find(s => s.status === 'open')!
    await first.stop()
    running.pop()
    // As a kill leaves it: the row open, the file without an end.
    const index = RecordingIndex.open(join(folder, 'data/recordings/index.db'))
    index.changeSegment(open.id, { status: 'open', sha256: null, wallMs: 1, endReason: null })
    const before = index.segmentsWhere('').map(s => s.id)
    index.close()
    run('truncate', '-s', '-1000', join(d.itself, open.path))
    d.unplug()
    const r = record([d.volume], first.deviceId)
    await expect.poll(() => r.gap()?.cause, SOON).toBeDefined()
    await new Promise(resolve => setTimeout(resolve, 7000))
    expect(r.segments().filter(s => before.includes(s.id)).map(s => s.status).filter(s => s === 'missing' || s === 'deleted')).toEqual([])
    expect(r.segments().find(s => s.id === open.id)?.status).toBe('open')
    d.plug()
    await expect.poll(() => [r.gap(), r.writing(), r.segments().find(s => s.id === open.id)?.status], SOON).toEqual([null, true, 'closed'])
    const mended = r.segments().find(s => s.id === open.id)!
    expect(mended.frames).toBeGreaterThan(0)
    expect(r.gaps().filter(g => g.from < mended.startedAt + mended.wallMs && (g.to ?? g.from + 1) > mended.startedAt)).toEqual([])
    expect(r.spoiled(d.volume)).toEqual([])
  })
})

describe('a camera', () => {
  it('whose clock jumps an hour back, an hour on and over the end of its 32 bits goes on being recorded in one run', async () => {
    const volume = await plain()
    const r = record([volume])
    await expect.poll(r.writing, SOON).toBe(true)
    for (const ticks of [-3600 * 90_000, 3600 * 90_000, 2 ** 31, 2 ** 32 - 90_000]) {
      camera.faults.clockTicks = ticks
      await new Promise(resolve => setTimeout(resolve, 1500))
    }
    r.plan('off')
    await expect.poll(() => r.segments().every(s => s.status === 'closed'), SOON).toBe(true)
    expect(new Set(r.segments().map(s => s.runId)).size).toBe(1)
    const [mediaMs, wallMs] = [r.segments().reduce((sum, s) => sum + s.mediaMs, 0), r.segments().reduce((sum, s) => sum + s.wallMs, 0)]
    expect(Math.abs(mediaMs - wallMs)).toBeLessThan(1500)
    expect(r.spoiled(volume)).toEqual([])
  })

  it('that changes its picture, and then its codec, begins new runs that say so', async () => {
    const volume = await plain()
    const r = record([volume])
    await expect.poll(r.writing, SOON).toBe(true)
    await camera.show(await renderClip({ ...spec, width: 256, height: 144 }, cache))
    await expect.poll(() => r.segments().some(s => s.width === 256), SOON).toBe(true)
    expect(r.segments().find(s => s.width === 320)!.endReason).toBe('parameters_changed')
    const h265 = await renderClip({ ...spec, codec: 'h265' }, cache)
    await camera.refuse(true)
    await camera.show(h265)
    await camera.refuse(false)
    await expect.poll(() => r.segments().some(s => s.videoCodec.startsWith('hvc1')) && r.writing(), SOON).toBe(true)
    r.plan('off')
    await expect.poll(() => r.segments().every(s => s.status === 'closed'), SOON).toBe(true)
    for (const s of r.segments()) {
      const { stderr, status } = spawnSync('ffprobe', ['-v', 'error', '-count_frames', join(volume.place.path, s.path)], { encoding: 'utf8' })
      expect([status, stderr]).toEqual([0, ''])
    }
    expect(r.spoiled(volume)).toEqual([])
  })
})
