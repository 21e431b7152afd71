/** The operator's wall in a real Chromium, as a person sees it: tiles with their pixels, alarms, the state of the connection. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { until } from './program.js'

/** A name without HTTPS that is not localhost: the browser gives it no secure context, so no WebCodecs. */
export const PLAIN_HOST = 'kalancha.test'
const ARGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required', `--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`]
const PATIENCE_MS = 45_000
/** Mean difference of two small grey pictures, 0 to 255, from which on something moved. Noise of decoding does not reach it: the same frame decodes equal. */
const MOVED = 0.05

export interface TileLook {
  cell: number
  /** What a screen reader says: name and state. */
  label: string
  show: 'live' | 'stale' | 'connecting' | 'blank' | 'none'
  decoder: string | null
  /** Words over the picture, the bar with the name included. */
  text: string
  width: number
  /** 64 by 36 grey values of what is on the glass. */
  pixels: number[]
}

// Runs in the page; text, since the tests are compiled without the browser's types.
const LOOK = `(() => {
  const small = document.createElement('canvas')
  small.width = 64; small.height = 36
  const pen = small.getContext('2d', { willReadFrequently: true })
  const look = (view, cell, label, text) => {
    const picture = view && [...view.querySelectorAll('canvas, video')].find(e => !('hidden' in e.dataset))
    const pixels = []
    const width = picture ? picture.videoWidth || picture.width || 0 : 0
    if (width > 0) {
      pen.drawImage(picture, 0, 0, 64, 36)
      const { data } = pen.getImageData(0, 0, 64, 36)
      for (let i = 0; i < data.length; i += 4) pixels.push(Math.round((data[i] + data[i + 1] + data[i + 2]) / 3))
    }
    return { cell, label, show: view ? view.dataset.show : 'none', decoder: view ? view.dataset.decoder || null : null, text, width, pixels }
  }
  const tiles = [...document.querySelectorAll('[data-cell]')].map(b => look(b.parentElement.querySelector('[data-show]'), Number(b.dataset.cell), b.getAttribute('aria-label'), b.parentElement.innerText))
  const big = [...document.querySelectorAll('[data-show]')].find(v => !v.parentElement.querySelector('[data-cell]'))
  return { tiles, focus: big ? look(big, -1, '', big.innerText) : null }
})()`

const difference = (a: readonly number[], b: readonly number[]) =>
  a.length === 0 || a.length !== b.length ? 0 : a.reduce((sum, v, i) => sum + Math.abs(v - b[i]!), 0) / a.length
/** How far its parts differ: a picture of nothing is flat. */
export const contrast = (t: TileLook) => Math.sqrt(t.pixels.reduce((sum, v) => sum + (v - brightness(t)) ** 2, 0) / Math.max(1, t.pixels.length))
export const brightness = (t: TileLook) => t.pixels.reduce((sum, v) => sum + v, 0) / Math.max(1, t.pixels.length)

export class Wall {
  readonly faults: string[] = []
  private constructor (private readonly context: BrowserContext, private readonly profile: string, readonly page: Page) {
    page.on('pageerror', err => this.faults.push(err.message))
  }

  /** Opens the address, signs in as a person does, and waits for the wall. `script` runs in every page before its own. */
  static async open (origin: string, login: string, password: string, script = ''): Promise<Wall> {
    const profile = mkdtempSync(join(tmpdir(), 'kalancha-chromium-'))
    const context = await chromium.launchPersistentContext(profile, { executablePath: '/usr/bin/chromium', args: ARGS, viewport: { width: 1600, height: 900 }, locale: 'uk-UA' })
    if (script) await context.addInitScript(script)
    const wall = new Wall(context, profile, context.pages()[0] ?? await context.newPage())
    await wall.page.goto(origin)
    await wall.signIn(login, password)
    return wall
  }

  /** Another page of the same browser; at the same host the person is signed in already. */
  async another (origin: string, signIn?: { login: string, password: string }): Promise<Wall> {
    const wall = new Wall(this.context, this.profile, await this.context.newPage())
    await wall.page.goto(origin)
    if (signIn) await wall.signIn(signIn.login, signIn.password)
    else await wall.page.getByRole('toolbar').waitFor({ timeout: PATIENCE_MS })
    return wall
  }

  private async signIn (login: string, password: string) {
    await this.page.getByLabel('Логін').fill(login)
    await this.page.locator('input[type=password]').fill(password)
    await this.page.keyboard.press('Enter')
    await this.page.getByRole('toolbar').waitFor({ timeout: PATIENCE_MS })
  }

  /** Brings the camera large, by a click on its tile. */
  async focus (name: string) {
    await this.page.locator(`[data-cell][aria-label^="${name},"]`).click()
    await this.page.locator('[data-show]').last().waitFor()
  }

  /** Waits until the large picture looks so. */
  focusWhere (what: string, is: (t: TileLook) => boolean, timeoutMs = PATIENCE_MS) {
    return until(`the large picture to be ${what}`, timeoutMs, async () => {
      const { focus } = await this.look()
      if (!focus || !is(focus)) throw new Error(focus ? `it is ${focus.show}, ${focus.decoder}, ${focus.width}: ${focus.text.replaceAll('\n', ' | ')}` : 'there is none')
      return focus
    })
  }

  async look () { return await this.page.evaluate(LOOK) as { tiles: TileLook[], focus: TileLook | null } }
  async tile (name: string) {
    const found = (await this.look()).tiles.find(t => t.label.startsWith(`${name},`))
    if (!found) throw new Error(`No tile shows ${name}`)
    return found
  }

  /** Waits until so many tiles are live and each has shown two different pictures while it was. */
  async moving (count: number, names?: readonly string[]) {
    const before = new Map<number, number[]>()
    const moved = new Map<number, TileLook>()
    return until(`${count} moving pictures`, PATIENCE_MS, async () => {
      const tiles = (await this.look()).tiles.filter(t => !names || names.some(n => t.label.startsWith(`${n},`)))
      for (const t of tiles) {
        if (t.show !== 'live') moved.delete(t.cell)
        else if (difference(before.get(t.cell) ?? [], t.pixels) > MOVED) moved.set(t.cell, t)
        before.set(t.cell, t.pixels)
      }
      if (moved.size !== count) throw new Error(`${moved.size} move; ${tiles.map(t => `${t.cell} ${t.show}`).join(', ')}`)
      return [...moved.values()].sort((a, b) => a.cell - b.cell)
    })
  }

  /** Waits until the tile looks so. */
  tileWhere (name: string, what: string, is: (t: TileLook) => boolean, timeoutMs = PATIENCE_MS) {
    return until(`the tile of ${name} to be ${what}`, timeoutMs, async () => {
      const t = await this.tile(name)
      if (!is(t)) throw new Error(`it is ${t.show}, ${t.label}: ${t.text.replaceAll('\n', ' | ')}`)
      return t
    })
  }

  /** Opens a saved layout by its name. */
  async layout (name: string) {
    await this.page.getByRole('button', { name: /^Розкладка:/ }).click()
    await this.page.getByRole('menuitem', { name }).click()
  }

  alarms () { return this.page.locator('article[id^=alarm-]') }
  async alarmTexts () { return (await this.alarms().allInnerTexts()).map(text => text.replaceAll(/\s+/g, ' ')) }
  /** `online`, `reconnecting`, ... as the mark in the top bar says. */
  connection () { return this.page.locator('[role=status][data-status]').getAttribute('data-status') }

  async close () {
    await this.context.close()
    rmSync(this.profile, { recursive: true, force: true })
  }
}
