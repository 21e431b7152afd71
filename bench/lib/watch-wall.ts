/** Watches the wall's own players in the page and turns what they presented into figures. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { rank, round, type Spread, spread } from './figures.js'
import { until } from './processes.js'

/** One picture: sent by the camera (its clock in the picture), drawn by the page, and on the screen with the next animation frame; ms. */
interface Shown { deviceId: string, sentAt: number, drawnAt: number, shownAt: number }
interface Look { at: number, tiles: { deviceId: string, mode: string, decoder: string | null, frames: number }[], saying: number, states: Record<string, number> }
interface Recorded { shown: Shown[], looks: Look[], endedAt: number }

/** The page's side; runs inside the browser, before the page's own scripts, and so may use nothing of this module. */
function record () {
  interface Node { textContent: string | null, getAttribute (name: string): string | null }
  interface Report { deviceId: string, presentedAtMs: number, sei?: number }
  interface Live { tiles: () => Look['tiles'], onPresented?: (report: Report) => void }
  const page = globalThis as unknown as {
    __kalanchaBench: boolean, __kalanchaLive?: Live, __bench: { start: () => void, stop: () => Recorded }
    document: { querySelectorAll: (selector: string) => Iterable<Node> }, requestAnimationFrame: (done: () => void) => void
  }
  let on = false
  let shown: Shown[] = []
  let looks: Look[] = []
  let drawn: Shown[] = []
  // The monotonic clock from the page's beginning may have drifted from the wall clock that the camera uses.
  const drift = () => Date.now() - (performance.timeOrigin + performance.now())
  let correction = 0
  const onPresented = (r: Report) => {
    if (!on || r.sei === undefined) return
    if (drawn.length === 0) {
      page.requestAnimationFrame(() => {
        const now = performance.timeOrigin + performance.now() + correction
        for (const d of drawn) d.shownAt = Math.max(d.drawnAt, now)
        shown.push(...drawn)
        drawn = []
      })
    }
    drawn.push({ deviceId: r.deviceId, sentAt: r.sei, drawnAt: r.presentedAtMs + correction, shownAt: 0 })
  }
  const look = () => {
    const live = page.__kalanchaLive
    if (!live) return
    live.onPresented ??= onPresented
    if (!on) return
    const states: Record<string, number> = {}
    let saying = 0
    for (const tile of page.document.querySelectorAll('[data-show]')) {
      const state = tile.getAttribute('data-show') ?? ''
      states[state] = (states[state] ?? 0) + 1
      if (tile.getAttribute('data-mode') === 'keyframes' && (tile.textContent ?? '').trim() !== '') saying++
    }
    looks.push({ at: Date.now(), tiles: live.tiles().map(({ deviceId, mode, decoder, frames }) => ({ deviceId, mode, decoder, frames })), saying, states })
  }
  page.__kalanchaBench = true
  page.__bench = {
    start () {
      const offs = Array.from({ length: 101 }, drift).sort((a, b) => a - b)
      correction = offs[50]!
      shown = []
      looks = []
      on = true
    },
    stop () { on = false; return { shown, looks, endedAt: Date.now() } }
  }
  setInterval(look, 250)
}

export interface WallOptions {
  cells: string[]
  grid: 1 | 4 | 9 | 16 | 25
  /** Opens the first cell large: its main stream. */
  focused?: boolean
  warmUpMs: number
  spanMs: number
}

/** Opens the wall with that arrangement, lets it settle, and records what it presents. */
export async function watchWall (page: Page, { cells, grid, focused = false, warmUpMs, spanMs }: WallOptions, beforeSpan: () => void = () => {}): Promise<Recorded> {
  await page.addInitScript(record)
  const arrangement = { layoutId: null, name: '', shared: false, grid, cells, changed: true }
  await page.evaluate(text => { (globalThis as unknown as { localStorage: { setItem: (key: string, text: string) => void } }).localStorage.setItem('kalancha.wall', text) }, JSON.stringify(arrangement))
  await page.goto(new URL('/', page.url()).href)
  await page.waitForSelector('[data-show]', { timeout: 30_000 })
  if (focused) {
    await page.focus('[data-cell="0"]')
    await page.keyboard.press('Enter')
  }
  await until('pictures', 30_000, async () => await page.evaluate(() => (globalThis as unknown as { __kalanchaLive?: { tiles: () => { frames: number }[] } }).__kalanchaLive?.tiles().some(t => t.frames > 0)) || null)
  await wait(warmUpMs)
  beforeSpan()
  await page.evaluate(() => (globalThis as unknown as { __bench: { start: () => void } }).__bench.start())
  await wait(spanMs)
  return page.evaluate(() => (globalThis as unknown as { __bench: { stop: () => Recorded } }).__bench.stop())
}

