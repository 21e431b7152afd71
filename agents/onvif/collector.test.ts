import { afterEach, describe, expect, it } from 'vitest'
import { Value } from 'typebox/value'
import { type OnvifCameraOptions, type OnvifFixture, startOnvifCamera } from '../../fixtures/onvif/camera.js'
import { newId } from '../../lib/ids.js'
import { makeLog } from '../../lib/log.js'
import type { PlanDevice } from '../../server/contract/agent-link.js'
import { Observation, SampleSet } from '../../server/contract/health.js'
import type { Collector } from '../collector.js'
import { createOnvifCollector, type OnvifCollectorDeps } from './collector.js'
import type { Announcement } from './discover.js'

const log = makeLog('test', 'silent')
const options: OnvifCameraOptions = {
  host: '127.42.0.1', port: 0, users: [{ username: 'viewer', password: 'right' }], name: 'c', model: 'KC-1', serial: 'S', rtspPort: 8554, mainPath: '/m', subPath: '/s'
}
const fixtures: OnvifFixture[] = []
let collector: Collector | null = null
afterEach(async () => {
  await collector?.stop()
  await Promise.all(fixtures.splice(0).map(f => f.close()))
})

const deviceFor = (fixture: { host: string, port: number }, password = 'right'): PlanDevice => ({
  id: newId(), kind: 'camera', name: 'c', address: fixture.host, credential: { kind: 'password', username: 'viewer', password },
  camera: { onvif: { port: fixture.port }, rtsp: { port: 554, mainPath: null, subPath: null }, pull: 'always' }
})

/** A collector whose clock and timers stand still until the test moves them. */
function bench (extra: Partial<OnvifCollectorDeps> = {}) {
  world.now = Date.now()
  const observations: Observation[] = []
  const samples: SampleSet[] = []
  let due: { at: number, work: () => void }[] = []
  const made = createOnvifCollector({
    emit: { observation: o => { Value.Assert(Observation, o); observations.push(o) }, samples: s => { Value.Assert(SampleSet, s); samples.push(s) } }, log, clock: { now: () => world.now },
    ...extra,
    timers: {
      set: (work, ms) => { const timer = { at: world.now + ms, work }; due.push(timer); return timer },
      clear: timer => { due = due.filter(t => t !== timer) }
    }
  })
  collector = made
  /** Jumps to the next timer and lets it run. */
  const next = () => {
    due.sort((a, b) => a.at - b.at)
    const timer = due.shift()
    if (!timer) throw new Error('nothing is due')
    world.now = Math.max(world.now, timer.at)
    timer.work()
  }
  return { collector: made, observations, samples, next, due: () => due }
}
/** Stands for world time: the cameras' clocks and the collector's are the same unless a fault says otherwise. */
const world = { now: Date.now() }
const camera = async (change: Partial<OnvifCameraOptions> = {}) => {
  const made = await startOnvifCamera({ ...options, clock: { now: () => world.now }, ...change })
  fixtures.push(made)
  return made
}
const kinds = (observations: Observation[]) => observations.map(o => o.kind === 'reachability' ? (o.ok ? 'ok' : o.failure?.code) : o.kind)

