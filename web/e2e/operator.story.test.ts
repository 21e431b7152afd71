/** The night shift: layouts, keys, alarms, people with fewer rights, in a browser against the whole system. The tests are chapters of one story. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Invitation, CameraGroup, Session, User } from '../../server/contract/people.js'
import type { Layout } from '../../server/contract/wall.js'
import { DemoClient } from '../../tools/demo/client.js'
import { until } from './program.js'
import { System } from './system.js'
import { Wall } from './wall.js'

const CITY = 'Усе місто'
const NIGHT = 'Нічна зміна'
const OPERATOR = { login: 'operator', displayName: 'Оксана Пономаренко-Величковська', password: 'four-in-the-morning-again' }
const GROUP = 'Вокзал'

describe('the operator at four in the morning', () => {
  let system: System
  let wall: Wall
  let page: Page
  const nameOf = (id: string) => system.plan.cameras.find(c => c.id === id)!.name
  const cells = () => page.locator('[data-cell]').evaluateAll(list => list.map(e => e.getAttribute('aria-label')!))
  const selected = () => page.locator('[aria-pressed=true][data-cell]').getAttribute('data-cell')
  const layoutName = () => page.getByRole('button', { name: /^Розкладка:/ }).textContent()
  const unsaved = () => page.getByText('не збережено').isVisible()

  beforeAll(async () => {
    system = await System.start()
    wall = await Wall.open(system.origin, system.login, system.password)
    page = wall.page
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
    await page?.screenshot({ path: '.cache/operator-story.png' }).catch(() => {})
  })

  it('a new wall opens with the first shared layout', async () => {
    expect(await layoutName()).toBe(CITY)
    expect((await cells()).length).toBe(16)
    expect(await unsaved()).toBe(false)
  })

  it('tiles are arranged by mouse and by keys; a wall of this browser keeps that over a reload', async () => {
    await page.keyboard.press('Digit2')
    await page.locator('[data-cell="4"]').waitFor({ state: 'detached' })
    const before = await cells()
    const middle = async (cell: number) => {
      const box = (await page.locator(`[data-cell="${cell}"]`).boundingBox())!
      return [box.x + box.width / 2, box.y + box.height / 2] as const
    }
    await page.mouse.move(...await middle(0))
    await page.mouse.down()
    await page.mouse.move(...await middle(3), { steps: 12 })
    await page.mouse.up()
    await until('the tiles to have changed places', 5000, async () => (await cells())[3] === before[0] && (await cells())[0] === before[3])
    expect(await unsaved()).toBe(true)

    await page.locator('[data-cell="3"]').focus()
    for (const key of ['Space', 'ArrowLeft', 'Space']) await page.keyboard.press(key)
    await until('the grabbed tile to have moved', 5000, async () => (await cells())[2] === before[0])
    expect(await selected()).toBe('2')
    const arranged = await cells()
    await page.reload()
    await page.locator('[data-cell="3"]').waitFor()
    await until('the same tiles', 10_000, async () => JSON.stringify((await cells()).map(c => c.split(',')[0])) === JSON.stringify(arranged.map(c => c.split(',')[0])))
    expect(await unsaved()).toBe(true)
  })

  it('saved as, renamed, changed elsewhere and deleted elsewhere: the wall follows', async () => {
    await page.getByRole('button', { name: /^Розкладка:/ }).click()
    await page.getByRole('menuitem', { name: 'Зберегти як…' }).click()
    await page.getByRole('textbox', { name: 'Назва' }).fill('Ніч')
    await page.keyboard.press('Enter')
    await until('the layout to be saved', 5000, async () => await layoutName() === 'Ніч' && !await unsaved())
    await page.getByRole('button', { name: /^Розкладка:/ }).click()
    await page.getByRole('menuitem', { name: 'Перейменувати' }).click()
    await page.getByRole('textbox', { name: 'Назва' }).fill(NIGHT)
    await page.keyboard.press('Enter')
    await until('the new name', 5000, async () => await layoutName() === NIGHT)

    const mine = (await system.client.call<Layout[]>('GET', '/layouts')).find(l => l.name === NIGHT)!
    const write = { name: NIGHT, shared: false, grid: 1, cells: [system.id('C06')] }
    await system.client.call('PUT', `/layouts/${mine.id}`, write)
    await until('what was saved elsewhere', 5000, async () => JSON.stringify(await cells()).startsWith(`["${nameOf('C06')},`))
    await system.client.call('DELETE', `/layouts/${mine.id}`)
    await until('the wall to say that it is saved nowhere', 5000, async () => await layoutName() === 'Без назви' && await unsaved())
    expect((await cells()).length).toBe(1)

    await wall.layout(CITY)
    await page.getByRole('button', { name: 'Відкрити без збереження' }).click()
    await until('the shared layout', 5000, async () => (await cells()).length === 16)
    // While a dialog fades it still has the keys.
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
  })

  it('a camera is found by a few letters; Enter, arrows and Esc work in the large view', async () => {
    await page.keyboard.press('Digit2')
    await page.locator('[data-cell="4"]').waitFor({ state: 'detached' })
    await page.locator('[data-cell="1"]').focus()
    await page.keyboard.press('Delete')
    await page.keyboard.press('/')
    await page.getByRole('combobox').fill('школа спорт')
    await page.getByRole('option', { name: nameOf('C15') }).waitFor()
    await page.keyboard.press('Enter')
    await until('the camera in its cell', 5000, async () => (await cells())[1]!.startsWith(nameOf('C15')))
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await page.locator('[data-cell="1"]').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'До сітки' }).waitFor()
    await page.keyboard.press('ArrowLeft')
    await page.getByText(nameOf('C01')).last().waitFor()
    await page.keyboard.press('Escape')
    await until('the keys to be back on the tile', 5000, async () => await page.evaluate(`document.activeElement?.dataset.cell`) === '0')
  })

  it('an alarm rings; muted it does not; it is acknowledged by keys alone', async () => {
    await page.addInitScript(`{
      const start = OscillatorNode.prototype.start
      window.tones = 0
      OscillatorNode.prototype.start = function (...args) { window.tones++; return start.apply(this, args) }
    }`)
    await page.reload()
    await until('the connection', 15_000, async () => await wall.connection() === 'online')
    await page.locator('[data-cell="0"]').focus()
    await system.fault('cut', 'C03')
    await until('a tone', 30_000, async () => Number(await page.evaluate('window.tones')) > 0)

    await page.keyboard.press('KeyA')
    await wall.alarms().first().waitFor()
    await until('the list to have the keys', 5000, async () => await page.evaluate(`document.activeElement?.hasAttribute('data-alarm-list')`))
    await page.keyboard.press('Space')
    await page.getByRole('dialog').getByRole('textbox').waitFor()
    await page.keyboard.type('Викликано майстра')
    await page.keyboard.press('Control+Enter')
    await until('the acknowledgement on the screen', 10_000, async () => (await wall.alarmTexts()).some(text => text.includes('«Викликано майстра»')))
    await page.getByRole('dialog').waitFor({ state: 'hidden' })

    await page.keyboard.press('KeyM')
    await page.getByRole('button', { name: /^Без звуку до \d\d:\d\d$/ }).waitFor()
    const before = await page.evaluate('window.tones')
    await system.fault('cut', 'C06')
    await until('the second alarm', 30_000, async () => await wall.alarms().count() === 2)
    expect(await page.evaluate('window.tones')).toBe(before)
    await page.keyboard.press('KeyM')
    await system.fault('heal', 'all')
    await system.settled()
    await page.getByRole('tab', { name: 'Історія' }).click()
    await until('both in the history', 10_000, async () => (await wall.alarmTexts()).filter(text => text.includes('Знято')).length === 2)
  })

  it('on a phone no row of the device list covers another, also after turning', async () => {
    const overlaps = `(() => {
      const rows = [...document.querySelectorAll('[role=row]')].map(r => r.getBoundingClientRect()).sort((a, b) => a.top - b.top)
      return rows.length < 5 ? -1 : rows.filter((r, i) => i > 0 && r.top < rows[i - 1].bottom - 1).length
    })()`
    const size = page.viewportSize()!
    await page.goto(`${system.origin}/devices`)
    for (const [width, height] of [[1200, 844], [390, 844], [844, 390], [390, 844]] as const) {
      await page.setViewportSize({ width, height })
      await until(`rows in order at ${width} by ${height}`, 10_000, async () => await page.evaluate(overlaps) === 0)
    }
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    await page.setViewportSize(size)
  })

  it('an operator of one camera group sees that group only, on every screen and by address', async () => {
    const groups = await system.client.call<CameraGroup[]>('GET', '/camera-groups')
    const group = groups.find(g => g.name === GROUP)!
    const { password, ...person } = OPERATOR
    const { invitation } = await system.client.call<{ user: User, invitation: Invitation }>('POST', '/users', { ...person, roles: ['operator'], allGroups: false, groupIds: [group.id] })
    await new DemoClient(system.origin).call('POST', '/invitations/accept', { token: invitation.url.split('#token=')[1], password })

    const own = system.plan.cameras.filter(c => c.group === GROUP)
    const his = await Wall.open(system.origin, OPERATOR.login, OPERATOR.password)
    try {
      const tiles = his.page.locator('[data-cell]')
      await until('his cameras alone to have names', 15_000, async () => {
        const labels = await tiles.evaluateAll(list => list.map(e => e.getAttribute('aria-label')!))
        const named = system.plan.cameras.filter(c => labels.some(l => l.startsWith(`${c.name},`))).map(c => c.id)
        if (JSON.stringify(named) !== JSON.stringify(own.map(c => c.id))) throw new Error(named.join(' '))
        return true
      })
      await his.moving(own.length)
      await his.page.goto(`${system.origin}/devices?kind=camera`)
      await until('his cameras in the list', 10_000, async () => await his.page.locator('[role=row]').count() === own.length + 1)
      await his.page.goto(`${system.origin}/devices/${system.id('C01')}`)
      await his.page.getByText('Пристрій видалено').waitFor()
      await his.page.goto(`${system.origin}/admin/import`)
      await his.page.getByText('Немає дозволу на цю сторінку').waitFor()

      // An administrator ends his session: the wall says so, without a word left of what it showed.
      await his.page.goto(system.origin)
      await his.page.locator('[data-cell]').first().waitFor()
      const sessions = await system.client.call<Session[]>('GET', '/sessions?all=true')
      for (const s of sessions.filter(s => s.login === OPERATOR.login)) await system.client.call('DELETE', `/sessions/${s.id}`)
      await his.page.getByText('Сеанс завершено. Увійдіть знову.').waitFor({ timeout: 15_000 })
      expect(await his.page.locator('[data-cell]').count()).toBe(0)
      expect(his.faults).toEqual([])
    } finally {
      await his.close()
    }
  })

  it('speaks English on request, keeps a wrong password from changing anything, and signs out in every tab', async () => {
    await page.goto(`${system.origin}/account`)
    await page.getByText('English', { exact: true }).click()
    await page.getByRole('heading', { name: 'Sessions' }).waitFor()
    await page.getByLabel('Current password').fill('not-this-one-at-all')
    await page.getByLabel('New password').fill('another-long-password-here')
    await page.getByLabel(/again/).fill('another-long-password-here')
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.getByText(/current password is (wrong|not right|incorrect)/i).waitFor()

    const second = await page.context().newPage()
    await second.goto(system.origin)
    await second.getByRole('toolbar').waitFor()
    expect(await second.locator('html').getAttribute('lang')).toBe('en')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    await second.getByRole('button', { name: 'Sign in' }).waitFor({ timeout: 15_000 })
    expect(wall.faults).toEqual([])
  })
})
