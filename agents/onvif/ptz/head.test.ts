/** Heads against the fixture camera, over real sockets. */
import { afterEach, describe, expect, it } from 'vitest'
import { pino } from 'pino'
import { type OnvifCameraOptions, type OnvifFixture, startOnvifCamera } from '../../../fixtures/onvif/camera.js'
import { systemClock } from '../../../lib/clock.js'
import { newId } from '../../../lib/ids.js'
import type { PlanDevice } from '../../../server/contract/agent-link.js'
import type { PtzOrder } from '../../../server/contract/ptz.js'
import { createHeads, type Heads } from './heads.js'

const options: OnvifCameraOptions = {
  host: '127.40.3.1', port: 0, users: [{ username: 'op', password: 'secret' }], name: 'PTZ', model: 'M', serial: 'S', rtspPort: 8554, mainPath: '/main', subPath: '/sub', services: { ptz: true }
}
let camera: OnvifFixture
let heads: Heads | null = null
let device: PlanDevice
let seq = 0
let rested: string[] = []
const run = newId()

async function start (change: Partial<OnvifCameraOptions> = {}) {
  camera = await startOnvifCamera({ ...options, ...change })
  device = {
    id: newId(), kind: 'camera', name: 'PTZ', address: camera.host, credential: { kind: 'password', username: 'op', password: 'secret' },
    camera: { rtsp: { port: 8554, mainPath: '/main', subPath: '/sub', transport: 'tcp' }, onvif: { port: camera.port }, pull: 'always' } as unknown as NonNullable<PlanDevice['camera']>
  }
  rested = []
  heads = createHeads({ clock: systemClock, log: pino({ level: 'silent' }), rested: id => rested.push(id) })
  heads.plan([device])
}
afterEach(async () => {
  await heads?.stop()
  await camera.close()
})

const say = (order: PtzOrder) => heads!.obey(device, { run, seq: ++seq, order }, AbortSignal.timeout(10_000))
const right: PtzOrder = { do: 'move', velocity: { pan: 1, tilt: 0, zoom: 0 }, holdMs: 1500 }
const asked = (method: string) => camera.journal.filter(j => j.method === method)
const codeOf = (promise: Promise<unknown>) => promise.then(() => 'none', (err: { code: string }) => err.code)

