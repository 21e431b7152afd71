/** A new centre is set up by its first administrator in a browser, and a second person comes in by invitation. The tests are chapters of one story. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { projectRoot } from '../../lib/project-root.js'

const PASSWORD = 'вежа над містом о сьомій'
const PATIENCE_MS = 30_000

/** The server with its embedded agent, on a free port and with data of its own. */
async function startServer (dataDir: string): Promise<{ child: ChildProcess, setupLink: string }> {
  const program = join(projectRoot(), 'dist/server/main.js')
  if (!existsSync(program)) throw new Error(`${program} is missing: run "npm run build" first`)
  const child = spawn(process.execPath, [program], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', KALANCHA_DATA: dataDir, KALANCHA_PORT: '0', KALANCHA_HOST: '127.0.0.1', KALANCHA_LOG_LEVEL: 'warn' }, stdio: ['ignore', 'pipe', 'inherit']
  })
  const setupLink = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', line => { const found = /^Setup: (\S+)$/.exec(line); if (found) resolve(found[1]!) })
    child.once('exit', code => reject(new Error(`The server ended with ${code} before it was ready`)))
  })
  return { child, setupLink }
}

const csv = (...rows: string[]) => Buffer.from(['kind;name;site;group;address;onvif_port;main_path;check;check_port', ...rows].join('\r\n'))

