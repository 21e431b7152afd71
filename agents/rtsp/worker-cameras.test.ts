import { describe, expect, it } from 'vitest'
import { newId } from '../../lib/ids.js'
import type { StartPull } from './camera-source.js'
import { RtspFault } from './fault.js'
import { WorkerCameras } from './worker-cameras.js'
import type { WorkerCamera } from './worker-messages.js'

const camera = (more: Partial<WorkerCamera['device']['camera']> = {}, change: Partial<WorkerCamera> = {}): WorkerCamera => ({
  device: { id: newId(), kind: 'camera', name: 'c', address: '192.0.2.1', credential: null, camera: { onvif: null, rtsp: { port: 554, mainPath: '/m', subPath: '/s' }, pull: 'always', ...more } },
  port: 554, mainPath: '/m', subPath: '/s', failure: null, ...change
})
const settle = async () => { for (let i = 0; i < 6; i++) await Promise.resolve() }

function stage () {
  const clock = { ms: 0 }
  const opened: string[] = []
  const start: StartPull = target => {
    opened.push(target.path)
    let end: (f: RtspFault) => void = () => {}
    const ended = new Promise<RtspFault>(resolve => { end = resolve })
    return { ended, stats: () => ({ packetsLost: 0, droppedFrames: 0 }), check () {}, close: () => end(new RtspFault('internal', '')) }
  }
  const probes: { resolve (ms: number): void, reject (e: Error): void }[] = []
  const cameras = new WorkerCameras({ own: start, ffmpeg: start }, () => new Promise((resolve, reject) => { probes.push({ resolve, reject }) }), { wall: () => clock.ms, mono: () => clock.ms }, 1)
  const pass = (ms: number) => { clock.ms += ms; return cameras.tick().observations }
  return { cameras, opened, probes, pass }
}

describe('the cameras of a worker', () => {
  it('pull the sub-stream, or the main one where there is no other', () => {
    const s = stage()
    s.cameras.plan([camera(), camera({}, { subPath: null }), camera({ pull: 'on_demand' })])
    s.pass(0)
    expect(s.opened).toEqual(['/s', '/m'])
  })
  it('are not disturbed by a new plan unless how to reach them changed', () => {
    const s = stage()
    const one = camera()
    s.cameras.plan([one])
    s.pass(0)
    s.cameras.plan([{ ...one, device: { ...one.device, name: 'renamed' } }])
    s.pass(100)
    expect(s.opened).toHaveLength(1)
    s.cameras.plan([{ ...one, device: { ...one.device, address: '192.0.2.2' } }])
    s.pass(100)
    expect(s.opened).toHaveLength(2)
  })
  it('that nobody pulls are asked whether they are there', async () => {
    const s = stage()
    const quiet = camera({ pull: 'on_demand' })
    s.cameras.plan([quiet])
    s.pass(10_000)
    s.probes[0]!.resolve(7)
    await settle()
    expect(s.pass(250)).toEqual([expect.objectContaining({ kind: 'reachability', deviceId: quiet.device.id, ok: true, method: 'rtsp', rttMs: 7 })])
    s.pass(10_000)
    s.probes[1]!.reject(new RtspFault('connection_refused', 'no'))
    await settle()
    expect(s.pass(250)).toEqual([expect.objectContaining({ ok: false, failure: { code: 'connection_refused', detail: 'no' } })])
  })
  it('with ONVIF leave their reachability to it', () => {
    const s = stage()
    s.cameras.plan([camera({ onvif: { port: 80 }, pull: 'on_demand' })])
    s.pass(10_000)
    expect(s.probes).toHaveLength(0)
  })
  it('without a path say why', () => {
    const s = stage()
    const lost = camera({ onvif: { port: 80 } }, { mainPath: null, subPath: null, failure: { code: 'authentication_failed', detail: 'x' } })
    s.cameras.plan([lost])
    expect(s.pass(10_000)).toEqual([expect.objectContaining({ kind: 'stream', status: 'failed', failure: { code: 'authentication_failed', detail: 'x' } })])
    expect(s.cameras.find({ type: 'subscribe', stream: 1, deviceId: lost.device.id, profile: 'main', transcode: false })).toMatchObject({ failure: { code: 'authentication_failed' } })
  })
  it('are converted in a limited number; who came too late is told so, and gets the place that becomes free', () => {
    const s = stage()
    const [a, b] = [camera(), camera()]
    s.cameras.plan([a, b])
    const watch = (c: WorkerCamera) => {
      const found = s.cameras.find({ type: 'subscribe', stream: 1, deviceId: c.device.id, profile: 'sub', transcode: true })
      if ('failure' in found) throw new Error('refused')
      const states: (string | undefined)[] = []
      const leave = found.stream.watch({ state: state => states.push(state.failure?.code), init () {}, fragment () {} })
      return { stream: found.stream, transcoded: found.transcoded, states, leave }
    }
    const first = watch(a)
    const same = watch(a)
    const late = watch(b)
    expect(same.stream).toBe(first.stream)
    expect([first.transcoded, first.states.at(-1), late.transcoded, late.states.at(-1)]).toEqual([true, undefined, true, 'transcoder_busy'])
    first.leave()
    expect(late.states.at(-1)).toBe('transcoder_busy')
    same.leave()
    expect(late.states.at(-1)).toBe(undefined)
    const again = watch(a)
    expect(again.states.at(-1)).toBe('transcoder_busy')
    again.leave()
    late.leave()
    expect(watch(a).states.at(-1)).toBe(undefined)
  })
})
