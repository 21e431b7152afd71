import { afterEach, describe, expect, it } from 'vitest'
import { type OnvifCameraOptions, type OnvifFixture, startOnvifCamera } from '../../../fixtures/onvif/camera.js'
import type { FixtureEvent } from '../../../fixtures/onvif/events.js'
import { makeLog } from '../../../lib/log.js'
import type { Observation, ObservationOf } from '../../../server/contract/health.js'
import { OnvifCamera } from '../camera-control.js'
import { CameraFailure } from '../failure.js'
import { Gate } from '../gate.js'
import { pullPauseMs, renewAt, retryAfterMs } from './backoff.js'
import { EventSource } from './event-source.js'

type Seen = ObservationOf<'camera_event'>
let fixture: OnvifFixture | null = null
const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  await fixture?.close()
  fixture = null
})

const motion = (on: boolean): FixtureEvent => ({ topic: 'tns1:RuleEngine/CellMotionDetector/Motion', source: { VideoSourceConfigurationToken: 'V1', Rule: 'M' }, data: { IsMotion: String(on) } })

/** A camera and its source; waits take no time, but are noted. The clock is the test's own where `jump` moves it. */
async function follow (change: Partial<OnvifCameraOptions> = {}, password = 'p') {
  let ahead = 0
  const clock = { now: () => Date.now() + ahead }
  const camera = await startOnvifCamera({ host: '127.41.3.1', port: 0, users: [{ username: 'u', password: 'p' }], name: 'E', model: 'E', serial: 'E', rtspPort: 1, mainPath: '/m', subPath: '/s', ...change })
  fixture = camera
  const seen: Seen[] = []
  const waits: number[] = []
  const waiting: { until: (s: Seen[]) => boolean, resolve: () => void }[] = []
  const look = () => { for (const w of [...waiting]) if (w.until(seen)) { waiting.splice(waiting.indexOf(w), 1); w.resolve() } }
  const control = new OnvifCamera({ address: camera.host, port: camera.port, tls: false, login: { username: 'u', password } }, { clock })
  const source = new EventSource('018f0000-0000-7000-8000-000000000001', control, {
    emit: { observation: (o: Observation) => { if (o.kind === 'camera_event') seen.push(o); look() } }, clock, log: makeLog('test', 'silent'), subscribing: new Gate(4),
    wait: async (ms, signal) => { waits.push(ms); await new Promise(resolve => { setImmediate(resolve) }); if (waits.length > 50 && !signal.aborted) await new Promise(resolve => { signal.addEventListener('abort', resolve) }) }
  })
  const stop = new AbortController()
  const done = source.run(stop.signal)
  stops.push(async () => { stop.abort(); await done })
  return {
    camera, seen, waits, source, jump: (ms: number) => { ahead += ms },
    told: (until: (s: Seen[]) => boolean) => new Promise<void>(resolve => { waiting.push({ until, resolve }); look() }),
    stop: async () => { stop.abort(); await done }
  }
}
const has = (phase: Seen['phase'], type: Seen['type'] = 'motion') => (s: Seen[]) => s.some(o => o.phase === phase && o.type === type)
const turn = () => new Promise<void>(resolve => { setImmediate(resolve) })
const asked = (camera: OnvifFixture, method: string) => camera.journal.filter(e => e.method === method)

