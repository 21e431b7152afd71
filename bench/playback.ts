/**
 * `playback`: from a person's click to the first picture of the recording in Chromium, through server and agent from the disk, with the
 * town being recorded meanwhile. A click on the timeline with 1 and 4 cameras (the last of the 4 counts), and "30 seconds ago" from a
 * wall's tile. Also how far 4 cameras are apart while they play.
 */
import { loadavg } from 'node:os'
import type { Page } from 'playwright-core'
import type { Timeline } from '../server/contract/recording.js'
import { openScreen } from './lib/browser.js'
import { machine, round, type Spread, spread, under } from './lib/figures.js'
import { until } from './lib/processes.js'
import { startSystem, type System } from './lib/system.js'

const CLICKS = 40
const OPENINGS = 15
/** Recorded before the first click, ms. */
const RECORDED_MS = 75_000
const PLAY_MS = 10_000
/** Longer than this is told as lost, ms. */
const PATIENCE_MS = 10_000

/** Runs in the page: the moment of the last press by the browser's own clock, and that of the last camera's first picture after it. */
const WATCH = `addEventListener('pointerup', e => { window.__clickedAt = e.timeStamp }, true)
addEventListener('keydown', e => { window.__clickedAt = e.timeStamp }, true)`
const FIRST = (cameras: number) => `(() => {
  const r = window.__kalanchaPlayback && window.__kalanchaPlayback()
  if (!r || r.cameras.length !== ${cameras} || r.cameras.some(c => !c.current || c.firstShownAt === null || c.firstShownAt < window.__clickedAt)) return null
  return Math.max(...r.cameras.map(c => c.firstShownAt)) - window.__clickedAt
})()`

async function firstPicture (page: Page, cameras: number): Promise<number> {
  // The page's policy forbids to evaluate text in it by itself, so it is asked from outside; the figure is the page's own.
  return until('the first picture', PATIENCE_MS, async () => await page.evaluate(FIRST(cameras)) as number | null, undefined, 50).catch(() => Number.NaN)
}

interface Clicked { firstPicture: Spread, lost: number }
const told = (all: number[]): Clicked => ({ firstPicture: spread(all.filter(ms => !Number.isNaN(ms))), lost: all.filter(ms => Number.isNaN(ms)).length })

/** Presses at changing places of what is recorded; the page plays on in between. */
async function clicks (page: Page, origin: string, ids: readonly string[], from: number): Promise<Clicked> {
  const now = Date.now()
  await page.goto(`${origin}/playback?cameras=${ids.join(',')}&at=${from + 5000}`)
  await until('the first pictures', 30_000, async () => await page.evaluate(`!!window.__kalanchaPlayback && window.__kalanchaPlayback().cameras.length === ${ids.length} && window.__kalanchaPlayback().cameras.every(c => c.current)`) || null)
  // The last two minutes fill the timeline.
  for (let i = 0; i < 5; i++) await page.keyboard.press('+')
  const box = (await page.locator('section canvas').boundingBox())!
  const all: number[] = []
  for (let i = 0; i < CLICKS; i++) {
    const view = await page.evaluate('window.__kalanchaPlayback().view') as { from: number, to: number }
    // Evenly over the recording by a step that is no multiple of a segment or a key-frame interval.
    const at = from + 2000 + (i * 7919) % Math.max(1, now - from - 6000)
    const x = box.x + (at - view.from) / (view.to - view.from) * box.width
    if (x < box.x || x > box.x + box.width - 1) continue
    await page.mouse.click(x, box.y + 40)
    all.push(await firstPicture(page, ids.length))
    await page.waitForTimeout(300)
  }
  return told(all)
}

/** From the wall: the page's code is fetched once, like in a shift's first use. */
async function openings (page: Page, origin: string): Promise<Clicked> {
  const all: number[] = []
  for (let i = 0; i < OPENINGS; i++) {
    await page.goto(`${origin}/`)
    await page.locator('[data-cell]').nth(i % 4).focus()
    await page.waitForTimeout(1500)
    await page.keyboard.press('r')
    all.push(await firstPicture(page, 1))
  }
  return told(all)
}

async function apart (page: Page): Promise<{ maxMs: number | null, pictures: number[] }> {
  const read = async () => await page.evaluate('window.__kalanchaPlayback()') as { skewMaxMs: number | null, cameras: { frames: number }[] }
  const before = await read()
  await page.waitForTimeout(PLAY_MS)
  const after = await read()
  return { maxMs: after.skewMaxMs === null ? null : round(after.skewMaxMs), pictures: after.cameras.map((c, i) => round((c.frames - before.cameras[i]!.frames) / (PLAY_MS / 1000))) }
}

/** When the camera's recording began, once there is enough of it. */
async function recorded (system: System): Promise<number> {
  return until('recordings', 240_000, async () => {
    const now = Date.now()
    const { rows } = await system.client.call<Timeline>('GET', `/timeline?deviceIds=${system.cameraIds.slice(0, 4).join(',')}&from=${now - 3_600_000}&to=${now}`)
    const from = Math.max(...rows.map(r => r.coverage[0]?.from ?? now))
    return rows.length === 4 && now - from > RECORDED_MS ? from : null
  }, undefined, 1000)
}

export async function run (): Promise<object> {
  const on = machine()
  const system = await startSystem({ net: '127.43', cameras: 4 })
  try {
    const from = await recorded(system)
    const screen = await openScreen(system)
    try {
      const origin = `http://localhost:${system.port}`
      await screen.page.addInitScript(WATCH)
      const one = await clicks(screen.page, origin, system.cameraIds.slice(0, 1), from)
      const four = await clicks(screen.page, origin, system.cameraIds.slice(0, 4), from)
      const skew = await apart(screen.page)
      const fromWall = await openings(screen.page, origin)
      return {
        machine: on, video: '1280x720, 25 frames/s, H.264, a key frame a second; recorded while it is watched',
        bars: { oneCameraMedianMs: under(one.firstPicture.medianMs, 500), fourCamerasMedianMs: under(four.firstPicture.medianMs, 500), fromWallMedianMs: under(fromWall.firstPicture.medianMs, 500), fourCamerasApartMs: under(skew.maxMs, 100) },
        one, four, fromWall, apart: skew, loadAverage: round(loadavg()[0]!, 2), pageErrors: screen.errors
      }
    } finally {
      await screen.close()
    }
  } finally {
    await system.stop()
  }
}