describe('a head', () => {
  it('tells what it can do, its presets and where it looks', async () => {
    await start()
    const { found } = await say({ do: 'find' })
    expect(found).toEqual({
      abilities: { panTilt: true, zoom: true, point: 'field_of_view', absolute: true, home: true, setHome: true, presets: true, maxPresets: 16 },
      presets: [{ token: 'Preset1', name: 'Entrance' }, { token: 'Preset2', name: 'Стоянка & <парк>' }], position: { pan: 0, tilt: 0, zoom: 0 }, moving: false
    })
  })
  it('of a fixed camera is none', async () => {
    await start({ services: { ptz: false } })
    expect((await say({ do: 'find' })).found).toEqual({ abilities: null, presets: [], position: null, moving: null })
    expect(await codeOf(say(right))).toBe('not_permitted')
  })
  it('goes on while it is asked for with one request a direction, and stands after the stop', async () => {
    await start()
    await say(right)
    expect(camera.ptz.moving).toBe(true)
    await Promise.all([say(right), say(right), say(right)])
    expect(asked('ContinuousMove')).toHaveLength(1)
    await say({ ...right, velocity: { pan: 0, tilt: -0.5, zoom: 0.25 } })
    expect(asked('ContinuousMove').at(-1)?.body).toMatch(/<tt:PanTilt x="0" y="-0.5"\/><tt:Zoom x="0.25"\/>.*PT2S/)
    const { position, moving } = await say({ do: 'stop' })
    expect(moving).toBe(false)
    expect(camera.ptz.moving).toBe(false)
    expect(position!.pan).toBeCloseTo(camera.ptz.position.x, 3)
    expect(position!.tilt).toBeLessThan(0)
  })
  it('stands when nobody asks for the move any more: the agent tells it', async () => {
    await start()
    await say({ ...right, holdMs: 300 })
    await expect.poll(() => asked('Stop').length, { timeout: 5000 }).toBe(1)
    expect(camera.ptz.moving).toBe(false)
  })
  it('stands when the agent dies: the camera ends the move itself', async () => {
    await start()
    await say(right)
    const [move] = asked('ContinuousMove')
    expect(move!.body).toContain('<tptz:Timeout>PT2S</tptz:Timeout>')
  })
  it('stops at once behind a move that hangs, and once more behind it', async () => {
    await start()
    await say({ do: 'find' })
    camera.faults.set({ kind: 'hang' }, ['ContinuousMove'])
    const move = codeOf(say(right))
    await expect.poll(() => asked('ContinuousMove').length).toBe(1)
    await say({ do: 'stop' })
    expect(await move).not.toBe('none')
    expect(camera.ptz.moving).toBe(false)
    await expect.poll(() => asked('Stop').length, { timeout: 5000 }).toBe(2)
  })
  it('is told to stop again where the camera failed to take it', async () => {
    await start()
    await say(right)
    camera.faults.set({ kind: 'reset' }, ['Stop'])
    const stop = say({ do: 'stop' })
    await expect.poll(() => asked('Stop').length, { timeout: 5000 }).toBeGreaterThan(1)
    camera.faults.clear()
    await stop
    expect(camera.ptz.moving).toBe(false)
  })
  it('never minds an order that is older than the last', async () => {
    await start()
    await say({ do: 'stop' })
    expect(await codeOf(heads!.obey(device, { run, seq: seq - 1, order: right }, AbortSignal.timeout(5000)))).toBe('internal')
    expect(asked('ContinuousMove')).toHaveLength(0)
    // Another run of the server counts anew.
    await heads!.obey(device, { run: newId(), seq: 1, order: right }, AbortSignal.timeout(5000))
    expect(asked('ContinuousMove')).toHaveLength(1)
  })
  it('is stopped when the agent ends, and when its camera leaves the plan', async () => {
    await start()
    await say(right)
    heads!.plan([])
    await expect.poll(() => camera.ptz.moving).toBe(false)
    heads!.plan([device])
    await say(right)
    await heads!.stop()
    expect(camera.ptz.moving).toBe(false)
  })
  it('goes to presets, home and a place in the picture', async () => {
    await start()
    await say({ do: 'go', to: { kind: 'preset', token: 'Preset2' } })
    expect(camera.ptz.position).toEqual({ x: -0.5, y: -0.2, z: 0.5 })
    // The upper right corner becomes the middle; zoomed in by 2 the view is half as wide.
    await say({ do: 'go', to: { kind: 'point', x: 1, y: 0 } })
    expect(camera.ptz.position.x).toBeCloseTo(-0.4)
    expect(camera.ptz.position.y).toBeCloseTo(-0.1)
    await say({ do: 'go', to: { kind: 'home' } })
    expect(camera.ptz.position).toEqual({ x: 0, y: 0, z: 0 })
    expect(await codeOf(say({ do: 'go', to: { kind: 'preset', token: 'none' } }))).toBe('protocol_error')
  })
  it('without the camera\'s own field of view goes to no place in the picture', async () => {
    await start({ head: { halfView: null } })
    expect((await say({ do: 'find' })).found?.abilities?.point).toBe(null)
    expect(await codeOf(say({ do: 'go', to: { kind: 'point', x: 1, y: 0 } }))).toBe('not_permitted')
  })
  it('keeps, places anew and forgets presets, and takes a new home', async () => {
    await start()
    await say({ do: 'go', to: { kind: 'preset', token: 'Preset1' } })
    const { token } = await say({ do: 'edit', edit: { kind: 'add', name: 'Міст «А» & Б' } })
    expect(camera.ptz.presets.at(-1)).toEqual({ token, name: 'Міст «А» & Б', position: { x: 0.5, y: 0.1, z: 0 } })
    await say({ do: 'edit', edit: { kind: 'set_home' } })
    await say({ do: 'go', to: { kind: 'preset', token: 'Preset2' } })
    await say({ do: 'edit', edit: { kind: 'place', token: token!, name: 'Інше' } })
    expect(camera.ptz.presets.at(-1)).toEqual({ token, name: 'Інше', position: { x: -0.5, y: -0.2, z: 0.5 } })
    await say({ do: 'edit', edit: { kind: 'remove', token: token! } })
    expect(camera.ptz.presets.map(p => p.token)).toEqual(['Preset1', 'Preset2'])
    await say({ do: 'go', to: { kind: 'home' } })
    expect(camera.ptz.position).toEqual({ x: 0.5, y: 0.1, z: 0 })
  })
})