describe('the ONVIF collector', () => {
  it('tells reachability, clock and identity of a camera that works', async () => {
    const b = bench()
    b.collector.plan([deviceFor(await camera())])
    b.next()
    await expect.poll(() => b.due().length).toBe(1)
    expect(kinds(b.observations)).toEqual(['ok', 'clock', 'identity'])
    expect(b.observations[2]).toMatchObject({ manufacturer: 'Kalancha', model: 'KC-1', serial: 'S' })
    expect(b.samples.map(s => s.series[0])).toEqual(['rtt_ms', 'clock_offset_ms'])
    b.next()
    await expect.poll(() => b.due().length).toBe(1)
    expect(kinds(b.observations).slice(3)).toEqual(['ok'])
  })

  it('tells a wrong password apart, and does not knock again at once', async () => {
    const b = bench()
    const fixture = await camera({ authentication: { digest: [] } })
    b.collector.plan([deviceFor(fixture, 'wrong')])
    b.next()
    await expect.poll(() => b.due().length).toBe(1)
    expect(kinds(b.observations)).toEqual(['ok', 'clock', 'authentication_failed'])
    b.next()
    await expect.poll(() => b.due().length).toBe(1)
    expect(kinds(b.observations).slice(3)).toEqual(['authentication_failed'])
    expect(fixture.journal.filter(e => e.how === 'token')).toHaveLength(1)
    expect(JSON.stringify(b.observations)).not.toContain('wrong"')
  })

  it('a camera without a credential in the plan that wants one', async () => {
    const b = bench()
    const fixture = await camera()
    b.collector.plan([{ ...deviceFor(fixture), credential: null }])
    for (let i = 0; i < 2; i++) {
      b.next()
      await expect.poll(() => b.due().length).toBe(1)
    }
    expect(kinds(b.observations)).toEqual(['ok', 'clock', 'authentication_failed', 'authentication_failed'])
    expect(b.observations.at(-1)).toMatchObject({ failure: { detail: 'the camera asks for a user name and a password' } })
  })

  it('confirms a camera that went away by a second failed check, and notices its return', async () => {
    const b = bench()
    const fixture = await camera()
    b.collector.plan([deviceFor(fixture)])
    b.next()
    await expect.poll(() => b.due().length).toBe(1)
    await fixture.close()
    const from = b.observations.length
    for (let i = 0; i < 3; i++) {
      const before = b.observations.length
      b.next()
      await expect.poll(() => b.observations.length > before && b.due().length === 1).toBe(true)
    }
    const [first, second] = b.observations.slice(from)
    expect(kinds(b.observations.slice(from))).toEqual(['connection_refused', 'connection_refused', 'connection_refused'])
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBe(500)
    await camera({ port: fixture.port })
    b.next()
    await expect.poll(() => b.due().length).toBe(1)
    expect(b.observations.findLast(o => o.kind === 'reachability')).toMatchObject({ ok: true })
  })

  it('asks a camera thought down as soon as it says Hello', async () => {
    let say: (announcement: Announcement) => void = () => {}
    let closed = false
    const b = bench({ listen: async on => { say = on; return { close: async () => { closed = true } } } })
    const fixture = await camera()
    const device = deviceFor(fixture)
    const hello: Announcement = { kind: 'hello', finding: { address: fixture.host, port: 1, tls: false, path: '/', name: '', hardware: '', endpoint: '' } }
    b.collector.plan([device])
    await fixture.close()
    b.next()
    await expect.poll(() => kinds(b.observations)).toEqual(['connection_refused'])
    await camera({ port: fixture.port })
    say({ kind: 'bye', address: fixture.host, endpoint: '' })
    say({ kind: 'hello', finding: { ...hello.finding, address: '127.42.9.9' } })
    expect(fixtures.at(-1)?.journal).toEqual([])
    say(hello)
    await expect.poll(() => kinds(b.observations).includes('ok')).toBe(true)
    await expect.poll(() => b.due().length).toBe(1)
    const asked = fixtures.at(-1)?.journal.length
    // One that is up is left to its schedule: Hello cannot be used to make us ask.
    say(hello)
    expect(b.due().length).toBe(1)
    expect(fixtures.at(-1)?.journal.length).toBe(asked)
    await b.collector.stop()
    expect(closed).toBe(true)
  })

  it('tells a clock that jumps at once', async () => {
    const b = bench()
    const fixture = await camera()
    b.collector.plan([deviceFor(fixture)])
    b.next()
    await expect.poll(() => b.due().length).toBe(1)
    fixture.faults.set({ kind: 'clock', offsetMs: 3_600_000 })
    b.next()
    await expect.poll(() => b.observations.filter(o => o.kind === 'clock').length).toBe(2)
    const told = b.observations.findLast(o => o.kind === 'clock')
    expect(Math.abs((told?.offsetMs ?? 0) - 3_600_000)).toBeLessThan(1000)
  })

  it('hanging and dripping cameras hold nobody up', async () => {
    const b = bench()
    const bad = await Promise.all(Array.from({ length: 40 }, (_, i) => camera({ host: `127.42.1.${i + 1}` })))
    const good = await Promise.all(Array.from({ length: 5 }, (_, i) => camera({ host: `127.42.2.${i + 1}` })))
    for (const [i, fixture] of bad.entries()) fixture.faults.set(i % 2 ? { kind: 'hang' } : { kind: 'drip', everyMs: 50, headers: true })
    const badDevices = bad.map(f => deviceFor(f))
    const goodDevices = good.map(f => deviceFor(f))
    b.collector.plan(badDevices)
    while (b.due().length > 0) b.next()
    await expect.poll(() => b.observations.filter(o => o.kind === 'reachability' && !o.ok).length, { timeout: 15_000 }).toBe(40)
    // Now known as doubtful: while all of them hang again, the good ones are asked.
    while (b.due().length > 0) b.next()
    b.collector.plan([...badDevices, ...goodDevices])
    for (const device of goodDevices) b.collector.pollNow(device.id)
    await expect.poll(() => b.observations.filter(o => o.kind === 'identity').length, { timeout: 1500 }).toBe(5)
    expect(b.observations.filter(o => o.kind === 'reachability' && !o.ok && o.failure?.code !== 'timeout' && o.failure?.code !== 'answered_too_slowly')).toEqual([])
  })

  it('leaves unchanged cameras alone and forgets removed ones', async () => {
    const b = bench()
    const fixture = await camera()
    const device = deviceFor(fixture)
    b.collector.plan([device])
    b.next()
    await expect.poll(() => b.due().length).toBe(1)
    const timer = b.due()[0]
    b.collector.plan([{ ...device, name: 'renamed' }])
    expect(b.due()[0]).toBe(timer)
    b.collector.plan([{ ...device, credential: null }])
    expect(b.due()[0]).not.toBe(timer)
    b.collector.plan([])
    expect(b.due()).toEqual([])
    await b.collector.stop()
    await expect.poll(() => fixture.connections()).toBe(0)
  })
})
