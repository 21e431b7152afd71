/** `npx tsx web/dev-mock/look.ts OUT [base]`: pictures of every screen by Chromium, to be looked at. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { uuid } from './town.js'

const out = process.argv[2] ?? 'screens'
const base = process.argv[3] ?? 'http://127.0.0.1:8090'
const only = process.argv[4]
mkdirSync(out, { recursive: true })
const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
const screens: Array<[name: string, path: string, act?: (page: Page) => Promise<unknown>]> = [
  ['wall', '/', async p => { await p.waitForTimeout(5000) }],
  ['wall-alarms', '/', async p => { await p.locator('[role=toolbar] button[aria-pressed]').nth(1).click(); await p.waitForTimeout(2500) }],
  ['wall-cameras', '/', async p => { await p.locator('[role=toolbar] button[aria-pressed]').nth(0).click(); await p.waitForTimeout(1500) }],
  ['focus', '/', async p => { await p.keyboard.press('1'); await p.keyboard.press('3'); await p.keyboard.press('ArrowRight'); await p.keyboard.press('Enter'); await p.waitForTimeout(2500) }],
  ['help', '/', async p => { await p.keyboard.press('?'); await p.waitForTimeout(600) }],
  ['picker', '/', async p => { await p.keyboard.press('/'); await p.waitForTimeout(800) }],
  ['alarms', '/alarms', async p => { await p.waitForTimeout(800) }],
  ['acknowledge', '/alarms', async p => { await p.waitForTimeout(800); await p.keyboard.press(' '); await p.waitForTimeout(600) }],
  ['devices', '/devices', async p => { await p.waitForTimeout(800) }],
  ['camera', `/devices/${uuid(1, 21)}`, async p => { await p.waitForTimeout(2500) }],
  ['switch', `/devices/${uuid(2, 2)}`, async p => { await p.waitForTimeout(1500) }],
  ['playback', `/playback?cameras=${[1, 2, 7, 9].map(n => uuid(1, n)).join(',')}`, async p => { await p.waitForTimeout(3500); await p.mouse.move(900, 1000) ; await p.waitForTimeout(600) }],
  ['playback-gap', `/playback?cameras=${uuid(1, 1)},${uuid(1, 2)}&at=${Date.now() - 4 * 60_000 - 3000}`, async p => { await p.waitForTimeout(5500); await p.keyboard.press('c'); await p.waitForTimeout(500) }],
  ['playback-clip', `/playback?cameras=${uuid(1, 1)},${uuid(1, 2)}`, async p => { await p.waitForTimeout(1500); await p.keyboard.press('i'); await p.keyboard.press('Shift+ArrowRight'); await p.waitForTimeout(500); await p.keyboard.press('o'); await p.keyboard.press('e'); await p.waitForTimeout(600) }],
  ['playback-lock', `/playback?cameras=${uuid(1, 1)},${uuid(1, 2)}`, async p => { await p.waitForTimeout(1500); await p.keyboard.press('h'); await p.waitForTimeout(600) }],
  ['playback-none', '/playback?cameras=', async p => { await p.waitForTimeout(600) }],
  ['account', '/account', async p => { await p.waitForTimeout(800) }]
]
for (const [size, viewport] of [['wide', { width: 1920, height: 1080 }], ['phone', { width: 390, height: 844 }]] as const) {
  const profile = mkdtempSync(join(tmpdir(), 'look-'))
  const browser = await chromium.launchPersistentContext(profile, { executablePath: '/usr/bin/chromium', args, viewport, locale: 'uk-UA' })
  const page = await browser.newPage()
  page.on('console', m => { if (['error', 'warning'].includes(m.type())) console.log(size, m.type(), m.text().slice(0, 300)) })
  page.on('pageerror', e => console.log(size, 'pageerror', e.message, e.stack?.slice(0, 400)))
  if (process.env.LOOK_LOG) page.on('response', r => { if (r.url().includes('api')) console.log(r.status(), r.url()) })
  await page.goto(base)
  await page.waitForSelector('input')
  await page.screenshot({ path: join(out, `${size}-sign-in.png`) })
  await page.fill('input >> nth=0', 'operator')
  await page.fill('input >> nth=1', 'x')
  await page.keyboard.press('Enter')
  await page.waitForSelector('header', { timeout: 12000 }).catch(e => page.screenshot({ path: join(out, 'failed.png') }).then(() => { throw e }))
  for (const [name, path, act] of screens) {
    if (only && !only.split(',').includes(name)) continue
    await page.goto(base + path)
    await page.waitForSelector('main')
    await page.waitForTimeout(700)
    try { await act?.(page) } catch (error) { console.log(size, name, String(error).slice(0, 200)) }
    await page.screenshot({ path: join(out, `${size}-${name}.png`) })
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    if (wide > 0) console.log(size, name, 'overflows by', wide)
    if (name === 'wall') console.log(size, JSON.stringify(await page.evaluate(() => window.__kalanchaLive?.tiles().map(t => [t.frames, t.dropped, t.mode, t.decoder, t.presentedAt && Math.round(t.presentedAt - (t.lastAtMs ?? 0))]))))
  }
  await browser.close()
  rmSync(profile, { recursive: true, force: true })
}
