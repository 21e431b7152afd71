/** Motion of a real stream: a camera of the town whose cars drive all the while, and the same with a lens that nothing moves before. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { renderDemoClips } from '../../fixtures/rtsp/render.js'
import { type RtspServer, startRtspServer } from '../../fixtures/rtsp/server.js'
import { systemClock } from '../../lib/clock.js'
import { newId } from '../../lib/ids.js'
import { makeLog } from '../../lib/log.js'
import { projectRoot } from '../../lib/project-root.js'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import type { ObservationOf } from '../../server/contract/health.js'
import { defaultMotion, type MotionPlan } from '../../server/contract/motion.js'
import { createVideoCollector, type VideoCollector } from '../rtsp/collector.js'

const { regions, sensitivity, minAreaPercent, holdS } = defaultMotion
const everywhere: MotionPlan = { regions, sensitivity, minAreaPercent, holdS, ignore: [] }
const events: ObservationOf<'camera_event'>[] = []
const recorded: { from: number, to: number | null }[] = []
let server: RtspServer
let video: VideoCollector
let device: PlanDevice

beforeAll(async () => {
  const clips = await renderDemoClips(join(projectRoot(), '.cache/town'))
  server = await startRtspServer({ host: '127.0.0.1', port: 0, streams: { '/sub': clips.get('place 5')!.sub } })
  device = { id: newId(), kind: 'camera', name: 'C', address: '127.0.0.1', credential: null, motion: everywhere, camera: { onvif: null, rtsp: { port: server.port, mainPath: '/sub', subPath: null }, pull: 'always' } }
  video = createVideoCollector({ log: makeLog('motion-story', 'silent'), clock: systemClock, media: null, resolvePaths: () => Promise.reject(new Error('paths are known')), record: (_, event) => { recorded.push(event) }, emit: { samples () {}, observation (o) { if (o.kind === 'camera_event') events.push(o) } } })
})
afterAll(async () => {
  await video?.stop()
  await server?.close()
})
const phases = () => events.map(e => e.phase)

it('begins, is shown as a level, and starts the recording; a hidden or covered picture ends it', async () => {
  video.plan([device])
  await expect.poll(phases, { timeout: 40_000 }).toEqual(['begin'])
  expect(events[0]).toMatchObject({ deviceId: device.id, type: 'motion', source: 'kalancha' })
  expect(recorded).toEqual([{ from: events[0]!.at, to: null }])
  const levels = await video.motionLevels(device.id)
  expect(levels).toMatchObject({ state: 'watching', moving: true })
  expect(Math.max(...levels!.levels.map(l => l.percent))).toBeGreaterThan(minAreaPercent)
  // Everything behind a mask: the settings change without a new stream.
  const { accepted } = server.counts()
  video.plan([{ ...device, motion: { ...everywhere, ignore: [[[0, 0], [1, 0], [1, 1], [0, 1]]] } }])
  await expect.poll(phases, { timeout: 40_000 }).toEqual(['begin', 'end'])
  expect(recorded.at(-1)).toEqual({ from: events[0]!.at, to: events[1]!.at })
  expect(server.counts().accepted).toBe(accepted)
})

it('sees nothing where nothing moves', async () => {
  await server.show('covered')
  video.plan([device])
  await expect.poll(async () => (await video.motionLevels(device.id))?.levels.length ?? 0, { timeout: 40_000 }).toBeGreaterThan(20)
  const before = phases().length
  await expect.poll(async () => (await video.motionLevels(device.id))?.levels.at(-1)?.percent, { timeout: 40_000 }).toBe(0)
  expect(phases().slice(before).filter(p => p === 'begin')).toEqual([])
})

it('rests where the camera tells of motion itself', async () => {
  await server.show('normal')
  await expect.poll(() => phases().at(-1), { timeout: 40_000 }).toBe('begin')
  video.reportsMotion(device.id)
  await expect.poll(() => phases().at(-1), { timeout: 20_000 }).toBe('end')
  expect(await video.motionLevels(device.id)).toMatchObject({ state: 'camera_reports' })
})
