/** A centre without a town: the server with its embedded agent as a process of its own, set up, and browsers signed in to it. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { projectRoot } from '../../lib/project-root.js'
import type { Invitation, Role, User } from '../../server/contract/people.js'
import { DemoClient } from '../../tools/demo/client.js'
import { Program, until } from './program.js'

export const ADMIN = { login: 'admin', password: 'нічна варта на каланчі', displayName: 'Ольга Адміністраторка' }
const PATIENCE_MS = 20_000

const freePort = () => new Promise<number>((resolve, reject) => {
  const probe = createServer()
  probe.once('error', reject)
  probe.listen(0, '127.0.0.1', () => {
    const { port } = probe.address() as { port: number }
    probe.close(() => resolve(port))
  })
})

export class Centre {
  /** What went wrong in any of the browsers. */
  readonly faults: string[] = []
  private constructor (readonly origin: string, readonly dataDir: string, readonly server: Program, readonly client: DemoClient, private readonly browser: Browser) {}

  static async start (): Promise<Centre> {
    const dataDir = mkdtempSync(join(tmpdir(), 'kalancha-centre-'))
    const port = await freePort()
    const origin = `http://localhost:${port}`
    const server = new Program('server', 'server/main.js', [], { KALANCHA_DATA: dataDir, KALANCHA_PORT: String(port), KALANCHA_HOST: '127.0.0.1', KALANCHA_PUBLIC_URL: origin, KALANCHA_LOG_LEVEL: 'warn' })
    server.start()
    const token = await server.says(/^Setup: .*#token=([\w-]+)/)
    const client = new DemoClient(origin)
    await until('the server to be ready', 30_000, async () => (await fetch(`${origin}/readyz`)).ok)
    await client.call('POST', '/setup', { token, ...ADMIN, language: 'uk' })
    await client.call('POST', '/session', { login: ADMIN.login, password: ADMIN.password })
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'] })
    return new Centre(origin, dataDir, server, client, browser)
  }

  /** A browser of its own, on the sign-in page. */
  async visitor (size = { width: 1440, height: 900 }): Promise<Page> {
    const context: BrowserContext = await this.browser.newContext({ locale: 'uk-UA', viewport: size })
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    page.on('pageerror', err => this.faults.push(err.message))
    await page.goto(`${this.origin}/sign-in`)
    return page
  }

  /** A browser of its own with this person in it, at the address. */
  async person (login: string, password: string, path = '/'): Promise<Page> {
    const page = await this.visitor()
    await signIn(page, login, password)
    await page.locator('header').waitFor()
    if (path !== '/') await page.goto(this.origin + path)
    return page
  }

  /** Invited and already with a password. */
  async invite (login: string, roles: Role[], password: string) {
    const { user, invitation } = await this.client.call<{ user: User, invitation: Invitation }>('POST', '/users', { login, displayName: login, roles, allGroups: true, groupIds: [] })
    await new DemoClient(this.origin).call('POST', '/invitations/accept', { token: invitation.url.split('#token=')[1], password })
    return user
  }

  async picture (page: Page, name: string) {
    mkdirSync(join(projectRoot(), '.cache'), { recursive: true })
    await page.screenshot({ path: join(projectRoot(), '.cache', `${name}.png`) }).catch(() => {})
  }

  async stop () {
    await this.browser.close()
    await this.server.kill()
    rmSync(this.dataDir, { recursive: true, force: true })
  }
}

export async function signIn (page: Page, login: string, password: string) {
  await page.getByLabel('Логін').fill(login)
  await page.locator('input[type=password]').fill(password)
  await page.keyboard.press('Enter')
}
