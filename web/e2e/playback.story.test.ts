/** Recordings of the town watched in a real browser: from the wall half a minute back, four cameras in step, a gap with its cause, a bookmark, a clip. The tests are chapters of one story. */
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Clip, Timeline } from '../../server/contract/recording.js'
import { until } from './program.js'
import { System } from './system.js'
import { brightness, type TileLook, Wall } from './wall.js'

const MINUTE = 60_000
interface Report { clockMs: number, skewMaxMs: number | null, cameras: Array<{ deviceId: string, shownAtMs: number | null, current: boolean, frames: number, decoder: string }> }
/** A frame of the town's main streams, ms, and some. */
const FRAME_MS = 90

// Runs in the page: 64 by 36 grey values of a recorded picture.
const PIXELS = (id: string) => `(() => {
  const picture = [...document.querySelectorAll('[data-playback="${id}"] canvas, [data-playback="${id}"] video')].find(e => !('hidden' in e.dataset))
  const small = document.createElement('canvas')
  small.width = 64; small.height = 36
  const pen = small.getContext('2d', { willReadFrequently: true })
  pen.drawImage(picture, 0, 0, 64, 36)
  const { data } = pen.getImageData(0, 0, 64, 36)
  const pixels = []
  for (let i = 0; i < data.length; i += 4) pixels.push(Math.round((data[i] + data[i + 1] + data[i + 2]) / 3))
  return pixels
})()`

