/** People: ended sessions, changed passwords, the roles that watch nothing, settings, and five hundred alarms. The tests are chapters of one story. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Alarm } from '../../server/contract/health.js'
import type { Device } from '../../server/contract/inventory.js'
import type { Settings } from '../../server/contract/people.js'
import { ADMIN, Centre, signIn } from './centre.js'
import { until } from './program.js'

const PASSWORD = 'чотири тисячі кроків угору'
const ALARMS = 500

describe('people and their screens', () => {
  let centre: Centre
  let admin: Page
  const seen = (text: string | RegExp, where: Page) => where.getByText(text).first().waitFor()
  const links = (page: Page) => page.getByRole('navigation', { name: 'Головна навігація' }).first().getByRole('link').allTextContents()
  const sections = (page: Page) => page.getByRole('navigation', { name: 'Керування' }).getByRole('link').allTextContents()

  beforeAll(async () => {
    centre = await Centre.start()
    for (const [login, role] of [['operator', 'operator'], ['auditor', 'auditor'], ['leader', 'leadership'], ['requester', 'requester']] as const) await centre.invite(login, [role], PASSWORD)
    admin = await centre.person(ADMIN.login, ADMIN.password)
  })
  afterAll(() => centre?.stop())
  let broken = false
  beforeEach(context => { if (broken) context.skip('an earlier chapter failed') })
  afterEach(async context => {
    if (context.task.result?.state !== 'fail') return
    broken = true
    await centre?.picture(admin, 'people-story')
  })

  it('an ended session throws the other browser out at once, whatever stands on its screen', async () => {
    const operator = await centre.person('operator', PASSWORD, '/account')
    const auditor = await centre.person('auditor', PASSWORD, '/admin/audit')
    await seen('Вхід', auditor)
    await admin.goto(`${centre.origin}/admin/sessions`)
    for (const login of ['operator', 'auditor']) {
      await admin.getByRole('listitem').filter({ hasText: login }).getByRole('button', { name: 'Завершити' }).click()
      await admin.getByRole('dialog').getByRole('button', { name: 'Завершити' }).click()
      await admin.getByRole('listitem').filter({ hasText: login }).waitFor({ state: 'detached' })
    }
    for (const page of [operator, auditor]) {
      await seen('Сеанс завершено. Увійдіть знову.', page)
      expect(await page.getByRole('navigation').count()).toBe(0)
    }
    // Signed in again, they are where they were.
    await signIn(auditor, 'auditor', PASSWORD)
    await auditor.waitForURL('**/admin/audit')
    for (const page of [operator, auditor]) await page.context().close()
  })

  it('a password is changed only with the old one, for one that is long and not common; then the old one is dead', async () => {
    const page = await centre.person('operator', PASSWORD, '/account')
    const attempt = async (current: string, next: string, repeat = next) => {
      for (const [label, text] of [['Поточний пароль', current], ['Новий пароль', next], ['Пароль ще раз', repeat]] as const) await page.getByLabel(label).fill(text)
      await page.getByRole('button', { name: 'Змінити пароль' }).click()
    }
    await attempt(PASSWORD, 'коротке')
    await page.locator('[id$=-error]').getByText('Щонайменше 12 символів').waitFor()
    await attempt(PASSWORD, 'довге й незвичне слово', 'довге й інакше слово')
    await seen('Паролі не збігаються', page)
    await attempt('це не той пароль', 'довге й незвичне слово')
    await seen('Поточний пароль неправильний', page)
    await attempt(PASSWORD, 'passwordpassword')
    await seen('Цей пароль надто поширений', page)
    await attempt(PASSWORD, 'довге й незвичне слово')
    await seen('Пароль змінено', page)
    const other = await centre.visitor()
    await signIn(other, 'operator', PASSWORD)
    await seen('Неправильний логін або пароль', other)
    await signIn(other, 'operator', 'довге й незвичне слово')
    await other.getByRole('navigation').first().waitFor()
    for (const p of [page, other]) await p.context().close()
  })

  it('an auditor reads the audit log and changes nothing; who has no part in this yet sees their account', async () => {
    const auditor = await centre.person('auditor', PASSWORD)
    await auditor.getByRole('navigation', { name: 'Керування' }).waitFor()
    expect(await links(auditor)).toEqual(['Керування'])
    expect(await sections(auditor)).toEqual(['Групи камер', 'Блокування записів', 'Користувачі', 'Журнал дій', 'Налаштування'])
    await auditor.getByRole('link', { name: 'Журнал дій' }).click()
    await seen('Вхід', auditor)
    await auditor.getByRole('button', { name: 'Перевірити ланцюг' }).click()
    await seen(/Ланцюг цілий: перевірено \d+/, auditor)
    for (const [path, there] of [['users', 'operator'], ['groups', 'Груп камер ще немає'], ['settings', 'Часовий пояс']] as const) {
      await auditor.goto(`${centre.origin}/admin/${path}`)
      await seen(there, auditor)
      expect(await auditor.locator('#content').getByRole('button', { name: /Додати|Зберегти|Змінити|Вимкнути|Скинути|Вилучити|Нове запрошення/ }).count()).toBe(0)
    }
    for (const path of ['/admin/devices', '/admin/sessions', '/admin/agents', '/admin/import', '/admin/discovery', '/devices', '/alarms', '/admin/devices/new']) {
      await auditor.goto(centre.origin + path)
      await seen('Немає дозволу на цю сторінку', auditor)
    }
    for (const login of ['leader', 'requester']) {
      const page = await centre.person(login, PASSWORD)
      await page.waitForURL('**/account')
      expect(await links(page)).toEqual([])
      for (const path of ['/', '/admin/settings', '/admin/users', '/alarms']) {
        await page.goto(centre.origin + path)
        if (path === '/') await page.waitForURL('**/account')
        else await seen('Немає дозволу на цю сторінку', page)
      }
      await page.context().close()
    }
    await auditor.context().close()
  })

  it('settings are saved and at once seen, and what is wrong is said beside its field', async () => {
    await admin.goto(`${centre.origin}/admin/settings`)
    await admin.getByLabel('Назва центру').fill('Івано-Франківськ')
    await admin.getByRole('combobox', { name: 'Часовий пояс' }).fill('Azores')
    await admin.getByRole('option', { name: 'Atlantic/Azores' }).click()
    await admin.locator('form', { hasText: 'Часовий пояс' }).getByRole('button', { name: 'Зберегти' }).click()
    await seen('Налаштування збережено', admin)
    expect((await centre.client.call<Settings>('GET', '/settings')).centre).toEqual({ name: 'Івано-Франківськ', timeZone: 'Atlantic/Azores' })
    const clock = () => new Intl.DateTimeFormat('uk-UA', { hour: '2-digit', minute: '2-digit', timeZone: 'Atlantic/Azores' }).format(Date.now())
    await until('the clock in the new zone', 10_000, async () => (await admin.locator('header').textContent())!.includes(clock()))
    await admin.reload()
    expect(await admin.getByLabel('Назва центру').inputValue()).toBe('Івано-Франківськ')
    await centre.client.call('PATCH', '/settings', { centre: { name: 'Івано-Франківськ', timeZone: 'Europe/Kyiv' } })
  })

  it(`${ALARMS} alarms stand, are acknowledged by keys, end, and are found again in the history`, async () => {
    await admin.goto(`${centre.origin}/alarms`)
    await seen('Чинних тривог немає', admin)
    await admin.keyboard.press('KeyM')
    await admin.getByRole('button', { name: /^Без звуку до/ }).waitFor()
    const agent = (await centre.client.call<{ name: string }[]>('GET', '/agents'))[0]!.name
    const rows = Array.from({ length: ALARMS }, (_, i) => `host,Датчик ${String(i).padStart(3, '0')},127.78.${i >> 8}.${i & 255},${agent},tcp,9`)
    await centre.client.call('POST', '/devices/import', { csv: ['kind,name,address,agent,check,check_port', ...rows].join('\n'), createMissing: false })
    await seen(`Чинні (${ALARMS})`, admin)
    expect(await admin.locator('article').count()).toBeLessThan(60)

    const list = admin.locator('[data-alarm-list]')
    const chosen = () => admin.locator('article[data-chosen] a').textContent()
    await list.focus()
    await admin.keyboard.press('Home')
    await until('the first alarm to be chosen', 5000, async () => await admin.locator('article').first().getAttribute('data-chosen') !== null)
    const first = await chosen()
    for (let i = 0; i < 40; i++) await admin.keyboard.press('ArrowDown')
    expect(await chosen()).not.toBe(first)
    const box = (await admin.locator('article[data-chosen]').boundingBox())!
    expect(box.y >= 48 && box.y + box.height <= 900, `the chosen alarm at ${box.y}`).toBe(true)
    await admin.keyboard.press('End')
    await until('the last alarm', 5000, async () => (await chosen()) !== first)
    await admin.keyboard.press('Home')
    await until('the first alarm', 5000, async () => await chosen() === first)
    await admin.keyboard.press('Space')
    await admin.getByRole('dialog').getByRole('textbox').waitFor()
    await admin.keyboard.type('Живлення вимкнено')
    await admin.keyboard.press('Control+Enter')
    await admin.getByRole('dialog').waitFor({ state: 'hidden' })
    const { items: acknowledged } = await centre.client.call<{ items: Alarm[] }>('GET', '/alarms?status=open&limit=500')
    expect(acknowledged.filter(a => a.acknowledgeComment === 'Живлення вимкнено').map(a => a.acknowledgedBy)).toEqual([ADMIN.login])

    const { items: devices } = await centre.client.call<{ items: Device[] }>('GET', '/devices?limit=500')
    for (let i = 0; i < devices.length; i += 50) await Promise.all(devices.slice(i, i + 50).map(d => centre.client.call('PATCH', `/devices/${d.id}`, { enabled: false })))
    await seen('Чинних тривог немає', admin)
    await admin.getByRole('tab', { name: 'Історія' }).click()
    await until('the first page of the history', 10_000, async () => await admin.locator('article').count() > 0)
    await admin.mouse.move(700, 600)
    const read = new Set<string>()
    await until('the whole history by scrolling alone', 30_000, async () => {
      for (const id of await admin.locator('article').evaluateAll(list => list.map(e => e.id))) read.add(id)
      expect(await admin.locator('article').count()).toBeLessThan(60)
      await admin.mouse.wheel(0, 1200)
      if (read.size < ALARMS) throw new Error(`${read.size} so far`)
      return true
    })
    await admin.getByRole('combobox', { name: 'Важливість' }).click()
    await admin.getByRole('option', { name: 'Критична' }).click()
    await seen('За цей час тривог не було', admin)
    await admin.getByRole('combobox', { name: 'Важливість' }).click()
    await admin.getByRole('option', { name: 'Важлива' }).click()
    await until('the major ones', 10_000, async () => await admin.locator('article').count() > 0)
    expect(centre.faults).toEqual([])
  })
})
