/** What live video does when it is not easy: sound, H.265 in a browser without it, a slow line, a frozen camera. The tests are chapters of one story. */
import { readdirSync, readFileSync } from 'node:fs'
import type { WebSocket } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Device } from '../../server/contract/inventory.js'
import { EAR, listen } from './ear.js'
import { until } from './program.js'
import { SlowLine } from './slow-line.js'
import { System } from './system.js'
import { PLAIN_HOST, type TileLook, Wall } from './wall.js'

const TONE_HZ = 440
const SLOW_BITS_PER_S = 400_000
const MARKED_AFTER_MS = 5000

interface Playing { deviceId: string, profile: string, frames: number, mode: string, lastAtMs: number | null, soundBehindMs: number | null }
const playing = async (wall: Wall, deviceId: string, profile = 'main') =>
  (await wall.page.evaluate('__kalanchaLive.tiles()') as Playing[]).find(p => p.deviceId === deviceId && p.profile === profile)

describe('live video when it is not easy', () => {
  let system: System
  let wall: Wall
  const nameOf = (id: string) => system.plan.cameras.find(c => c.id === id)!.name
  const live = (t: TileLook) => t.show === 'live' && t.width === 1280
  const open = async (at: Wall, id: string) => {
    await at.focus(nameOf(id))
    return at.focusWhere('live with the main stream', live)
  }
  const heard = (at: Wall) => until('the camera\'s tone', 20_000, async () => {
    const { level, hz } = await listen(at.page)
    if (level < 0.02 || Math.abs(hz - TONE_HZ) > 25) throw new Error(`level ${level}, ${hz} Hz`)
    return true
  })
  const silent = (at: Wall) => until('silence', 10_000, async () => {
    const { level } = await listen(at.page)
    if (level > 0) throw new Error(`level ${level}`)
    return true
  })
  const together = (at: Wall, id: string) => until('sound and picture to be together', 20_000, async () => {
    const p = await playing(at, system.id(id))
    if (p?.soundBehindMs == null || Math.abs(p.soundBehindMs) > 200) throw new Error(`${p?.soundBehindMs} ms apart`)
    return p.soundBehindMs
  })

  beforeAll(async () => {
    system = await System.start()
    wall = await Wall.open(system.origin, system.login, system.password, EAR)
  })
  afterAll(async () => {
    await wall?.close()
    await system?.stop()
  })
  let broken = false
  beforeEach(context => { if (broken) context.skip('an earlier chapter failed') })
  afterEach(async context => {
    if (context.task.result?.state !== 'fail') return
    broken = true
    await wall?.page.screenshot({ path: '.cache/media-story.png' }).catch(() => {})
    console.error(system?.server.said.slice(-20), system?.agent.said.slice(-20))
  })

  /** The ffmpegs that the system's agents run to convert H.265. */
  const conversions = () => {
    const own = new Set([system.server.pid, system.agent.pid])
    const parentOf = new Map<number, number>()
    const converting: number[] = []
    for (const pid of readdirSync('/proc').map(Number).filter(Boolean)) {
      try {
        parentOf.set(pid, Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]))
        if (/^ffmpeg\0.*\0hevc\0.*\0libx264\0/s.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))) converting.push(pid)
      } catch { /* it has just ended */ }
    }
    const ours = (pid: number): boolean => own.has(pid) || (parentOf.has(pid) && ours(parentOf.get(pid)!))
    return converting.filter(ours)
  }

  it('AAC: silent until the operator asks by key, then the camera\'s tone beside its picture, and silent again with Esc', async () => {
    expect((await open(wall, 'C01')).decoder).toBe('webcodecs')
    expect((await listen(wall.page)).level).toBe(0)
    await wall.page.keyboard.press('KeyS')
    await heard(wall)
    await together(wall, 'C01')
  })

  it('frozen, the large picture tells its age and the sound ends; healed, both are back', async () => {
    await system.fault('freeze', 'C01')
    const age = (t: TileLook) => Number(/Застигло (\d+)/.exec(t.text)?.[1] ?? 0)
    const first = await wall.focusWhere('marked as old', t => t.show === 'stale' && age(t) >= 2)
    await wall.focusWhere('older', t => t.show === 'stale' && age(t) > age(first))
    await silent(wall)
    await system.fault('heal', 'C01')
    await wall.focusWhere('live', live)
    await heard(wall)
    await wall.page.keyboard.press('Escape')
    await silent(wall)
  })

  it('G.711: by the button', async () => {
    await open(wall, 'C09')
    expect((await listen(wall.page)).level).toBe(0)
    await wall.page.getByRole('button', { name: 'Звук', exact: true }).click()
    await heard(wall)
    await together(wall, 'C09')
    await wall.page.getByRole('button', { name: 'Без звуку', exact: true }).click()
    await silent(wall)
    await wall.page.keyboard.press('Escape')
  })

  it('without a secure context both sounds come too, and the picture by the other way', async () => {
    const plain = await wall.another(system.origin.replace('localhost', PLAIN_HOST), system)
    expect(await plain.page.evaluate('isSecureContext')).toBe(false)
    for (const id of ['C01', 'C09']) {
      expect((await open(plain, id)).decoder).toBe('mse')
      expect((await listen(plain.page)).level).toBe(0)
      await plain.page.keyboard.press('KeyS')
      await heard(plain)
      await together(plain, id)
      await plain.page.keyboard.press('Escape')
      await silent(plain)
    }
    expect(plain.faults).toEqual([])
    await plain.page.close()
  })

  it('recorded sound is heard beside its picture at 1x, never otherwise, and a camera without it says so', async () => {
    const report = async () => (await wall.page.evaluate('__kalanchaPlayback()') as { clockMs: number, cameras: Array<{ current: boolean, soundBehindMs: number | null }> })
    const playback = async (id: string) => {
      await wall.page.goto(`${system.origin}/playback?cameras=${system.id(id)}&at=${Date.now() - 12_000}`)
      await until('the recording', 30_000, async () => (await report()).cameras[0]?.current)
    }
    const button = (name: string) => wall.page.getByRole('button', { name, exact: true })
    for (const id of ['C01', 'C09']) {
      await playback(id)
      expect((await listen(wall.page)).level).toBe(0)
      await wall.page.keyboard.press('KeyS')
      await heard(wall)
      expect(Math.abs((await report()).cameras[0]!.soundBehindMs!)).toBeLessThan(100)
      await wall.page.keyboard.press('KeyK')
      await silent(wall)
      await wall.page.keyboard.press('Space')
      await heard(wall)
      await wall.page.keyboard.press('BracketLeft')
      await button('Звук лише вперед зі швидкістю 1×').waitFor()
      await silent(wall)
      await wall.page.keyboard.press('BracketRight')
      await heard(wall)
      await button('Без звуку').click()
      await silent(wall)
    }
    await playback('C03')
    expect(await button('У записі немає звуку').isDisabled()).toBe(true)
    await wall.page.goto(system.origin)
    await wall.tileWhere(nameOf('C03'), 'live again', t => t.show === 'live')
  })

  it('H.265: transcoded and marked so; one too many is told why, and gets its turn when another leaves', async () => {
    const transcoded = (t: TileLook) => t.text.includes('Перекодовано')
    for (const id of ['C05', 'C12']) await wall.tileWhere(nameOf(id), 'transcoded', t => t.show === 'live' && transcoded(t))
    const second = await wall.another(system.origin)
    await second.focus(nameOf('C05'))
    await second.focusWhere('refused for now', t => t.show === 'blank' && t.text.includes('Немає вільного перекодувальника'))
    expect(conversions().length).toBe(2)
    await open(wall, 'C03')
    await second.focusWhere('transcoded', t => live(t) && transcoded(t))
    await second.page.close()
    await wall.page.keyboard.press('Escape')
    await open(wall, 'C12')
    expect(transcoded((await wall.look()).focus!)).toBe(true)
    await wall.page.keyboard.press('Escape')
  })

  it('a slow line: key frames, said so, never an old picture unmarked; nobody else notices; healed, everything again', { timeout: 240_000 }, async () => {
    const line = await SlowLine.open(Number(new URL(system.origin).port))
    const slow = await wall.another(`http://localhost:${line.port}`)
    const sockets: WebSocket[] = []
    slow.page.on('websocket', s => sockets.push(s))
    try {
      await slow.page.keyboard.press('Digit1')
      await Promise.all([open(wall, 'C01'), open(slow, 'C01')])
      await until('its main stream alone', 10_000, async () => sockets.filter(s => s.url().includes('/live?') && !s.isClosed()).length === 1)
      const id = system.id('C01')
      const pull = async () => {
        const { state } = await system.client.call<Device>('GET', `/devices/${id}`)
        const { status, client, reconnects } = state.streams.find(stream => stream.profile === 'main')!
        return { status, client, reconnects }
      }
      const pulled = await pull()
      const wrong: string[] = []
      const look = async () => {
        const [{ focus }, own, { focus: others }, other] = [await slow.look(), await playing(slow, id), await wall.look(), await playing(wall, id)]
        const ageMs = own?.lastAtMs ? Date.now() - own.lastAtMs : 0
        if (ageMs > MARKED_AFTER_MS && focus?.show === 'live' && !/\d+ с/.test(focus.text)) wrong.push(`${ageMs} ms old and unmarked: ${focus.text}`)
        if (others?.text.includes('лінія')) wrong.push(`the other viewer: ${others.text}`)
        return { focus, own, other }
      }
      const keyFrames = async () => {
        const seen = await look()
        if (seen.focus?.show !== 'live' || !seen.focus.text.includes('Повільна лінія: ключові кадри')) throw new Error(`it is ${seen.focus?.show}, ${seen.own?.mode}: ${seen.focus?.text}`)
        return seen
      }
      line.limit(SLOW_BITS_PER_S)
      const first = await until('key frames, and that said', 40_000, keyFrames)
      const later = await until('two more key frames', 40_000, async () => { const seen = await keyFrames(); return seen.own!.frames >= first.own!.frames + 2 && seen })
      expect(later.other!.frames - first.other!.frames).toBeGreaterThan(4 * (later.own!.frames - first.own!.frames))

      line.limit(null)
      const healed = await until('everything again', 60_000, async () => { const seen = await look(); return seen.own?.mode === 'all' && seen.focus?.show === 'live' && seen })
      await until('many more frames, and no more mark', 60_000, async () => {
        const { own, focus } = await look()
        return own!.frames >= healed.own!.frames + 40 && own!.mode === 'all' && focus?.show === 'live' && !focus.text.includes('лінія')
      })
      expect(wrong).toEqual([])
      expect(await pull()).toEqual(pulled)
    } finally {
      line.close()
      await slow.page.close()
    }
  })

  it('what nobody watches is not converted', async () => {
    await until('the end of every conversion', 20_000, async () => conversions().length === 0)
    expect(wall.faults).toEqual([])
  })
})