describe('following a camera\'s events', () => {
  it.each<[string, Partial<OnvifCameraOptions>]>([
    ['an address for each subscription', {}],
    ['reference parameters', { events: { style: 'reference' } }],
    ['strict addressing', { events: { strictAddressing: true } }],
    ['times of another zone', { events: { times: 'offset' } }],
    ['times that are no times', { events: { times: 'zero' } }],
    ['HTTP digest alone', { authentication: { token: false } }],
    ['no GetServices', { services: { getServices: false, media2: false } }]
  ])('tells a state\'s beginning and end, and gives the subscription back (%s)', async (_name, change) => {
    const f = await follow({ ...change, events: { states: [motion(false)], ...change.events } })
    await f.told(has('end'))
    f.camera.events.set(motion(true))
    await f.told(has('begin'))
    f.camera.events.set(motion(false))
    await f.told(s => s.filter(o => o.phase === 'end').length === 2)
    expect(f.seen.map(o => `${o.phase} ${o.type} ${o.source}`)).toEqual(['end motion V1/M', 'begin motion V1/M', 'end motion V1/M'])
    expect(f.camera.events.count).toBe(1)
    await f.stop()
    expect(f.camera.events.count).toBe(0)
  })

  it('never leaves the approved host, wherever the subscription is said to be', async () => {
    const f = await follow()
    f.camera.faults.set({ kind: 'spoof', host: '127.41.3.99', port: 9 })
    f.camera.events.set(motion(true))
    await f.told(has('begin'))
    expect(asked(f.camera, 'PullMessages').length).toBeGreaterThan(0)
  })

  it('subscribes anew after a restart of the camera', async () => {
    const f = await follow({ events: { states: [motion(true)] } })
    await f.told(has('begin'))
    f.camera.events.reset()
    while (f.camera.events.count === 0) await turn()
    f.camera.events.send({ topic: 'tns1:RuleEngine/LineDetector/Crossed', source: { Rule: 'H' }, data: { ObjectId: '1' } })
    await f.told(has('pulse', 'line_crossed'))
    expect(asked(f.camera, 'CreatePullPointSubscription')).toHaveLength(2)
  })

  it('renews before the end', async () => {
    const f = await follow({ events: { impatient: true, maxLifeMs: 300_000 } })
    while (asked(f.camera, 'PullMessages').length === 0) await turn()
    f.jump(245_000)
    while (asked(f.camera, 'Renew').length === 0) await turn()
    expect(asked(f.camera, 'CreatePullPointSubscription')).toHaveLength(1)
  })

  it.each([true, false])('asks a camera whether motion that lasts is still so, and believes it (%s)', async still => {
    const f = await follow({ events: { impatient: true } })
    while (f.camera.events.count === 0) await turn()
    f.camera.events.set(motion(true))
    await f.told(has('begin'))
    if (!still) f.camera.events.forget(motion(true))
    f.jump(8 * 60_000)
    while (asked(f.camera, 'SetSynchronizationPoint').length === 0) await turn()
    const pulls = asked(f.camera, 'PullMessages').length
    while (asked(f.camera, 'PullMessages').length < pulls + 2) await turn()
    f.jump(2.5 * 60_000)
    f.source.tick()
    expect(f.seen.filter(o => o.phase === 'end').map(o => o.data)).toEqual(still ? [] : [{ closed: 'timeout' }])
  })

  it('does not pull without rest from a camera that answers at once with nothing', async () => {
    const f = await follow({ events: { impatient: true } })
    while (asked(f.camera, 'PullMessages').length < 3) await turn()
    expect(f.waits.filter(ms => ms > 500).length).toBeGreaterThanOrEqual(2)
  })

  it('says once why a camera gives no events, and that it does again', async () => {
    const f = await follow({ events: { states: [motion(true)] } })
    await f.told(has('begin'))
    f.camera.faults.set({ kind: 'soap', subcode: 'ActionNotSupported', code: 'Receiver' }, ['PullMessages', 'CreatePullPointSubscription'])
    f.camera.events.send(motion(true))
    await f.told(s => s.some(o => o.source === 'kalancha:subscription' && o.phase === 'begin'))
    expect(f.seen.find(o => o.source === 'kalancha:subscription')?.data.code).toBe('not_supported')
    expect(f.seen.find(o => o.phase === 'end' && o.type === 'motion')?.data).toEqual({ closed: 'subscription_lost' })
    f.camera.faults.clear()
    await f.told(s => s.some(o => o.source === 'kalancha:subscription' && o.phase === 'end'))
    await f.told(s => s.filter(o => o.phase === 'begin' && o.type === 'motion').length === 2)
  })

  it('waits long after a refused password', async () => {
    const f = await follow({ authentication: { digest: [] } }, 'wrong')
    await f.told(s => s.some(o => o.data.code === 'authentication_failed'))
    expect(f.waits[0]).toBe(60_000)
  })

  it.each([['a camera without the service', { services: { events: false } }, 'not_supported'], ['no free place', { events: { maxSubscriptions: 0 } }, 'protocol_error']])('says so of %s', async (_name, change, code) => {
    const f = await follow(change)
    await f.told(s => s.some(o => o.data.code === code))
  })

  it('reads no answer that is too large, and survives it', async () => {
    const f = await follow({ events: { impatient: true, states: [motion(true)] } })
    f.camera.faults.set({ kind: 'huge' }, ['PullMessages'])
    await f.told(s => s.some(o => o.data.code === 'answer_too_large'))
    f.camera.faults.clear()
    await f.told(has('begin'))
  })
})

describe('the pace', () => {
  it('backs off to five minutes, and rests between pulls', () => {
    const away = new CameraFailure('timeout', '')
    expect([1, 2, 3, 4, 5, 6, 7, 50].map(n => retryAfterMs(away, n))).toEqual([2000, 5000, 15_000, 30_000, 60_000, 120_000, 300_000, 300_000])
    expect(retryAfterMs(new CameraFailure('authentication_failed', ''), 1)).toBe(60_000)
    expect(retryAfterMs(new CameraFailure('not_permitted', ''), 1)).toBe(900_000)
    expect([pullPauseMs(5, 0), pullPauseMs(20_000, 0), pullPauseMs(50, 3)]).toEqual([995, 0, 150])
  })
  it('renews a minute before the end, or half-way through a short life', () => {
    expect(renewAt(0, 600_000)).toBe(540_000)
    expect(renewAt(0, 60_000)).toBe(30_000)
  })
})
