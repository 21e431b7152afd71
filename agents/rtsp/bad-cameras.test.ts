/** Every way a camera can be bad, and the one name it gets. Deadlines are shortened, clocks are jumped. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Clip } from '../../fixtures/rtsp/clip.js'
import { type ClipSpec, renderClip } from '../../fixtures/rtsp/render.js'
import { type RtspServer, startRtspServer } from '../../fixtures/rtsp/server.js'
import { openRtsp } from './client.js'
import { startOwnPull } from './own-pull.js'
import type { MediaFragment, Pull } from './pull.js'
import { systemTime } from './timeline.js'

const spec: ClipSpec = { scene: 'street', title: 'Test', codec: 'h264', width: 320, height: 180, fps: 10, bitrateKbps: 200, seconds: 4 }
let clip: Clip
let server: RtspServer | null = null
let pull: Pull | null = null

beforeAll(async () => { clip = await renderClip(spec, join(tmpdir(), 'kalancha-test-clips')) })
afterEach(async () => {
  pull?.close()
  await pull?.ended
  await server?.close()
  server = pull = null
})

async function camera (fault: (s: RtspServer) => void = () => {}) {
  server = await startRtspServer({ host: '127.0.0.1', port: 0, streams: { '/main': clip } })
  fault(server)
  return server
}
const target = (s: RtspServer, path = '/main') => ({ host: '127.0.0.1', port: s.port, path, login: null })
const shake = (s: RtspServer) => openRtsp(target(s), { choose: all => [...all], packet () {}, tracks () {}, signal: new AbortController().signal, handshakeTimeoutMs: 150 })

/** A pull whose clock can be pushed on, and the frames it gave. */
function startPull (s: RtspServer, onFragment: (f: MediaFragment) => void = () => {}, path?: string) {
  let pushedMs = 0
  const time = { wall: () => systemTime.wall() + pushedMs, mono: () => systemTime.mono() + pushedMs }
  pull = startOwnPull(target(s, path), { init () {}, fragment: onFragment }, time, 0)
  return { pull, push: (ms: number) => { pushedMs += ms; pull?.check() } }
}
const until = <T>(start: (resolve: (value: T) => void) => void) => new Promise<T>(start)
const polled = (test: () => boolean) => until<void>(resolve => { const timer = setInterval(() => { if (test()) { clearInterval(timer); resolve() } }, 5) })

describe('the handshake ends by its deadline', () => {
  it('with a camera that takes the connection and says nothing', async () => {
    await expect(shake(await camera(s => { s.faults.hang = true }))).rejects.toMatchObject({ code: 'timeout' })
  })
  it('with one that drips a byte a second', async () => {
    server = await camera(s => { s.faults.drip = true })
    await expect(openRtsp(target(server), { choose: all => [...all], packet () {}, tracks () {}, signal: new AbortController().signal, handshakeTimeoutMs: 1300 })).rejects.toMatchObject({ code: 'answered_too_slowly' })
  })
})

describe('a camera that answers wrongly', () => {
  it('with an SDP of 64 MB is left at once', async () => {
    const s = await camera(x => { x.faults.hugeSdp = true })
    await expect(startPull(s).pull.ended).resolves.toMatchObject({ code: 'answer_too_large' })
  })
  it('by breaking off in the middle', async () => {
    const s = await camera(x => { x.faults.truncate = true })
    await expect(startPull(s).pull.ended).resolves.toMatchObject({ code: 'connection_reset' })
  })
  it('by sending us elsewhere is not followed', async () => {
    const s = await camera(x => { x.faults.redirectTo = 'rtsp://192.0.2.1/main' })
    await expect(startPull(s).pull.ended).resolves.toMatchObject({ code: 'wrong_identity' })
  })
  it('at another path', async () => {
    await expect(startPull(await camera(), undefined, '/other').pull.ended).resolves.toMatchObject({ code: 'no_stream' })
  })
  it('not at all', async () => {
    const s = await camera()
    await s.refuse(true)
    await expect(startPull(s).pull.ended).resolves.toMatchObject({ code: 'connection_refused' })
  })
  it('under a name nobody knows', async () => {
    pull = startOwnPull({ host: 'camera.invalid', port: 554, path: '/', login: null }, { init () {}, fragment () {} }, systemTime, 0)
    await expect(pull.ended).resolves.toMatchObject({ code: 'address_unresolved' })
  })
})

describe('a stream that goes wrong', () => {
  const first = (s: RtspServer, onFragment: (f: MediaFragment) => void = () => {}) => until<ReturnType<typeof startPull>>(resolve => {
    const p = startPull(s, f => { onFragment(f); resolve(p) })
  })

  it('stalls with its connection open', async () => {
    const s = await camera()
    const p = await first(s)
    s.faults.stall = true
    p.push(5000)
    await expect(p.pull.ended).resolves.toMatchObject({ code: 'stream_stalled' })
  })
  it('has no parameter sets', async () => {
    const s = await camera(x => { x.faults.noParameterSets = true })
    const p = startPull(s)
    await polled(() => s.counts().playing === 1)
    // Data flows all the while; only the sets never come.
    for (let pushed = 0; pushed < 10_000; pushed += 2000) {
      const before = s.counts().sentFrames
      await polled(() => s.counts().sentFrames > before + 1)
      p.push(2000)
    }
    await expect(p.pull.ended).resolves.toMatchObject({ code: 'no_parameter_sets' })
  })
  it('loses its interleaving', async () => {
    const s = await camera()
    const p = await first(s)
    s.faults.corruptInterleaving = true
    await expect(p.pull.ended).resolves.toMatchObject({ code: 'protocol_error' })
  })
  it('is reset by a reboot', async () => {
    const s = await camera()
    const p = await first(s)
    await s.reboot(10)
    await expect(p.pull.ended).resolves.toMatchObject({ code: 'connection_reset' })
  })
  it('loses packets: frames are left out until the next key frame, and counted', async () => {
    const s = await camera()
    const frames: MediaFragment[] = []
    const p = await first(s, f => frames.push(f))
    s.faults.dropEvery = 25
    await polled(() => p.pull.stats().packetsLost > 2)
    s.faults.dropEvery = 0
    const from = frames.length
    await polled(() => frames.slice(from).some(f => f.key))
    expect(p.pull.stats().droppedFrames).toBeGreaterThan(0)
  })
  it('arrives in pieces that end anywhere, whole all the same', async () => {
    const s = await camera(x => { x.faults.splitWrites = true })
    let frames = 0
    await until<void>(resolve => startPull(s, () => { if (++frames === 25) resolve() }))
    expect(pull!.stats()).toEqual({ packetsLost: 0, droppedFrames: 0 })
  })
  it('changes its picture size: a new init comes before the next key frame', async () => {
    const other = await renderClip({ ...spec, width: 256, height: 144 }, join(tmpdir(), 'kalancha-test-clips'))
    const s = await camera()
    const sizes: string[] = []
    await until<void>(resolve => {
      pull = startOwnPull(target(s), { init (i) { sizes.push(`${i.video.width}x${i.video.height}`); if (sizes.includes('256x144')) resolve() }, fragment () { if (s.counts().playing && sizes.length === 1) void s.show(other) } }, systemTime, 0)
    })
    expect(sizes).toEqual(['320x180', '256x144'])
  })
})