describe('recordings in the browser', () => {
  let system: System
  let wall: Wall
  const ids = (...townIds: string[]) => townIds.map(id => system.id(id))
  const nameOf = (id: string) => system.plan.cameras.find(c => c.id === id)!.name
  const report = async () => await wall.page.evaluate('window.__kalanchaPlayback && window.__kalanchaPlayback()') as Report | undefined
  const where = (what: string, is: (r: Report) => boolean) => until(`the playback to be ${what}`, 30_000, async () => {
    const r = await report()
    if (!r || !is(r)) throw new Error(JSON.stringify(r))
    return r
  })
  const allThere = (count: number) => where('there', r => r.cameras.length === count && r.cameras.every(c => c.current))
  const open = async (townIds: string[], at: number) => {
    await wall.page.goto(`${system.origin}/playback?cameras=${ids(...townIds).join(',')}&at=${Math.round(at)}`)
    await wall.page.getByRole('toolbar', { name: 'Керування відтворенням' }).waitFor()
  }
  const tile = (townId: string): Locator => wall.page.locator(`[data-playback="${system.id(townId)}"]`)
  const timeline = async (townId: string) => {
    const now = Date.now()
    return (await system.client.call<Timeline>('GET', `/timeline?deviceIds=${system.id(townId)}&from=${now - 30 * MINUTE}&to=${now}`)).rows[0]!
  }
  let began = 0

  beforeAll(async () => {
    system = await System.start()
    wall = await Wall.open(system.origin, system.login, system.password)
    await until('a minute of recordings', 120_000, async () => {
      for (const c of ['C01', 'C02', 'C03', 'C04']) {
        const row = await timeline(c)
        began = Math.max(began, row.coverage[0]?.from ?? Number.MAX_SAFE_INTEGER)
        if (Date.now() - began < 45_000) throw new Error(`${c}: ${JSON.stringify(row.coverage)}`)
      }
      return true
    })
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
    await wall?.page.screenshot({ path: '.cache/playback-story.png' }).catch(() => {})
    console.error(JSON.stringify(await report().catch(() => null)), wall?.faults, system.server.said.slice(-20), system.agent.said.slice(-20))
  })

  it('R on a tile shows it half a minute ago, moving; Escape returns to the wall', async () => {
    const pressed = Date.now()
    await wall.page.locator(`[data-cell][aria-label^="${nameOf('C03')},"]`).focus()
    await wall.page.keyboard.press('r')
    const first = await allThere(1)
    expect(first.cameras[0]!.deviceId).toBe(system.id('C03'))
    expect(Math.abs(first.clockMs - (pressed - 30_000))).toBeLessThan(10_000)
    await where('moving', r => r.cameras[0]!.frames > first.cameras[0]!.frames + 10 && r.clockMs > first.clockMs)
    expect(brightness({ pixels: await wall.page.evaluate(PIXELS(system.id('C03'))) as number[] } as TileLook)).toBeGreaterThan(10)
    await wall.page.keyboard.press('Escape')
    await wall.page.locator('[data-cell]').first().waitFor()
  })

  it('four cameras stand on the same moment, and one frame on or back moves all by one frame', async () => {
    await open(['C01', 'C02', 'C03', 'C04'], began + 5000)
    await allThere(4)
    await where('running', r => r.cameras.every(c => c.frames > 20))
    await wall.page.keyboard.press('k')
    await wall.page.keyboard.press('ArrowLeft')
    const still = await where('still and there', r => r.cameras.every(c => c.current && Math.abs(r.clockMs - c.shownAtMs!) < FRAME_MS))
    const selected = (r: Report) => r.cameras.find(c => c.deviceId === system.id('C01'))!.shownAtMs!
    await wall.page.keyboard.press('.')
    const on = await where('a frame on', r => selected(r) > selected(still))
    expect(selected(on) - selected(still)).toBeLessThan(2 * FRAME_MS)
    await wall.page.keyboard.press(',')
    await where('a frame back', r => r.cameras.every(c => c.current) && selected(r) === selected(still))
    // The time on each picture is that picture's own.
    for (const c of ['C01', 'C02', 'C03', 'C04']) await tile(c).locator('time', { hasText: /^\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d\.\d$/ }).waitFor({ timeout: 10_000 })
  })

  it('plays backward by key frames, and at sixteen times', async () => {
    const before = await allThere(4)
    await wall.page.keyboard.press('l')
    for (let i = 0; i < 4; i++) await wall.page.keyboard.press('l')
    await where('far ahead', r => r.clockMs > before.clockMs + 10_000)
    const ahead = await report()
    await wall.page.keyboard.press('j')
    await where('going back', r => r.clockMs < ahead!.clockMs - 2000 && r.cameras.every(c => c.current && c.shownAtMs! < ahead!.clockMs))
    await wall.page.keyboard.press('k')
  })

  it('goes to a time that is typed in the centre’s zone, and to a press on the timeline', async () => {
    const at = Math.floor((began + 20_000) / 1000) * 1000
    const text = new Intl.DateTimeFormat('uk-UA', { timeZone: 'Europe/Kyiv', dateStyle: 'short', timeStyle: 'medium' }).format(at)
    await wall.page.keyboard.press('g')
    const field = wall.page.getByRole('dialog').getByRole('textbox')
    await field.fill('післязавтра')
    await wall.page.keyboard.press('Enter')
    await wall.page.getByText('Введіть дату й час').waitFor()
    const clock = /\d\d:\d\d:\d\d/.exec(text)![0]
    const [day, month, year] = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Kyiv' }).format(at).split('/')
    await field.fill(`${day}.${month}.${year} ${clock}`)
    await wall.page.keyboard.press('Enter')
    await where('at the typed time', r => Math.abs(r.clockMs - at) < 1 && r.cameras.every(c => c.current))
    await wall.page.getByRole('dialog').waitFor({ state: 'hidden' })
    const box = (await wall.page.locator('section canvas').boundingBox())!
    await wall.page.mouse.click(box.x + box.width / 2, box.y + 40)
    await where('somewhere else', r => Math.abs(r.clockMs - at) > 1000)
  })

  it('a camera that was away is a gap with its cause: over the picture, in words, and skipped when nobody has anything', async () => {
    await system.fault('reboot', 'C04', 12)
    const gap = await until('the gap', 90_000, async () => {
      const row = await timeline('C04')
      const found = row.gaps.find(g => !g.open && g.to - g.from > 3000)
      if (!found) throw new Error(JSON.stringify(row))
      return found
    })
    expect(gap.cause).not.toBe('unknown')
    await until('something recorded after it', 60_000, async () => Date.now() - gap.to > 15_000)
    await open(['C03', 'C04'], gap.from - 3000)
    await wall.page.locator(`[data-playback="${system.id('C04')}"][data-is=gap]`).waitFor({ timeout: 30_000 })
    await tile('C04').getByText('Запису немає').waitFor({ timeout: 10_000 })
    expect(await tile('C03').getAttribute('data-is')).not.toBe('gap')
    await where('past the gap', r => r.clockMs > gap.to + 500 && r.cameras.every(c => c.current))
    await open(['C04'], gap.from - 3000)
    await wall.page.getByText(/^Пропущено/).waitFor({ timeout: 30_000 })
    await where('behind the gap', r => r.clockMs >= gap.to && r.cameras[0]!.shownAtMs! >= gap.to - FRAME_MS)
    await wall.page.keyboard.press('k')
    await wall.page.keyboard.press('Shift+P')
    await where('at its beginning', r => Math.abs(r.clockMs - gap.from) < 1500)
    await wall.page.locator('[role=status][aria-live=polite]', { hasText: 'Прогалина' }).waitFor()
  })

  it('a bookmark is set by B, found in the list, jumped to, changed and deleted', async () => {
    await open(['C03'], began + 8000)
    await allThere(1)
    await wall.page.keyboard.press('b')
    await wall.page.getByRole('dialog').getByRole('textbox').fill('Біле авто')
    await wall.page.keyboard.press('Control+Enter')
    await wall.page.getByRole('dialog').waitFor({ state: 'detached' })
    const { items: [made] } = await system.client.call<{ items: { id: string, at: number, note: string }[] }>('GET', '/bookmarks')
    expect(made!.note).toBe('Біле авто')
    await wall.page.keyboard.press('Shift+ArrowRight')
    await wall.page.keyboard.press('c')
    await wall.page.getByRole('button', { name: /^Біле авто/ }).click()
    await where('at the bookmark', r => Math.abs(r.clockMs - made!.at) < 1000)
    await wall.page.getByRole('button', { name: 'Змінити' }).click()
    await wall.page.getByRole('dialog').getByRole('textbox').fill('Біле авто без номерів')
    await wall.page.keyboard.press('Control+Enter')
    await wall.page.getByRole('button', { name: /без номерів/ }).waitFor()
    await wall.page.getByRole('button', { name: 'Видалити' }).click()
    await wall.page.getByRole('dialog').getByRole('button', { name: 'Видалити' }).click()
    await wall.page.getByText('Закладок ще немає').waitFor()
    await wall.page.keyboard.press('c')
  })

  it('what is marked is locked, for a reason, and stands on the timeline', async () => {
    await open(['C01', 'C03'], began + 12_000)
    await allThere(2)
    await wall.page.keyboard.press('k')
    await wall.page.keyboard.press('h')
    const dialog = wall.page.getByRole('dialog')
    expect(await dialog.getByRole('button', { name: 'Заблокувати запис' }).isDisabled()).toBe(true)
    await dialog.getByLabel('Підстава').fill('ДТП на площі')
    await dialog.getByRole('button', { name: 'Заблокувати запис' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect((await timeline('C01')).locks.map(l => l.reason)).toEqual(['ДТП на площі'])
    await wall.page.keyboard.press('ArrowLeft')
    await wall.page.locator('[role=status][aria-live=polite]', { hasText: 'Заблоковано: ДТП на площі' }).waitFor()
  })

  it('a clip between two marks is made, downloaded, and plays', async () => {
    await open(['C03'], began + 10_000)
    await allThere(1)
    await wall.page.keyboard.press('k')
    await wall.page.keyboard.press('i')
    await wall.page.keyboard.press('ArrowRight')
    await wall.page.keyboard.press('o')
    await wall.page.keyboard.press('e')
    await wall.page.getByRole('dialog').getByRole('button', { name: 'Створити' }).click()
    const clip = await until('the clip', 60_000, async () => {
      const { items } = await system.client.call<{ items: Clip[] }>('GET', '/clips')
      if (items[0]?.status !== 'done') throw new Error(JSON.stringify(items[0]))
      return items[0]
    })
    expect(clip.requestedTo - clip.requestedFrom).toBe(5000)
    const [download] = await Promise.all([wall.page.waitForEvent('download'), wall.page.getByRole('link', { name: 'Завантажити' }).click()])
    const path = join(system.dataDir, 'clip.mp4')
    await download.saveAs(path)
    const probe = spawnSync('ffprobe', ['-v', 'warning', '-show_entries', 'format=duration', '-of', 'csv=p=0', path])
    rmSync(path)
    expect(String(probe.stderr)).toBe('')
    expect(Number(probe.stdout)).toBeGreaterThan(4.9)
  })

  it('on a phone it is one camera and a timeline for fingers: a tap goes there, two fingers zoom', async () => {
    await open(['C01', 'C03'], began + 10_000)
    await wall.page.setViewportSize({ width: 390, height: 844 })
    await allThere(1)
    await wall.page.keyboard.press('k')
    const touch = await wall.page.context().newCDPSession(wall.page)
    const box = (await wall.page.locator('section canvas').boundingBox())!
    const fingers = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...xs: number[]) => touch.send('Input.dispatchTouchEvent', { type, touchPoints: xs.map((x, id) => ({ x: box.x + x, y: box.y + 40, id })) })
    const view = async () => (await report() as unknown as { view: { from: number, to: number } }).view
    const before = await view()
    await fingers('touchStart', 180)
    await fingers('touchStart', 180, 210)
    for (let i = 1; i <= 5; i++) await fingers('touchMove', 180 - i * 20, 210 + i * 20)
    await fingers('touchEnd')
    await until('the timeline to be closer', 10_000, async () => { const v = await view(); return v.to - v.from < (before.to - before.from) / 3 })
    const near = await view()
    const wanted = near.from + (near.to - near.from) * 200 / box.width
    await fingers('touchStart', 200)
    await fingers('touchEnd')
    await where('where the finger was', r => Math.abs(r.clockMs - Math.min(wanted, Date.now())) < (near.to - near.from) / 50)
    await wall.page.getByRole('button', { name: nameOf('C03') }).first().click()
    await where('of the other camera', r => r.cameras.length === 1 && r.cameras[0]!.deviceId === system.id('C03'))
    await wall.page.setViewportSize({ width: 1600, height: 900 })
  })

  it('plays without a secure context too, with the browser’s own player, held to the same clock', async () => {
    const plain = await wall.another(system.origin.replace('localhost', 'kalancha.test'), { login: system.login, password: system.password })
    try {
      await plain.page.goto(`${system.origin.replace('localhost', 'kalancha.test')}/playback?cameras=${ids('C01', 'C03').join(',')}&at=${began + 5000}`)
      const read = async () => await plain.page.evaluate('window.__kalanchaPlayback && window.__kalanchaPlayback()') as Report | undefined
      const playing = await until('both to play', 40_000, async () => {
        const r = await read()
        if (r?.cameras.length !== 2 || !r.cameras.every(c => c.current && c.frames > 20)) throw new Error(JSON.stringify(r))
        return r
      })
      expect(playing.cameras.map(c => c.decoder)).toEqual(['mse', 'mse'])
      await plain.page.keyboard.press('k')
      await plain.page.keyboard.press('ArrowRight')
      await until('the moment five seconds on', 30_000, async () => {
        const r = await read()
        if (!r?.cameras.every(c => c.current && Math.abs(r.clockMs - c.shownAtMs!) < FRAME_MS)) throw new Error(JSON.stringify(r))
        return true
      })
      expect(plain.faults).toEqual([])
    } finally {
      await plain.page.close()
    }
    expect(wall.faults).toEqual([])
  })
})