/** How old the newest picture of each tile was, looked at every 20 ms while the recording ran. */
function agesOf (shown: readonly Shown[], from: number, to: number): number[] {
  const ages: number[] = []
  const byTile = new Map<string, Shown[]>()
  for (const { deviceId } of shown) byTile.set(deviceId, [])
  for (const s of [...shown].sort((a, b) => a.shownAt - b.shownAt)) byTile.get(s.deviceId)!.push(s)
  for (const pictures of byTile.values()) {
    let next = 0
    let newest: number | null = null
    for (let t = from; t < to; t += 20) {
      while (pictures[next] && pictures[next]!.shownAt <= t) newest = pictures[next++]!.sentAt
      if (newest !== null) ages.push(t - newest)
    }
  }
  return ages
}

export interface WallFigures {
  decoder: string[]
  tiles: number
  framesPerSATile: number
  /** From sent to drawn onto the canvas (WebCodecs) or due on the screen (MSE). */
  drawn: Spread
  /** From sent to the animation frame after that: on the screen at the latest. */
  shown: Spread
  age: { medianMs: number | null, p99Ms: number | null, maxMs: number | null }
  keyFrameTilesShare: number
  /** Tiles with all their frames, at the beginning and the end of the span. */
  fullTiles: [first: number, last: number]
  /** Every tile in key-frame mode said so, in each look. */
  keyFrameTilesSaySo: boolean
  tileStates: Record<string, number>
}

export function figuresOf ({ shown, looks, endedAt }: Recorded): WallFigures {
  const from = looks[0]?.at ?? 0
  const seconds = (endedAt - from) / 1000
  const ages = agesOf(shown, from, endedAt).sort((a, b) => a - b)
  const age = (share: number) => { const v = rank(ages, share); return v === null ? null : round(v, 0) }
  const inMode = (l: Look) => l.tiles.filter(t => t.mode === 'keyframes').length
  // Behind a focused camera the small tiles are hidden and stand still.
  const first = looks[0]?.tiles ?? []
  const tiles = (looks.at(-1)?.tiles ?? []).filter((t, i) => t.frames > (first[i]?.frames ?? 0))
  const states: Record<string, number> = {}
  for (const l of looks) for (const [state, n] of Object.entries(l.states)) states[state] = (states[state] ?? 0) + n
  return {
    decoder: [...new Set(tiles.map(t => t.decoder ?? 'none'))], tiles: tiles.length, framesPerSATile: round(shown.length / seconds / Math.max(1, tiles.length)),
    drawn: spread(shown.map(s => s.drawnAt - s.sentAt)), shown: spread(shown.map(s => s.shownAt - s.sentAt)),
    age: { medianMs: age(0.5), p99Ms: age(0.99), maxMs: age(1) },
    keyFrameTilesShare: round(looks.reduce((sum, l) => sum + inMode(l), 0) / Math.max(1, looks.reduce((sum, l) => sum + l.tiles.length, 0)), 2),
    fullTiles: [looks[0], looks.at(-1)].map(l => l ? l.tiles.length - inMode(l) : 0) as [number, number],
    // React draws a change a moment after the player made it.
    keyFrameTilesSaySo: looks.every((l, i) => l.saying >= Math.min(inMode(l), inMode(looks[i - 1] ?? l))),
    tileStates: Object.fromEntries(Object.entries(states).map(([state, n]) => [state, round(n / looks.length, 2)]))
  }
}
