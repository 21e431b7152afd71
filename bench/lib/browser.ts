/** Headless Chromium on the real pages. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { Started, type System } from './system.js'

/** Stands for this machine under a name that no browser takes for safe, as plain HTTP in an office network. */
const INSECURE_HOST = 'kalancha.test'

export interface Screen { readonly page: Page, readonly pid: number, readonly errors: string[], close (): Promise<void> }
export interface ScreenOptions {
  /** False: plain HTTP to a name, where browsers offer no WebCodecs. */
  secure?: boolean
  width?: number
  height?: number
}

/** The browser's own process: the one with our profile and no parent that has it too. */
function browserPid (profile: string) {
  const found = readdirSync('/proc').filter(name => /^\d+$/.test(name)).find(name => {
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, 'utf8')
      return line.includes(profile) && !line.includes('--type=')
    } catch { return false }
  })
  return Number(found ?? 0)
}

/** A signed-in screen on the wall; `before` runs in each page before its own scripts. */
export async function openScreen ({ port, login }: Pick<System, 'port' | 'login'>, { secure = true, width = 1600, height = 900 }: ScreenOptions = {}): Promise<Screen> {
  const started = new Started()
  try {
    const profile = mkdtempSync(join(tmpdir(), 'kalancha-chromium-'))
    started.add(() => rmSync(profile, { recursive: true, force: true }))
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: '/usr/bin/chromium', headless: true, viewport: { width, height }, chromiumSandbox: false,
      args: ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-extensions', '--mute-audio',
        `--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1`]
    })
    started.add(() => context.close())
    const page = context.pages()[0] ?? await context.newPage()
    const errors: string[] = []
    page.on('pageerror', err => { if (errors.length < 10) errors.push(err.message) })
    const origin = `http://${secure ? 'localhost' : INSECURE_HOST}:${port}`
    await page.goto(`${origin}/sign-in`)
    const status = await page.evaluate(async body => {
      const answer = await fetch('/api/v1/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
      return answer.status
    }, login)
    if (status >= 300) throw new Error(`Signing in answered ${status}`)
    return { page, pid: browserPid(profile), errors, close: () => started.stop() }
  } catch (err) {
    await started.stop()
    throw err
  }
}
