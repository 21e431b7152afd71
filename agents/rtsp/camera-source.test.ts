import { describe, expect, it } from 'vitest'
import type { FailureCode } from '../../server/contract/health.js'
import { CameraSource, type SourceState, type SourceSpec } from './camera-source.js'
import { RtspFault } from './fault.js'
import { FragmentWriter } from './mp4-fragment.js'
import type { MediaInit, PullSink } from './pull.js'
import { afterEnd, delayMs, firstAttempt, OWN_RETRY_MS } from './reconnect.js'

const sets = { sps: Buffer.from([0x67, 1]), pps: Buffer.from([0x68, 2]) }
const init: MediaInit = { bytes: Buffer.from('init'), audio: null, video: { kind: 'h264', codec: 'avc1.42c01f', width: 640, height: 360, fps: 10, sets } }
const settle = async () => { for (let i = 0; i < 4; i++) await Promise.resolve() }

/** A source whose upstream is played by the test. */
function stage (spec: Partial<SourceSpec> = {}) {
  const clock = { ms: 0 }
  const pulls: { client: string, sink: PullSink, fail (code: FailureCode): Promise<void>, closed: boolean }[] = []
  const start = (client: 'own' | 'ffmpeg') => (_t: unknown, sink: PullSink) => {
    let end: (f: RtspFault) => void = () => {}
    const ended = new Promise<RtspFault>(resolve => { end = resolve })
    const pull = { client, sink, closed: false, fail: (code: FailureCode) => { end(new RtspFault(code, code)); return settle() } }
    pulls.push(pull)
    return { ended, stats: () => ({ packetsLost: 1, droppedFrames: 0 }), check () {}, close () { pull.closed = true; end(new RtspFault('internal', 'closed')) } }
  }
  const states: string[] = []
  const source = new CameraSource({ deviceId: 'd', profile: 'sub', target: { host: 'h', port: 1, path: '/', login: null }, client: 'auto', always: true, ...spec },
    { own: start('own'), ffmpeg: start('ffmpeg') }, { wall: () => clock.ms, mono: () => clock.ms }, s => states.push(s.state.status), () => 1)
  const writer = new FragmentWriter(1)
  const frame = (key: boolean) => pulls.at(-1)!.sink.fragment({ bytes: writer.write(Buffer.from([0, 0, 0, 2, 0x65, 9]), clock.ms * 90, 9000, key), key, audio: false, atMs: clock.ms })
  const play = () => { pulls.at(-1)!.sink.init(init); frame(true) }
  const pass = (ms: number) => { clock.ms += ms; source.tick() }
  return { clock, pulls, states, source, frame, play, pass }
}
const viewer = () => {
  const seen: string[] = []
  return { seen, state: (s: SourceState) => { seen.push(s.status) }, init: () => { seen.push('init') }, fragment: (f: { key: boolean }) => { seen.push(f.key ? 'key' : 'delta') } }
}

