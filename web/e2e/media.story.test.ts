/** What live video does when it is not easy: sound, H.265 in a browser without it, a slow line, a frozen camera. The tests are chapters of one story. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
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

  it('AAC: silent until the operator asks by key, then the camera\'s tone beside its picture, and silent again with Esc', async () => {
    expect((await open(wall, 'C01')).decoder).toBe('webcodecs')
    expect((await listen(wall.page)).level).toBe(0)
    await wall.page.keyboard.press('KeyS')
    await heard(wall)
    console.info('AAC, WebCodecs:', await together(wall, 'C01'), 'ms')
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
    console.info('G.711, WebCodecs:', await together(wall, 'C09'), 'ms')
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
      console.info(id, 'MSE:', await together(plain, id), 'ms')
      await plain.page.keyboard.press('Escape')
      await silent(plain)
    }
    expect(plain.faults).toEqual([])
    await plain.page.close()
  })

  it('H.265: transcoded and marked so; one too many is told why, and gets its turn when another leaves', async () => {
    const transcoded = (t: TileLook) => t.text.includes('Перекодовано')
    for (const id of ['C05', 'C12']) await wall.tileWhere(nameOf(id), 'transcoded', t => t.show === 'live' && transcoded(t))
    const second = await wall.another(system.origin)
    await second.focus(nameOf('C05'))
    await second.focusWhere('refused for now', t => t.show === 'blank' && t.text.includes('Немає вільного перекодувальника'))
    await open(wall, 'C03')
    await second.focusWhere('transcoded', t => live(t) && transcoded(t))
    await second.page.keyboard.press('Escape')
    await second.focusWhere('gone', () => false, 1).catch(() => {})
    await second.page.close()
    await wall.page.keyboard.press('Escape')
    await open(wall, 'C12')
    expect(transcoded((await wall.look()).focus!)).toBe(true)
    await wall.page.keyboard.press('Escape')
  })

  it('a slow line: key frames, said so, never an old picture unmarked; nobody else notices; healed, everything again', async () => {
    const line = await SlowLine.open(Number(new URL(system.origin).port))
    const slow = await wall.another(`http://localhost:${line.port}`)
    try {
      await Promise.all([open(wall, 'C03'), open(slow, 'C03')])
      const id = system.id('C03')
      const lies: string[] = []
      const look = async () => {
        const [{ focus }, p, other] = [await slow.look(), await playing(slow, id), await playing(wall, id)]
        const ageMs = p?.lastAtMs ? Date.now() - p.lastAtMs : null
        console.info(((Date.now() - began) / 1000).toFixed(1), focus?.show, p?.mode, 'age', ageMs, 'frames', p?.frames, focus?.text.split('\n').slice(3).join(' | '), 'other', other?.mode, other?.frames)
        if (ageMs !== null && ageMs > MARKED_AFTER_MS && focus?.show === 'live' && !/\d+ с/.test(focus.text)) lies.push(`${ageMs} ms old: ${focus.text}`)
        return { focus, p }
      }
      const began = Date.now()
      line.limit(SLOW_BITS_PER_S)
      await until('experiment', 30_000, async () => { await look(); return Date.now() - began > 25_000 })
      line.limit(null)
      await until('experiment', 30_000, async () => { await look(); return Date.now() - began > 45_000 })
      expect(lies).toEqual([])
    } finally {
      line.close()
    }
  })
})
