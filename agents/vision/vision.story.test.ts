/** The town's own pictures over RTSP, one camera for each fault: found by its name, alone, and over when it is healed. The last camera is left alone all the while. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pictureFaults as townFaults } from '../../fixtures/town/control.js'
import { renderDemoClips } from '../../fixtures/rtsp/render.js'
import { type RtspServer, startRtspServer } from '../../fixtures/rtsp/server.js'
import type { FaultyView } from '../../fixtures/rtsp/views.js'
import { systemClock } from '../../lib/clock.js'
import { newId } from '../../lib/ids.js'
import { makeLog } from '../../lib/log.js'
import { projectRoot } from '../../lib/project-root.js'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import type { PictureFault } from '../../server/contract/health.js'
import { defaultPolicy } from '../../server/contract/recording.js'
import { createVideoCollector, type VideoCollector } from '../rtsp/collector.js'
import { createVision, type Vision } from './collector.js'

const faults: [FaultyView, PictureFault][] = [['covered', 'covered'], ['blurred', 'blurred'], ['moved', 'moved'], ['noisy', 'noise'], ['dark', 'black'], ['overexposed', 'overexposed'], ['grey', 'colour_loss'], ['frozen', 'frozen']]
/** It is noon there now, when a grey picture is a fault. */
const zoneAtNoon = () => { const hours = 12 - new Date().getUTCHours(); return `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}` }

const folder = mkdtempSync(join(tmpdir(), 'kalancha-vision-story-'))
const servers: RtspServer[] = []
const devices: PlanDevice[] = []
const told = new Map<string, string[]>()
let video: VideoCollector
let vision: Vision
/** What stands at each of the cameras with a fault. */
const standing = () => expect.poll(() => faults.map((_, i) => told.get(devices[i]!.id)?.at(-1)), { timeout: 70_000, interval: 200 })

beforeAll(async () => {
  const clips = [...(await renderDemoClips(join(projectRoot(), '.cache/town'))).values()]
  for (let i = 0; i <= faults.length; i++) {
    const clip = clips[i % clips.length]!.sub
    const server = await startRtspServer({ host: '127.0.0.1', port: 0, streams: { '/sub': clip } })
    servers.push(server)
    devices.push({ id: newId(), kind: 'camera', name: `C${i}`, address: '127.0.0.1', credential: null, recording: { policy: { ...defaultPolicy, mode: 'off' }, timeZone: zoneAtNoon() },
      camera: { onvif: null, rtsp: { port: server.port, mainPath: '/sub', subPath: null }, pull: 'always' } })
  }
  const log = makeLog('vision-story', 'silent')
  video = createVideoCollector({ emit: { observation () {}, samples () {} }, log, clock: systemClock, media: null, resolvePaths: () => Promise.reject(new Error('paths are known')) })
  vision = createVision({ log, clock: systemClock, folder, lookEveryMs: 1500, keyFrame: id => video.keyFrame(id, 'sub'), emit: { samples () {}, observation (o) { if (o.kind === 'picture') told.set(o.deviceId, [...told.get(o.deviceId) ?? [], o.faults.join()]) } } })
  video.plan(devices)
  vision.plan(devices)
})
afterAll(async () => {
  await vision?.stop()
  await video?.stop()
  for (const server of servers) await server.close()
  rmSync(folder, { recursive: true, force: true })
})

it('the town can do each of them', () => {
  expect(new Set([...Object.values(townFaults), 'frozen'])).toEqual(new Set(faults.map(([view]) => view)))
})

it('every fault is told by its own name, and ends when it is healed', async () => {
  await expect.poll(async () => (await Promise.all(devices.map(d => vision.pictures(d.id)))).every(p => p.reference !== null), { timeout: 45_000, interval: 500 }).toBe(true)
  await Promise.all(faults.map(([view], i) => servers[i]!.show(view)))
  await standing().toEqual(faults.map(([, fault]) => fault))
  await Promise.all(faults.map((_, i) => servers[i]!.show('normal')))
  await standing().toEqual(faults.map(() => ''))
  expect(faults.map((_, i) => new Set(told.get(devices[i]!.id)))).toEqual(faults.map(([, fault]) => new Set(['', fault])))
  expect(told.get(devices.at(-1)!.id)).toEqual([''])
}, 240_000)