describe('a camera source', () => {
  it('plays once a key frame came, and starts a later viewer with the group in memory', () => {
    const s = stage()
    s.source.tick()
    s.pulls[0]!.sink.init(init)
    expect(s.source.state.status).toBe('connecting')
    s.frame(false)
    s.frame(true)
    s.frame(false)
    const late = viewer()
    s.source.watch(late)
    s.frame(true)
    expect(s.pulls).toHaveLength(1)
    expect(late.seen).toEqual(['playing', 'init', 'key', 'delta', 'key'])
    expect(s.source.keyFrame()!.annexB.toString('hex')).toBe('000000016701' + '000000016802' + '000000016509')
  })
  it('hurried, it gives up an attempt that hangs and begins with short pauses anew; what plays is left alone', async () => {
    const s = stage()
    s.source.tick()
    for (let i = 0; i < 5; i++) {
      await s.pulls.at(-1)!.fail('connection_timeout')
      s.pass(60_000)
    }
    s.pass(1500)
    s.source.hurry()
    expect([s.pulls.length, s.pulls[5]!.closed]).toEqual([7, true])
    await s.pulls[6]!.fail('connection_timeout')
    s.pass(1000)
    expect(s.pulls.length).toBe(8)
    s.play()
    s.pass(20_000)
    s.source.hurry()
    expect([s.pulls.length, s.source.state.status]).toEqual([8, 'playing'])
  })
  it('is not hurried out of its pauses again and again, nor into a refused password', async () => {
    const s = stage()
    s.source.tick()
    await s.pulls[0]!.fail('connection_reset')
    s.source.hurry()
    await s.pulls[1]!.fail('connection_reset')
    s.pass(100)
    s.source.hurry()
    expect(s.pulls.length).toBe(2)
    s.pass(60_000)
    await s.pulls[2]!.fail('authentication_failed')
    s.pass(15_000)
    s.source.hurry()
    expect(s.pulls.length).toBe(3)
  })
  it('on demand lingers after the last viewer and then stops', () => {
    const s = stage({ always: false })
    s.pass(0)
    expect(s.pulls).toHaveLength(0)
    const leave = s.source.watch(viewer())
    s.play()
    leave()
    s.pass(9000)
    expect(s.source.state.status).toBe('playing')
    s.pass(1000)
    expect([s.source.state.status, s.pulls[0]!.closed]).toEqual(['stopped', true])
    s.pass(60_000)
    expect(s.pulls).toHaveLength(1)
  })
  it('comes back with back-off, showing the failure until it plays again', async () => {
    const s = stage()
    s.source.tick()
    await s.pulls[0]!.fail('connection_refused')
    expect(s.source.state).toMatchObject({ status: 'failed', failure: { code: 'connection_refused' } })
    s.pass(999)
    expect(s.pulls).toHaveLength(1)
    s.pass(1)
    expect(s.pulls).toHaveLength(2)
    expect(s.source.state.status).toBe('failed')
    s.play()
    expect(s.source.state).toMatchObject({ status: 'playing', failure: null })
    await s.pulls[1]!.fail('stream_stalled')
    expect(s.source.state.status).toBe('stalled')
    expect(s.source.measure()).toMatchObject({ reconnects: 2, packetsLost: 2 })
  })
  it('hands over to ffmpeg after three faults of protocol, and tries itself again after an hour', async () => {
    const s = stage()
    for (let i = 0; i < 3; i++) {
      s.pass(60_000)
      await s.pulls[i]!.fail('protocol_error')
    }
    s.pass(60_000)
    expect(s.pulls.map(p => p.client)).toEqual(['own', 'own', 'own', 'ffmpeg'])
    s.play()
    expect(s.source.state.client).toBe('ffmpeg')
    s.pass(OWN_RETRY_MS)
    expect(s.pulls[3]!.closed).toBe(true)
    await settle()
    s.pass(60_000)
    expect(s.pulls.at(-1)!.client).toBe('own')
    await s.pulls.at(-1)!.fail('protocol_error')
    s.pass(60_000)
    expect(s.pulls.at(-1)!.client).toBe('ffmpeg')
  })
  it('retired tells its viewers and never starts again', () => {
    const s = stage()
    s.source.tick()
    s.play()
    const last = viewer()
    s.source.watch(last)
    s.source.retire()
    s.pass(60_000)
    expect(last.seen.at(-1)).toBe('stopped')
    expect(s.pulls).toHaveLength(1)
  })
  it('measures frames, bits and the key-frame interval', () => {
    const s = stage()
    s.source.tick()
    s.play()
    for (let i = 1; i <= 50; i++) { s.clock.ms += 100; s.frame(i % 10 === 0) }
    expect(s.source.measure()).toMatchObject({ fps: 10, keyFrameIntervalMs: 1000, bitrateBps: Math.round(51 * 114 * 8 / 5) })
  })
})

describe('attempts', () => {
  it.each<FailureCode>(['authentication_failed', 'connection_refused', 'network_unreachable', 'stream_stalled', 'no_stream', 'wrong_identity'])('%s never brings ffmpeg in', code => {
    let a = firstAttempt('auto')
    for (let i = 0; i < 20; i++) a = afterEnd(a, code, 0, 'auto', i * 30_000)
    expect(a.client).toBe('own')
  })
  it('ffmpeg stays when it was chosen', () => {
    expect(afterEnd(firstAttempt('ffmpeg'), 'protocol_error', 0, 'ffmpeg', OWN_RETRY_MS * 2).client).toBe('ffmpeg')
  })
  it('a stream that has proven itself forgets old faults', () => {
    const a = afterEnd({ failures: 9, ownFaults: 2, client: 'own', fellBackMs: null }, 'protocol_error', 60_000, 'auto', 0)
    expect(a).toMatchObject({ failures: 1, ownFaults: 1, client: 'own' })
  })
  it('wait 1 s to 30 s, spread over half of it; a refused password waits longest', () => {
    expect([1, 2, 3, 9].map(n => delayMs(n, 'timeout', 1))).toEqual([1000, 2000, 4000, 30_000])
    expect(delayMs(1, 'timeout', 0)).toBe(500)
    expect(delayMs(1, 'authentication_failed', 0)).toBe(15_000)
  })
})