describe('the administration', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'kalancha-admin-'))
  let server: ChildProcess
  let setupLink: string
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let invitation: string
  const faults: string[] = []

  const newPage = async (of: BrowserContext) => {
    const opened = await of.newPage()
    opened.setDefaultTimeout(PATIENCE_MS)
    opened.on('pageerror', err => faults.push(err.message))
    return opened
  }
  const seen = (text: string | RegExp, where: Page | Locator = page) => where.getByText(text).first().waitFor({ timeout: PATIENCE_MS })
  const field = (name: string | RegExp) => page.getByRole('textbox', { name })
  const press = (name: string | RegExp) => page.getByRole('button', { name }).click()
  const section = (name: string) => page.getByRole('navigation', { name: 'Керування' }).getByRole('link', { name, exact: true }).click()
  const choose = async (field: string, option: string) => {
    await page.getByRole('combobox', { name: field }).click()
    await page.getByRole('option', { name: option }).click()
  }

  beforeAll(async () => {
    ({ child: server, setupLink } = await startServer(dataDir))
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
    context = await browser.newContext({ locale: 'uk-UA', viewport: { width: 1440, height: 900 } })
    page = await newPage(context)
  })
  afterAll(async () => {
    await browser?.close()
    if (server && server.exitCode === null) {
      server.kill('SIGTERM')
      await once(server, 'exit')
    }
    rmSync(dataDir, { recursive: true, force: true })
  })
  afterEach(async test => { if (test.task.result?.state === 'fail') await page?.screenshot({ path: join(projectRoot(), '.cache/admin-story.png') }).catch(() => {}) })

  it('the first administrator comes in by the printed link', async () => {
    await page.goto(setupLink)
    await field('Ім’я та прізвище').fill('Олена Коваленко')
    await field('Логін').fill('olena')
    for (const input of await page.locator('input[type=password]').all()) await input.fill(PASSWORD)
    await press('Створити і увійти')
    await page.getByRole('link', { name: 'Керування' }).first().click()
    await seen('Пристроїв ще немає')
  })

  it('a site is entered with coordinates pasted from a map', async () => {
    await section('Об’єкти')
    await press('Додати об’єкт')
    await field('Назва').fill('Ситуаційний центр')
    await field('Координати').fill('48.9226')
    await press('Зберегти')
    await seen('Напишіть широту й довготу')
    await field('Координати').fill('48,9226; 24,7111')
    await press('Зберегти')
    await seen('48.9226, 24.7111', page.getByRole('grid'))
  })

  it('a camera is entered by form, and its test names the cause', async () => {
    await section('Пристрої')
    await press('Додати')
    await page.getByRole('menuitem', { name: 'Камера' }).click()
    await press('Додати пристрій')
    await seen('Потрібно заповнити')
    await field('Назва').fill('Головний вхід')
    await field('Адреса').fill('rtsp://127.0.0.1/main')
    await seen('Лише адреса або ім’я')
    await field('Адреса').fill('127.0.0.1')
    await page.getByText('Лише RTSP').click()
    await seen('Камері потрібен ONVIF або шлях основного потоку')
    await field('Шлях основного потоку').fill('/main')
    // Nothing listens on port 1.
    await field('Порт RTSP').fill('1')
    await press('Перевірити')
    await seen('У з’єднанні відмовлено')
    await seen('Не працює')
    await choose('Об’єкт', 'Ситуаційний центр')
    await press('Додати пристрій')
    const row = page.getByRole('row', { name: /Головний вхід/ })
    await row.waitFor()
    expect(await row.textContent()).toMatch(/Камера[\s\S]*127\.0\.0\.1[\s\S]*Ситуаційний центр/)
  })

  it('the same camera again is refused beside its address', async () => {
    await page.getByRole('button', { name: 'Додати' }).click()
    await page.getByRole('menuitem', { name: 'Камера' }).click()
    await field('Назва').fill('Двійник')
    await field('Адреса').fill('127.0.0.1')
    await page.getByText('Лише RTSP').click()
    await field('Шлях основного потоку').fill('/main')
    await field('Порт RTSP').fill('1')
    await press('Додати пристрій')
    await seen('Пристрій із цією адресою вже додано')
    expect(await field('Адреса').getAttribute('aria-invalid')).toBe('true')
  })

  it('a file with errors shows them row by row and imports nothing', async () => {
    await section('Імпорт CSV')
    // Windows-1251: "Табло" and "Вокзал" as an older spreadsheet saves them.
    const old = Buffer.concat([csv('host;'), Buffer.from([0xd2, 0xe0, 0xe1, 0xeb, 0xee]), Buffer.from(';'), Buffer.from([0xc2, 0xee, 0xea, 0xe7, 0xe0, 0xeb]), Buffer.from(';;192.0.2.300;;;tcp;\r\ncamera;C2;;;127.0.0.1;;main;;\r\n')])
    await page.locator('input[type=file]').setInputFiles({ name: 'old.csv', mimeType: 'text/csv', buffer: old })
    await seen('2 рядки, з помилками: 2')
    await seen('old.csv · Windows-1251')
    await seen(/address: Не адреса IPv4/)
    await seen(/main_path: Шлях починається/)
    expect(await page.getByRole('row', { name: /Табло/ }).textContent()).toContain('Вокзал')
    expect(await page.getByRole('button', { name: /^Імпортувати/ }).isDisabled()).toBe(true)
    await press('Інший файл')
    await page.locator('input[type=file]').setInputFiles({ name: 'unknown.csv', mimeType: 'text/csv', buffer: Buffer.from('kind;name;адреса\nhost;a;b\n') })
    await seen('Файл не можна імпортувати')
    await seen('Невідомий стовпець')
    await press('Інший файл')
  })

  it('a good file names what it would create and then enters everything', async () => {
    const rows = Array.from({ length: 1200 }, (_, i) => `host;Вузол-${i};Вокзал;;198.18.${i >> 8}.${i & 255};;;tcp;22`)
    await page.locator('input[type=file]').setInputFiles({ name: 'good.csv', mimeType: 'text/csv', buffer: csv('camera;Перон;Вокзал;Вокзал;127.0.0.2;;/main;;', ...rows) })
    await seen(/1\D?201 рядок, помилок немає/)
    expect(await page.getByText('1 новий об’єкт:').locator('..').textContent()).toContain('Вокзал')
    await seen('1 нова група:')
    expect(await page.getByRole('grid').getByRole('row').count()).toBeLessThan(80)
    await press(/^Імпортувати/)
    await seen(/Імпортовано 1\D?201 пристрій/)
    await page.getByRole('link', { name: 'До пристроїв' }).click()
    await seen(/1\D?202 пристрої/)
  })

  it('several devices move at once', async () => {
    await field('Пошук').fill('вузол-119')
    await seen('11 пристроїв')
    await page.getByRole('checkbox', { name: 'Вибрати всі показані' }).check()
    await seen('Вибрано 11')
    await press('На об’єкт…')
    await choose('Куди', 'Ситуаційний центр')
    await press('Перемістити')
    await seen('Змінено 11 пристроїв')
    await section('Об’єкти')
    await expect.poll(() => page.getByRole('row', { name: /Ситуаційний центр/ }).textContent(), { timeout: 20_000 }).toMatch(/12/)
  })

  it('a user is made with a link that is shown once', async () => {
    await section('Користувачі')
    await press('Додати користувача')
    await field('Ім’я та прізвище').fill('Петро Іваненко')
    await field('Логін').fill('петро')
    await page.getByText('Вибрані групи').click()
    await press('Створити й отримати запрошення')
    await seen('латинських літер')
    await seen('Виберіть хоча б одну групу')
    await field('Логін').fill('petro')
    await choose('Групи камер', 'Вокзал')
    await page.keyboard.press('Escape')
    await press('Створити й отримати запрошення')
    invitation = (await page.locator('[data-once]').textContent())!
    expect(invitation).toMatch(/\/invitation#token=[\w-]{20,}$/)
    await press('Готово')
    await page.locator('[data-once]').waitFor({ state: 'detached' })
    expect(await page.locator('[data-user=petro]').textContent()).toMatch(/Оператор[\s\S]*Вокзал[\s\S]*ще не входив/)
  })

  it('who was invited sets a password, signs in, and sees no administration', async () => {
    const other = await browser.newContext({ locale: 'uk-UA' })
    const theirs = await newPage(other)
    await theirs.goto(invitation)
    for (const input of await theirs.locator('input[type=password]').all()) await input.fill('зовсім інша довга фраза')
    await theirs.getByRole('button', { name: 'Зберегти пароль' }).click()
    await seen('Пароль збережено', theirs)
    await theirs.getByRole('link', { name: 'Увійти' }).click()
    await theirs.getByLabel('Логін').fill('petro')
    await theirs.locator('input[type=password]').fill('зовсім інша довга фраза')
    await theirs.getByRole('button', { name: 'Увійти' }).click()
    await theirs.getByRole('link', { name: 'Пристрої' }).first().waitFor()
    expect(await theirs.getByRole('link', { name: 'Керування' }).count()).toBe(0)
    await theirs.goto(new URL('/admin/users', invitation).href)
    await seen('Немає дозволу на цю сторінку', theirs)
    // A used link opens nothing any more.
    await theirs.goto(invitation)
    for (const input of await theirs.locator('input[type=password]').all()) await input.fill('зовсім інша довга фраза')
    await theirs.getByRole('button', { name: 'Зберегти пароль' }).click()
    await seen('посилання вже використано', theirs)
    await other.close()
  })

  it('the audit log tells it all, and its chain is whole', async () => {
    await section('Журнал дій')
    for (const act of ['Вхід', 'Користувача створено', 'Пристрої імпортовано', 'Об’єкт додано']) await seen(act, page.getByRole('grid'))
    await press('Перевірити ланцюг')
    await seen(/Ланцюг цілий: перевірено \d+/)
    await page.getByRole('row', { name: /Користувача створено/ }).click()
    await seen('Подробиці')
    expect(await page.getByRole('dialog').textContent()).toContain('petro')
    await page.keyboard.press('Escape')
    expect(faults).toEqual([])
  })
})
